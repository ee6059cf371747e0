//! `sindri.yaml`, the environment and flags.

use super::*;

#[test]
fn bad_yaml_and_unknown_keys_are_named_with_file_and_line() {
    for (yaml, code, line) in [
        ("providers:\n  packer:\n    aws: [\n", "config/syntax", 4),
        (
            "providers:\n  packer:\n    aws:\n      regoin: eu-west-1\n",
            "config/unknown-key",
            4,
        ),
        ("providers:\n  packer:\n    buidl: {}\n", "config/unknown-key", 3),
        (
            "providers:\n  packer:\n    aws:\n      volume_size: big\n",
            "config/value",
            4,
        ),
    ] {
        let mut sindri = bare();
        sindri.configure(yaml);
        let (status, error) = error_of(&sindri, &["vm", "build", "--cloud", "aws", "--dry-run", "--json"]);
        assert_eq!((status, error["code"].as_str().unwrap()), (2, code), "{error}");
        assert_eq!(error["line"], line, "{error}");
        assert!(
            error["file"].as_str().unwrap().ends_with("sindri.yaml"),
            "{error}"
        );
    }
}

#[test]
fn a_configuration_file_that_is_named_must_be_there() {
    let (status, error) = error_of(
        &bare(),
        &[
            "vm",
            "build",
            "--cloud",
            "aws",
            "-c",
            "no.yaml",
            "--dry-run",
            "--json",
        ],
    );
    assert_eq!((status, error["code"].as_str().unwrap()), (2, "config/read"));
}

#[test]
fn precedence_is_default_file_environment_flag() {
    let region = |sindri: &Sindri, arguments: &[&str]| {
        let mut all = vec!["vm", "build", "--cloud", "aws", "--dry-run=json"];
        all.extend(arguments);
        let json = sindri.run(&all).succeeded().json();
        json["source"]["amazon-ebs"]["sindri"]["region"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut sindri = bare();
    assert_eq!(region(&sindri, &[]), "us-west-2");
    sindri.configure("providers: {packer: {aws: {region: eu-central-1}}}\n");
    assert_eq!(region(&sindri, &[]), "eu-central-1");
    sindri.set("AWS_REGION", "ap-south-1");
    assert_eq!(region(&sindri, &[]), "ap-south-1");
    assert_eq!(region(&sindri, &["--var", "region=sa-east-1"]), "sa-east-1");
    assert_eq!(
        region(
            &sindri,
            &["--var", "region=sa-east-1", "--region", "ca-central-1"]
        ),
        "ca-central-1"
    );
}

#[test]
fn the_schema_and_completions_are_printed() {
    let schema = bare().run(&["config", "schema"]).succeeded().json();
    assert!(schema["properties"]["providers"]["properties"]["packer"]["properties"]["aws"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            bare()
                .run(&["completions", shell])
                .succeeded()
                .stdout
                .contains("sindri")
        );
    }
}
