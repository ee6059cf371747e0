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

use sindri_tests::lab::{Call, Moto, Packer, Recorder};

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
        ctrl_c_reaches_every_cloud,
        undo_after_kill_waits_for_packer_and_leaves_nothing,
        undo_after_everything_was_killed_leaves_nothing,
        a_killed_packer_leaves_nothing;
}

/// Without what differs from one build to the next: ids, times, and names made of either.
fn without_what_varies(value: &str) -> String {
    let is_uuid = value.len() == 36 && value.matches('-').count() == 4;
    let is_time = value.len() == 20 && value.ends_with('Z');
    if is_uuid || is_time || value.starts_with("packer_") {
        return "#".to_owned();
    }
    value
        .split_inclusive(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let long = word.len() >= 8 && word.contains(|c: char| c.is_ascii_digit());
            if long { "#" } else { word }
        })
        .collect()
}

/// Every different request among these. Packer sends the entries of a map in any order, so the numbers of
/// list entries do not count.
fn different(calls: &[Call]) -> Vec<String> {
    let mut requests: Vec<String> = calls
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

/// Builds a template by hand, and takes the image away again: the image's tags but for the time, and what
/// was asked of the cloud.
fn build_by_hand(
    moto: &Moto,
    recorder: &Recorder,
    folder: &Path,
    file: &str,
) -> (BTreeMap<String, String>, Vec<String>) {
    let before = recorder.calls().len();
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
    let calls = recorder.calls();
    let own = [("Owner.1", "self")];
    let image = moto.query("DescribeImages", &own, "imageId").remove(0);
    let mut tags = moto.tags(&image);
    assert!(tags.remove("BuildDate").is_some());
    moto.call("DeregisterImage", &[("ImageId", &image)]);
    (tags, different(&calls[before..]))
}

/// The HCL is for people, the JSON is what runs: both must mean the same to Packer.
#[test]
fn init_and_the_json_dry_run_build_the_same_by_hand() {
    let hostile = "tags: {note: \"q \\\" ${x} $${y} %{z} \u{fc}\\nend\"}";
    let moto = Moto::start();
    let recorder = Recorder::start(&moto);
    let mut sindri = Packer::Current.sindri(&moto, &[]);
    let build = ["communicator: none"];
    sindri.point_to(&recorder.endpoint(), moto.region(), &build, &[hostile]);
    sindri
        .run(&["vm", "init", "--output", "by-hand", "--json"])
        .succeeded();
    let dry_run = sindri.run(&["vm", "build", "--dry-run=json"]).succeeded();
    let folder = sindri.work().join("by-hand");
    fs::write(folder.join("build.pkr.json"), dry_run.stdout).unwrap();

    let hcl = build_by_hand(&moto, &recorder, &folder, "aws.pkr.hcl");
    let json = build_by_hand(&moto, &recorder, &folder, "build.pkr.json");
    assert_eq!(hcl.0["note"], "q \" ${x} $${y} %{z} \u{fc}\nend");
    assert_eq!(hcl.0, json.0);
    let launched = |request: &String| request.contains("Action=RunInstances");
    assert!(hcl.1.iter().any(launched), "{:?}", hcl.1);
    assert_eq!(hcl.1, json.1);
}
