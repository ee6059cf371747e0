//! A root file system of Debian that was never booted: what the scripts for the inside of the VM are run in.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Found;
use crate::apt;
use crate::process::{is_root, logged, on_path};
use crate::workspace::Workspace;

const SUITE: &str = "bookworm";
/// What cloud images have and a bare Debian has not.
const PACKAGES: &str =
    "ca-certificates,cloud-init,curl,dbus,gnupg,iproute2,openssh-server,python3,sudo,systemd-sysv,zsh";
/// Changes whenever the root is made in another way.
const FOLDER: &str = "debian-root-1";

/// The folder has the root itself (`root`) and the packages that tests have fetched (`archives`), so that only the
/// first run needs the mirror for more than lists.
pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if !is_root() {
        bail!("a root file system for the scripts is made and mounted by root only")
    }
    let path = workspace.tools.join(FOLDER);
    let found = |path| Found {
        path,
        note: format!("Debian {SUITE}, without a boot"),
    };
    if path.join("root/etc/os-release").exists() {
        return Ok(found(path));
    }
    let wanted = [("mmdebstrap", "mmdebstrap"), ("unshare", "util-linux")];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(program, _)| on_path(program).is_empty())
        .map(|(_, package)| *package)
        .collect();
    if !missing.is_empty() {
        apt::install(workspace, &missing)?;
    }
    let making = workspace.tools.join(format!("{FOLDER}.making"));
    if making.exists() {
        fs::remove_dir_all(&making).with_context(|| format!("removing {}", making.display()))?;
    }
    fs::create_dir_all(making.join("archives")).with_context(|| format!("creating {}", making.display()))?;
    println!("  making a root file system of Debian {SUITE}, about two minutes");
    let mut command = Command::new("mmdebstrap");
    command
        .args(["--mode=root", "--variant=important"])
        .arg(format!("--include={PACKAGES}"))
        .arg(SUITE)
        .arg(making.join("root"))
        .arg("http://deb.debian.org/debian");
    logged(&mut command, &workspace.log("debian-root")?)?;
    fs::rename(&making, &path).with_context(|| format!("renaming {}", making.display()))?;
    Ok(found(path))
}
