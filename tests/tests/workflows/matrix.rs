//! What `sindri vm matrix` prints, and what the workflows take from it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sindri_tests::lab::Sindri;

use crate::expression::{Scope, Status};
use crate::stage::{machine, prepare};
use crate::{CLOUDS, workflow};

fn matrix(arguments: &[&str]) -> Vec<Value> {
    let all = [&["vm", "matrix", "--json"], arguments].concat();
    let document = Sindri::new().run(&all).succeeded().json();
    assert_eq!(
        document.as_object().unwrap().len(),
        1,
        "another key would be an axis"
    );
    document["include"].as_array().unwrap().clone()
}

fn texts(jobs: &[Value], key: &str) -> Vec<String> {
    jobs.iter()
        .map(|job| job[key].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_cloud_has_a_job_with_the_defaults_of_its_plugin() {
    let jobs = matrix(&["--cloud", "all"]);
    let clouds: BTreeSet<_> = texts(&jobs, "cloud").into_iter().collect();
    assert_eq!(clouds, CLOUDS.map(str::to_owned).into());
    let aws = jobs.iter().find(|job| job["cloud"] == "aws").unwrap();
    let expected = json!({
        "id": "aws-us-west-2-t3.large-x86_64", "cloud": "aws", "region": "us-west-2",
        "instance_type": "t3.large", "arch": "x86_64",
    });
    assert_eq!(*aws, expected);
}

#[test]
fn regions_and_types_are_multiplied_and_the_plugin_says_the_architecture() {
    let jobs = matrix(&[
        "--cloud",
        "aws,gcp",
        "--region",
        "aws=us-west-2,amazon=eu-west-1",
        "--instance-type",
        "aws=t3.large,aws=t4g.large,gcp=t2a-standard-4",
    ]);
    assert_eq!(
        texts(&jobs, "id"),
        [
            "aws-us-west-2-t3.large-x86_64",
            "aws-us-west-2-t4g.large-arm64",
            "aws-eu-west-1-t3.large-x86_64",
            "aws-eu-west-1-t4g.large-arm64",
            "gcp-us-west1-a-t2a-standard-4-arm64",
        ]
    );
    assert_eq!(
        matrix(&["--cloud", "aws", "--region", "us-east-1,us-east-1"]).len(),
        1
    );
}

#[test]
fn the_configuration_decides_where_no_flag_does() {
    let mut sindri = Sindri::new();
    sindri.configure(
        "providers: {packer: {cloud: 'gcp,azure', gcp: {zone: europe-west1-b}, azure: {vm_size: Standard_D8s_v5}}}\n",
    );
    let jobs = sindri.run(&["vm", "matrix", "--json"]).succeeded().json();
    let jobs = jobs["include"].as_array().unwrap();
    assert_eq!(texts(jobs, "region"), ["europe-west1-b", "westus2"]);
    assert_eq!(texts(jobs, "instance_type"), ["e2-standard-4", "Standard_D8s_v5"]);
}

#[test]
fn what_names_no_job_is_refused_before_anything_starts() {
    let many: Vec<_> = (0..300).map(|number| format!("us-west-{number}")).collect();
    for (arguments, code) in [
        (vec!["--cloud", "nimbus"], "usage/unknown-cloud"),
        (vec![], "usage/unknown-cloud"),
        (
            vec!["--cloud", "aws,gcp", "--region", "us-west-2"],
            "usage/argument",
        ),
        (
            vec!["--cloud", "aws", "--region", "gcp=us-west1-a"],
            "usage/argument",
        ),
        (vec!["--cloud", "aws", "--region", "a/b"], "usage/argument"),
        (
            vec!["--cloud", "aws", "--region", &many.join(",")],
            "usage/argument",
        ),
    ] {
        let all = [vec!["vm", "matrix", "--json"], arguments.clone()].concat();
        let run = Sindri::new().run(&all);
        assert_eq!(run.failure(), (2, code.to_owned()), "{arguments:?}");
    }
}

/// The first job of each workflow that has one, executed; its output read by the next job's own expression.
#[test]
fn the_workflows_find_every_key_that_they_ask_for() {
    for (name, first, second) in [
        ("v3-packer-build", "plan", "build"),
        ("v3-packer-gc", "plan", "collect"),
        ("v3-packer-test", "images", "test"),
    ] {
        let workflow = workflow(name);
        let mut sindri = Sindri::new();
        prepare(&mut sindri);
        let mut machine = machine(&sindri, None);
        let image = if name == "v3-packer-test" { "ami-1" } else { "" };
        let inputs = json!({
            "clouds": "all", "regions": "aws=eu-west-1", "instance_types": "",
            "cloud": "aws", "image_id": image, "region": "", "instance_type": "",
        });
        let contexts = json!({"inputs": inputs, "vars": {}});
        let (steps, succeeded) = machine.job(&workflow["jobs"][first], &contexts);
        assert!(succeeded, "{name}: {}", machine.output);

        let value = |expression: &Value, contexts: &Value| {
            let scope = Scope {
                contexts,
                status: Status::Success,
            };
            scope.text(expression.as_str().unwrap())
        };
        let output = value(
            &workflow["jobs"][first]["outputs"]["matrix"],
            &json!({"steps": steps}),
        );
        let needs = json!({"needs": {first: {"outputs": {"matrix": output}}}});
        let matrix = value(&workflow["jobs"][second]["strategy"]["matrix"], &needs);
        let jobs = matrix["include"].as_array().unwrap();
        assert_eq!(jobs.len(), if image.is_empty() { 5 } else { 1 }, "{name}");
        let text = workflow["jobs"][second].to_string();
        let mut asked = 0;
        for rest in text.split("matrix.").skip(1) {
            let end = rest.find(|sign: char| !(sign.is_ascii_lowercase() || sign == '_'));
            let key = &rest[..end.unwrap_or(rest.len())];
            asked += 1;
            assert!(
                jobs.iter().all(|job| job[key].is_string()),
                "{name}: matrix.{key}"
            );
        }
        assert!(asked > 3, "{name}");
    }
}
