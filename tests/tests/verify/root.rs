//! A real Debian, cleaned by the real script, under an overlay of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use sindri_tests::lab::{Run, Sindri, namespaces, tool};
use tempfile::TempDir;

/// Runs a script inside as root, with nothing of this machine but its kernel and its devices.
const INSIDE: &str = r#"
set -eu
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs tmpfs "$1/run"
exec chroot "$1" /bin/bash -c "$2"
"#;

/// A root file system; unmounted and gone on drop.
pub(crate) struct Root {
    directory: TempDir,
    lower: Vec<PathBuf>,
}

impl Root {
    /// A bare Debian with some users.
    pub(crate) fn debian() -> Self {
        let root = Self::on(vec![tool("SINDRI_TEST_DEBIAN_ROOT").join("root")]);
        root.run(
            "useradd --create-home --shell /bin/bash ubuntu
             useradd --system --create-home --home-dir /srv/service --shell /usr/sbin/nologin service
             useradd --create-home gone && cp /etc/passwd /tmp/p && userdel gone
             mkdir -p /etc/docker && rm -f /etc/resolv.conf /tmp/p",
        );
        root
    }

    /// One on which the clean-up has run.
    pub(crate) fn clean() -> Self {
        static LOWER: OnceLock<(Root, Vec<PathBuf>)> = OnceLock::new();
        let (_, lower) = LOWER.get_or_init(|| {
            let root = Self::debian();
            root.clean_up();
            let lower = root.layers();
            root.unmount();
            (root, lower)
        });
        Self::on(lower.clone())
    }

    /// One that was hardened and cleaned, with packages from Debian's archive.
    pub(crate) fn hardened() -> Self {
        let root = Self::debian();
        root.write("/etc/hosts", "127.0.0.1 localhost\n");
        root.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
        let policy = root.path().join("usr/sbin/policy-rc.d");
        fs::set_permissions(policy, fs::Permissions::from_mode(0o755)).unwrap();
        root.write(
            "/etc/resolv.conf",
            &fs::read_to_string("/etc/resolv.conf").unwrap_or_default(),
        );
        // Of the base system's script only what the controls of the hardening ask for.
        root.run(
            "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install unattended-upgrades",
        );
        root.run(&script("40-harden.sh"));
        root.clean_up();
        root
    }

    /// A copy that changes for itself. This one must not change any more.
    pub(crate) fn fork(&self) -> Self {
        Self::on(self.layers())
    }

    fn on(lower: Vec<PathBuf>) -> Self {
        assert!(
            nix::unistd::geteuid().is_root(),
            "the root file system is mounted by root"
        );
        let directory = TempDir::new().unwrap();
        for name in ["upper", "work", "merged"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let layers: Vec<_> = lower.iter().map(|path| path.display().to_string()).collect();
        let base = directory.path().display();
        let options = format!(
            "lowerdir={},upperdir={base}/upper,workdir={base}/work",
            layers.join(":")
        );
        let merged = directory.path().join("merged");
        succeed(
            Command::new("mount")
                .args(["-t", "overlay", "overlay", "-o", &options])
                .arg(merged),
        );
        Self { directory, lower }
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("merged")
    }

    /// Its layers, the uppermost first, for others to build on while this one does not change.
    pub(crate) fn layers(&self) -> Vec<PathBuf> {
        std::iter::once(self.directory.path().join("upper"))
            .chain(self.lower.clone())
            .collect()
    }

    /// Takes it down; what was written stays until the drop.
    pub(crate) fn unmount(&self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }

    /// Runs a script inside.
    pub(crate) fn run(&self, script: &str) -> Output {
        succeed(&mut self.command(script))
    }

    /// Runs a script inside that may fail.
    pub(crate) fn try_run(&self, script: &str) -> Output {
        self.command(script).stdin(Stdio::null()).output().unwrap()
    }

    fn command(&self, script: &str) -> Command {
        let mut command = namespaces();
        command
            .args(["--", "bash", "-c", INSIDE, "inside"])
            .arg(self.path())
            .arg(format!("set -eu\n{script}"))
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            );
        command
    }

    /// Runs the clean-up as a build does, from the very file that a build would use.
    pub(crate) fn clean_up(&self) {
        self.run(&script("90-clean.sh"));
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Verifies it.
    pub(crate) fn verify(&self, more: &[&str]) -> Run {
        let root = self.path().display().to_string();
        Sindri::new().run(&[&["vm", "verify", "--root", &root, "--json"], more].concat())
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        self.unmount();
    }
}

fn succeed(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// A script of the build, as `sindri vm init` writes it.
pub(crate) fn script(name: &str) -> String {
    let sindri = Sindri::new();
    let arguments = [
        "vm",
        "init",
        "--cloud",
        "aws",
        "--cis-hardening",
        "--sindri-version",
        "3.1.0",
        "--output",
        "x",
    ];
    sindri.run(&arguments).succeeded();
    fs::read_to_string(find(&sindri.work(), name).unwrap_or_else(|| panic!("no {name} was written"))).unwrap()
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .flatten()
        .find_map(|entry| match entry.path() {
            path if path.is_dir() => find(&path, name),
            path => path.ends_with(name).then_some(path),
        })
}

/// The ids of the points that failed.
pub(crate) fn failed(report: &Value) -> Vec<&str> {
    let points = report["points"].as_array().expect("a report has points");
    points
        .iter()
        .filter(|point| point["status"] == "fail")
        .map(|point| point["id"].as_str().unwrap())
        .collect()
}

/// The paths that speak against the image.
pub(crate) fn paths(report: &Value) -> Vec<&str> {
    let points = report["points"].as_array().expect("a report has points").iter();
    points
        .flat_map(|point| point["evidence"].as_array().unwrap())
        .map(|evidence| evidence["path"].as_str().unwrap())
        .collect()
}
