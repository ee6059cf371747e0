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
    Action, CopyRequest, DeprecateRequest, DeprecationState, Distribution, Operation, Outcome, Principal,
    PublishRequest, ShareRequest,
};
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{IMAGE, data, empty_compartment, flag, has_flag, image, json_flag, problem, run, verbs, with};

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
    for (operation, way_out) in [
        (share(false), "oci compute image export to-object"),
        (share(true), "policy"),
        (publish(false), "Marketplace"),
        (publish(true), "Marketplace"),
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
}

const FRANKFURT: &str = "eu-frankfurt-1";
const COPY: &str = "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaacopy";

fn copy(locations: &[&str]) -> Operation {
    Operation::Copy(CopyRequest {
        image_id: IMAGE.to_owned(),
        locations: locations.iter().map(|location| (*location).to_owned()).collect(),
    })
}

fn with_bucket() -> Json {
    json!({ "region": "us-ashburn-1", "copy_bucket": "images", "copy_regions": [FRANKFURT] })
}

fn in_state(id: &str, state: &str) -> Json {
    data(with(image(id), "lifecycle-state", json!(state)))
}

fn exporting() -> Tool {
    empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("namespace", data(json!("mytenancy")))
        .prints("exported-1", in_state(IMAGE, "EXPORTING"))
        .prints("exported-2", data(image(IMAGE)))
        .prints("os object copy", data(json!({ "status": "COMPLETED" })))
        .prints("compute image import from-object", in_state(COPY, "IMPORTING"))
}

#[test]
fn a_copy_goes_through_the_bucket_and_leaves_nothing_in_it() {
    let tool = exporting()
        .prints("state-eu-frankfurt-1-1", in_state(COPY, "IMPORTING"))
        .prints("state-eu-frankfurt-1-2", data(image(COPY)));
    let driven = run(&tool, with_bucket(), copy(&[FRANKFURT, "us-ashburn-1"]));
    assert_eq!(
        verbs(&driven),
        [
            vec!["image get", "ns get"],
            vec!["image list"],
            vec!["image export to-object"],
            vec!["pause", "image get"],
            vec!["pause", "image get"],
            vec!["object copy"],
            vec!["image import from-object"],
            vec!["pause", "image get"],
            vec!["pause", "image get"],
            vec!["object delete", "object delete"],
        ]
    );
    let locations: Vec<_> = driven
        .commands()
        .filter_map(|command| {
            command
                .location
                .as_deref()
                .map(|place| (command.verb.join(" "), place))
        })
        .collect();
    assert!(locations.iter().all(|(_, place)| *place == FRANKFURT));
    assert_eq!(
        locations.len(),
        5,
        "look there, import, look twice, clean: {locations:?}"
    );
    let import = driven
        .commands()
        .find(|command| command.verb.contains(&"import".to_owned()))
        .unwrap();
    let step = driven
        .steps()
        .find(|step| step.action == Action::Command(import.clone()))
        .unwrap();
    assert_eq!(
        json_flag(&driven, &step.id, "freeform-tags"),
        image(IMAGE)["freeform-tags"],
        "by its tags a copy is found and deleted"
    );
    assert_eq!(
        flag(&driven, "export", "name"),
        format!("sindri-{}.oci", support::RUN)
    );
    let distribution = distribution(driven);
    assert_eq!(
        distribution
            .copies
            .iter()
            .map(|copy| (copy.location.as_str(), copy.id.as_str()))
            .collect::<Vec<_>>(),
        [(FRANKFURT, COPY)]
    );
}

#[test]
fn whatever_fails_after_the_export_the_file_goes() {
    let sent = "send-eu-frankfurt-1";
    let imported = "import-eu-frankfurt-1";
    for (tool, rounds) in [
        (
            empty_compartment()
                .prints("image", data(image(IMAGE)))
                .prints("namespace", data(json!("mytenancy")))
                .prints("exported-1", in_state(IMAGE, "DISABLED")),
            5,
        ),
        (exporting().fails(sent, "InsufficientServicePermissions"), 7),
        (exporting().fails(imported, "LimitExceeded"), 8),
        (
            exporting().prints("state-eu-frankfurt-1-1", in_state(COPY, "DELETED")),
            9,
        ),
    ] {
        let driven = run(&tool, with_bucket(), copy(&[FRANKFURT]));
        assert_eq!(verbs(&driven).len(), rounds, "{:?}", verbs(&driven));
        assert_eq!(
            verbs(&driven).last().unwrap(),
            &["object delete", "object delete"]
        );
        let problem = problem(driven);
        assert_eq!(
            (problem.code.as_str(), problem.key.as_deref()),
            ("copy-failed", Some("copy_bucket"))
        );
    }
}

#[test]
fn a_copy_that_never_comes_ends() {
    let tool = exporting().prints("compute image get", in_state(COPY, "IMPORTING"));
    let driven = run(&tool, with_bucket(), copy(&[FRANKFURT]));
    assert!(problem(driven).message.contains("after an hour"));
}

#[test]
fn what_is_there_already_is_not_copied_again() {
    let there = |document: Json| {
        empty_compartment()
            .prints(
                "image",
                data(with_tags(&json!({ "SindriDeprecated": "2026-11-01T00:00:00Z" }))),
            )
            .prints("namespace", data(json!("mytenancy")))
            .prints("there-eu-frankfurt-1", data(json!([document])))
    };
    let driven = run(&there(image(COPY)), with_bucket(), copy(&[FRANKFURT]));
    assert_eq!(verbs(&driven).len(), 2);
    assert_eq!(distribution(driven).copies[0].id, COPY);
    let somebodys = with(image(COPY), "freeform-tags", json!({}));
    let tool = there(somebodys)
        .fails("exported-1", "InternalError")
        .prints("exported-2", in_state(IMAGE, "DISABLED"));
    let driven = run(&tool, with_bucket(), copy(&[FRANKFURT]));
    assert_eq!(
        verbs(&driven)[2],
        ["image export to-object"],
        "the same name is not the same image"
    );
}

#[test]
fn without_a_bucket_the_user_is_told_what_to_do() {
    let driven = run(
        &empty_compartment(),
        json!({ "region": "us-ashburn-1" }),
        copy(&[FRANKFURT]),
    );
    assert!(driven.turns.is_empty());
    let missing = problem(driven);
    assert_eq!(
        (missing.code.as_str(), missing.key.as_deref()),
        ("missing-bucket", Some("copy_bucket"))
    );
    assert!(
        missing
            .remedy
            .unwrap()
            .contains("oci compute image export to-object")
    );
    for locations in [&["us-ashburn-1"][..], &[]] {
        let driven = run(&empty_compartment(), with_bucket(), copy(locations));
        assert_eq!(problem(driven).code, "missing-location");
    }
}
