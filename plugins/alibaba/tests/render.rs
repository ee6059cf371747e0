//! The template, held against golden files: `UPDATE_GOLDEN=1 cargo test -p sindri-plugin-alibaba` writes them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sindri_plugin_alibaba::{Alibaba, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::testing::template::text;
use sindri_plugin_sdk::testing::{build_request, section, template};
use support::{MARK, own_network};

fn request(config: &Json) -> BuildRequest {
    build_request(section(CONFIG_SCHEMA, config).unwrap())
}

fn render(config: &Json) -> Result<Bundle, Problem> {
    Alibaba::render(&request(config))
}

fn changed(config: &Json, change: impl FnOnce(&mut BuildRequest)) -> Result<Bundle, Problem> {
    let mut request = request(config);
    change(&mut request);
    Alibaba::render(&request)
}

fn old_packer(request: &mut BuildRequest) {
    request.context.packer_version = Some("1.6.6".to_owned());
}

fn everything() -> Json {
    json!({
        "region": "eu-central-1", "instance_type": "ecs.g8i.2xlarge", "source_image": "m-gw8abcdefgh",
        "system_disk_size_gb": 500, "system_disk_category": "cloud_essd", "system_disk_performance_level": "PL2",
        "vpc_id": "vpc-gw8abcdefgh", "vswitch_id": "vsw-gw8abcdefgh", "security_group_id": "sg-gw8abcdefgh",
        "associate_public_ip_address": true, "internet_charge_type": "PayByBandwidth", "internet_max_bandwidth_out": 50,
        "spot_strategy": "SpotWithPriceLimit", "spot_price_limit": 0.35,
        "image_copy_regions": ["cn-hangzhou", "eu-central-1", "us-west-1"],
        "image_share_accounts": ["1234567890123456"], "profile": "work",
    })
}

fn golden(name: &str, bundle: &Bundle) {
    template::golden(env!("CARGO_MANIFEST_DIR"), name, bundle);
}

#[test]
fn golden_templates() {
    golden("defaults", &render(&json!({})).unwrap());
    golden("packer-1.6.6", &changed(&json!({}), old_packer).unwrap());
    golden(
        "yitian",
        &render(&json!({ "instance_type": "ecs.g8y.xlarge" })).unwrap(),
    );
    golden("everything", &render(&everything()).unwrap());
    let private = json!({
        "associate_public_ip_address": false, "zone_id": "cn-hangzhou-h",
        "image_share_accounts": ["1234567890123456", "6543210987654321"],
    });
    golden("private", &render(&private).unwrap());
    golden(
        "hostile",
        &changed(&json!({}), |request| {
            let text = "\"q\" \\ ${file(\"/etc/passwd\")} %{ if true } {{ env `HOME` }} {{`{{`}} $${x} ü 😀";
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
    let bundle = changed(&json!({}), old_packer).unwrap();
    for absent in ["required_plugins", "image_family", "run_tags"] {
        assert!(!bundle.template.contains(absent), "{absent}");
    }
    assert!(
        bundle
            .notices
            .iter()
            .any(|notice| notice.contains("DescribeImageFromFamily"))
    );
    let own = changed(&json!({ "source_image": "m-bp1abcdefgh" }), old_packer).unwrap();
    assert!(
        !own.notices
            .iter()
            .any(|notice| notice.contains("DescribeImageFromFamily"))
    );
    let current = changed(&json!({}), |request| {
        request.context.packer_version = Some("1.16.0".to_owned());
    })
    .unwrap();
    assert!(
        current.template.contains("acs:ubuntu_24_04_x64"),
        "the id of the day rotates, the family does not"
    );
}

#[test]
fn everything_temporary_carries_the_run() {
    let template = render(&json!({})).unwrap().template;
    for name in [
        "instance_name",
        "temporary_key_pair_name",
        "vpc_name",
        "vswitch_name",
        "security_group_name",
    ] {
        assert_eq!(text(&template, &[name]), MARK, "{name}");
    }
    assert_eq!(text(&template, &["run_tags", "SindriRunId"]), support::RUN);
    let problem = changed(&own_network(), old_packer).unwrap_err();
    assert_eq!(
        problem.code, "untraceable-group",
        "Packer 1.6.6 would leave a group without a name in the user's VPC"
    );
    let mut guarded = own_network();
    guarded["security_group_id"] = json!("sg-bp1users0");
    assert!(changed(&guarded, old_packer).is_ok());
}

#[test]
fn copies_have_names_and_the_own_region_is_none() {
    let template = render(&everything()).unwrap().template;
    assert!(template.contains("image_copy_regions = [\"cn-hangzhou\", \"us-west-1\"]"));
    let name = "\"sindri-dev-20261122093005\"";
    assert!(template.contains(&format!("image_copy_names   = [{name}, {name}]")));
    assert!(
        !template.contains("image_share_account"),
        "copies that are still being made cannot be shared, and the build would fail at its end"
    );
}

#[test]
fn what_the_builder_cannot_do_is_said() {
    let notices = render(&everything()).unwrap().notices;
    assert!(notices.iter().any(|notice| notice.starts_with("spot_strategy ")));
    assert!(
        notices
            .iter()
            .any(|notice| notice.starts_with("system_disk_performance_level "))
    );
    assert!(
        notices
            .iter()
            .any(|notice| notice.contains("has to be eu-central-1")),
        "the builder would go to the profile's region without a word"
    );
    assert_eq!(notices.len(), 3, "the user's own group guards the machine");
    assert!(render(&json!({})).unwrap().notices[0].contains("security group"));
}

#[test]
fn settings_of_the_host_are_never_in_the_template() {
    let template = render(&json!({ "profile": "work-profile" })).unwrap().template;
    for absent in [
        "work-profile",
        "communicator",
        "access_key",
        "secret_key",
        "security_token",
        "ssh_host",
        "user_data",
        "ram_role",
        "image_encrypted",
    ] {
        assert!(!template.contains(absent), "{absent}");
    }
}

#[test]
fn the_architecture_follows_the_instance_type_and_must_not_contradict_it() {
    let arm = render(&json!({ "instance_type": "ecs.c8y.large" }))
        .unwrap()
        .template;
    assert!(arm.contains("acs:ubuntu_24_04_arm64"));
    let problem = changed(&json!({}), |request| {
        request.image.architecture = Some(Architecture::Arm64)
    })
    .unwrap_err();
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("unsupported-architecture", Some("instance_type"))
    );
}

#[test]
fn what_alibaba_cloud_refuses_is_refused_at_once() {
    let refusal = |change: fn(&mut BuildRequest)| changed(&json!({}), change).unwrap_err().code;
    assert_eq!(
        refusal(|request| request.image.name = "my image".to_owned()),
        "unusable-name"
    );
    for description in ["x".to_owned(), "http://x.example".to_owned(), "d".repeat(257)] {
        let problem = changed(&json!({}), |request| request.image.description = description).unwrap_err();
        assert_eq!(problem.code, "unusable-description");
    }
    let tag = || Tag {
        key: "acs:x".to_owned(),
        value: String::new(),
    };
    for place in [
        (|request: &mut BuildRequest, tag| request.image.tags.push(tag)) as fn(&mut BuildRequest, Tag),
        |request, tag| request.image.run_tags.push(tag),
    ] {
        let problem = changed(&json!({}), |request| place(request, tag())).unwrap_err();
        assert_eq!(problem.code, "unusable-tag");
    }
    assert!(changed(&json!({}), |request| request.image.description = String::new()).is_ok());
}

#[test]
fn equal_requests_give_equal_templates() {
    let shuffled = |request: &mut BuildRequest| request.image.tags.reverse();
    assert_eq!(
        changed(&json!({}), shuffled).unwrap(),
        render(&json!({})).unwrap(),
        "the cache key depends on it"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn user_text_reaches_packer_as_that_very_text(
        value in "[^\\p{Cc}]{2,40}|[${}%`\"\\\\~ ]{2,40}",
        key in "[b-zA-Zäöü0-9 _.:/=+@]{1,40}",
    ) {
        prop_assume!(!value.trim_start().starts_with('-') && !value.starts_with("acs:") && !value.contains("://"));
        prop_assume!(!key.starts_with(' ') && !key.contains("://"));
        let mut request = request(&json!({}));
        request.image.description = value.clone();
        request.image.tags = vec![Tag { key: key.clone(), value: value.clone() }];
        let template = Alibaba::render(&request).unwrap().template;
        prop_assert_eq!(text(&template, &["image_description"]), value.clone());
        prop_assert_eq!(text(&template, &["tags", &key]), value);
    }
}
