//! Asks programs for their version, and remembers the answer as long as the program file is the same.
//!
//! `aws --version` alone takes a second; without the memory a `setup` with nothing to do would take several.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process::{self, capture};
use crate::workspace::Workspace;

/// A version: major, minor, patch.
pub(crate) type Version = (u32, u32, u32);

/// The version that `program --version` prints, or none when it prints none: then it is some other program.
/// (The word list tool of cracklib is called `packer` too. It takes any argument and waits for words on its input.)
pub(crate) fn version(workspace: &Workspace, program: &Path) -> Option<Version> {
    let identity = identity(program)?;
    let folder = workspace.tools.join("probes");
    let file = folder.join(program.to_string_lossy().replace('/', "%"));
    if let Ok(known) = fs::read_to_string(&file)
        && let Some(said) = known.strip_prefix(&identity)
    {
        return first_version(said);
    }
    let finished = capture(Command::new(program).arg("--version"), Duration::from_secs(30)).ok()?;
    // Old `aws` versions print theirs to standard error.
    let said = match finished.success() {
        true => format!("{} {}", finished.stdout, finished.stderr),
        false => String::new(),
    };
    let found = first_version(&said);
    // Only a good answer is kept: a bad one may come from a machine that is busy or half installed.
    if found.is_some() && fs::create_dir_all(&folder).is_ok() {
        let _ = fs::write(&file, format!("{identity}{said}"));
    }
    found
}

/// The first program of this name on PATH that answers with a version.
pub(crate) fn on_path(workspace: &Workspace, name: &str) -> Option<(PathBuf, Version)> {
    let answering = |path: PathBuf| version(workspace, &path).map(|version| (path, version));
    process::on_path(name).into_iter().find_map(answering)
}

/// What changes when the file is replaced. A link is followed, so an upgrade behind it is seen as well.
fn identity(program: &Path) -> Option<String> {
    let data = fs::metadata(program).ok()?;
    Some(format!(
        "{} {} {} {}\n",
        data.ino(),
        data.size(),
        data.mtime(),
        data.mtime_nsec()
    ))
}

/// The first `x.y.z` in a text.
pub(crate) fn first_version(text: &str) -> Option<Version> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .find_map(|word| {
            let mut numbers = word
                .trim_matches('.')
                .split('.')
                .map(|number| number.parse::<u32>().ok());
            match (numbers.next()??, numbers.next()??, numbers.next()??) {
                version if numbers.next().is_none() => Some(version),
                _ => None,
            }
        })
}

/// Whether the kernel confines programs with Landlock; if not, why.
#[cfg(target_os = "linux")]
pub(crate) fn landlock() -> anyhow::Result<()> {
    use anyhow::Context as _;
    use landlock::{ABI, Access as _, AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _};

    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create)
        .context("this kernel has no Landlock")?;
    Ok(())
}

/// Whether the kernel confines programs with Landlock; if not, why.
#[cfg(not(target_os = "linux"))]
pub(crate) fn landlock() -> anyhow::Result<()> {
    anyhow::bail!("Landlock is a part of Linux")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn versions_are_found_where_tools_print_them() {
        assert_eq!(first_version("1.6.6\n"), Some((1, 6, 6)));
        assert_eq!(
            first_version("Packer v1.16.0\n\nYour version of Packer is out of date!"),
            Some((1, 16, 0))
        );
        assert_eq!(
            first_version("aws-cli/1.45.11 Python/3.11.7 Linux"),
            Some((1, 45, 11))
        );
        assert_eq!(first_version("go version go1.26.8 linux/amd64"), Some((1, 26, 8)));
        assert_eq!(first_version("0 0\n"), None, "what cracklib's packer prints");
        assert_eq!(first_version("from 10.0.0.1"), None, "an address is no version");
        assert_eq!(first_version(""), None);
    }

    #[test]
    fn a_replaced_program_is_asked_again_and_a_failing_one_has_no_version() {
        let scratch = crate::workspace::Scratch::new("xtask-probe").unwrap();
        let workspace = Workspace {
            root: scratch.path().into(),
            tools: scratch.path().join("tools"),
            until: None,
        };
        let program = scratch.path().join("tool");
        let install = |script: &str| {
            let new = scratch.path().join("new");
            fs::write(&new, script).unwrap();
            fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
            fs::rename(&new, &program).unwrap();
        };
        install("#!/bin/sh\necho tool 1.2.3\n");
        assert_eq!(version(&workspace, &program), Some((1, 2, 3)));
        assert_eq!(version(&workspace, &program), Some((1, 2, 3)));
        install("#!/bin/sh\necho tool 2.0.0\n");
        assert_eq!(version(&workspace, &program), Some((2, 0, 0)));
        install("#!/bin/sh\necho error 9.9.9; exit 1\n");
        assert_eq!(version(&workspace, &program), None);
    }
}
