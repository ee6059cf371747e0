//! Names, flags and answers of the other subcommands.

use super::*;

#[test]
fn packer_is_another_name_for_vm_and_amazon_for_aws() {
    let sindri = bare();
    let one = sindri
        .run(&["packer", "build", "--cloud", "amazon", "--dry-run"])
        .succeeded();
    assert!(one.stdout.contains("amazon-ebs"), "{one}");
}

#[test]
fn an_unknown_cloud_is_a_usage_error_that_lists_the_known() {
    let (code, error) = error_of(
        &bare(),
        &["vm", "build", "--cloud", "nimbus", "--dry-run", "--json"],
    );
    assert_eq!(
        (code, error["code"].as_str().unwrap()),
        (2, "usage/unknown-cloud")
    );
    assert!(error["remedy"].as_str().unwrap().contains("aws"));
}

#[test]
fn a_wrong_flag_is_one_json_document_too() {
    let (code, error) = error_of(&bare(), &["vm", "build", "--no-such-flag", "--json"]);
    assert_eq!((code, error["code"].as_str().unwrap()), (2, "usage/argument"));
}

#[test]
fn without_json_an_error_leaves_stdout_empty() {
    let run = bare().run(&["vm", "build", "--cloud", "nimbus"]);
    assert_eq!((run.code(), run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("code: usage/unknown-cloud"), "{run}");
}

#[test]
fn an_unusable_name_is_refused_before_anything_runs() {
    for name in ["", "a b", "x$(id)", "ä", "-x"] {
        let name = format!("--name={name}");
        let (status, error) = error_of(
            &bare(),
            &["vm", "build", "--cloud", "aws", &name, "--dry-run", "--json"],
        );
        assert_eq!(status, 2, "{name}: {error}");
    }
}

#[test]
fn destruction_without_a_terminal_needs_yes() {
    let (status, error) = error_of(&bare(), &["vm", "destroy", "i-1", "--cloud", "aws", "--json"]);
    assert_eq!(
        (status, error["code"].as_str().unwrap()),
        (2, "usage/confirmation")
    );
}

#[test]
fn deploy_does_not_open_ssh_to_the_world_by_default() {
    let (status, error) = error_of(&bare(), &["vm", "deploy", "ami-1", "--cloud", "aws", "--json"]);
    assert_eq!(
        (status, error["code"].as_str().unwrap()),
        (2, "config/missing-keys")
    );
    assert!(error["remedy"].as_str().unwrap().contains("--ssh-cidr"));
}

#[test]
fn init_writes_everything_or_nothing() {
    let sindri = bare();
    let run = sindri
        .run(&["vm", "init", "--cloud", "amazon", "-o", "out", "--json"])
        .succeeded();
    assert!(sindri.work().join("out/aws.pkr.hcl").exists(), "{run}");
    assert!(sindri.work().join("out/scripts/10-init.sh").exists(), "{run}");
    let (status, error) = error_of(&sindri, &["vm", "init", "--cloud", "aws", "-o", "out", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (2, "usage/argument"));
    sindri
        .run(&["vm", "init", "--cloud", "aws", "-o", "out", "--force"])
        .succeeded();
}

#[test]
fn plans_are_shown_and_nothing_is_run() {
    let sindri = bare();
    for arguments in [
        vec!["vm", "list", "--plan", "--json"],
        vec!["vm", "delete", "ami-0123456789abcdef0", "--plan", "--json"],
        vec![
            "vm",
            "deploy",
            "ami-0123456789abcdef0",
            "--ssh-cidr",
            "203.0.113.7/32",
            "--plan",
            "--json",
        ],
        vec!["vm", "destroy", "i-0123456789abcdef0", "--plan", "--json"],
        vec!["vm", "doctor", "--plan", "--json"],
        vec!["vm", "gc", "--plan", "--json"],
        vec!["vm", "init", "--plan", "--json"],
    ] {
        let mut all = arguments.clone();
        all.extend(["--cloud", "aws"]);
        let json = sindri.run(&all).succeeded().json();
        let steps = json["plan"].as_array().unwrap();
        assert!(!steps.is_empty(), "{arguments:?}");
        for step in steps {
            assert!(step["argv"][0].is_string() && step["effect"].is_string() && step["purpose"].is_string());
        }
    }
    assert!(!sindri.state().join("runs").exists());
    assert!(!sindri.work().join("aws.pkr.hcl").exists());
}

#[test]
fn every_bundled_plugin_imports_nothing_and_says_so() {
    let list = bare().run(&["plugin", "list", "--json"]).succeeded().json();
    let ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| plugin["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["alibaba", "aws", "azure", "gcp", "oci"]);
    for id in ids {
        let json = bare()
            .run(&["plugin", "inspect", id, "--json"])
            .succeeded()
            .json();
        assert_eq!(json["imports"], serde_json::json!([]), "{id}");
        assert_eq!(json["contract"], "sindri:packer@0.1.0", "{id}");
    }
}

#[test]
fn an_empty_list_of_runs_is_a_document() {
    assert_eq!(
        bare().run(&["vm", "runs", "--json"]).succeeded().json(),
        serde_json::json!([])
    );
}

#[test]
fn every_subcommand_has_help() {
    for words in [
        "vm",
        "vm build",
        "vm validate",
        "vm list",
        "vm delete",
        "vm doctor",
        "vm init",
        "vm deploy",
        "vm destroy",
        "vm undo",
        "vm gc",
        "vm runs",
        "plugin",
        "plugin list",
        "plugin inspect",
        "config",
        "config schema",
        "config show",
        "completions",
    ] {
        let mut arguments: Vec<_> = words.split(' ').collect();
        arguments.push("--help");
        bare().run(&arguments).succeeded();
    }
}
