//! Packer 1.6 from Debian: the last one with a free licence that distributions ship, its builders inside.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::Found;
use crate::process::on_path;
use crate::workspace::{Installation, Workspace};
use crate::{apt, probe};

/// Tests of this tool expect what Packer 1.6 lacks: `init`, `required_plugins`, the metadata options.
const SERIES: (u32, u32) = (1, 6);

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    let unpacked = Installation::new(workspace.tools.join("packer-debian"), "apt-get download packer");
    let own = unpacked.folder.join("usr/bin/packer");
    let mut places = vec![PathBuf::from("/usr/bin/packer"), own.clone()];
    places.extend(on_path("packer"));
    if let Some(found) = places.iter().find_map(|path| of_the_series(workspace, path)) {
        return Ok(found);
    }
    if apt::can_install().is_ok() {
        apt::install(workspace, &["packer"])?;
        let program = Path::new("/usr/bin/packer");
        return of_the_series(workspace, program).with_context(|| wrong(workspace, program));
    }
    println!("  unpacking Debian's packer");
    unpacked.begin()?;
    apt::unpack(workspace, &["packer"], &unpacked.folder)?;
    unpacked.finish()?;
    match of_the_series(workspace, &own) {
        Some(found) => Ok(found),
        None => bail!(wrong(workspace, &own)),
    }
}

fn of_the_series(workspace: &Workspace, program: &Path) -> Option<Found> {
    let (major, minor, patch) = probe::version(workspace, program)?;
    let note = format!("Packer {major}.{minor}.{patch}");
    ((major, minor) == SERIES).then(|| Found {
        path: program.to_path_buf(),
        note,
    })
}

fn wrong(workspace: &Workspace, program: &Path) -> String {
    match probe::version(workspace, program) {
        Some((major, minor, patch)) => {
            format!("the distribution's packer is {major}.{minor}.{patch}, wanted is 1.6")
        }
        None => format!(
            "{} does not print a version: it is not HashiCorp's Packer",
            program.display()
        ),
    }
}
