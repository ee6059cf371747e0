//! A root that somebody made for whoever looks at it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use sindri_tests::lab::Sindri;
use tempfile::TempDir;

use super::root::{Root, failed, paths};
use super::seeds::SECRET;

/// A busy machine takes ten times as long as an idle one; a hang takes for ever.
const PATIENCE: Duration = Duration::from_secs(120);

fn device(path: &Path, major: u64, minor: u64) {
    mknod(path, SFlag::S_IFCHR, Mode::S_IRWXU, makedev(major, minor)).unwrap();
}

/// The other end of a pipe never comes: whoever opens it to read waits for ever.
fn pipe(path: &Path) {
    nix::unistd::mkfifo(path, Mode::S_IRWXU).unwrap();
}

#[test]
fn links_to_this_machine_are_not_followed() {
    let outside = TempDir::new().unwrap();
    let trap = outside.path().join("trap");
    pipe(&trap);
    let secret = outside.path().join("secret");
    fs::write(&secret, format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n")).unwrap();
    let root = Root::clean();
    let home = root.path().join("home/ubuntu");
    let back = "../".repeat(40);
    for (place, target) in [
        (home.join(".netrc"), trap.clone()),
        (home.join(".gitconfig"), trap.clone()),
        (home.join(".npmrc"), format!("{back}{}", trap.display()).into()),
        (home.join("key.pem"), secret.clone()),
        (home.join("directory"), outside.path().to_path_buf()),
        (home.join(".bashrc"), "/proc/self/root/etc/shadow".into()),
        (root.path().join("etc/environment"), trap.clone()),
        (root.path().join("var/log/linked"), outside.path().to_path_buf()),
        (root.path().join("opt/round"), "round".into()),
    ] {
        let _ = fs::remove_file(&place);
        symlink(target, place).unwrap();
    }
    let began = Instant::now();
    let run = root.verify(&[]);
    assert!(began.elapsed() < PATIENCE);
    let report = run.json();
    let named = paths(&report);
    assert!(!run.stdout.contains(SECRET), "{run}");
    assert!(
        !named
            .iter()
            .any(|path| path.contains("secret") || path.contains("directory/")),
        "{run}"
    );
    // A link where a login would be is one for whoever mounts the image at another place.
    assert!(named.contains(&"/home/ubuntu/.netrc"), "{run}");
}

#[test]
fn pipes_devices_and_files_without_end_stop_nobody() {
    let root = Root::clean();
    let at = |path: &str| root.path().join(path);
    for path in [
        "etc/environment",
        "home/ubuntu/.gitconfig",
        "home/ubuntu/.bash_history",
        "etc/shadow",
        "etc/passwd",
    ] {
        let _ = fs::remove_file(at(path));
        pipe(&at(path));
    }
    device(&at("home/ubuntu/.npmrc"), 1, 5);
    device(&at("var/log/auth.log"), 1, 5);
    device(&at("root/key.pem"), 1, 8);
    // A hole of 1 TiB.
    let huge = fs::File::create(at("etc/profile.d/huge.sh")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let began = Instant::now();
    let run = root.verify(&[]);
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    let report = run.json();
    assert_eq!(run.code(), Some(1));
    for point in [
        "root-password",
        "environment-secrets",
        "git-credentials",
        "registry-credentials",
    ] {
        assert!(failed(&report).contains(&point), "{point}: {run}");
    }
    assert!(paths(&report).contains(&"/etc/profile.d/huge.sh"), "{run}");
}

#[test]
fn names_act_on_no_terminal_and_need_not_be_text() {
    let root = Root::clean();
    let home = root.path().join("home/ubuntu/.aws");
    fs::create_dir_all(&home).unwrap();
    let names: [&[u8]; 5] = [
        b"\x1b]0;owned\x07\x1b[2J",
        b"not\xff\xfeutf8",
        b"two\nlines: pass",
        b"::error::x",
        b"\xe2\x80\xaereversed",
    ];
    for name in names {
        fs::write(home.join(OsStr::from_bytes(name)), "x").unwrap();
    }
    let directory = root.path().display().to_string();
    for more in [&[][..], &["--json"]] {
        let arguments = [&["vm", "verify", "--root", &directory][..], more].concat();
        let run = Sindri::new().run(&arguments);
        assert_eq!(run.code(), Some(1));
        for stream in [&run.stdout, &run.stderr] {
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!stream.contains(acts), "{run}");
            assert!(
                !stream
                    .lines()
                    .any(|line| line.starts_with("lines: pass") || line.starts_with("::error"))
            );
        }
    }
    assert_eq!(paths(&root.verify(&[]).json()).len(), names.len());
}

#[test]
fn a_tree_too_deep_to_look_at_is_no_pass() {
    let root = Root::clean();
    // Longer than any path may be: made from inside, one at a time.
    let script = "import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(3000):\n    os.mkdir('deeper')\n    os.chdir('deeper')\n";
    let status = Command::new("python3")
        .args(["-c", script])
        .arg(root.path().join("srv"))
        .status()
        .unwrap();
    assert!(status.success());
    let began = Instant::now();
    let run = root.verify(&[]);
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(failed(&run.json()), ["complete"], "{run}");
    // The overlay's own removal would take its time too.
    let _ = Command::new("rm")
        .arg("-rf")
        .arg(root.path().join("srv/deeper"))
        .status();
}
