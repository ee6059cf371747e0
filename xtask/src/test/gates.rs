//! The checks besides the tests.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Tally;
use super::runner::gate;
use crate::process::{capture, display};
use crate::setup::{Tool, Toolbox};
use crate::workspace::Workspace;

/// Formatting.
pub(crate) fn format(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let mut cargo = Command::new("cargo");
    gate(
        tally,
        "rustfmt",
        cargo
            .args(["fmt", "--all", "--check"])
            .current_dir(&workspace.root),
    )
}

/// Lints; a warning is an error.
pub(crate) fn clippy(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    gate(tally, "clippy", cargo.current_dir(&workspace.root))
}

/// Licences, sources and bans of all dependencies. The list of known vulnerabilities is a git repository on the
/// internet; where it cannot be had, the other three are still checked.
pub(super) fn dependencies(workspace: &Workspace, toolbox: &Toolbox, tally: &mut Tally) -> Result<()> {
    let program = match toolbox.path(Tool::CargoDeny) {
        Ok(program) => program,
        Err(reason) => {
            tally.skip("cargo deny", &reason);
            return Ok(());
        }
    };
    let mut deny = Command::new(program);
    deny.args(["--all-features", "check", "bans", "licenses", "sources"])
        .current_dir(&workspace.root);
    gate(tally, "cargo deny", &mut deny)
}

/// Shell scripts of the repository.
pub(super) fn scripts(workspace: &Workspace, toolbox: &Toolbox, tally: &mut Tally) -> Result<()> {
    let program = match toolbox.path(Tool::Shellcheck) {
        Ok(program) => program,
        Err(reason) => {
            tally.skip("shellcheck", &reason);
            return Ok(());
        }
    };
    let scripts = shell_scripts(workspace)?;
    let mut shellcheck = Command::new(program);
    gate(
        tally,
        "shellcheck",
        shellcheck.arg("--").args(scripts).current_dir(&workspace.root),
    )
}

/// Files of the checkout (also those not committed yet) that are shell scripts. Templates of scripts are not: what
/// is rendered from them is checked by the host's own tests.
fn shell_scripts(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    // The checkout may belong to another user than the one that tests it.
    git.args([
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])
    .current_dir(&workspace.root);
    let listed = capture(&mut git, Duration::from_secs(60))?;
    if !listed.success() {
        bail!("{} failed: {}", display(&git), listed.stderr.trim())
    }
    let mut scripts = vec![PathBuf::from(".ci/run")];
    scripts.extend(
        listed
            .stdout
            .split('\0')
            .filter(|name| name.ends_with(".sh"))
            .map(PathBuf::from),
    );
    scripts.retain(|script| workspace.root.join(script).is_file());
    Ok(scripts)
}
