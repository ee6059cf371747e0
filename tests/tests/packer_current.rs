//! Every scenario with the current Packer, and what only that one can do: build from readable HCL by hand.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sindri_tests::lab::{Moto, Packer, Recorder};

sindri_tests::for_packer! {
    Packer::Current;
    build:
        an_image_is_built_once_found_again_listed_and_deleted,
        validate_asks_packer_and_leaves_nothing,
        debug_keeps_packers_log_without_secrets;
    texts:
        hostile_texts_arrive_literally,
        template_code_arrives_literally;
    failure:
        a_failed_build_says_why_and_leaves_nothing,
        abort_keeps_the_vm_until_undo,
        a_build_that_runs_out_of_time_leaves_nothing;
    interruption:
        ctrl_c_ends_the_build_and_leaves_nothing,
        undo_after_kill_waits_for_packer_and_leaves_nothing,
        undo_after_everything_was_killed_leaves_nothing,
        a_killed_packer_leaves_nothing;
}

/// What differs from one build to the next: ids, times, names made of either, and how often was asked.
fn without_what_varies(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let is_word = |c: &char| c.is_ascii_alphanumeric();
        let word: String = rest.chars().take_while(is_word).collect();
        if word.is_empty() {
            words.push(character);
            rest = &rest[character.len_utf8()..];
            continue;
        }
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let varies = digits > 0 && word.len() >= 4 && word != "api4";
        words.push_str(if varies { "#" } else { &word });
        rest = &rest[word.len()..];
    }
    words
}

/// Every different request of a build. Packer sends the entries of a map in any order, so the numbers of
/// list entries do not count.
fn requests(recorder: &Recorder) -> Vec<String> {
    let mut requests: Vec<String> = recorder
        .calls()
        .iter()
        .map(|call| {
            let pair = |(name, value): &(String, String)| {
                let name: String = name.chars().filter(|c| !c.is_ascii_digit()).collect();
                format!("{name}={}", without_what_varies(value))
            };
            let mut pairs: Vec<_> = call.iter().map(pair).collect();
            pairs.sort();
            pairs.join("&")
        })
        .collect();
    requests.sort();
    requests.dedup();
    requests
}

/// Builds a template by hand; the image's tags but for the time, the requests, and what Packer said.
fn build_by_hand(
    moto: &Moto,
    recorder: &Recorder,
    folder: &Path,
    file: &str,
) -> (BTreeMap<String, String>, Vec<String>) {
    for arguments in [
        &["init", file][..],
        &["validate", file],
        &["build", "-color=false", file],
    ] {
        let output = Packer::Current.by_hand(moto, folder, arguments);
        assert!(
            output.status.success(),
            "packer {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let image = moto
        .query("DescribeImages", &[("Owner.1", "self")], "imageId")
        .remove(0);
    let mut tags = moto.tags(&image);
    assert!(tags.remove("BuildDate").is_some());
    (tags, requests(recorder))
}

/// The HCL is for people, the JSON is what runs: both must mean the same to Packer.
#[test]
fn init_and_the_json_dry_run_build_the_same_by_hand() {
    let hostile = "tags: {note: \"q \\\" ${x} $${y} %{z} \u{fc}\\nend\"}";
    let build = |json: bool| {
        let moto = Moto::start();
        let recorder = Recorder::start(&moto);
        let mut sindri = Packer::Current.sindri(&moto, &[]);
        sindri.point_to(
            &recorder.endpoint(),
            moto.region(),
            &["communicator: none"],
            &[hostile],
        );
        let folder = sindri.work().join("by-hand");
        if json {
            let template = sindri.run(&["vm", "build", "--dry-run=json"]).succeeded();
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("build.pkr.json"), template.stdout).unwrap();
            build_by_hand(&moto, &recorder, &folder, "build.pkr.json")
        } else {
            sindri
                .run(&["vm", "init", "--output", "by-hand", "--json"])
                .succeeded();
            build_by_hand(&moto, &recorder, &folder, "aws.pkr.hcl")
        }
    };
    let (hcl, json) = (build(false), build(true));
    assert_eq!(hcl.0["note"], "q \" ${x} $${y} %{z} \u{fc}\nend");
    assert_eq!(hcl.0, json.0);
    assert!(
        hcl.1
            .iter()
            .any(|request| request.contains("Action=RunInstances")),
        "{:?}",
        hcl.1
    );
    assert_eq!(hcl.1, json.1);
}
