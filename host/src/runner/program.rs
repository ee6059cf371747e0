//! Finding a program and asking it for its version.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

use super::cancel::Cancel;
use super::process::{self, Ending, Invocation, Overflow};
use super::trust;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::Log;
use crate::policy::children::Equipment;

/// `az --version` takes seconds on a cold machine; nothing takes this long.
const PROBE_TIMEOUT: Duration = Duration::from_secs(60);
const PROBE_OUTPUT: usize = 64 * 1024;

/// What is known of a program before it is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// File name, for example `aws`.
    pub name: &'a str,
    /// Shown when it is missing.
    pub install_url: &'a str,
    /// Makes it print its version.
    pub version_args: &'a [String],
    /// The oldest that will do.
    pub minimum: Option<&'a Version>,
    /// Where the start is written down.
    pub log: &'a Log,
}

/// The directories of the user's `PATH` in which programs may be looked for.
///
/// Relative entries and entries inside the working directory are left out: a checked-out repository must
/// not bring its own `aws`. So are directories that anybody but root and the user can write to. A working directory that is the user's home or contains it is no such
/// repository, or else nothing in `~/.local/bin` could be used from there.
pub fn search_path(user: &Environment) -> Vec<PathBuf> {
    let repository = Repository::of(user);
    let mut directories: Vec<PathBuf> = Vec::new();
    for entry in user
        .get_os("PATH")
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
    {
        if !entry.is_absolute() || repository.contains(&entry) {
            continue;
        }
        if let Ok(directory) = files::canonical(&entry)
            && !repository.contains(&directory)
            && !directories.contains(&directory)
            && trust::directory(&directory).is_ok()
        {
            directories.push(directory);
        }
    }
    directories
}

/// The working directory as named and without links, unless it is or contains the user's home.
struct Repository {
    roots: Vec<PathBuf>,
}

impl Repository {
    fn of(user: &Environment) -> Self {
        let here = user.working_directory();
        let home = user.home();
        let real_home = home.as_deref().and_then(|home| files::canonical(home).ok());
        let homes: Vec<_> = [home, real_home].into_iter().flatten().collect();
        let roots = [Some(here.to_path_buf()), files::canonical(here).ok()];
        Self {
            roots: roots
                .into_iter()
                .flatten()
                .filter(|root| !homes.iter().any(|home| home.starts_with(root)))
                .collect(),
        }
    }

    fn contains(&self, path: &Path) -> bool {
        self.roots.iter().any(|root| path.starts_with(root))
    }
}

/// Every program of that name in the order of the `PATH`.
///
/// The directory is resolved, the file itself is not: version managers' shims look at the name they
/// are started by.
pub fn candidates(name: &str, user: &Environment) -> Result<Vec<PathBuf>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.starts_with(['.', '-']) || name.is_empty() || !name.chars().all(plain) {
        return Err(Error::new(
            Code::ArgvTool,
            format!("{name:?} is not the name of a program"),
        ));
    }
    let repository = Repository::of(user);
    let inside = |path: &PathBuf| files::canonical(path).is_ok_and(|real| repository.contains(&real));
    Ok(search_path(user)
        .into_iter()
        .map(|directory| directory.join(name))
        .filter(|path| files::is_executable(path) && !inside(path) && trust::file(path).is_ok())
        .collect())
}

/// The first program of that name.
pub fn locate(name: &str, install_url: &str, user: &Environment) -> Result<PathBuf> {
    candidates(name, user)?
        .into_iter()
        .next()
        .ok_or_else(|| missing(name, install_url, user))
}

/// The error for a program that is not there, or is only where others could replace it.
pub fn missing(name: &str, install_url: &str, user: &Environment) -> Error {
    let repository = Repository::of(user);
    let unsafe_one = user
        .get_os("PATH")
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
        .filter(|entry| entry.is_absolute() && !repository.contains(entry))
        .map(|entry| entry.join(name))
        .filter(|path| files::is_executable(path))
        .find_map(|path| trust::file(&path).err().map(|distrust| distrust.error(&path)));
    if let Some(error) = unsafe_one {
        return error;
    }
    let error = Error::new(
        Code::ToolMissing,
        format!("{name} is not installed or not on PATH"),
    )
    .remedy(format!("install it: {install_url}"));
    let ignored = user
        .get_os("PATH")
        .map(std::env::split_paths)
        .into_iter()
        .flatten()
        .map(|entry| user.working_directory().join(entry).join(name))
        .find(|path| files::is_executable(path));
    match ignored {
        Some(path) => error.detail(format!(
            "{} was ignored: programs inside the working directory are not run",
            path.display()
        )),
        None => error,
    }
}

/// Starts the program for its version and checks that it is new enough. It needs no credentials.
pub async fn version(
    path: &Path,
    wanted: Wanted<'_>,
    equipment: Equipment,
    cwd: &Path,
    cancel: &Cancel,
) -> Result<Version> {
    let invocation = Invocation {
        program: path.to_path_buf(),
        args: wanted.version_args.iter().map(OsString::from).collect(),
        env: equipment.env,
        cwd: cwd.to_path_buf(),
        timeout: PROBE_TIMEOUT,
        output_cap: PROBE_OUTPUT,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(2),
        ending: Ending::Abandon,
        log: wanted.log.clone(),
        sandbox: equipment.sandbox,
    };
    let finished = process::run(&invocation, cancel, None)
        .await?
        .success(wanted.name)?;
    // Old Python versions of some tools print it on standard error.
    let found = first_version(&finished.stdout).or_else(|| first_version(&finished.stderr));
    let Some(found) = found else {
        let message = format!("{} does not say which version it is", path.display());
        return Err(Error::new(Code::ToolVersion, message).remedy(format!(
            "check that it is the right program: {}",
            wanted.install_url
        )));
    };
    match wanted.minimum {
        Some(minimum) if found < *minimum => {
            let message = format!(
                "{} is version {found}, {minimum} or newer is needed",
                path.display()
            );
            Err(Error::new(Code::ToolVersion, message).remedy(format!("update it: {}", wanted.install_url)))
        }
        _ => Ok(found),
    }
}

/// The first `x.y.z` of a text. What follows (`-dev`, `+ds2`) is left out, so that a distribution's
/// build of a version counts as that version.
pub fn first_version(text: &str) -> Option<Version> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find_map(|word| {
            let mut numbers = word.split('.').map(|number| number.parse::<u64>().ok());
            let version = Version::new(numbers.next()??, numbers.next()??, numbers.next()??);
            Some(version)
        })
}

#[cfg(test)]
#[path = "program/tests.rs"]
mod tests;
