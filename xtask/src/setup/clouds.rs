//! The command lines of the clouds other than AWS. Tests ask their parsers, and let them talk to the lab.

use anyhow::{Result, bail};

use super::{Found, python};
use crate::workspace::{Installation, Workspace};
use crate::{apt, probe};

/// Azure's, 0.7 GB.
pub(super) fn az(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/azure-cli-requirements.txt");
    python::program(workspace, "az", "azure-cli", &requirements)
}

/// Oracle Cloud's, 0.8 GB.
pub(super) fn oci(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/oci-cli-requirements.txt");
    python::program(workspace, "oci", "oci-cli", &requirements)
}

/// Google Cloud's is in no package registry: the package `gcloud` of PyPI and the one of npm are other things.
pub(super) fn gcloud(workspace: &Workspace) -> Result<Found> {
    users_own(workspace, "gcloud", "https://cloud.google.com/sdk/docs/install")
}

/// Alibaba Cloud's is in no package registry: PyPI's `aliyuncli` is its predecessor of 2017, for Python 2.
pub(super) fn aliyun(workspace: &Workspace) -> Result<Found> {
    users_own(workspace, "aliyun", "https://github.com/aliyun/aliyun-cli")
}

/// Hetzner Cloud's, 10 MB, from Debian. Its version cannot be asked for: that build does not know it.
pub(super) fn hcloud(workspace: &Workspace) -> Result<Found> {
    const PACKAGE: &str = "hcloud-cli";
    let unpacked = Installation::new(workspace.tools.join(PACKAGE), "apt-get download hcloud-cli");
    let path = unpacked.folder.join("usr/bin/hcloud");
    if !(unpacked.is_complete() && path.exists()) {
        println!("  unpacking Debian's {PACKAGE}");
        unpacked.begin()?;
        apt::unpack(workspace, &[PACKAGE], &unpacked.folder)?;
        if !path.exists() {
            bail!("Debian's {PACKAGE} brought no program `hcloud`")
        }
        unpacked.finish()?;
    }
    Ok(Found {
        path,
        note: format!("Debian's {PACKAGE}"),
    })
}

fn users_own(workspace: &Workspace, program: &str, source: &str) -> Result<Found> {
    match probe::on_path(workspace, program) {
        Some((path, (major, minor, patch))) => Ok(Found {
            path,
            note: format!("{program} {major}.{minor}.{patch} on PATH"),
        }),
        None => bail!("{program} is not on PATH, and setup has no way to get it ({source})"),
    }
}
