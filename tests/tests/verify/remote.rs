//! A machine that answers over SSH.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sindri_tests::lab::{Keys, Run, Sindri, Sshd};
use tempfile::TempDir;

use super::root::{Root, failed, paths};
use super::seeds::{self, SECRET, content};

/// One key pair for all.
struct Pair(TempDir);

impl Pair {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(directory.path().join("key"))
            .status()
            .unwrap();
        assert!(made.success());
        Self(directory)
    }

    fn private(&self) -> PathBuf {
        self.0.path().join("key")
    }
}

impl Keys for Pair {
    fn program(&self) -> String {
        let public = fs::read_to_string(self.0.path().join("key.pub")).unwrap();
        format!("#!/bin/sh\necho '{}'\n", public.trim())
    }
}

fn verify(sindri: &Sindri, sshd: &Sshd, pair: &Pair, more: &[&str]) -> Run {
    let (key, port) = (pair.private().display().to_string(), sshd.port().to_string());
    let arguments = [
        "vm",
        "verify",
        "--host",
        "127.0.0.1",
        "--user",
        sshd.user(),
        "--key",
        &key,
        "--port",
        &port,
    ];
    sindri.run(&[&arguments[..], &["--json"], more].concat())
}

#[test]
fn a_clean_machine_is_green_and_stays_as_it_is() {
    let root = Root::clean();
    root.unmount();
    let pair = Pair::new();
    let sshd = Sshd::on(&pair, &root.layers());
    let sindri = Sindri::new();
    let run = verify(&sindri, &sshd, &pair, &["--accept-new-host-key"]);
    let report = run.json();
    assert_eq!((failed(&report), run.code()), (vec![], Some(0)), "{run}");
    assert_eq!(report["source"]["host"], "127.0.0.1");
    assert!(report["passed"].as_u64().unwrap() >= 13, "{run}");
    // What the mounted root has shown and what the machine has told are the same points.
    let ids = |report: &serde_json::Value| -> Vec<String> {
        let points = report["points"].as_array().unwrap().iter();
        points
            .map(|point| format!("{} {}", point["id"], point["status"]))
            .collect()
    };
    assert_eq!(ids(&report), ids(&Root::clean().verify(&[]).json()));
    assert!(sshd.changed("/home/ubuntu/.bash_history").is_none());
}

#[test]
fn all_seeds_are_found_over_the_wire_and_none_is_printed_or_stored() {
    let root = Root::clean();
    let mut expected = Vec::new();
    for (point, path, text) in seeds::all() {
        root.write(&path, &content(text));
        expected.push((point, path));
    }
    root.unmount();
    let pair = Pair::new();
    let sshd = Sshd::on(&pair, &root.layers());
    let sindri = Sindri::new();
    let run = verify(&sindri, &sshd, &pair, &["--accept-new-host-key"]);
    assert_eq!(run.code(), Some(1), "{run}");
    let report = run.json();
    for (point, path) in expected {
        // /tmp is not of the disk there.
        if path.starts_with("/tmp/") {
            continue;
        }
        let points = report["points"].as_array().unwrap().iter();
        let found = points.filter(|found| found["id"] == point).any(|found| {
            let evidence = found["evidence"].as_array().unwrap();
            found["omitted"] != 0 || evidence.iter().any(|evidence| evidence["path"] == path)
        });
        assert!(found, "{point} {path}: {run}");
    }
    assert!(
        !run.stdout.contains(SECRET) && !run.stderr.contains(SECRET),
        "{run}"
    );
    let kept = Command::new("grep")
        .args(["-rlF", SECRET])
        .arg(sindri.state())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "");
}

#[test]
fn an_unknown_host_a_wrong_key_and_a_user_without_rights_are_no_clean_machines() {
    let root = Root::clean();
    root.unmount();
    let pair = Pair::new();
    let sshd = Sshd::on(&pair, &root.layers());
    let sindri = Sindri::new();
    let run = verify(&sindri, &sshd, &pair, &[]);
    assert_eq!(
        run.failure(),
        (1, "tool/failed".to_owned()),
        "an unknown host was believed: {run}"
    );
    let run = verify(&sindri, &sshd, &Pair::new(), &["--accept-new-host-key"]);
    assert_eq!(run.failure(), (1, "tool/failed".to_owned()), "{run}");
    // The known hosts that a user names are believed, and only they.
    let port = sshd.port();
    let shown = Command::new("ssh-keyscan")
        .args(["-p", &port.to_string(), "127.0.0.1"])
        .output()
        .unwrap();
    let known = sindri.work().join("known");
    fs::write(&known, shown.stdout).unwrap();
    let run = verify(&sindri, &sshd, &pair, &["--known-hosts", "known"]);
    assert_eq!(run.code(), Some(0), "{run}");
    fs::remove_file(sshd.changed("/etc/sudoers.d/90-sindri-lab").unwrap()).unwrap();
    let run = verify(&sindri, &sshd, &pair, &["--known-hosts", "known"]);
    assert_eq!(run.failure(), (1, "tool/failed".to_owned()), "{run}");
    assert!(paths_or_none(&run).is_empty());
}

fn paths_or_none(run: &Run) -> Vec<String> {
    let json = run.json();
    match json["points"].is_array() {
        true => paths(&json).into_iter().map(str::to_owned).collect(),
        false => Vec::new(),
    }
}
