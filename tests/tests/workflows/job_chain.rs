//! From the workflow that builds to the one that tests.

use std::fs;

use serde_json::{Value, json};
use sindri_tests::lab::Moto;

use crate::stage::{contexts, machine, user};
use crate::workflow;

/// Packer builds an image in the job's own way; the other workflow reads the result, and starts it.
#[test]
fn an_image_of_the_build_workflow_reaches_the_test_workflow() {
    let moto = Moto::start();
    let sindri = user(&moto);
    let mut all = contexts("");
    all["inputs"] = json!({"profile": "", "extensions": "", "cis_hardening": false, "force": false,
        "sindri_version": "3.1.0"});
    let mut builder = machine(&sindri, None);
    let (steps, succeeded) = builder.job(&workflow("v3-packer-build")["jobs"]["build"], &all);
    assert!(succeeded, "{}", builder.output);
    let image = steps["build"]["outputs"]["image-id"].as_str().unwrap();
    let result = fs::read_to_string(builder.temp().join("image.json")).unwrap();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(
        (&result["success"], &result["image_id"], &result["job"]["id"]),
        (&true.into(), &image.into(), &"aws-test".into())
    );

    let mut finder = machine(&sindri, None);
    let results = [
        ("image-good", result.to_string()),
        (
            "image-failed",
            json!({"success": false, "job": result["job"]}).to_string(),
        ),
        (
            "image-odd",
            json!({"success": true, "image_id": 7, "job": "; rm -rf /"}).to_string(),
        ),
    ];
    for (name, text) in results {
        let folder = finder.temp().join("images").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("image.json"), text).unwrap();
    }
    let none = json!({"inputs": {"cloud": "", "image_id": "", "region": "", "instance_type": ""}});
    let (steps, succeeded) = finder.job(&workflow("v3-packer-test")["jobs"]["images"], &none);
    assert!(succeeded, "{}", finder.output);
    let found = steps["matrix"]["outputs"]["matrix"].as_str().unwrap();
    let found: Value = serde_json::from_str(found).unwrap();
    assert_eq!(found["include"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(steps["matrix"]["outputs"]["any"], "true");

    let mut tester = machine(&sindri, None);
    let mut job = contexts("");
    job["matrix"] = found["include"][0].clone();
    let (_, succeeded) = tester.job(&workflow("v3-packer-test")["jobs"]["test"], &job);
    assert!(succeeded, "{}", tester.output);
    let left = moto.leftovers();
    assert!(
        left.iter()
            .all(|line| line.contains(" image ") || line.contains(" snapshot ")),
        "{left:?}"
    );
}

/// A build that fails has a result too, and the summary of the workflow says so.
#[test]
fn a_build_that_fails_is_in_the_summary_and_fails_the_run() {
    let moto = Moto::start();
    let mut sindri = user(&moto);
    sindri.fake_packer("1.6.6", "echo no; exit 1");
    let mut builder = machine(&sindri, None);
    let (_, succeeded) = builder.job(&workflow("v3-packer-build")["jobs"]["build"], &contexts(""));
    assert!(!succeeded);
    let result = fs::read_to_string(builder.temp().join("image.json")).unwrap();
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["success"], false, "{result}");

    let mut summary = machine(&sindri, None);
    let folder = sindri.work().join("images/image-aws-test");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("image.json"), result.to_string()).unwrap();
    let matrix = json!({"include": [{"id": "aws-test"}, {"id": "gcp-test"}]}).to_string();
    let contexts = json!({"needs": {
        "plan": {"result": "success", "outputs": {"matrix": matrix}},
        "build": {"result": "failure"},
    }});
    let (_, succeeded) = summary.job(&workflow("v3-packer-build")["jobs"]["summary"], &contexts);
    assert!(!succeeded, "a run with a failed build is no success");
    let code = result["error"]["code"].as_str().unwrap_or("failed");
    let table = &summary.summary;
    assert!(table.contains(&format!("| aws-test | - | {code} |")), "{table}");
    assert!(table.contains("| gcp-test | - | no result |"), "{table}");
}
