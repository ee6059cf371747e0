//! The environment of every program the host starts, from nothing: what is not named here does not
//! pass. Above all not `SSH_AUTH_SOCK`, `LD_*`, `VAULT_*`, `CONSUL_*`, `GITHUB_*` and other clouds'
//! credentials.

mod installs;
mod packer;
mod private;
mod sandbox;
pub mod variables;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use packer::plugins as packer_plugins;
pub use private::PrivateDirs;
pub use sandbox::{Mode as SandboxMode, SandboxChoice, hint as sandbox_hint};

use super::tools::{Keys, Meaning, Surroundings, ToolProfile};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::runner::program::search_path;
use crate::runner::sandbox::Sandbox;

/// Who is to be started.
#[derive(Clone, Copy, Debug)]
pub enum Child<'a> {
    /// Any program, to say its version. Without credentials.
    Version {
        /// Its path.
        program: &'a Path,
        /// Of these only what is fixed: programs look for newer ones, or report that they were started, at
        /// every start.
        surroundings: &'a Surroundings,
    },
    /// A cloud's command-line tool.
    Tool {
        /// Its path.
        program: &'a Path,
        /// What it takes.
        profile: &'a ToolProfile,
    },
    /// OpenSSH's client. Without credentials but this key.
    Ssh {
        /// Its path.
        program: &'a Path,
        /// The private key.
        key: &'a Path,
    },
    /// Packer for `init` and `validate -syntax-only`. Without credentials.
    PackerSetup {
        /// Its path.
        program: &'a Path,
    },
    /// Packer for a build.
    Packer {
        /// Its path.
        program: &'a Path,
        /// The cloud's tool: the builder takes its credentials from the same variables.
        profile: &'a ToolProfile,
    },
}

/// What only the configuration and the host decide. No `Debug`: there are secrets among it.
#[derive(Clone, Default)]
pub struct Choices {
    /// `endpoint_url`.
    pub endpoint: Option<String>,
    /// `profile`; goes before the user's variable.
    pub profile: Option<String>,
    /// Region or zone.
    pub location: Option<String>,
    /// Texts of the cloud's section of the configuration by their keys.
    pub section: BTreeMap<String, String>,
    /// Names of the user's variables that the lock file grants to the plugin.
    pub variables: Vec<String>,
    /// Whether Packer logs, on its standard error: `--debug`.
    pub packer_log: bool,
    /// Template variables for Packer by name. Secrets travel here: arguments can be seen by everybody.
    pub packer_variables: Vec<(String, String)>,
    /// What the configuration says of the sandbox.
    pub sandbox: SandboxChoice,
}

/// Everything that a child gets of this machine. No `Debug`: there are credentials among it.
#[derive(Clone)]
pub struct Equipment {
    /// Its whole environment, sorted by name.
    pub env: Vec<(OsString, OsString)>,
    /// What it may touch.
    pub sandbox: Sandbox,
}

/// Decides what a child gets that is to work in `directory`.
pub fn equip(
    child: Child<'_>,
    directory: &Path,
    user: &Environment,
    private: &PrivateDirs,
    choices: &Choices,
) -> Result<Equipment> {
    let env = environment(child, user, private, choices)?;
    let sandbox = sandbox::sandbox(child, &env, directory, user, private, choices)?;
    Ok(Equipment { env, sandbox })
}

/// Proxies (both spellings are in use) and trust anchors. What the user set for these holds for every
/// program.
const PROXIES: &[&str] = &[
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
];
const TRUST: &[&str] = &["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"];
/// The same, a list.
const TRUST_DIRECTORIES: &str = "SSL_CERT_DIR";

/// Where programs that others need (`env`, `bash`, `ssh`) are looked for first.
const SYSTEM_PATH: &[&str] = &[
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// The whole environment of a child, sorted by name.
pub fn environment(
    child: Child<'_>,
    user: &Environment,
    private: &PrivateDirs,
    choices: &Choices,
) -> Result<Vec<(OsString, OsString)>> {
    let mut env = Collected::default();
    match child {
        Child::Version {
            program,
            surroundings,
        } => {
            base(&mut env, program, user, private)?;
            fixed(&mut env, surroundings);
        }
        Child::Tool { program, profile } => {
            base(&mut env, program, user, private)?;
            variables::give(&mut env, &choices.variables, user);
            cloud(&mut env, &profile.surroundings, user, choices);
        }
        Child::Ssh { program, .. } => base(&mut env, program, user, private)?,
        Child::PackerSetup { program } => {
            base(&mut env, program, user, private)?;
            packer::settings(&mut env, user, private, choices);
            // `packer init` asks GitHub for releases; without it the limit is 60 requests an hour.
            env.copy("PACKER_GITHUB_API_TOKEN", user);
        }
        Child::Packer { program, profile } => {
            base(&mut env, program, user, private)?;
            variables::give(&mut env, &choices.variables, user);
            cloud(&mut env, &profile.surroundings, user, choices);
            for variable in profile.surroundings.packer_variables {
                env.copy(variable.name, user);
            }
            packer::settings(&mut env, user, private, choices);
            packer::variables(&mut env, choices)?;
        }
    }
    Ok(env.0.into_iter().collect())
}

/// The secret values among the variables that any of these children may get, for the redactor.
pub fn secrets(user: &Environment, profiles: &[&ToolProfile]) -> Vec<String> {
    let mut secrets = Vec::new();
    let of_profiles = profiles.iter().flat_map(|profile| {
        let both = profile
            .surroundings
            .variables
            .iter()
            .chain(profile.surroundings.packer_variables);
        both.filter(|variable| variable.meaning == Meaning::Secret)
            .map(|variable| variable.name)
    });
    let keys = profiles.iter().filter_map(|profile| profile.surroundings.keys);
    let key_names = keys.flat_map(|keys| keys.spellings.iter().flatten().copied());
    for name in of_profiles.chain(key_names).chain(["PACKER_GITHUB_API_TOKEN"]) {
        secrets.extend(
            user.get_os(name)
                .map(|value| value.to_string_lossy().into_owned()),
        );
    }
    for name in PROXIES {
        // http://user:password@host
        let value = user.get(name).unwrap_or_default();
        let authority = value.split_once("://").map_or(value, |(_, rest)| rest);
        if let Some((_, password)) = authority
            .rsplit_once('@')
            .and_then(|(user, _)| user.split_once(':'))
        {
            secrets.push(password.to_owned());
        }
    }
    secrets
}

/// The files that variables and settings name, or that stand where the tools look: credentials among others.
pub fn files(
    user: &Environment,
    profiles: &[&ToolProfile],
    section: &BTreeMap<String, String>,
) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for surroundings in profiles.iter().map(|profile| &profile.surroundings) {
        let variables = surroundings.variables.iter().chain(surroundings.packer_variables);
        let named = variables.filter(|variable| variable.meaning == Meaning::Path);
        files.extend(
            named.filter_map(|variable| Some(absolute(Path::new(user.get_os(variable.name)?), user))),
        );
        let configured = surroundings
            .settings
            .iter()
            .filter(|(_, variable)| variable.meaning == Meaning::Path);
        files.extend(configured.filter_map(|(key, _)| Some(absolute(Path::new(section.get(*key)?), user))));
        let home = user.home();
        files.extend(
            surroundings
                .home_files
                .iter()
                .filter_map(|(_, below)| Some(home.as_ref()?.join(below))),
        );
    }
    files
}

#[derive(Default)]
struct Collected(BTreeMap<OsString, OsString>);

impl Collected {
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.insert(name.into(), value.into());
    }

    fn copy(&mut self, name: &str, user: &Environment) {
        if let Some(value) = user.get_os(name) {
            self.set(name, value);
        }
    }

    fn copy_path(&mut self, name: &str, user: &Environment) {
        if let Some(value) = user.get_os(name) {
            self.set(name, absolute(Path::new(value), user));
        }
    }
}

fn base(env: &mut Collected, program: &Path, user: &Environment, private: &PrivateDirs) -> Result<()> {
    env.set("PATH", path(program, user)?);
    env.set("HOME", private.home());
    env.set("TMPDIR", private.temporary());
    env.set("LANG", "C.UTF-8");
    for name in PROXIES {
        env.copy(name, user);
    }
    for name in TRUST {
        env.copy_path(name, user);
    }
    if let Some(value) = user.get_os(TRUST_DIRECTORIES) {
        env.set(TRUST_DIRECTORIES, absolute_list(value, user));
    }
    installs::settings(env, program, user);
    Ok(())
}

/// System directories, that of the program, then what else the user's `PATH` has outside the working
/// directory: a `credential_process` is found there, and the tools of systems without `/usr/bin`.
fn path(program: &Path, user: &Environment) -> Result<OsString> {
    let mut directories: Vec<PathBuf> = SYSTEM_PATH.iter().map(PathBuf::from).collect();
    for directory in program
        .parent()
        .map(Path::to_path_buf)
        .into_iter()
        .chain(search_path(user))
    {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    std::env::join_paths(directories).map_err(|error| {
        let message = format!("the directory of {} cannot stand in PATH", program.display());
        Error::new(Code::ToolStart, message).source(error)
    })
}

fn fixed(env: &mut Collected, surroundings: &Surroundings) {
    for (name, value) in surroundings.fixed {
        env.set(name, *value);
    }
}

fn cloud(env: &mut Collected, surroundings: &Surroundings, user: &Environment, choices: &Choices) {
    for variable in surroundings.variables {
        match variable.meaning {
            Meaning::Secret | Meaning::Setting => env.copy(variable.name, user),
            Meaning::Path => env.copy_path(variable.name, user),
        }
    }
    for (name, below_home) in surroundings.home_files {
        let default = user
            .home()
            .map(|home| home.join(below_home))
            .filter(|path| files::exists(path));
        if let Some(path) = default.filter(|_| user.get_os(name).is_none()) {
            env.set(name, path);
        }
    }
    fixed(env, surroundings);
    // Who chooses a profile wants its keys.
    let by_profile = choices.profile.is_some()
        || surroundings
            .profile
            .is_some_and(|name| user.get_os(name).is_some());
    if let Some(keys) = surroundings.keys.filter(|_| !by_profile) {
        give(env, &keys, user);
    }
    let chosen = [
        (surroundings.endpoint, &choices.endpoint),
        (surroundings.profile, &choices.profile),
    ];
    let located = surroundings
        .location
        .iter()
        .map(|name| (Some(*name), &choices.location));
    for (name, value) in chosen.into_iter().chain(located) {
        if let (Some(name), Some(value)) = (name, value) {
            env.set(name, value);
        }
    }
    for (key, variable) in surroundings.settings {
        let Some(value) = choices.section.get(*key) else {
            continue;
        };
        match variable.meaning {
            Meaning::Secret | Meaning::Setting => env.set(variable.name, value),
            Meaning::Path => env.set(variable.name, absolute(Path::new(value), user)),
        }
    }
}

/// The user's keys under all their names.
fn give(env: &mut Collected, keys: &Keys, user: &Environment) {
    let set = |[key, secret, _]: &[&'static str; 3]| {
        let name = *key;
        Some((name, user.get_os(key)?, user.get_os(secret)?))
    };
    let Some((name, key, secret)) = keys.spellings.iter().find_map(set) else {
        return;
    };
    let mut same_key = keys.spellings.iter().filter(|[other, ..]| *other == name);
    let token = same_key.find_map(|[_, _, token]| user.get_os(token));
    for [key_name, secret_name, token_name] in keys.spellings {
        env.set(key_name, key);
        env.set(secret_name, secret);
        if let Some(token) = token {
            env.set(token_name, token);
        }
    }
    for (name, value) in keys.chosen {
        env.set(name, *value);
    }
}

/// The entries of a `:`-separated list.
fn absolute_list(value: &OsStr, user: &Environment) -> OsString {
    let entries = std::env::split_paths(value).map(|entry| absolute(&entry, user));
    std::env::join_paths(entries).unwrap_or_else(|_| value.to_owned())
}

/// A path as the user means it: relative to where `sindri` was started, `~` for the real home.
fn absolute(path: &Path, user: &Environment) -> PathBuf {
    match (path.strip_prefix("~"), user.home()) {
        (Ok(below_home), Some(home)) => home.join(below_home),
        _ => user.working_directory().join(path),
    }
}

#[cfg(test)]
#[path = "children/tests/mod.rs"]
mod tests;
