//! Sharing, publishing, copying, deprecating.
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
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{IMAGE, RUN, empty_account, flag, image, images, page, problem, run, set_tags, verbs, with};

fn share(principals: Vec<Principal>, revoke: bool) -> Operation {
    Operation::Share(ShareRequest {
        image_id: IMAGE.to_owned(),
        principals,
        revoke,
    })
}

fn account(id: &str) -> Principal {
    Principal::Account(id.to_owned())
}

fn publish(withdraw: bool) -> Operation {
    Operation::Publish(PublishRequest {
        image_id: IMAGE.to_owned(),
        withdraw,
    })
}

fn copy(regions: &[&str]) -> Operation {
    Operation::Copy(CopyRequest {
        image_id: IMAGE.to_owned(),
        locations: regions.iter().map(|region| (*region).to_owned()).collect(),
    })
}

fn deprecate(state: DeprecationState, at: Option<&str>) -> Operation {
    Operation::Deprecate(DeprecateRequest {
        image_id: IMAGE.to_owned(),
        state,
        at: at.map(str::to_owned),
        replacement: Some("m-bp1newer".to_owned()),
    })
}

fn ours() -> Tool {
    empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("after", images(&[image(IMAGE)]))
}

fn shared_with(ids: &[&str]) -> Json {
    let account = |id: &&str| json!({ "AliyunId": id });
    page(
        "Accounts",
        "Account",
        &ids.iter().map(account).collect::<Vec<_>>(),
    )
}

fn distribution(driven: Driven) -> Distribution {
    match driven.result {
        Ok(Outcome::Distribution(distribution)) => distribution,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sharing_reaches_the_copies_and_says_what_holds_afterwards() {
    let tool = ours()
        .prints("copies-us-west-1", images(&[image("m-rj9copy")]))
        .prints(
            "ecs DescribeImageSharePermission",
            shared_with(&["1234567890123456"]),
        );
    let config = json!({ "image_copy_regions": ["us-west-1"] });
    let driven = run(&tool, config, share(vec![account("1234567890123456")], false));
    assert_eq!(
        verbs(&driven),
        [
            vec!["DescribeImages"],
            vec!["DescribeImages@us-west-1"],
            vec![
                "ModifyImageSharePermission@us-west-1",
                "ModifyImageSharePermission",
                "DescribeImages",
                "DescribeImageSharePermission"
            ],
        ]
    );
    let step = "share-cn-hangzhou-m-bp1image-0";
    assert_eq!(flag(&driven, step, "AddAccount.1").unwrap(), "1234567890123456");
    let distribution = distribution(driven);
    assert_eq!(distribution.shared_with, [account("1234567890123456")]);
    assert_eq!(distribution.copies.len(), 1);
    let driven = run(&ours(), json!({}), share(vec![account("1234567890123456")], true));
    let step = "unshare-cn-hangzhou-m-bp1image-0";
    assert_eq!(
        flag(&driven, step, "RemoveAccount.1").unwrap(),
        "1234567890123456"
    );
}

#[test]
fn who_is_no_account_cannot_be_shared_with() {
    for principal in [
        account("acme"),
        account("--force"),
        account("1234"),
        Principal::Organization("o-1".to_owned()),
        Principal::User("joe".to_owned()),
    ] {
        let driven = run(&ours(), json!({}), share(vec![principal.clone()], false));
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, "unsupported-principal", "{principal:?}");
    }
    assert_eq!(
        problem(run(&ours(), json!({}), share(Vec::new(), false))).code,
        "missing-principal"
    );
}

#[test]
fn what_is_not_available_is_not_shared() {
    for status in ["Deprecated", "Creating"] {
        let tool = empty_account().prints("image", images(&[with(image(IMAGE), "Status", json!(status))]));
        let driven = run(&tool, json!({}), publish(false));
        assert_eq!(verbs(&driven), [["DescribeImages"]]);
        assert_eq!(problem(driven).code, "image-not-available");
    }
}

#[test]
fn a_community_image_is_made_and_taken_back() {
    for (withdraw, value) in [(false, "true"), (true, "false")] {
        let driven = run(&ours(), json!({}), publish(withdraw));
        let step = support::step_of(&driven, "ModifyImageSharePermission");
        assert_eq!(flag(&driven, &step, "IsPublic").unwrap(), value);
    }
    let public = with(image(IMAGE), "IsPublic", json!(true));
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("after", images(&[public]));
    assert!(distribution(run(&tool, json!({}), publish(false))).public);
}

#[test]
fn a_copy_has_the_tags_of_the_image_and_is_waited_for() {
    let made = |status: &str| images(&[with(image("m-rj9copy"), "Status", json!(status))]);
    let tool = ours()
        .prints("there-us-west-1", images(&[]))
        .prints("there-ap-southeast-1", images(&[image("m-t4nthere")]))
        .prints(
            "copy-us-west-1",
            json!({ "ImageId": "m-rj9copy", "RequestId": "x" }),
        )
        .prints("copied-us-west-1-1", made("Creating"))
        .prints("copied-us-west-1-2", made("Available"));
    let driven = run(
        &tool,
        json!({}),
        copy(&["us-west-1", "cn-hangzhou", "ap-southeast-1"]),
    );
    assert_eq!(
        verbs(&driven)[1..],
        [
            vec!["DescribeImages@us-west-1", "DescribeImages@ap-southeast-1"],
            vec!["CopyImage"],
            vec!["DescribeImages@us-west-1"],
            vec!["pause", "DescribeImages@us-west-1"],
        ],
        "a copy that is there already is not made again"
    );
    let tags = set_tags(&driven, "copy-us-west-1");
    assert!(
        tags.contains(&("SindriRunId".to_owned(), RUN.to_owned())),
        "the API copies none: {tags:?}"
    );
    assert_eq!(
        flag(&driven, "copy-us-west-1", "DestinationRegionId").unwrap(),
        "us-west-1"
    );
    assert_eq!(
        flag(&driven, "copy-us-west-1", "ClientToken").unwrap(),
        format!("{RUN}-us-west-1")
    );
    assert_eq!(distribution(driven).copies.len(), 2);
}

#[test]
fn copies_that_fail_or_never_end_are_problems() {
    let begun = |status: &str| {
        ours()
            .prints("there-us-west-1", images(&[]))
            .prints("copy-us-west-1", json!({ "ImageId": "m-rj9copy" }))
            .prints(
                "ecs DescribeImages",
                images(&[with(image("m-rj9copy"), "Status", json!(status))]),
            )
    };
    for (status, code) in [("CreateFailed", "copy-failed"), ("Creating", "copy-timeout")] {
        assert_eq!(
            problem(run(&begun(status), json!({}), copy(&["us-west-1"]))).code,
            code
        );
    }
    assert_eq!(
        problem(run(&ours(), json!({}), copy(&["cn-hangzhou"]))).code,
        "missing-location"
    );
    let deprecated = empty_account().prints(
        "image",
        images(&[with(image(IMAGE), "Status", json!("Deprecated"))]),
    );
    assert_eq!(
        problem(run(&deprecated, json!({}), copy(&["us-west-1"]))).code,
        "image-not-available"
    );
}

#[test]
fn deprecating_notes_the_successor_and_undoing_it_offers_the_image_again() {
    let after = empty_account().prints("image", images(&[image(IMAGE)])).prints(
        "after",
        images(&[with(image(IMAGE), "Status", json!("Deprecated"))]),
    );
    let driven = run(&after, json!({}), deprecate(DeprecationState::Deprecated, None));
    assert_eq!(
        flag(&driven, "status-cn-hangzhou-m-bp1image", "Status").unwrap(),
        "Deprecated"
    );
    assert_eq!(
        set_tags(&driven, "successor-cn-hangzhou-m-bp1image"),
        [("SindriReplacement".to_owned(), "m-bp1newer".to_owned())]
    );
    assert_eq!(
        distribution(driven).deprecated_at.as_deref(),
        Some("2026-11-22T09:30:05Z")
    );
    let deprecated = empty_account()
        .prints(
            "image",
            images(&[with(image(IMAGE), "Status", json!("Deprecated"))]),
        )
        .prints("after", images(&[image(IMAGE)]));
    let driven = run(&deprecated, json!({}), deprecate(DeprecationState::Active, None));
    assert_eq!(
        flag(&driven, "status-cn-hangzhou-m-bp1image", "Status").unwrap(),
        "Available"
    );
    assert_eq!(distribution(driven).deprecated_at, None);
}

#[test]
fn what_alibaba_cloud_cannot_do_is_a_problem_with_a_remedy() {
    let deprecated = |at| deprecate(DeprecationState::Deprecated, at);
    for (tool, operation, code) in [
        (
            ours(),
            deprecate(DeprecationState::Obsolete, None),
            "unsupported-state",
        ),
        (
            ours(),
            deprecated(Some("2027-01-01T00:00:00Z")),
            "unsupported-time",
        ),
        (ours(), deprecated(Some("tomorrow")), "unusable-time"),
        (
            ours().prints(
                "ecs DescribeImageSharePermission",
                shared_with(&["1234567890123456"]),
            ),
            deprecated(None),
            "image-shared",
        ),
    ] {
        let problem = problem(run(&tool, json!({}), operation));
        assert_eq!(problem.code, code);
        assert!(problem.remedy.is_some() || code == "unusable-time");
    }
    assert!(
        run(&ours(), json!({}), deprecated(Some("2026-11-22T09:30:05Z")))
            .result
            .is_ok()
    );
}
