//! Templates: golden files, and that text stays text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value as Json, json};
use sindri_plugin_hcloud::{CONFIG_SCHEMA, Hcloud};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::testing::template::{golden, text};
use sindri_plugin_sdk::testing::{build_request, section};

fn request(settings: &Json) -> BuildRequest {
    build_request(section(CONFIG_SCHEMA, settings).unwrap())
}

fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    Hcloud::render(request)
}

#[test]
fn golden_templates() {
    let directory = env!("CARGO_MANIFEST_DIR");
    golden(directory, "defaults", &render(&request(&json!({}))).unwrap());
    let mut old = request(&json!({ "server_type": "cax21", "location": "hel1", "image": "12345" }));
    old.context.packer_version = Some("1.6.6".to_owned());
    golden(directory, "packer-1.6.6", &render(&old).unwrap());
}

#[test]
fn labels_hold_any_tag_or_the_tag_is_refused() {
    let mut request = request(&json!({}));
    request.image.tags.push(Tag {
        key: "team".to_owned(),
        value: "a \"${x}\" {{y}}".to_owned(),
    });
    let template = render(&request).unwrap().template;
    let label = text(&template, &["snapshot_labels", "team"]);
    assert!(
        label
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
        "{label}"
    );
    // 64 digits are one too many for a label.
    request.image.tags.retain(|tag| tag.key != "SindriCacheKey");
    request.image.tags.push(Tag {
        key: "SindriCacheKey".to_owned(),
        value: "0123456789abcdef".repeat(4),
    });
    assert_eq!(
        text(
            &render(&request).unwrap().template,
            &["snapshot_labels", "SindriCacheKey"]
        )
        .len(),
        52
    );
    request.image.tags.push(Tag {
        key: "team-".to_owned(),
        value: "x".to_owned(),
    });
    assert_eq!(render(&request).unwrap_err().code, "unusable-tag");
}

#[test]
fn what_hetzner_cannot_build_is_refused_at_once() {
    let mut arm = request(&json!({}));
    arm.image.architecture = Some(Architecture::Arm64);
    assert_eq!(render(&arm).unwrap_err().key.as_deref(), Some("server_type"));
    for name in ["", "a\"b", "${x}", "/x", &"x".repeat(250)] {
        let mut bad = request(&json!({}));
        bad.image.name = name.to_owned();
        assert_eq!(render(&bad).unwrap_err().code, "unusable-name", "{name}");
    }
}
