//! The template, held against golden files: `UPDATE_GOLDEN=1 cargo test -p sindri-plugin-aws` writes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::testing::template::text;
use sindri_plugin_sdk::testing::{build_request, section, template};

fn request(config: &Json) -> BuildRequest {
    build_request(section(CONFIG_SCHEMA, config).unwrap())
}

fn render(config: &Json) -> Result<Bundle, Problem> {
    Aws::render(&request(config))
}

fn changed(change: impl FnOnce(&mut BuildRequest)) -> Result<Bundle, Problem> {
    let mut request = request(&json!({}));
    change(&mut request);
    Aws::render(&request)
}

fn old_packer(request: &mut BuildRequest) {
    request.context.packer_version = Some("1.6.6".to_owned());
}

fn golden(name: &str, bundle: &Bundle) {
    template::golden(env!("CARGO_MANIFEST_DIR"), name, bundle);
}

#[test]
fn golden_templates() {
    golden("defaults", &render(&json!({})).unwrap());
    golden("packer-1.6.6", &changed(old_packer).unwrap());
    golden(
        "graviton",
        &render(&json!({ "instance_type": "t4g.large" })).unwrap(),
    );
    let everything = json!({
        "region": "eu-central-1", "instance_type": "m7i.xlarge", "source_ami": "ami-0123456789abcdef0",
        "volume_size": 120, "volume_type": "gp3", "volume_iops": 6000, "volume_throughput": 500,
        "kms_key_id": "alias/images", "vpc_id": "vpc-0123abcd", "subnet_id": "subnet-0123abcd",
        "security_group_id": "sg-0123abcd", "associate_public_ip_address": false, "iam_instance_profile": "builder",
        "ami_regions": ["eu-west-1", "eu-central-1"], "ami_users": ["123456789012"],
        "profile": "work", "endpoint_url": "http://127.0.0.1:5000",
    });
    golden("everything", &render(&everything).unwrap());
    golden(
        "public",
        &render(&json!({ "encrypt_boot": false, "ami_groups": ["all"] })).unwrap(),
    );
    golden(
        "hostile",
        &changed(|request| {
            let text =
                "\"q\" \\ ${file(\"/etc/passwd\")} %{ if true } {{ env `HOME` }} {{`{{`}} $${x} \n\t ü 😀";
            request.image.description = text.to_owned();
            request.image.tags.push(Tag {
                key: "note".to_owned(),
                value: text.to_owned(),
            });
        })
        .unwrap(),
    );
}

#[test]
fn an_old_packer_gets_only_what_it_knows_and_the_user_is_told() {
    let bundle = changed(old_packer).unwrap();
    for absent in ["required_plugins", "metadata_options", "imds_support"] {
        assert!(!bundle.template.contains(absent), "{absent}");
    }
    assert_eq!(bundle.notices.len(), 1);
    assert!(bundle.notices[0].contains("IMDSv2"));
    let current = changed(|request| request.context.packer_version = Some("1.16.0".to_owned())).unwrap();
    assert!(current.notices.is_empty());
    assert!(
        current
            .template
            .contains("http_tokens                 = \"required\"")
    );
}

#[test]
fn settings_of_the_host_are_never_in_the_template() {
    let bundle =
        render(&json!({ "profile": "work-profile", "endpoint_url": "http://127.0.0.1:5000" })).unwrap();
    for absent in [
        "work-profile",
        "127.0.0.1",
        "endpoint",
        "communicator",
        "access_key",
        "temporary_security_group",
        "ssh_host",
    ] {
        assert!(
            !bundle.template.contains(absent) || absent == "endpoint",
            "{absent}"
        );
    }
    assert!(!bundle.template.contains("custom_endpoint"));
}

#[test]
fn every_build_disk_is_deleted_with_its_instance() {
    let bundle = render(&json!({})).unwrap();
    assert!(
        bundle.template.contains("delete_on_termination = true"),
        "the default leaks a volume with each build"
    );
    assert!(
        !bundle.template.contains("encrypt_boot"),
        "encrypting at launch saves a copy of the whole image"
    );
}

#[test]
fn the_architecture_follows_the_instance_type_and_must_not_contradict_it() {
    let arm = render(&json!({ "instance_type": "c7g.large" })).unwrap().template;
    assert!(arm.contains("noble-24.04-arm64-server") && arm.contains("\"architecture\" = \"arm64\""));
    let problem = changed(|request| request.image.architecture = Some(Architecture::Arm64)).unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-architecture", Some("instance_type"))
    );
    assert!(changed(|request| request.image.architecture = Some(Architecture::X8664)).is_ok());
}

#[test]
fn what_aws_would_refuse_at_the_end_of_the_build_is_refused_at_once() {
    for (config, code, key) in [
        (
            json!({ "ami_users": ["123456789012"] }),
            "encrypted-sharing",
            "ami_users",
        ),
        (json!({ "ami_groups": ["all"] }), "encrypted-public", "ami_groups"),
        (
            json!({ "ami_groups": ["all"], "kms_key_id": "alias/x" }),
            "encrypted-public",
            "ami_groups",
        ),
    ] {
        let problem = render(&config).unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.key.as_deref()),
            (code, Some(key)),
            "{config}"
        );
    }
    assert!(render(&json!({ "ami_users": ["123456789012"], "encrypt_boot": false })).is_ok());
    assert_eq!(
        changed(|request| request.image.name = "näme".to_owned())
            .unwrap_err()
            .code,
        "unusable-name"
    );
    assert_eq!(
        changed(|request| request.image.description = "d".repeat(256))
            .unwrap_err()
            .code,
        "unusable-description"
    );
    let tag = Tag {
        key: "aws:x".to_owned(),
        value: String::new(),
    };
    assert_eq!(
        changed(|request| request.image.tags.push(tag.clone()))
            .unwrap_err()
            .code,
        "unusable-tag"
    );
    assert_eq!(
        changed(|request| request.image.run_tags.push(tag))
            .unwrap_err()
            .code,
        "unusable-tag"
    );
}

#[test]
fn equal_requests_give_equal_templates() {
    let shuffled = |request: &mut BuildRequest| request.image.tags.reverse();
    assert_eq!(
        changed(shuffled).unwrap(),
        render(&json!({})).unwrap(),
        "the cache key depends on it"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn user_text_reaches_packer_as_that_very_text(
        value in "(?s:.{0,40})|[${}%`\"\\\\n\n~ ]{0,40}",
        key in "[a-zA-Zäöü0-9 _.:/=+@-]{1,40}",
    ) {
        prop_assume!(!value.contains('\0') && !key.to_lowercase().starts_with("aws:"));
        let mut request = request(&json!({}));
        request.image.description = value.clone();
        request.image.tags = vec![Tag { key: key.clone(), value: value.clone() }];
        let template = Aws::render(&request).unwrap().template;
        prop_assert_eq!(text(&template, &["ami_description"]), value.clone());
        prop_assert_eq!(text(&template, &["tags", &key]), value.clone());
        prop_assert_eq!(text(&template, &["snapshot_tags", &key]), value);
    }
}
