//! `vm build --dry-run`.

use super::*;

#[test]
fn a_dry_run_needs_no_tool_and_prints_the_template_alone() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run"])
        .succeeded();
    assert!(run.stdout.starts_with("packer {"), "{run}");
    assert!(run.stdout.contains("source \"amazon-ebs\" \"sindri\""), "{run}");
    assert!(!run.stdout.contains("==>"), "{run}");
}

#[test]
fn the_json_dry_run_prints_the_file_that_packer_would_get() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run=json"])
        .succeeded();
    let template = run.json();
    assert!(template["source"]["amazon-ebs"]["sindri"].is_object(), "{run}");
    let last = &template["build"]["post-processor"][0];
    assert_eq!(last["manifest"]["output"], "manifest.json", "{run}");
}

#[test]
fn a_dry_run_with_json_is_one_document_with_both_forms() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run", "--json"])
        .succeeded();
    let json = run.json();
    assert_eq!(json["dry_run"], true);
    assert!(json["hcl"].as_str().unwrap().contains("amazon-ebs"));
    assert_eq!(json["cache_key"].as_str().unwrap().len(), 64);
}

#[test]
fn two_dry_runs_have_the_same_cache_key_and_a_changed_value_another() {
    let key = |arguments: &[&str]| {
        let mut all = vec!["vm", "build", "--cloud", "aws", "--dry-run", "--json"];
        all.extend(arguments);
        bare().run(&all).succeeded().json()["cache_key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let plain = key(&[]);
    assert_eq!(plain, key(&[]));
    for change in [
        ["--instance-type", "m7i.large"],
        ["--disk-size", "41"],
        ["--profile", "devops"],
        ["--sindri-version", "3.1.0"],
        ["--extensions", "nodejs"],
        ["--region", "eu-west-1"],
        ["--name", "other"],
        ["--var", "volume_type=gp2"],
    ] {
        assert_ne!(plain, key(&change), "{change:?}");
    }
    assert_ne!(plain, key(&["--cis-hardening"]));
    // How the cloud is reached is not what the image is.
    assert_eq!(
        plain,
        key(&[
            "--var",
            "endpoint_url=http://127.0.0.1:5000",
            "--var",
            "profile=other"
        ])
    );
}

/// The least of each cloud, as docs/CLOUDS.md gives it.
#[test]
fn the_documented_least_configuration_of_every_cloud_renders() {
    let sindri = bare();
    let page = include_str!("../../../docs/CLOUDS.md");
    let yaml = page
        .split("```yaml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    fs::write(sindri.work().join("sindri.yaml"), yaml).unwrap();
    for cloud in ["aws", "azure", "gcp", "oci", "alibaba"] {
        let json = sindri
            .run(&["vm", "build", "--cloud", cloud, "--dry-run", "--json"])
            .succeeded()
            .json();
        assert_eq!(json["cloud"], cloud);
        assert!(json["hcl"].as_str().unwrap().contains("source \""), "{cloud}");
    }
    let all = sindri
        .run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(all["clouds"].as_array().unwrap().len(), 5);
}

#[test]
fn quotes_and_template_code_in_the_configuration_stay_text() {
    let hostile = "q\" $${x} %%{y} ${file(\"/etc/passwd\")} %{if} ü 'z'";
    let mut sindri = bare();
    sindri.configure(&format!(
        "providers:\n  packer:\n    description: |-\n      {hostile}\n    tags:\n      note: |-\n        {hostile}\n"
    ));
    let json = sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run=json"])
        .succeeded()
        .json();
    let source = &json["source"]["amazon-ebs"]["sindri"];
    for text in [&source["ami_description"], &source["tags"]["note"]] {
        let text = text.as_str().unwrap();
        let unescaped = text.replace("$${", "${").replace("%%{", "%{");
        assert_eq!(unescaped, hostile);
        assert!(!text.replace("$${", "").contains("${"), "{text}");
    }
}
