//! The template, held against golden files: `UPDATE_GOLDEN=1` writes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sindri_plugin_azure::{Azure, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::testing::template::text as text_of;
use sindri_plugin_sdk::testing::{build_request, section, template};
use support::{config, gallery};

fn request(overrides: &Json) -> BuildRequest {
    build_request(section(CONFIG_SCHEMA, &config(overrides.clone())).unwrap())
}

fn render(overrides: &Json) -> Result<Bundle, Problem> {
    Azure::render(&request(overrides))
}

fn changed(overrides: &Json, change: impl FnOnce(&mut BuildRequest)) -> Result<Bundle, Problem> {
    let mut request = request(overrides);
    change(&mut request);
    Azure::render(&request)
}

fn old_packer(request: &mut BuildRequest) {
    request.context.packer_version = Some("1.6.6".to_owned());
}

fn everything() -> Json {
    json!({
        "location": "westeurope", "vm_size": "Standard_E4-2ds_v5", "os_disk_size_gb": 128,
        "storage_account_type": "StandardSSD_LRS",
        "gallery": { "gallery_name": "golden", "image_name": "sindri", "image_version": "1.2.3",
            "replication_regions": ["eastus", "westeurope"] },
        "virtual_network_name": "net", "virtual_network_subnet_name": "build",
        "virtual_network_resource_group_name": "network", "private_virtual_network_with_public_ip": true,
        "security_type": "TrustedLaunch", "secure_boot_enabled": false, "vtpm_enabled": true,
        "spot": { "eviction_policy": "Delete", "max_price": "0.25" },
    })
}

fn golden(name: &str, bundle: &Bundle) {
    template::golden(env!("CARGO_MANIFEST_DIR"), name, bundle);
}

#[test]
fn golden_templates() {
    golden("defaults", &render(&json!({})).unwrap());
    golden("gallery", &render(&gallery()).unwrap());
    golden("everything", &render(&everything()).unwrap());
    golden("packer-1.6.6", &changed(&json!({}), old_packer).unwrap());
    golden("packer-1.6.6-gallery", &changed(&gallery(), old_packer).unwrap());
    let mut arm = gallery();
    arm["vm_size"] = json!("Standard_D4ps_v6");
    golden("arm64", &render(&arm).unwrap());
    golden(
        "hostile",
        &changed(&json!({}), |request| {
            let text =
                "\"q\" \\ ${file(\"/etc/passwd\")} %{ if true } {{ env `HOME` }} {{`{{`}} $${x} \n\t \u{fc}";
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
    let bundle = changed(&gallery(), old_packer).unwrap();
    for absent in ["required_plugins", "security_type", "secure_boot", "vtpm", "spot"] {
        assert!(!bundle.template.contains(absent), "{absent}");
    }
    assert!(
        bundle.template.contains("managed_image_name"),
        "it publishes nothing else"
    );
    assert_eq!(bundle.notices.len(), 2);
    assert!(bundle.notices[1].contains("Basic"));
    assert!(render(&gallery()).unwrap().notices.is_empty());
    for (overrides, key) in [
        (everything(), "security_type"),
        (json!({ "spot": { "eviction_policy": "Delete" } }), "spot"),
        (
            json!({ "gallery": { "gallery_name": "g", "image_name": "d", "replication_regions": [] } }),
            "gallery.replication_regions",
        ),
        (
            json!({ "storage_account_type": "StandardSSD_LRS" }),
            "storage_account_type",
        ),
    ] {
        let problem = changed(&overrides, old_packer).unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.key.as_deref()),
            ("packer-too-old", Some(key))
        );
    }
}

#[test]
fn a_gallery_gets_the_machine_itself_and_no_managed_image_on_the_way() {
    let template = render(&gallery()).unwrap().template;
    assert!(
        !template.contains("managed_image_name"),
        "Trusted Launch would be lost"
    );
    assert!(template.contains(r#"image_version  = "2026.1122.93005""#));
    assert!(template.contains(r#"security_type       = "TrustedLaunch""#));
}

#[test]
fn what_a_killed_build_leaves_is_in_a_group_that_names_its_run() {
    let template = render(&json!({})).unwrap().template;
    assert!(template.contains(r#"temp_resource_group_name = "sindri-abcdef012345""#));
    assert!(template.contains(r#""SindriRunId" = "abcdef012345""#));
}

#[test]
fn settings_of_the_host_are_never_in_the_template() {
    let template = render(&everything()).unwrap().template;
    for absent in [
        "client_",
        "tenant",
        "auth",
        "communicator",
        "ssh_host",
        "allowed_inbound",
        "subscription_id",
    ] {
        assert!(!template.contains(absent), "{absent}");
    }
}

#[test]
fn the_login_user_survives_the_making_of_the_image() {
    let template = render(&json!({})).unwrap().template;
    assert!(template.contains("waagent -force -deprovision\""));
    assert!(
        !template.contains("deprovision+user"),
        "that removes the user and everything installed for it"
    );
}

#[test]
fn the_architecture_follows_the_machine_size_and_must_not_contradict_it() {
    let mut arm = gallery();
    arm["vm_size"] = json!("Standard_D4ps_v6");
    assert!(render(&arm).unwrap().template.contains("\"server-arm64\""));
    let problem = changed(&json!({}), |request| {
        request.image.architecture = Some(Architecture::Arm64);
    })
    .unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-architecture", Some("vm_size"))
    );
}

#[test]
fn what_azure_would_refuse_at_the_end_of_the_build_is_refused_at_once() {
    let tags = changed(&json!({}), |request| {
        request.image.tags.push(Tag {
            key: "a/b".to_owned(),
            value: String::new(),
        });
    });
    assert_eq!(tags.unwrap_err().code, "unusable-tag");
    let name = changed(&json!({}), |request| request.image.name = "x".repeat(66));
    assert_eq!(name.unwrap_err().code, "unusable-name");
    let same = |request: &mut BuildRequest| {
        request.image.tags.push(Tag {
            key: "managedby".to_owned(),
            value: "terraform".to_owned(),
        });
    };
    assert_eq!(
        changed(&json!({}), same).unwrap_err().code,
        "unusable-tag",
        "the mark of ownership would be overwritten"
    );
}

proptest! {
    #[test]
    fn any_text_arrives_as_that_text(value in "[^\u{0}]{0,60}", braces in "[{}$%`\"\\\\]{0,20}") {
        let text = format!("{value}{braces}");
        let bundle = changed(&json!({}), |request| {
            request.image.tags.push(Tag { key: "note".to_owned(), value: text.clone() });
        }).unwrap();
        prop_assert_eq!(text_of(&bundle.template, &["azure_tags", "note"]), text);
    }
}
