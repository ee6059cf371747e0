//! Secrets that must not be found: thirty canaries in eight encodings, told by programs that say all they know.
//!
//! The programs are stand-ins (`tests/tools/parrot`), worse than any real one. What they said is sent to the test
//! too: each search is made there first, and must find everything, or it would prove nothing.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod encodings;
mod nest;

use nest::{CLOUDS, Nest, Orders};
use serde_json::json;
use sindri_tests::lab::{Moto, Packer};

/// So many bytes of Packer's log: the program has seen much of what was said.
const SEEN: u64 = 20_000;

/// A CLI that fails: its last lines are shown.
#[test]
fn a_failing_cli_of_each_cloud_tells_its_secrets_to_nobody() {
    for cloud in CLOUDS {
        for form in [&["--json"][..], &["--verbose"]] {
            let nest = Nest::new(cloud, Orders(json!({"exit": 1})));
            let watch = nest.start(&[&["vm", "list", "--cloud", cloud][..], form].concat());
            watch.end_and_search(&nest);
        }
    }
}

/// Packer's `validate` fails with its environment on both streams.
#[test]
fn a_failing_packer_of_each_cloud_tells_its_secrets_to_nobody() {
    for cloud in CLOUDS {
        let nest = Nest::new(cloud, Orders(json!({"exit": 1})));
        let run = nest
            .start(&["vm", "validate", "--cloud", cloud, "--json", "--verbose"])
            .end_and_search(&nest);
        assert_eq!(run.failure().1, "packer/validate", "{run}");
        assert!(run.stdout.contains("***"), "it is shown at all: {run}");
    }
}

/// A success whose result is made of secrets: names and tags of images.
#[test]
fn names_of_images_are_masked_in_the_result() {
    for form in [&["--json"][..], &[]] {
        let nest = Nest::new("aws", Orders(json!({"images": true})));
        let run = nest
            .start(&[&["vm", "list", "--cloud", "aws", "--name", "x"][..], form].concat())
            .end_and_search(&nest);
        let run = run.succeeded();
        assert!(run.stdout.contains("***"), "{run}");
    }
}

/// Packer says everything and fails, with its debug log.
#[test]
fn a_failed_build_with_the_debug_log_keeps_and_shows_no_secret() {
    let nest = Nest::new("aws", Orders(json!({"exit": 1})));
    let run = nest
        .start(&["vm", "build", "--cloud", "aws", "--json", "--verbose", "--debug"])
        .end_and_search(&nest);
    assert_eq!(run.failure().1, "packer/build", "{run}");
    assert!(run.stderr.contains("***") && run.stdout.contains("***"), "{run}");
    let log = nest.file_of_run("packer.log");
    assert!(
        log.contains("2026/11/23 12:00:00") && log.contains("***"),
        "{log}"
    );
}

/// The machine loses the program in the middle of a build.
#[test]
fn a_killed_build_leaves_no_secret() {
    let nest = Nest::new("aws", Orders(json!({"stay": 60, "exit": 1})));
    let mut watch = nest.start(&["vm", "build", "--cloud", "aws", "--json", "--verbose", "--debug"]);
    watch.wait_until(|| nest.was_told_by("packer build") && nest.log_of_packer() > SEEN);
    watch.kill();
    watch.end_and_search(&nest);
}

/// Ctrl-C: what Packer says while it cleans up is shown too.
#[test]
fn an_interrupted_build_shows_no_secret() {
    let nest = Nest::new("aws", Orders(json!({"stay": 60, "exit": 1})));
    let mut watch = nest.start(&["vm", "build", "--cloud", "aws", "--json", "--verbose", "--debug"]);
    watch.wait_until(|| nest.was_told_by("packer build") && nest.log_of_packer() > SEEN);
    watch.interrupt();
    let run = watch.end_and_search(&nest);
    assert_eq!(run.failure(), (130, "run/interrupted".to_owned()), "{run}");
}

/// Nothing is started, and the template is shown.
#[test]
fn a_dry_run_and_the_written_template_hold_no_secret() {
    for cloud in CLOUDS {
        let nest = Nest::new(cloud, Orders(json!({})));
        for arguments in [
            &["vm", "build", "--cloud", cloud, "--dry-run"][..],
            &["vm", "build", "--cloud", cloud, "--dry-run=json"],
            &["vm", "build", "--cloud", cloud, "--dry-run", "--json"],
            &["vm", "init", "--cloud", cloud, "--output", "out"],
        ] {
            nest.start(arguments).end_and_search_silent(&nest).succeeded();
        }
    }
}

/// The real Packer and the real AWS CLI against a local EC2, to the end and with the debug log.
#[test]
fn a_real_build_shows_and_keeps_no_secret() {
    let moto = Moto::start();
    let mut sindri = Packer::Debian.sindri(&moto, &["communicator: none"]);
    let nest = Nest::beside_real_tools(&mut sindri);
    let run = nest
        .start_of(&sindri, &["vm", "build", "--json", "--verbose", "--debug"])
        .end_and_search_silent(&nest)
        .succeeded();
    let image = run.json()["image_id"].as_str().unwrap().to_owned();
    let run = nest
        .start_of(&sindri, &["vm", "delete", &image, "--yes", "--json"])
        .end_and_search_silent(&nest);
    run.succeeded();
    // Packer refuses the template's own source: a failure of the real one.
    let run = nest
        .start_of(
            &sindri,
            &[
                "vm",
                "build",
                "--json",
                "--debug",
                "--var",
                "source_ami=ami-0123456789abcdef0",
            ],
        )
        .end_and_search_silent(&nest);
    assert_ne!(run.code(), Some(0), "{run}");
}
