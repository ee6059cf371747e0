//! Sharing, publishing, copying and deprecating.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{
    CopyRequest, DeprecateRequest, DeprecationState, Distribution, Operation, Outcome, Principal,
    PublishRequest, ShareRequest,
};
use sindri_plugin_sdk::testing::Driven;
use support::{IMAGE, data, empty_compartment, has_flag, image, json_flag, problem, run, verbs, with};

fn deprecate(state: DeprecationState, at: Option<&str>, replacement: Option<&str>) -> Operation {
    Operation::Deprecate(DeprecateRequest {
        image_id: IMAGE.to_owned(),
        state,
        at: at.map(str::to_owned),
        replacement: replacement.map(str::to_owned),
    })
}

fn distribution(driven: Driven) -> Distribution {
    match driven.result {
        Ok(Outcome::Distribution(distribution)) => distribution,
        other => panic!("{other:?}"),
    }
}

fn with_tags(tags: &Json) -> Json {
    let mut all = image(IMAGE)["freeform-tags"].clone();
    for (key, value) in tags.as_object().unwrap() {
        all[key] = value.clone();
    }
    with(image(IMAGE), "freeform-tags", all)
}

#[test]
fn a_deprecation_is_one_tag_more_and_no_tag_less() {
    const AT: &str = "2026-12-24T00:00:00Z";
    const NEXT: &str = "ocid1.image.oc1.iad.aaaaaaaanext";
    let marked = with_tags(&json!({ "SindriDeprecated": format!("{AT} {NEXT}") }));
    let tool = empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("marked", data(marked));
    let driven = run(
        &tool,
        json!({}),
        deprecate(DeprecationState::Deprecated, Some(AT), Some(NEXT)),
    );
    assert_eq!(verbs(&driven), [["image get"], ["image update"]]);
    let tags = json_flag(&driven, "marked", "freeform-tags");
    assert_eq!(tags["SindriDeprecated"], format!("{AT} {NEXT}"));
    assert_eq!(
        tags["SindriCacheKey"], "0123456789abcdef",
        "an update replaces the whole map"
    );
    assert!(has_flag(&driven, "marked", "force"), "it would ask");
    assert_eq!(distribution(driven).deprecated_at.as_deref(), Some(AT));
}

#[test]
fn an_image_that_is_offered_again_loses_the_mark_alone() {
    let before = with_tags(&json!({ "SindriDeprecated": "2026-11-01T00:00:00Z", "team": "core" }));
    let tool = empty_compartment()
        .prints("image", data(before))
        .prints("marked", data(with_tags(&json!({ "team": "core" }))));
    let driven = run(&tool, json!({}), deprecate(DeprecationState::Active, None, None));
    let tags = json_flag(&driven, "marked", "freeform-tags");
    assert!(tags.get("SindriDeprecated").is_none());
    assert_eq!(tags["team"], "core");
    assert_eq!(distribution(driven).deprecated_at, None);
}

#[test]
fn an_image_with_ten_tags_takes_no_mark() {
    let full = with_tags(&json!({ "a": "1", "b": "2", "c": "3" }));
    let tool = empty_compartment().prints("image", data(full));
    let driven = run(
        &tool,
        json!({}),
        deprecate(DeprecationState::Deprecated, None, None),
    );
    assert_eq!(verbs(&driven), [["image get"]]);
    assert_eq!(problem(driven).code, "too-many-tags");
}

#[test]
fn what_cannot_be_meant_runs_nothing() {
    for (operation, code) in [
        (
            deprecate(DeprecationState::Deprecated, Some("soon"), None),
            "unusable-time",
        ),
        (
            deprecate(DeprecationState::Deprecated, None, Some("ami-1")),
            "unusable-image-id",
        ),
        (deprecate(DeprecationState::Obsolete, None, None), "unsupported"),
    ] {
        let driven = run(&empty_compartment(), json!({}), operation);
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, code);
    }
}

#[test]
fn what_oci_cannot_do_is_a_problem_with_a_way_out() {
    let share = |revoke| {
        Operation::Share(ShareRequest {
            image_id: IMAGE.to_owned(),
            principals: vec![Principal::Account("ocid1.tenancy.oc1..aaaa".to_owned())],
            revoke,
        })
    };
    let publish = |withdraw| {
        Operation::Publish(PublishRequest {
            image_id: IMAGE.to_owned(),
            withdraw,
        })
    };
    let copy = |location: &str| {
        Operation::Copy(CopyRequest {
            image_id: IMAGE.to_owned(),
            locations: vec![location.to_owned()],
        })
    };
    for (operation, way_out) in [
        (share(false), "oci compute image export to-object"),
        (share(true), "policy"),
        (publish(false), "Marketplace"),
        (publish(true), "Marketplace"),
        (copy("eu-frankfurt-1"), "--region eu-frankfurt-1"),
    ] {
        let driven = run(
            &empty_compartment(),
            json!({ "region": "us-ashburn-1" }),
            operation,
        );
        assert!(driven.turns.is_empty());
        let problem = problem(driven);
        assert_eq!(problem.code, "unsupported");
        let remedy = problem.remedy.unwrap();
        assert!(remedy.contains(way_out), "{remedy}");
        assert!(!remedy.contains("  "), "{remedy}");
    }
    let driven = run(
        &empty_compartment(),
        json!({ "region": "us-ashburn-1" }),
        copy("us-ashburn-1"),
    );
    assert_eq!(problem(driven).code, "missing-location");
}
