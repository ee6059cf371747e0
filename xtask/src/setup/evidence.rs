//! What checks the evidence of images: a real root file system, and readers of others.

use std::process::Command;

use anyhow::{Result, bail};

use super::{Found, python};
use crate::apt;
use crate::process::{is_root, logged, on_path};
use crate::workspace::{Installation, Workspace};

/// Release of the root file system. `iputils-ping` brings a program with a capability, `sudo` one with the set-id bit.
const SUITE: &str = "bookworm";
const INCLUDE: &str = "--include=sudo,iputils-ping,libcap2-bin,python3-minimal";

/// A small Debian as a tar archive, 200 MB: it takes a minute to make and two seconds to unpack.
pub(super) fn debian_root(workspace: &Workspace) -> Result<Found> {
    let folder = workspace.tools.join(format!("debian-root-{SUITE}"));
    let made = Installation::new(folder, INCLUDE);
    let path = made.folder.join("root.tar");
    if !(made.is_complete() && path.exists()) {
        if !is_root() {
            bail!("a root file system with its owners and capabilities is made by root")
        }
        if on_path("mmdebstrap").is_empty() {
            apt::install(workspace, &["mmdebstrap"])?;
        }
        println!("  making a Debian root file system");
        made.begin()?;
        let log = workspace.log("debian-root")?;
        let mut command = Command::new("mmdebstrap");
        command.args(["--mode=root", "--variant=minbase", INCLUDE, SUITE]);
        logged(command.arg(&path), &log)?;
        made.finish()?;
    }
    Ok(Found {
        path,
        note: format!("Debian {SUITE} by mmdebstrap"),
    })
}

/// The Python that can import in-toto's, the envelope's and CycloneDX's own packages.
pub(super) fn checkers(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace
        .root
        .join("tools/python/in-toto-attestation-requirements.txt");
    python::program(workspace, "python", "in-toto-attestation", &requirements)
}
