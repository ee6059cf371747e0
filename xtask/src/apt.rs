//! Debian packages: installed when this is root, unpacked into the tools folder when it is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};

use crate::process::{Log, is_root, logged, on_path};
use crate::workspace::Workspace;

/// Package lists are fetched at most once a run.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// Whether packages can be installed, or why not.
pub(crate) fn can_install() -> Result<()> {
    if on_path("apt-get").is_empty() {
        bail!("there is no apt-get on this machine")
    }
    if !is_root() {
        bail!("installing Debian packages needs root")
    }
    Ok(())
}

/// Installs packages, without services being started.
pub(crate) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    can_install().with_context(|| format!("apt-get install {}", packages.join(" ")))?;
    println!("  installing Debian packages: {}", packages.join(" "));
    let log = workspace.log("apt")?;
    let _guard = NoServices::new()?;
    let install = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages);
        logged(&mut command, &log)
    };
    // A bare machine has no package lists, an old one has lists of files that are gone.
    install().or_else(|_| update(&log).and_then(|()| install()))
}

/// Unpacks packages (not what they depend on) below `folder`; needs no root.
pub(crate) fn unpack(workspace: &Workspace, packages: &[&str], folder: &Path) -> Result<()> {
    for tool in ["apt-get", "dpkg-deb"] {
        if on_path(tool).is_empty() {
            bail!("there is no {tool} on this machine")
        }
    }
    let log = workspace.log("apt")?;
    let archives = folder.join(".archives");
    fs::create_dir_all(&archives).with_context(|| format!("creating {}", archives.display()))?;
    logged(
        Command::new("apt-get")
            .arg("download")
            .args(packages)
            .current_dir(&archives),
        &log,
    )?;
    for entry in fs::read_dir(&archives).context("listing downloaded packages")? {
        let archive = entry.context("listing downloaded packages")?.path();
        logged(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(folder), &log)?;
    }
    fs::remove_dir_all(&archives).context("removing downloaded packages")
}

fn update(log: &Log) -> Result<()> {
    if UPDATED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    logged(Command::new("apt-get").arg("update"), log)
}

const POLICY: &str = "#!/bin/sh\n# Made by `cargo xtask setup` for the time of an installation.\nexit 101\n";

/// While this lives, Debian's packages start no service: `openssh-server` would otherwise open port 22 of a
/// developer's machine only because a test wants the program.
struct NoServices(Option<PathBuf>);

impl NoServices {
    fn new() -> Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let path = PathBuf::from("/usr/sbin/policy-rc.d");
        // Our own, left by a setup that was killed, is taken over: it must not stay and keep all services down.
        if path.exists() && fs::read_to_string(&path).is_ok_and(|text| text != POLICY) {
            return Ok(Self(None));
        }
        fs::write(&path, POLICY).with_context(|| format!("writing {}", path.display()))?;
        let guard = Self(Some(path.clone()));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("making {} executable", path.display()))?;
        Ok(guard)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
