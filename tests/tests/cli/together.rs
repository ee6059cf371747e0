//! Several clouds in one command.

use super::*;

#[test]
fn several_clouds_are_one_document_with_each_ones_result() {
    let sindri = bare();
    let run = sindri.run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"]);
    let json = run.json();
    let clouds = json["clouds"].as_array().unwrap();
    let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
    assert_eq!(aws["success"], true, "{run}");
    // The single cloud's shape, unchanged.
    let alone = sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(aws["result"]["cache_key"], alone["cache_key"]);
    assert_eq!(alone["clouds"], Value::Null);
    // The same cloud twice is one.
    let twice = sindri
        .run(&["vm", "build", "--cloud", "aws,amazon", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(twice["cache_key"], alone["cache_key"]);
}

/// Programs are missing, so every cloud fails, each under its own name and with its own error.
#[test]
fn what_fails_on_each_cloud_is_told_by_cloud() {
    for command in ["build", "validate", "list", "gc"] {
        let mut sindri = bare();
        sindri.set("SINDRI_CLOUD", "all");
        let run = sindri.run(&["vm", command, "--json"]);
        let json = run.json();
        assert_eq!(json["success"], false, "{run}");
        let clouds = json["clouds"].as_array().unwrap();
        let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
        assert_eq!(
            (&aws["success"], &aws["error"]["code"]),
            (&Value::Bool(false), &"tool/missing".into()),
            "{run}"
        );
        assert!(run.stderr.contains("aws: error: "), "{run}");
        if clouds.len() == 1 {
            assert_eq!(run.code(), Some(4), "what all have in common: {run}");
        }
    }
}

#[test]
fn a_wrong_name_among_several_stops_everything_before_it_begins() {
    let sindri = bare();
    for clouds in ["aws,nimbus", "all,nimbus", "aws,"] {
        let (code, error) = error_of(&sindri, &["vm", "list", "--cloud", clouds, "--json"]);
        assert_eq!(
            (code, error["code"].as_str().unwrap()),
            (2, "usage/unknown-cloud"),
            "{clouds}"
        );
    }
    assert!(!sindri.state().join("runs").exists());
    // One template on standard output cannot be two files.
    let run = sindri.run(&["vm", "build", "--cloud", "all", "--dry-run=json"]);
    assert_eq!((run.code(), run.stdout.as_str()), (Some(2), ""), "{run}");
}
