//! The script that runs in the VM and the program on the host read a disk in the same way.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root::{NET_RAW, Site, set_capability};

/// Runs as `bash -c SCRIPT lab ROOT SCRIPT OUTPUT`, with a /run in memory as a booted machine has it, and with
/// something mounted over a folder of the disk.
const RUN: &str = r#"
set -eu
mount --bind "$1" "$1"
mount -t tmpfs -o mode=755 tmpfs "$1/run"
mount -t tmpfs tmpfs "$1/mnt"
echo hidden >"$1/mnt/over"
cp "$2" "$1/run/script.sh"
chroot "$1" /usr/bin/env SUDO_UID=1000 SUDO_GID=1000 /bin/bash /run/script.sh
cp -a "$1/run/sindri-evidence/." "$3"
"#;

/// The script as a build would run it.
fn script(site: &Site) -> PathBuf {
    let yaml = format!(
        "providers:\n  packer:\n    cloud: aws\n    build:\n      signing_key: {}\n",
        site.path("key")
    );
    fs::write(site.sindri.work().join("sindri.yaml"), yaml).unwrap();
    let output = site.path("template");
    site.sindri.run(&["vm", "init", "--output", &output]).succeeded();
    Path::new(&output).join("scripts/95-manifest.sh")
}

/// What a distribution has none of.
fn add_oddities(root: &Path) {
    let name = |bytes: &[u8]| root.join("opt").join(OsString::from_vec(bytes.to_vec()));
    fs::create_dir_all(root.join("opt")).unwrap();
    fs::write(name(b"\xff\xfe not text\n\\#="), "x").unwrap();
    fs::write(name("späße".as_bytes()), "").unwrap();
    // Which comes first depends on whether paths or their parts are sorted.
    for path in ["opt/a", "opt/a-b", "opt/a.b"] {
        fs::create_dir(root.join(path)).unwrap();
        fs::write(root.join(path).join("c"), path).unwrap();
    }
    symlink(OsString::from_vec(b"to \xff".to_vec()), name(b"link")).unwrap();
    fs::hard_link(name("späße".as_bytes()), name(b"hard")).unwrap();
    nix::unistd::mkfifo(&name(b"fifo"), nix::sys::stat::Mode::from_bits_truncate(0o640)).unwrap();
    fs::set_permissions(name(b"hard"), Permissions::from_mode(0o6711)).unwrap();
    set_capability(&root.join("opt/a/c"), NET_RAW);
    let code = "
import os, socket, stat, sys
os.chdir(sys.argv[1] + '/opt')
os.mknod('char', 0o640 | stat.S_IFCHR, os.makedev(240, 300))
os.mknod('block', 0o640 | stat.S_IFBLK, os.makedev(259, 1))
os.chown('char', 4000000000, 123)
os.setxattr('a-b/c', 'user.note = x', b'a = b')
os.setxattr('a-b', 'user.dir', b'')
socket.socket(socket.AF_UNIX).bind('socket')
";
    let status = Command::new("python3")
        .args(["-c", code])
        .arg(root)
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn the_vm_writes_the_very_bytes_that_the_host_writes_of_its_disk() {
    let site = Site::with_debian();
    add_oddities(&site.root());
    let script = script(&site);
    let output = site.path("from-vm");
    fs::create_dir(&output).unwrap();
    let before = site.create("before", &[]).succeeded().json();
    let ran = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "bash", "-c", RUN, "lab"])
        .arg(site.root())
        .args([&script, Path::new(&output)])
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let read = |path: &str| fs::read(site.path(path)).unwrap();
    let (inside, outside) = (read("from-vm/root.mtree"), read("before/root.mtree"));
    if inside != outside {
        let (inside, outside) = (
            String::from_utf8(inside).unwrap(),
            String::from_utf8(outside).unwrap(),
        );
        let pair = inside
            .lines()
            .zip(outside.lines())
            .find(|(inside, outside)| inside != outside);
        panic!("{pair:?}");
    }
    assert_eq!(
        read("from-vm/status"),
        fs::read(site.root().join("var/lib/dpkg/status")).unwrap()
    );
    let names: Vec<_> = {
        let mut names: Vec<_> = fs::read_dir(&output)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names, ["os-release", "root.mtree", "status"]);
    let after = site.create("after", &[]).succeeded().json();
    assert_eq!(
        after["manifest_sha256"], before["manifest_sha256"],
        "the script left something on the disk"
    );
}
