//! `cargo xtask bench`: the benchmarks.

use std::process::Command;

use anyhow::Result;

use crate::process::show;
use crate::workspace::Workspace;

/// Arguments go to the benchmark program, for example a filter.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<bool> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["bench", "--package", "sindri-tests"])
        .current_dir(&workspace.root);
    if !arguments.is_empty() {
        cargo.arg("--").args(arguments);
    }
    Ok(show(&mut cargo)?.success())
}
