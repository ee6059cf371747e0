//! A throw-away VM: this machine's own file system, or another root, under an overlay, in namespaces of its own, with an SSH
//! server that knows the key pairs of the local EC2, as cloud-init would.
//!
//! It shares the network and the kernel with this machine: only trusted scripts may run in it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sindri_lab::Lab;
use tempfile::TempDir;

use super::process::Group;
use super::{Moto, Sindri, debian, free_port, namespaces};

/// Own folder, so that scripts under test may do to /etc/ssh whatever they want.
const FOLDER: &str = "etc/sindri-lab";
/// The login user of the images that the lab stands for; the base images of Alibaba Cloud have root alone.
const USER: &str = "ubuntu";
/// Long enough to install sudo inside where the machine has none.
const START: Duration = Duration::from_secs(120);

/// Runs in the new namespaces as `bash -c SCRIPT lab BASE LOWER`, then becomes the SSH server.
/// /tmp is a tmpfs: this machine's own may hold a million files, and cleaning it up inside would write as
/// many tombstones into the overlay.
const ENTER: &str = r#"
set -eu
base=$1
lower=$2
root=$base/merged
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$base/upper,workdir=$base/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for directory in run tmp var/tmp; do
  mount -t tmpfs -o mode=1777 tmpfs "$root/$directory"
done
chmod 755 "$root/run"
# An administrator's home of its own: this machine's may hold a million files too. Other roots keep theirs, which
# whoever looks at the disk without its mounts would not see.
if [ "$lower" = / ]; then
  mkdir -m 700 "$base/upper/root"
  mount --bind "$base/upper/root" "$root/root"
  # A build's clean-up locks root's password, and many builds share this VM: only with PAM does sshd let root in
  # nevertheless. Not by this machine's own rules, which tests change.
  printf '%s\n' 'auth required pam_deny.so' 'account required pam_permit.so' 'session required pam_permit.so' \
    >"$root/run/sindri-lab-pam"
  mount --bind "$root/run/sindri-lab-pam" "$root/etc/pam.d/sshd"
fi
mkdir -p "$root/run/sshd" "$root/run/lock"
if [ -L "$root/etc/resolv.conf" ]; then rm "$root/etc/resolv.conf"; fi
cat /etc/resolv.conf >"$root/etc/resolv.conf" || true
hostname sindri-lab
cd /
exec chroot "$root" /bin/bash -eu /etc/sindri-lab/boot
"#;

/// Runs inside the new root.
const BOOT: &str = r#"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
hash sudo 2>/dev/null || { apt-get -q update && apt-get -q -y install --no-install-recommends sudo; }
id ubuntu >/dev/null 2>&1 || useradd --create-home --shell /bin/bash ubuntu
# Not "!": without PAM, sshd takes that for a locked account, and other roots than this machine's have none here.
usermod --password '*' ubuntu
usermod --password '*' root
ssh-keygen -q -t ed25519 -N '' -f /run/sindri-lab-host-key
# Not the first process itself: it writes over its own environment, in which cloud-init looks for a container's name.
if [ -e /run/sindri-lab-pam ]; then pam=yes; else pam=no; fi
/usr/sbin/sshd -D -e -f /etc/sindri-lab/sshd_config -o "UsePAM=$pam"
exit
"#;

/// Who knows the public keys of those who may log in.
pub trait Keys {
    /// A program that prints them, one a line. It runs in the VM as `nobody`.
    fn program(&self) -> String;
}

/// A Debian package asks this before it starts its service: the port may be somebody else's.
const NO_SERVICES: (&str, &str) = ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");

/// What is below the overlay.
enum System {
    /// This machine's own file system.
    Machine,
    Debian,
    /// The uppermost first.
    Layers(Vec<PathBuf>),
}

impl System {
    /// As the overlay's mount takes it.
    fn lower(&self) -> OsString {
        match self {
            Self::Machine => "/".into(),
            Self::Debian => debian::root().into(),
            Self::Layers(roots) => {
                let roots: Vec<_> = roots.iter().map(|root| root.as_os_str()).collect();
                roots.join(OsStr::new(":"))
            }
        }
    }
}

/// A throw-away VM; gone on drop.
#[derive(Debug)]
pub struct Sshd {
    port: u16,
    directory: TempDir,
    server: Group,
}

impl Sshd {
    /// Starts one that lets in the holders of a cloud's keys.
    ///
    /// # Panics
    /// When this user may not mount, or the server does not start.
    pub fn start(keys: &impl Keys) -> Self {
        Self::with_programs(keys, &[])
    }

    /// Starts one that has these programs besides those of this machine: absolute paths inside, and scripts.
    ///
    /// # Panics
    /// As above.
    pub fn with_programs(keys: &impl Keys, programs: &[(&str, &str)]) -> Self {
        Self::begin(keys, programs, &System::Machine)
    }

    /// Starts one on the bare Debian, which is only read: for builds whose package manager is the real one. Of this
    /// machine's own system it would update whatever is installed, by the gigabyte. No package starts a service.
    ///
    /// # Panics
    /// As above.
    pub fn on_debian(keys: &impl Keys, programs: &[(&str, &str)]) -> Self {
        let programs = [&[NO_SERVICES], programs].concat();
        Self::begin(keys, &programs, &System::Debian)
    }

    /// Starts one on root file systems in place of this machine's, the uppermost first. They stay as they are.
    ///
    /// # Panics
    /// As above.
    pub fn on(keys: &impl Keys, roots: &[PathBuf]) -> Self {
        Self::begin(keys, &[], &System::Layers(roots.to_vec()))
    }

    fn begin(keys: &impl Keys, programs: &[(&str, &str)], system: &System) -> Self {
        assert!(nix::unistd::geteuid().is_root(), "the throw-away VM needs root");
        for _ in 0..5 {
            if let Some(sshd) = Self::try_start(&keys.program(), programs, system) {
                return sshd;
            }
        }
        panic!("the throw-away VM ended five times before it answered");
    }

    fn try_start(keys: &str, programs: &[(&str, &str)], system: &System) -> Option<Self> {
        let port = free_port();
        let directory = TempDir::new().unwrap();
        let base = directory.path();
        for name in ["upper", "work", "merged"] {
            make_directory(&base.join(name));
        }
        let upper = base.join("upper");
        for name in ["etc", FOLDER, "etc/sudoers.d"] {
            make_directory(&upper.join(name));
        }
        let folder = upper.join(FOLDER);
        write(&folder.join("boot"), 0o755, BOOT);
        write(&folder.join("keys"), 0o755, keys);
        write(&folder.join("sshd_config"), 0o644, &server_configuration(port));
        write(
            &upper.join("etc/sudoers.d/90-sindri-lab"),
            0o440,
            &format!("{USER} ALL=(ALL) NOPASSWD:ALL\n"),
        );
        write(
            &upper.join("etc/hosts"),
            0o644,
            "127.0.0.1 localhost sindri-lab\n::1 localhost\n",
        );
        for (path, script) in programs {
            let path = upper.join(path.trim_start_matches('/'));
            let folder = path.parent().expect("a program is in a folder");
            make_directories(&upper, folder);
            write(&path, 0o755, script);
        }

        if matches!(system, System::Debian) {
            debian::bring_archives(&upper);
        }

        let log = base.join("sshd.log");
        let output = fs::File::create(&log).unwrap();
        let mut server = Group::start(
            namespaces()
                .args(["--", "bash", "-c", ENTER, "lab"])
                .arg(base)
                .arg(system.lower())
                .stdin(Stdio::null())
                .stdout(output.try_clone().unwrap())
                .stderr(output),
        );
        let deadline = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.has_ended() {
                eprintln!("{}", fs::read_to_string(&log).unwrap_or_default());
                return None;
            }
            assert!(Instant::now() < deadline, "the throw-away VM does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self {
            port,
            directory,
            server,
        })
    }

    /// Port on 127.0.0.1, and on 127.0.0.2, which is the private address of the lab's VMs.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From here on a Sindri whose builds were without a communicator enters instances, at this one.
    pub fn reached_by(&self, sindri: &mut Sindri) {
        let lines = [
            "ssh_host: 127.0.0.1",
            &format!("ssh_port: {}", self.port),
            "ssh_timeout: 60s",
            "ssh_source_cidrs: [127.0.0.1/32]",
        ];
        let yaml = fs::read_to_string(sindri.work().join("sindri.yaml")).unwrap();
        sindri.configure(&yaml.replace("communicator: none", &lines.join("\n      ")));
    }

    /// The login user, who may use sudo without a password.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// What was written or changed inside, by its path there; none if it is as on this machine. A removed
    /// file is a character device here: the overlay's tombstone.
    pub fn changed(&self, path: &str) -> Option<PathBuf> {
        let path = self
            .directory
            .path()
            .join("upper")
            .join(path.trim_start_matches('/'));
        path.symlink_metadata().is_ok().then_some(path)
    }

    /// Where everything stands that was written inside, as an image of the VM would have it. What is on its
    /// tmpfs (`/run`, `/tmp`) is not among it.
    pub fn root(&self) -> PathBuf {
        self.directory.path().join("upper")
    }

    /// The root as those inside see it, with what is mounted there; as long as the server runs.
    ///
    /// # Panics
    /// When it does not run.
    pub fn live_root(&self) -> PathBuf {
        // `unshare` has one child, which has become the server.
        let parent = self.server.0.id();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
        Path::new("/proc").join(children.trim()).join("root")
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("sshd.log")).unwrap_or_default()
    }

    /// Runs a command inside with the real SSH client.
    pub fn ssh(&self, private_key: &Path, command: &str) -> Output {
        Command::new("ssh")
            .args([
                "-F",
                "none",
                "-o",
                "BatchMode=yes",
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "LogLevel=ERROR",
            ])
            .args([
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
            ])
            .args(["-o", "ConnectTimeout=30", "-p", &self.port.to_string(), "-i"])
            .arg(private_key)
            .arg(format!("{USER}@127.0.0.1"))
            .arg(command)
            .stdin(Stdio::null())
            .output()
            .expect("the SSH client is installed")
    }
}

/// Only `unshare` is a child of the test. The kernel kills what runs inside when that one is gone, a moment
/// later; until then the server would still answer and write below the folder that is about to be removed.
impl Drop for Sshd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the SSH server\n{}", self.log());
        }
        self.server.end();
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Asks for the key pairs with bash alone.
impl Keys for Moto {
    fn program(&self) -> String {
        let (port, region) = (self.port(), self.region());
        format!(
            r#"#!/bin/bash
body='Action=DescribeKeyPairs&Version=2016-11-15&IncludePublicKey=true'
scope='Credential=test/20260101/{region}/ec2/aws4_request, SignedHeaders=host, Signature=0'
exec 3<>/dev/tcp/127.0.0.1/{port} || exit 0
printf 'POST / HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: AWS4-HMAC-SHA256 %s\r\n' "$scope" >&3
printf 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s' "${{#body}}" "$body" >&3
tr '<' '\n' <&3 | sed -n 's/^publicKey>//p'
"#
        )
    }
}

/// Asks the lab for the keys that clients put into their VMs.
impl Keys for Lab {
    fn program(&self) -> String {
        let port = self.address().port();
        format!(
            r#"#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/{port} || exit 0
printf 'GET /lab/keys HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3
sed -n '/^ssh-/p; /^ecdsa-/p' <&3
"#
        )
    }
}

fn server_configuration(port: u16) -> String {
    format!(
        "Port {port}
ListenAddress 127.0.0.1
ListenAddress 127.0.0.2
HostKey /run/sindri-lab-host-key
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
AllowUsers {USER} root
PermitRootLogin prohibit-password
AuthorizedKeysFile none
AuthorizedKeysCommand /{FOLDER}/keys
AuthorizedKeysCommandUser nobody
Subsystem sftp internal-sftp
"
    )
}

/// The overlay takes over the permissions: a private folder would lock everybody else out inside.
fn make_directory(path: &Path) {
    fs::create_dir(path).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A folder and those above it, below the overlay's.
fn make_directories(upper: &Path, folder: &Path) {
    let below = folder.strip_prefix(upper).expect("a folder of the overlay");
    let mut path = upper.to_path_buf();
    for part in below {
        path.push(part);
        if !path.exists() {
            make_directory(&path);
        }
    }
}

fn write(path: &Path, mode: u32, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
