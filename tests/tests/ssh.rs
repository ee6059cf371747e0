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

use sindri_tests::lab::{Moto, Packer, Release, Sindri, Sshd, free_port, put_release};

const SECRET: &str = "correct-horse-battery-staple";

/// A build into the throw-away VM.
fn sindri(moto: &Moto, sshd: &Sshd, more: &[&str]) -> Sindri {
    let port = format!("ssh_port: {}", sshd.port());
    let lines = [
        "ssh_host: 127.0.0.1",
        &port,
        "ssh_timeout: 90s",
        "ssh_source_cidrs: [127.0.0.1/32]",
        "docker: {repository: distribution}",
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
    let sshd = Sshd::on_debian(&moto, &[]);
    let release = Release::start("3.1.0");
    let url = format!("release_base_url: {}", release.url());
    let mut sindri = sindri(
        &moto,
        &sshd,
        &[
            &url,
            "sindri_version: latest",
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
    let listed = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    assert_eq!(
        listed[0]["sindri_version"], "3.1.0",
        "what `latest` was: {listed}"
    );
    sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// Air-gapped: what is installed comes from this machine, byte for byte, and the last script's failure is in the log.
#[test]
fn a_playbook_gets_the_environment_and_a_failed_build_leaves_its_log() {
    let moto = Moto::start();
    let sshd = Sshd::on_debian(&moto, &[]);
    let mut sindri = sindri(
        &moto,
        &sshd,
        &[
            "release_directory: releases",
            "sindri_version: latest",
            "ansible_playbook: site.yml",
            "scripts: [fail.sh]",
            "environment: {TOKEN: '${env.TEST_TOKEN}'}",
            "file_uploads: [{source: data.bin, destination: /opt/lab/data.bin}]",
        ],
    );
    sindri.set("TEST_TOKEN", SECRET);
    let releases = sindri.work().join("releases");
    for version in ["3.0.9", "3.1.0", "4.0.0"] {
        put_release(&releases.join(format!("v{version}")), version);
    }
    let bytes: Vec<u8> = (0..=255).collect();
    fs::write(sindri.work().join("data.bin"), &bytes).unwrap();
    let playbook = "- hosts: all\n  tasks:\n    - copy: {dest: /opt/lab/playbook, content: \"{{ lookup('env', 'TOKEN') }} \
                    {{ ansible_user_id }}\"}\n";
    fs::write(sindri.work().join("site.yml"), playbook).unwrap();
    fs::write(sindri.work().join("fail.sh"), "true\n").unwrap();
    sindri.run(&["vm", "build", "--json"]).succeeded();
    assert_eq!(inside(&sshd, "/opt/lab/playbook"), format!("{SECRET} root"));
    assert_eq!(
        fs::read(sshd.changed("/opt/lab/data.bin").unwrap()).unwrap(),
        bytes
    );
    assert!(inside(&sshd, "/usr/local/bin/sindri").contains("3.1.0"));
    let others: Vec<_> = holding(&sshd.root(), SECRET)
        .into_iter()
        .filter(|path| !path.ends_with("/opt/lab/playbook"))
        .collect();
    assert_eq!(others, [""; 0]);

    let images = moto.leftovers();
    let script = "echo \"told: $TOKEN\"\necho first >/opt/lab/first\nmkdir /proc/no\n";
    fs::write(sindri.work().join("fail.sh"), script).unwrap();
    let failed = sindri.run(&["vm", "build", "--json"]);
    assert_eq!(failed.failure(), (1, "packer/build".to_owned()));
    let log = holding(&sindri.state(), "cannot create directory");
    let log = log.iter().find(|path| path.ends_with("/vm.log")).unwrap();
    let log = fs::read_to_string(log).unwrap();
    for said in [
        "sindri init: lists of packages: done in",
        "sindri install-sindri: check and install",
        "told: ***",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains(SECRET), "{log}");
    assert_eq!(moto.leftovers(), images, "the failed build leaves nothing");
}

/// The content is that of Debian 11, freed of the condition on the release: it shows the way of the reports and nothing
/// about compliance.
#[test]
fn a_scans_reports_come_back_to_the_run_directory() {
    let moto = Moto::start();
    let sshd = Sshd::on_debian(&moto, &[]);
    let release = Release::start("3.1.0");
    let url = format!("release_base_url: {}", release.url());
    let scan = "security: {openscap_scan: true, openscap_data_stream: ds.xml, openscap_profile: \
                anssi_np_nt28_minimal, openscap_minimum_score: 1}";
    let sindri = sindri(&moto, &sshd, &[&url, "sindri_version: 3.1.0", scan]);
    let unpack = "apt-get -q download ssg-debian && dpkg-deb -x ssg-debian_*.deb x && \
                  sed -E 's#<(xccdf-1.2:)?platform idref=\"cpe:/o:debian:debian_linux:11\"/>##g' \
                  x/usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml >ds.xml";
    let unpacked = Command::new("bash")
        .args(["-c", unpack])
        .current_dir(sindri.work())
        .output()
        .unwrap();
    assert!(
        unpacked.status.success(),
        "{}",
        String::from_utf8_lossy(&unpacked.stderr)
    );
    let run = sindri.run(&["vm", "build", "--json"]).succeeded();
    let reports = sindri
        .run_directory(run.json()["run_id"].as_str().unwrap())
        .join("openscap");
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(reports.join("summary.json")).unwrap()).unwrap();
    assert!(summary["rules"]["pass"].as_u64().unwrap() > 0, "{summary}");
    assert!(
        fs::read_to_string(reports.join("report.html"))
            .unwrap()
            .starts_with("<!DOCTYPE html>")
    );
    assert!(
        fs::read_to_string(reports.join("results.xml"))
            .unwrap()
            .contains("<rule-result")
    );
}

/// The key is named and nothing was started: no machine runs for minutes to find out.
#[test]
fn a_latest_that_cannot_be_resolved_is_an_early_error() {
    let moto = Moto::start();
    let nobody = format!("release_base_url: http://127.0.0.1:{}/download", free_port());
    for (lines, said) in [
        (vec![nobody.as_str()], "cannot be resolved"),
        (
            vec!["release_directory: empty"],
            "no release of this major version",
        ),
    ] {
        let lines = [vec!["ssh_host: 127.0.0.1", "sindri_version: latest"], lines].concat();
        let sindri = Packer::Debian.sindri(&moto, &lines);
        put_release(&sindri.work().join("empty/v4.0.0"), "4.0.0");
        let run = sindri.run(&["vm", "build", "--json"]);
        assert_eq!(run.failure(), (2, "config/value".to_owned()), "{run}");
        let error = &run.json()["error"];
        assert_eq!(error["key"], "providers.packer.build.sindri_version", "{run}");
        assert!(error["message"].as_str().unwrap().contains(said), "{run}");
        assert_eq!(sindri.count("packer-started"), 0);
    }
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
