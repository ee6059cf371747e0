//! `cargo xtask fast`: what needs no tools, for the time between two edits.

use std::process::Command;

use anyhow::Result;

use crate::test::{Tally, clippy, format, runner};
use crate::workspace::Workspace;

/// Formatting, lints and the unit tests of all crates.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let mut tally = Tally::default();
    format(workspace, &mut tally)?;
    clippy(workspace, &mut tally)?;
    let mut cargo = Command::new("cargo");
    cargo
        .args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins"])
        .current_dir(&workspace.root);
    runner::libtest(&mut tally, "unit tests", &mut cargo)?;
    tally.print()
}
