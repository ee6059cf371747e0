//! Boots a root file system in a container: services, the firewall and the first boot.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Found;
use crate::apt;
use crate::process::{is_root, on_path};
use crate::workspace::Workspace;

const PROGRAM: &str = "systemd-nspawn";

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if !is_root() {
        bail!("booting a container needs root")
    }
    let find = || -> Option<PathBuf> { on_path(PROGRAM).into_iter().next() };
    if find().is_none() {
        apt::install(workspace, &["systemd-container"])?;
    }
    Ok(Found {
        path: find().context("systemd-container brought no systemd-nspawn")?,
        note: "systemd in a container".to_owned(),
    })
}
