//! From nothing to a green checklist: the real Packer provisions a bare Debian over SSH, and the checklist is held against
//! what the build has left there.

use std::fs;
use std::time::{Duration, Instant};

use sindri_tests::lab::{Moto, Packer, Release, Run, Sindri, Sshd};

use super::seeds::{FOREIGN, SECRET, content};

/// Builds into a Debian of its own, with this script of the user's as the last thing before the clean-up.
fn build(moto: &Moto, script: &str, more: &[&str], arguments: &[&str]) -> (Sindri, Sshd, Run) {
    let sshd = Sshd::on_debian(moto, &[]);
    let release = Release::start("3.1.0");
    let (url, port) = (
        format!("release_base_url: {}", release.url()),
        format!("ssh_port: {}", sshd.port()),
    );
    let lines = [
        url.as_str(),
        port.as_str(),
        "ssh_host: 127.0.0.1",
        "ssh_timeout: 90s",
        "ssh_source_cidrs: [127.0.0.1/32]",
        "sindri_version: 3.1.0",
        "docker: {repository: distribution}",
        "scripts: [provision.sh]",
    ];
    let sindri = Packer::Debian.sindri(moto, &[&lines[..], more].concat());
    fs::write(sindri.work().join("provision.sh"), script).unwrap();
    let run = sindri.run(&[&["vm", "build", "--json"], arguments].concat());
    (sindri, sshd, run)
}

/// Writes every secret of a list.
fn seeding(seeds: &[(&str, &str, &str)]) -> String {
    let mut script = "set -eu\n".to_owned();
    for (_, path, text) in seeds {
        script += &format!(
            "install -d \"$(dirname '{path}')\"\ncat >'{path}' <<'SEED'\n{}\nSEED\n",
            content(text).trim_end()
        );
    }
    script
}

/// The seconds of each step, for docs/performance.md.
fn print_steps(sindri: &Sindri, whole: Duration) {
    let id = sindri.runs(&[])[0]["id"].as_str().unwrap().to_owned();
    let log = fs::read_to_string(sindri.run_directory(&id).join("vm.log")).unwrap();
    let steps: Vec<_> = log.lines().filter(|line| line.contains(": done in ")).collect();
    assert!(steps.len() > 20, "{log}");
    eprintln!(
        "{}\nthe whole build and its verification: {:.0} s",
        steps.join("\n"),
        whole.as_secs_f64()
    );
}

#[test]
fn a_hardened_build_ends_with_a_green_checklist_of_what_it_has_left() {
    let moto = Moto::start();
    // What a careless script leaves where the clean-up looks is gone again.
    let careless = [
        ("", "/home/ubuntu/.aws/credentials", "aws_secret_access_key = @\n"),
        ("", "/root/.bash_history", "mysql -p@\n"),
        ("", "/root/.git-credentials", "https://u:@@git.example\n"),
        ("", "/var/log/app.log.1", "login @\n"),
    ];
    let began = Instant::now();
    let (sindri, _sshd, run) = build(
        &moto,
        &seeding(&careless),
        &["security: {cis_hardening: true}"],
        &["--verify"],
    );
    let run = run.succeeded();
    print_steps(&sindri, began.elapsed());
    let built = run.json();
    assert_eq!(built["verified"], true, "{run}");
    let verification = &built["verification"];
    let point = |id: &str| {
        let points = verification["points"].as_array().unwrap();
        points.iter().find(|point| point["id"] == id).unwrap()["status"].clone()
    };
    assert_eq!(
        (point("hardening"), point("logs")),
        ("pass".into(), "pass".into()),
        "{run}"
    );
    let image = built["image_id"].as_str().unwrap();
    sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// The clean-up cannot know the places of somebody's own choice. Nothing is left of such a build, and no second
/// instance was needed to find out.
#[test]
fn a_secret_that_survives_fails_the_build_before_there_is_an_image() {
    let moto = Moto::start();
    let (sindri, _sshd, run) = build(&moto, &seeding(&FOREIGN), &[], &[]);
    assert_eq!(run.failure(), (1, "packer/build".to_owned()), "{run}");
    for (point, path, _) in FOREIGN {
        assert!(run.stderr.contains(&format!("FAIL {point}: {path}: ")), "{run}");
    }
    assert!(
        run.stderr
            .contains("the checklist is not met: environment-secrets private-keys"),
        "{run}"
    );
    assert!(!run.stderr.contains(SECRET), "{run}");
    assert_eq!((moto.leftovers(), sindri.count("built")), (vec![], 0));
}
