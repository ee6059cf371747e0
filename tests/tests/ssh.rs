//! The inside of the VM: real Packer, real SSH, real scripts in a throw-away VM.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sindri_tests::lab::{Moto, Packer, Release, Sindri, Sshd};

const SECRET: &str = "correct-horse-battery-staple";

/// A build into the throw-away VM.
fn sindri(moto: &Moto, sshd: &Sshd, more: &[&str]) -> Sindri {
    let port = format!("ssh_port: {}", sshd.port());
    let lines = [
        "ssh_host: 127.0.0.1",
        &port,
        "ssh_timeout: 90s",
        "ssh_source_cidrs: [127.0.0.1/32]",
    ];
    Packer::Debian.sindri(moto, &[&lines[..], more].concat())
}

/// Every file below a folder that holds a text.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let output = Command::new("grep")
        .args(["-rlaF", "--", text])
        .arg(folder)
        .output()
        .expect("grep starts");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

fn inside(sshd: &Sshd, path: &str) -> String {
    let changed = sshd
        .changed(path)
        .unwrap_or_else(|| panic!("{path} was not written"));
    fs::read_to_string(changed).unwrap()
}

#[test]
fn a_build_installs_sindri_runs_the_users_scripts_and_tells_nobody_the_secret() {
    let moto = Moto::start();
    let sshd = Sshd::start(&moto);
    let release = Release::start("3.1.0");
    let url = format!("release_base_url: {}", release.url());
    let mut sindri = sindri(
        &moto,
        &sshd,
        &[
            &url,
            "sindri_version: 3.1.0",
            "profile: minimal",
            "extensions: [nodejs]",
            "scripts: [provision.sh]",
            "environment: {TOKEN: '${env.TEST_TOKEN}', PLAIN: 'a \"b\" $c'}",
            "file_uploads: [{source: motd.txt, destination: /opt/lab/motd}]",
        ],
    );
    sindri.set("TEST_TOKEN", SECRET);
    fs::write(sindri.work().join("motd.txt"), "hello ${x} {{y}}\n").unwrap();
    let script = "#!/bin/bash\nset -eu\nid -u >/opt/lab/user\nprintf %s \"$TOKEN\" >/opt/lab/token\nprintf %s \"$PLAIN\" \
                  >/opt/lab/plain\ncat /opt/lab/motd >/opt/lab/copy\necho \"the token is $TOKEN\"\n";
    fs::write(sindri.work().join("provision.sh"), script).unwrap();

    let run = sindri.run(&["vm", "build", "--json", "--debug"]).succeeded();
    let built = run.json();
    assert_eq!(inside(&sshd, "/opt/lab/user"), "0\n");
    assert_eq!(inside(&sshd, "/opt/lab/token"), SECRET);
    assert_eq!(inside(&sshd, "/opt/lab/plain"), "a \"b\" $c");
    assert_eq!(inside(&sshd, "/opt/lab/copy"), "hello ${x} {{y}}\n");
    assert_eq!(
        inside(&sshd, "/home/ubuntu/sindri-was-asked"),
        "ubuntu in /home/ubuntu: profile install minimal --yes\nubuntu in /home/ubuntu: extension install nodejs --yes\n"
    );

    assert!(
        !run.stderr.contains(SECRET) && !run.stdout.contains(SECRET),
        "{run}"
    );
    assert!(
        run.stderr.contains("the token is"),
        "the script's output is shown: {run}"
    );
    let everything = sindri.state();
    let everything = everything.parent().unwrap();
    assert_eq!(holding(everything, SECRET), [""; 0], "also not in Packer's log");
    // The user's own script keeps it; nothing else in the image has it, in any form that a shell or a
    // provisioner would have written it in.
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    // coreutils' base64 of it.
    for form in [SECRET, &hex, "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ"] {
        let kept = holding(&sshd.root(), form);
        let others: Vec<_> = kept
            .iter()
            .filter(|path| !path.ends_with("/opt/lab/token"))
            .collect();
        assert!(others.is_empty(), "{form}: {others:?}");
        assert_eq!(
            form == SECRET,
            !kept.is_empty(),
            "the search itself finds what is there"
        );
    }
    let image = built["image_id"].as_str().unwrap();
    sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn the_ssh_line_of_a_deployment_logs_in_until_it_is_destroyed() {
    let moto = Moto::start();
    let sshd = Sshd::start(&moto);
    let sindri = sindri(&moto, &sshd, &[]);
    let deploy = [
        "vm",
        "deploy",
        "ami-0aaaaaaaaaaaaaa01",
        "--ssh-cidr",
        "127.0.0.1/32",
        "--json",
    ];
    let deployed = sindri.run(&deploy).succeeded().json();
    let line = deployed["ssh_command"].as_str().unwrap();
    // As a user would: pasted into a shell.
    let log_in = || {
        Command::new("bash")
            .args(["-c", &format!("{line} 'id -un; hostname'")])
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let output = log_in();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "ubuntu\nsindri-lab\n",
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let known_hosts = sindri
        .run_directory(deployed["run_id"].as_str().unwrap())
        .join("known_hosts");
    assert!(known_hosts.exists(), "the next connection would trust any host");

    let instance = deployed["instance_id"].as_str().unwrap();
    sindri
        .run(&["vm", "destroy", instance, "--yes", "--json"])
        .succeeded();
    assert!(!known_hosts.exists() && !known_hosts.with_file_name("id_ed25519").exists());
    assert!(!log_in().status.success(), "a destroyed deployment still lets in");
    assert_eq!(moto.leftovers(), [""; 0]);
}
