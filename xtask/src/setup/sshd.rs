//! The SSH server of the machine that Packer provisions in tests: a throw-away root in a mount namespace of its own.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::Found;
use crate::apt;
use crate::process::{is_root, on_path};
use crate::workspace::Workspace;

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if !is_root() {
        bail!("the tests with a real SSH connection mount a throw-away root, which needs root")
    }
    // Not found through PATH: users' PATH often lacks the system administrator's folders.
    let program = Path::new("/usr/sbin/sshd");
    let wanted = [
        ("unshare", "util-linux"),
        ("ssh", "openssh-client"),
        ("sudo", "sudo"),
    ];
    let mut packages: Vec<&str> = wanted
        .iter()
        .filter(|(name, _)| on_path(name).is_empty())
        .map(|(_, package)| *package)
        .collect();
    if !program.exists() {
        packages.push("openssh-server");
    }
    if !packages.is_empty() {
        apt::install(workspace, &packages)?;
    }
    match program.exists() {
        true => Ok(Found {
            path: PathBuf::from(program),
            note: "OpenSSH, not started as a service".to_owned(),
        }),
        false => bail!("openssh-server brought no {}", program.display()),
    }
}
