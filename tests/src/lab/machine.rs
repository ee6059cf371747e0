//! The inside of a VM without the VM: a Debian of its own under an overlay, in namespaces of its own, never booted.
//!
//! It shares the kernel with this machine: only trusted scripts may run in it. What it cannot show, because no init
//! runs in it: services, the journal, the firewall, what cloud-init does at boot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use super::{debian, namespaces};

/// Runs in the new namespaces as `bash -c SCRIPT lab BASE LOWER TMPFS COMMAND…`; the command sees the root as `$root`.
const ENTER: &str = r#"
set -eu
base=$1 lower=$2 size=$3
shift 3
export root=$base/merged
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$base/upper,workdir=$base/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
if [ "$size" != 0 ]; then mount -t tmpfs -o "size=$size" tmpfs "$root/var/cache/apt/archives"; fi
ip link set lo up 2>/dev/null || true
hostname sindri-lab
cd /
exec "$@"
"#;

/// A root file system that scripts run in; gone on drop, unless others are built on it.
#[derive(Debug, Clone)]
pub struct Machine {
    layer: Arc<Layer>,
}

#[derive(Debug)]
struct Layer {
    directory: TempDir,
    below: Below,
}

#[derive(Debug)]
enum Below {
    Debian(PathBuf),
    Machine(Machine),
}

/// What surrounds one run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// Name and value, besides the PATH.
    pub environment: &'a [(&'a str, &'a str)],
    /// Without any network but loopback.
    pub offline: bool,
    /// Room for packages that are fetched, for example `1m`; none: that of the disk.
    pub room: Option<&'a str>,
}

/// What a script said, standard output and standard error in their order, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status.
    pub code: Option<i32>,
    /// Everything that it printed.
    pub log: String,
}

impl Ran {
    /// Itself if it succeeded.
    ///
    /// # Panics
    /// When it did not.
    pub fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.log);
        self
    }

    /// The line that says why it failed.
    ///
    /// # Panics
    /// When it did not fail, or did not say.
    pub fn cause(&self) -> &str {
        assert_ne!(self.code, Some(0), "{}", self.log);
        let causes: Vec<_> = self
            .log
            .lines()
            .filter(|line| line.contains("FAILED in step"))
            .collect();
        assert_eq!(causes.len(), 1, "{}", self.log);
        causes[0]
    }

    /// Steps and their seconds, as the script logged them.
    pub fn steps(&self) -> Vec<(&str, f64)> {
        let step = |line: &'_ str| -> Option<(usize, f64)> {
            let (said, seconds) = line.strip_suffix(" s")?.rsplit_once(": done in ")?;
            Some((said.len(), seconds.parse().ok()?))
        };
        self.log
            .lines()
            .filter_map(|line| step(line).map(|(end, seconds)| (&line[..end], seconds)))
            .collect()
    }
}

impl Machine {
    /// A bare Debian.
    pub fn debian() -> Self {
        Self::on(Below::Debian(debian::root()))
    }

    /// A copy of this one that changes for itself. This one must not change any more.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::on(Below::Machine(self.clone()))
    }

    fn on(below: Below) -> Self {
        assert!(
            nix::unistd::geteuid().is_root(),
            "the root file system is mounted by root"
        );
        let directory = TempDir::new().unwrap();
        for name in ["upper", "work", "merged"] {
            let path = directory.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let machine = Self {
            layer: Arc::new(Layer { directory, below }),
        };
        if matches!(machine.layer.below, Below::Debian(_)) {
            machine.put("/etc/hosts", 0o644, b"127.0.0.1 localhost sindri-lab\n");
            let resolver = fs::read("/etc/resolv.conf").unwrap_or_default();
            machine.put("/etc/resolv.conf", 0o644, &resolver);
            // Nothing that a package installs is started: the port may be somebody else's.
            machine.put("/usr/sbin/policy-rc.d", 0o755, b"#!/bin/sh\nexit 101\n");
            debian::bring_archives(&machine.upper());
        }
        machine
    }

    /// Removes it when the test program ends, however that happens: what is static is never dropped.
    pub fn remove_at_exit(&self) {
        let reaper = Command::new("sh")
            .args(["-c", "cat >/dev/null; rm -rf -- \"$1\"", "reaper"])
            .arg(self.layer.directory.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts");
        // The other end of its input closes with this process.
        std::mem::forget(reaper);
    }

    /// Layers from the top, without the own one.
    fn lower(&self) -> Vec<PathBuf> {
        match &self.layer.below {
            Below::Debian(root) => vec![root.clone()],
            Below::Machine(machine) => {
                let own = machine.upper();
                std::iter::once(own).chain(machine.lower()).collect()
            }
        }
    }

    fn upper(&self) -> PathBuf {
        self.layer.directory.path().join("upper")
    }

    /// Writes a file; the folders above it are made.
    pub fn put(&self, path: &str, mode: u32, content: &[u8]) {
        let ran = self.command(
            &Surroundings::default(),
            &["bash", "-c", PUT, "put", path, &format!("{mode:o}")],
            content,
        );
        assert!(
            ran.status.success(),
            "{path}: {}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }

    /// Runs a script inside as root, as Packer would.
    pub fn run(&self, script: &str, surroundings: &Surroundings<'_>) -> Ran {
        self.put("/tmp/script.sh", 0o755, script.as_bytes());
        let inside = [
            "bash",
            "-c",
            "exec chroot \"$root\" /bin/bash -c 'exec /tmp/script.sh 2>&1'",
        ];
        let output = self.command(surroundings, &inside, b"");
        Ran {
            code: output.status.code(),
            log: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        }
    }

    /// The standard output of a shell command inside.
    ///
    /// # Panics
    /// When it fails.
    pub fn ask(&self, command: &str) -> String {
        let output = self.command(
            &Surroundings::default(),
            &[
                "bash",
                "-c",
                "exec chroot \"$root\" /bin/bash -c \"$1\"",
                "ask",
                command,
            ],
            b"",
        );
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Boots it with `systemd-nspawn`, in a network of its own, and waits until it is off. The console's output.
    pub fn boot(&self) -> String {
        let output = self.command(&Surroundings::default(), &["bash", "-c", BOOT], b"");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Every path on the disk with its type, mode, owner and content, sorted; without what is only cached.
    pub fn content(&self) -> Vec<String> {
        let listing = self.command(&Surroundings::default(), &["bash", "-c", LIST], b"");
        assert!(
            listing.status.success(),
            "{}",
            String::from_utf8_lossy(&listing.stderr)
        );
        let mut lines: Vec<_> = String::from_utf8_lossy(&listing.stdout)
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    }

    /// Files and names of files on the disk that hold one of these texts, with the text.
    pub fn holding(&self, texts: &[String]) -> Vec<String> {
        let output = self.command(
            &Surroundings::default(),
            &["bash", "-c", SEARCH],
            texts.join("\n").as_bytes(),
        );
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Keeps the packages that were fetched for later runs.
    pub fn keep_archives(&self) {
        debian::keep_archives(&self.upper());
    }

    fn command(&self, surroundings: &Surroundings<'_>, command: &[&str], input: &[u8]) -> Output {
        use std::io::Write as _;

        let mut unshare = namespaces();
        if surroundings.offline {
            unshare.arg("--net");
        }
        let lower: Vec<_> = self
            .lower()
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let mut child = unshare
            .args(["--", "bash", "-c", ENTER, "lab"])
            .arg(self.layer.directory.path())
            .arg(lower.join(":"))
            .arg(surroundings.room.unwrap_or("0"))
            .args(command)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("LANG", "C.UTF-8")
            .envs(surroundings.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare starts");
        // The inputs are small, and read before anything is printed.
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }
}

/// nspawn brings its own /proc, /dev and /run. The `/proc` around it is that of the new process namespace, where it
/// looks its children up.
const BOOT: &str = r#"
umount -R "$root/proc" "$root/dev" "$root/run"
mount -t proc proc /proc
exec timeout --kill-after=10 240 systemd-nspawn --directory="$root" --boot --register=no --keep-unit --private-network \
  --machine="lab$RANDOM$RANDOM" --console=pipe systemd.log_target=console </dev/null
"#;

const PUT: &str = r#"
path=$root$1
mkdir -p "${path%/*}"
cat >"$path.part"
chmod "$2" "$path.part"
mv -T "$path.part" "$path"
"#;

const LIST: &str = r#"
cd "$root"
find . -xdev \( -path ./var/lib/apt/lists -o -path ./var/cache -o -path ./var/log -o -path ./tmp -o -path ./run \) -prune -o \
  -printf '%p %y %m %U:%G %l\n'
find . -xdev \( -path ./var/lib/apt/lists -o -path ./var/cache -o -path ./var/log -o -path ./tmp -o -path ./run \) -prune -o \
  -type f -print0 | xargs -0 sha256sum
"#;

const SEARCH: &str = r#"
cd "$root"
texts=$(cat)
grep -rlaF -f <(printf '%s\n' "$texts") --exclude-dir=proc --exclude-dir=dev . || true
find . -xdev | grep -aF -f <(printf '%s\n' "$texts") || true
"#;
