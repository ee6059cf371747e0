//! The template, held against golden files: `UPDATE_GOLDEN=1 cargo test -p sindri-plugin-gcp` writes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sindri_plugin_gcp::Gcp;
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::testing::template::{source, text};
use sindri_plugin_sdk::testing::{build_request, template};
use support::{config, name};

fn request(settings: &Json) -> BuildRequest {
    build_request(config(settings.clone()))
}

fn render(settings: &Json) -> Result<Bundle, Problem> {
    Gcp::render(&request(settings))
}

fn changed(change: impl FnOnce(&mut BuildRequest)) -> Result<Bundle, Problem> {
    let mut request = request(&json!({}));
    change(&mut request);
    Gcp::render(&request)
}

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn golden(name: &str, bundle: &Bundle) {
    template::golden(env!("CARGO_MANIFEST_DIR"), name, bundle);
}

#[test]
fn golden_templates() {
    let old_packer = |request: &mut BuildRequest| request.context.packer_version = Some("1.6.6".to_owned());
    golden("defaults", &render(&json!({})).unwrap());
    golden("packer-1.6.6", &changed(old_packer).unwrap());
    golden(
        "axion",
        &render(&json!({ "machine_type": "c4a-standard-4", "disk_type": "hyperdisk-balanced" })).unwrap(),
    );
    let everything = json!({
        "zone": "europe-west4-b", "machine_type": "g2-standard-4", "disk_size": 120, "disk_type": "pd-balanced",
        "source_image": "golden-base-1", "source_image_project_id": ["base-images"], "image_family": "sindri",
        "image_storage_locations": ["eu"], "kms_key_name": "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
        "network": "build", "subnetwork": "build-west4", "network_project_id": "shared-project",
        "network_tags": ["build", "ssh"], "omit_external_ip": true, "use_internal_ip": true,
        "enable_secure_boot": true, "service_account_email": "vm@my-project.iam.gserviceaccount.com",
        "profile": "work", "endpoint_url": "http://127.0.0.1:5000/compute/v1/",
    });
    golden("everything", &render(&everything).unwrap());
    let mut old = request(&everything);
    old_packer(&mut old);
    golden("everything-packer-1.6.6", &Gcp::render(&old).unwrap());
    golden(
        "hostile",
        &changed(|request| {
            let text =
                "\"q\" \\ ${file(\"/etc/passwd\")} %{ if true } {{ env `HOME` }} {{`{{`}} $${x} \n\t ü 😀";
            request.image.description = text.to_owned();
            request.image.tags.push(tag("Note.To:All", "${x} {{y}}"));
        })
        .unwrap(),
    );
}

#[test]
fn an_old_packer_gets_only_what_it_knows_and_the_user_is_told() {
    let old = |settings: Json| {
        let mut request = request(&settings);
        request.context.packer_version = Some("1.6.6".to_owned());
        Gcp::render(&request).unwrap()
    };
    let key = json!({ "kms_key_name": "projects/p/locations/eu/keyRings/r/cryptoKeys/k" });
    for absent in ["required_plugins", "disk_encryption_key"] {
        assert!(!old(key.clone()).template.contains(absent), "{absent}");
        assert!(render(&key).unwrap().template.contains(absent), "{absent}");
    }
    assert!(
        old(key)
            .notices
            .iter()
            .any(|notice| notice.contains("disk_encryption_key"))
    );
}

#[test]
fn the_user_is_told_who_decides_about_port_22() {
    let notices = render(&json!({})).unwrap().notices;
    assert!(
        notices.len() == 1 && notices[0].contains("network default"),
        "{notices:?}"
    );
    let private = json!({ "omit_external_ip": true, "use_internal_ip": true });
    assert!(render(&private).unwrap().notices.is_empty());
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
        "account_file",
        "credentials",
        "metadata",
        "use_iap",
        "ssh_host",
    ] {
        assert!(!bundle.template.contains(absent), "{absent}");
    }
}

#[test]
fn everything_temporary_carries_the_run() {
    let template = render(&json!({})).unwrap().template;
    assert_eq!(
        (
            text(&template, &["instance_name"]),
            text(&template, &["disk_name"])
        ),
        (name(), name())
    );
    assert!(template.contains("\"sindri-run-id\" = \"abcdef012345\""));
    assert!(template.contains("disable_default_service_account = true"));
}

#[test]
fn the_architecture_follows_the_machine_type_and_must_not_contradict_it() {
    let arm = render(&json!({ "machine_type": "t2a-standard-4" }))
        .unwrap()
        .template;
    assert!(arm.contains("ubuntu-2404-lts-arm64"));
    let problem = changed(|request| request.image.architecture = Some(Architecture::Arm64)).unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-architecture", Some("machine_type"))
    );
    assert!(changed(|request| request.image.architecture = Some(Architecture::X8664)).is_ok());
}

#[test]
fn what_google_would_refuse_late_is_refused_at_once() {
    let code = |change: fn(&mut BuildRequest)| changed(change).unwrap_err().code;
    assert_eq!(
        code(|request| request.image.name = "Sindri.Dev".to_owned()),
        "unusable-name"
    );
    assert_eq!(
        code(|request| request.image.description = "d".repeat(2049)),
        "unusable-description"
    );
    assert_eq!(
        code(|request| request.image.tags.push(tag("k", &"V".repeat(60)))),
        "unusable-tag"
    );
    assert_eq!(
        code(|request| request.image.run_tags.push(tag("managed-by", "x"))),
        "unusable-tag"
    );
    assert_eq!(
        code(|request| request.context.run_id = "*".to_owned()),
        "unusable-run-id"
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
        description in "(?s:.{0,40})|[${}%`\"\\\\n\n~ ]{0,40}",
        key in "[a-zA-Zäö0-9 _.:/-]{1,8}",
        value in "[a-zA-Zäö0-9 {}$_.-]{0,8}",
    ) {
        prop_assume!(!description.contains('\0'));
        let mut request = request(&json!({}));
        request.image.description = description.clone();
        request.image.tags = vec![tag(&key, &value)];
        let template = Gcp::render(&request).unwrap().template;
        prop_assert_eq!(text(&template, &["image_description"]), description);
        let body = source(&template);
        let labels = body.get_attribute("image_labels").unwrap().value.as_object().unwrap();
        prop_assert_eq!(labels.len(), 1);
    }
}
