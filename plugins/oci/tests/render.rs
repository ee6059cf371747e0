//! The template, held against golden files: `UPDATE_GOLDEN=1 cargo test --manifest-path plugins/oci/Cargo.toml` writes
//! them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::tags::{SINDRI_PURPOSE, with};
use sindri_plugin_sdk::testing::template::text;
use sindri_plugin_sdk::testing::{build_request, section, template};
use support::config;

fn request(overrides: &Json) -> BuildRequest {
    let mut request = build_request(section(CONFIG_SCHEMA, &config(overrides.clone())).unwrap());
    request.image.run_tags = with(&request.image.run_tags, SINDRI_PURPOSE, "build");
    request
}

fn render(overrides: &Json) -> Result<Bundle, Problem> {
    Oci::render(&request(overrides))
}

fn changed(change: impl FnOnce(&mut BuildRequest)) -> Result<Bundle, Problem> {
    let mut request = request(&json!({}));
    change(&mut request);
    Oci::render(&request)
}

fn with_packer(overrides: &Json, version: &str) -> Result<Bundle, Problem> {
    let mut request = request(overrides);
    request.context.packer_version = Some(version.to_owned());
    Oci::render(&request)
}

fn golden(name: &str, bundle: &Bundle) {
    template::golden(env!("CARGO_MANIFEST_DIR"), name, bundle);
}

#[test]
fn golden_templates() {
    golden("defaults", &render(&json!({})).unwrap());
    golden(
        "packer-1.6.6",
        &with_packer(&json!({ "shape": "VM.Standard2.2" }), "1.6.6").unwrap(),
    );
    golden(
        "ampere",
        &render(
            &json!({ "shape": "VM.Standard.A1.Flex", "shape_config": { "ocpus": 4, "memory_in_gbs": 24 } }),
        )
        .unwrap(),
    );
    let everything = json!({
        "region": "eu-frankfurt-1", "shape": "VM.Standard.E5.Flex", "shape_config": { "ocpus": 8, "memory_in_gbs": 64 },
        "boot_volume_size_gb": 200, "base_image_ocid": "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaabase",
        "use_private_ip": true, "nsg_ocids": [support::GROUP], "ssh_username": "admin", "auth": "security_token",
        "profile": "work", "config_file": "/home/me/oci-config", "key_file": "~/key.pem",
        "tenancy_ocid": "ocid1.tenancy.oc1..aaaatenancy", "user_ocid": "ocid1.user.oc1..aaaauser",
        "fingerprint": "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
    });
    golden("everything", &render(&everything).unwrap());
    golden(
        "hostile",
        &changed(|request| {
            let text = "\"q\" \\ ${file(\"/etc/passwd\")} %{ if true } {{ env `HOME` }} $${x} ü 😀";
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
    let bundle = with_packer(&json!({ "shape": "VM.Standard2.2" }), "1.6.6").unwrap();
    for absent in ["required_plugins", "shape_config", "legacy_imds"] {
        assert!(!bundle.template.contains(absent), "{absent}");
    }
    assert!(bundle.notices.iter().any(|notice| notice.contains("metadata")));
    let problem = with_packer(&json!({}), "1.6.6").unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-shape", Some("shape")),
        "the builder in Packer 1.6 fails only when OCI is asked for an instance without OCPUs"
    );
    assert!(problem.remedy.unwrap().contains("VM.Standard2"));
    let current = with_packer(&json!({}), "1.16.0").unwrap();
    assert!(current.template.contains("legacy_imds_endpoints_disabled = true"));
}

#[test]
fn a_description_is_not_dropped_in_silence() {
    let bundle = render(&json!({})).unwrap();
    assert!(bundle.notices[0].contains("description"));
    assert!(
        changed(|request| request.image.description.clear())
            .unwrap()
            .notices
            .is_empty()
    );
}

#[test]
fn settings_of_the_host_are_never_in_the_template() {
    let login = json!({
        "auth": "instance_principal", "profile": "work-profile", "config_file": "/oci-config", "key_file": "/key.pem",
        "tenancy_ocid": "ocid1.tenancy.oc1..aaaatenancy", "user_ocid": "ocid1.user.oc1..aaaauser",
        "fingerprint": "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
    });
    let template = render(&login).unwrap().template;
    for absent in [
        "principal",
        "work-profile",
        "oci-config",
        "key.pem",
        "tenancy",
        "ocid1.user",
        "00:11",
        "communicator",
        "ssh_host",
    ] {
        assert!(!template.contains(absent), "{absent}");
    }
}

#[test]
fn a_private_build_gets_no_public_address_and_a_public_one_asks_for_it() {
    let private = render(&json!({ "use_private_ip": true })).unwrap().template;
    assert!(private.contains("use_private_ip = true") && private.contains("assign_public_ip = false"));
    let public = render(&json!({})).unwrap().template;
    assert!(public.contains("assign_public_ip = true"));
}

#[test]
fn what_a_hard_stop_leaves_carries_the_id_of_the_run() {
    let template = render(&json!({})).unwrap().template;
    assert!(template.contains("instance_name       = \"sindri-abcdef012345\""));
    assert_eq!(text(&template, &["instance_tags", "SindriRunId"]), "abcdef012345");
    assert_eq!(text(&template, &["instance_tags", "SindriPurpose"]), "build");
    assert_eq!(
        text(&template, &["tags", "SindriRunId"]),
        "abcdef012345",
        "by which an unfinished image is told from one of the same name"
    );
}

#[test]
fn the_architecture_follows_the_shape_and_must_not_contradict_it() {
    let arm = render(&json!({ "shape": "VM.Standard.A1.Flex" }))
        .unwrap()
        .template;
    assert!(arm.contains("Ubuntu-24\\\\.04-aarch64-"));
    let x86 = render(&json!({})).unwrap().template;
    assert!(
        !x86.contains("aarch64"),
        "an arm64 image does not start on the default shape"
    );
    let problem = changed(|request| request.image.architecture = Some(Architecture::Arm64)).unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-architecture", Some("shape"))
    );
    assert!(changed(|request| request.image.architecture = Some(Architecture::X8664)).is_ok());
}

#[test]
fn what_oci_would_refuse_later_is_refused_at_once() {
    let with_tag = |key: &str, value: &str| {
        let tag = Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        changed(|request| request.image.tags.push(tag))
    };
    assert_eq!(with_tag("cost center", "x").unwrap_err().code, "unusable-tag");
    assert_eq!(with_tag("team", "").unwrap_err().code, "unusable-tag");
    let many = changed(|request| {
        for number in 0..4 {
            request.image.tags.push(Tag {
                key: format!("t{number}"),
                value: "v".to_owned(),
            });
        }
    });
    assert_eq!(many.unwrap_err().code, "too-many-tags");
    assert_eq!(
        changed(|request| request.image.name = "{{x}}".to_owned())
            .unwrap_err()
            .code,
        "unusable-name"
    );
    assert_eq!(
        changed(|request| request.context.run_id = "*".to_owned())
            .unwrap_err()
            .code,
        "unusable-run-id"
    );
    assert_eq!(
        render(&json!({ "shape_config": null })).unwrap_err().code,
        "missing-ocpus"
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
        value in "[^\\pC]{1,24}|[${}%`\"\\\\~ ]{1,40}",
        key in "[a-zA-Z0-9_:/=+@-]{1,40}",
    ) {
        prop_assume!(!value.trim().is_empty() && value.len() <= 100);
        let mut request = request(&json!({}));
        request.image.tags = vec![Tag { key: key.clone(), value: value.clone() }];
        let template = Oci::render(&request).unwrap().template;
        prop_assert_eq!(text(&template, &["tags", &key]), value);
    }
}
