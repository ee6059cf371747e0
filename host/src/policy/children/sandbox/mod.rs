//! What each child may touch on this machine: the system, its own installation, what the user chose for its own
//! cloud, and the directories of its run. Not the rest of the home, other clouds' logins, other runs.
//!
//! The child's environment is the guide: what the user's choices say there by path, the child may read.

mod choice;
mod installation;
mod references;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use choice::{Mode, SandboxChoice};

use super::{Child, Choices, PrivateDirs, TRUST, TRUST_DIRECTORIES, absolute, installs};
use crate::environment::Environment;
use crate::error::Result;
use crate::files;
use crate::policy::tools::{Meaning, Surroundings};
use crate::runner::sandbox::{Access, Rules, Sandbox};
use installation::Installations;

/// Paths of a child, looked up in what it is told.
struct Told<'a> {
    environment: &'a [(OsString, OsString)],
}

impl Told<'_> {
    fn get(&self, name: &str) -> Option<&OsStr> {
        let found = self.environment.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_os_str())
    }

    fn path(&self, name: &str) -> Option<&Path> {
        self.get(name).map(Path::new)
    }

    fn list(&self, name: &str) -> Vec<PathBuf> {
        self.get(name)
            .map(std::env::split_paths)
            .into_iter()
            .flatten()
            .collect()
    }
}

/// The sandbox of a child that gets this environment and works in `directory`.
pub(super) fn sandbox(
    child: Child<'_>,
    environment: &[(OsString, OsString)],
    directory: &Path,
    user: &Environment,
    private: &PrivateDirs,
    choices: &Choices,
) -> Result<Sandbox> {
    match choices.sandbox.mode(user)? {
        Mode::Off => return Ok(Sandbox::Off),
        Mode::On | Mode::Required => {}
    }
    let told = Told { environment };
    let mut rules = Rules::system();
    let mut installations = Installations::new(told.list("PATH"), user);
    rules.allow(private.home(), Access::Write);
    rules.allow(private.temporary(), Access::Write);
    match child {
        Child::Version { program, .. } => installations.add(program, &mut rules),
        Child::Tool { program, profile } => {
            installations.add(program, &mut rules);
            rules.allow(directory, Access::Write);
            login(
                &mut rules,
                &mut installations,
                &told,
                &profile.surroundings,
                private,
            );
        }
        Child::Ssh { program, key } => {
            installations.add(program, &mut rules);
            // Its known hosts.
            rules.allow(directory, Access::Write);
            rules.allow(key, Access::Read);
        }
        Child::PackerSetup { program } => {
            installations.add(program, &mut rules);
            packer(&mut rules, &told, directory, private, Access::WriteAndExecute);
            // It tries a plugin before it puts it into place.
            rules.allow(private.temporary(), Access::WriteAndExecute);
        }
        Child::Packer { program, profile } => {
            installations.add(program, &mut rules);
            packer(&mut rules, &told, directory, private, Access::Execute);
            // Some builders ask it for a token: Azure's runs `az`.
            installations.add_named(profile.program.as_ref().as_ref(), &mut rules);
            login(
                &mut rules,
                &mut installations,
                &told,
                &profile.surroundings,
                private,
            );
        }
    }
    for name in TRUST {
        if let Some(path) = told.path(name) {
            rules.allow(path, Access::Read);
        }
    }
    for path in told.list(TRUST_DIRECTORIES) {
        rules.allow(path, Access::Read);
    }
    for (name, access) in installs::places() {
        if let Some(path) = told.path(name) {
            rules.allow(path, access);
        }
    }
    for path in choices.sandbox.read(user) {
        if files::is_executable(&path) {
            // What a wrapper of the user's starts.
            installations.add(&path, &mut rules);
        } else {
            rules.allow(path, Access::Execute);
        }
    }
    Ok(Sandbox::Confined(rules))
}

fn packer(rules: &mut Rules, told: &Told<'_>, directory: &Path, private: &PrivateDirs, plugins: Access) {
    // The run's directory: template and scripts, its log, its manifest.
    rules.allow(directory, Access::Write);
    rules.allow(private.packer_config_directory(), Access::Write);
    for path in told.list("PACKER_PLUGIN_PATH") {
        if plugins.writes() {
            // What does not exist cannot be allowed. A failure shows when Packer writes there.
            drop(files::create_private_directory(&path));
        }
        rules.allow(path, plugins);
    }
}

/// What the user chose for this cloud: named files, directories of logins, what these name in turn.
fn login(
    rules: &mut Rules,
    installations: &mut Installations<'_>,
    told: &Told<'_>,
    surroundings: &Surroundings,
    private: &PrivateDirs,
) {
    let both = surroundings.variables.iter().chain(surroundings.packer_variables);
    let configured = surroundings.settings.iter().map(|(_, variable)| variable);
    let paths = both
        .chain(configured)
        .filter(|variable| variable.meaning == Meaning::Path)
        .map(|variable| variable.name);
    let files = surroundings.home_files.iter().map(|(name, _)| *name);
    for path in paths.chain(files).filter_map(|name| told.path(name)) {
        if files::is_directory(path) {
            // Where the tool keeps its login, and renews it.
            rules.allow(path, Access::Write);
        } else {
            allow_file(rules, path);
        }
    }
    for below_home in surroundings.home_links {
        if let Ok(real) = files::canonical(&private.home().join(below_home)) {
            rules.allow(real, Access::Write);
        }
    }
    for program in PROGRAMS.iter().filter_map(|name| told.get(name)) {
        installations.add_named(program, rules);
    }
    references::follow(told, private.home(), rules, installations);
}

/// A file that somebody may renew while a build goes on.
fn allow_file(rules: &mut Rules, path: &Path) {
    rules.allow(path, Access::Read);
    // Kubernetes makes a new directory for each new token, and lets the link `..data` beside the file's point to it.
    let projected = files::link_target(path)
        .is_some_and(|target| target.components().any(|part| part.as_os_str() == "..data"));
    if let (true, Some(directory)) = (projected, path.parent()) {
        rules.allow(directory, Access::Read);
    }
}

/// What a failed child's messages suggest about its sandbox.
pub fn hint(stderr: &str, choices: &Choices, user: &Environment) -> Option<&'static str> {
    let denied = ["Permission denied", ": permission denied", "PermissionError"];
    let confined = matches!(choices.sandbox.mode(user), Ok(Mode::On | Mode::Required));
    (confined && denied.iter().any(|text| stderr.contains(text))).then_some(
        "if it was the sandbox that kept the program from a file, name the file in `sandbox.read` or \
         SINDRI_SANDBOX_READ; see docs/security/sandbox.md",
    )
}

/// Variables that name a program, with or without its directory.
const PROGRAMS: &[&str] = &["CLOUDSDK_PYTHON"];

impl SandboxChoice {
    /// What the user lets every child read and execute besides.
    fn read<'a>(&'a self, user: &'a Environment) -> impl Iterator<Item = PathBuf> + 'a {
        let of_environment = user.get(choice::READ).unwrap_or_default();
        let named = of_environment.split(',').filter(|path| !path.is_empty());
        let named = named.map(|path| absolute(Path::new(path), user));
        self.read.iter().cloned().chain(named)
    }
}

#[cfg(test)]
mod tests;
