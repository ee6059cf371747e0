//! Each thing from outside that can fail does, and the build's log says which.

use std::collections::BTreeMap;

use sindri::provision::{Docker, ImageContent, Release, provision};
use sindri_tests::lab::{Machine, Surroundings};

use crate::stage::{after_init, content, ordinary, release, run, script, upload};

#[test]
fn without_a_network_the_step_that_needs_it_is_named() {
    let machine = Machine::debian();
    let offline = Surroundings {
        offline: true,
        ..Surroundings::default()
    };
    let ran = machine.run(&script(&ordinary(), "10-init"), &offline);
    assert!(ran.cause().contains("'lists of packages'"), "{}", ran.log);
    assert!(ran.log.contains("Temporary failure resolving"), "{}", ran.log);
    assert!(ran.log.contains("attempt 2 of 3 failed"), "{}", ran.log);

    let (environment, nothing) = (
        BTreeMap::new(),
        Release::Download {
            base_url: "https://releases.invalid/d",
        },
    );
    let download = provision(&ImageContent {
        release: nothing,
        ..content(&environment, &[])
    })
    .unwrap();
    let machine = after_init().fork();
    let ran = machine.run(&script(&download, "20-install-sindri"), &offline);
    assert!(
        ran.cause().contains("https://releases.invalid/d/v3.1.0"),
        "{}",
        ran.log
    );
    assert!(ran.log.contains("Could not resolve host"), "{}", ran.log);
}

#[test]
fn a_full_disk_is_the_cause_that_the_log_names() {
    let machine = Machine::debian();
    let small = Surroundings {
        room: Some("1m"),
        ..Surroundings::default()
    };
    let ran = machine.run(&script(&ordinary(), "10-init"), &small);
    assert!(
        ran.cause().contains("'upgrade and install packages'"),
        "{}",
        ran.log
    );
    assert!(
        ran.log.contains("enough free space") || ran.log.contains("No space left"),
        "{}",
        ran.log
    );
}

#[test]
fn a_package_that_does_not_exist_is_named() {
    let machine = Machine::debian();
    let text = script(&ordinary(), "10-init").replace("'docker.io'", "'docker-that-is-not.io'");
    let ran = machine.run(&text, &Surroundings::default());
    assert!(ran.cause().contains("docker-that-is-not.io"), "{}", ran.log);
    assert!(
        ran.log.contains("Unable to locate package docker-that-is-not.io"),
        "{}",
        ran.log
    );
}

#[test]
fn a_release_that_is_not_what_was_promised_is_not_installed() {
    let machine = after_init().fork();
    let provisioned = ordinary();
    upload(&machine, &provisioned);
    machine.ask("printf x >>/tmp/sindri-release/sindri-v3.1.0-linux-x86_64.tar.gz");
    let ran = run(&machine, &provisioned, "20-install-sindri");
    assert!(ran.cause().contains("SHA-256"), "{}", ran.log);
    assert_eq!(machine.ask("ls /usr/local/bin"), "");

    let (environment, mut archives) = (BTreeMap::new(), release());
    archives[0].arch = "aarch64";
    let other = provision(&content(&environment, &archives)).unwrap();
    upload(&machine, &other);
    let ran = run(&machine, &other, "20-install-sindri");
    assert!(
        ran.cause().contains("has no sindri-v3.1.0-linux-x86_64.tar.gz"),
        "{}",
        ran.log
    );
}

/// The VM must not choose: two machines of one build would be of two versions.
#[test]
fn a_version_that_nobody_resolved_stops_in_the_vm() {
    let environment = BTreeMap::new();
    let latest = provision(&ImageContent {
        sindri_version: "latest",
        release: Release::Download {
            base_url: "https://releases.invalid/d",
        },
        docker: Docker::Distribution,
        ..content(&environment, &[])
    })
    .unwrap();
    let machine = Machine::debian();
    let ran = machine.run(&script(&latest, "20-install-sindri"), &Surroundings::default());
    assert!(ran.cause().contains("--sindri-version"), "{}", ran.log);
}

#[test]
fn a_user_without_root_is_told_so() {
    let machine = Machine::debian();
    let text = script(&ordinary(), "90-clean");
    machine.put("/opt/clean.sh", 0o755, text.as_bytes());
    let said = machine.ask("setpriv --reuid 65534 --clear-groups /opt/clean.sh 2>&1 || true");
    assert!(said.contains("needs root"), "{said}");
}
