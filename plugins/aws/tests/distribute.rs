//! Sharing, publishing, copying and deprecating.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::{
    CopyRequest, DeprecateRequest, DeprecationState, Distribution, Operation, Outcome, Principal,
    PublishRequest, ShareRequest,
};
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::Tool;
use support::{IMAGE, empty_account, flag, has_flag, image, images, json_flag, problem, run, verbs, with};

fn share(principals: Vec<Principal>, revoke: bool) -> Operation {
    Operation::Share(ShareRequest {
        image_id: IMAGE.to_owned(),
        principals,
        revoke,
    })
}

fn publish(withdraw: bool) -> Operation {
    Operation::Publish(PublishRequest {
        image_id: IMAGE.to_owned(),
        withdraw,
    })
}

fn copy(locations: &[&str]) -> Operation {
    let locations = locations.iter().map(|region| (*region).to_owned()).collect();
    Operation::Copy(CopyRequest {
        image_id: IMAGE.to_owned(),
        locations,
    })
}

fn deprecate(state: DeprecationState, at: Option<&str>, replacement: Option<&str>) -> Operation {
    Operation::Deprecate(DeprecateRequest {
        image_id: IMAGE.to_owned(),
        state,
        at: at.map(str::to_owned),
        replacement: replacement.map(str::to_owned),
    })
}

fn cloud() -> Tool {
    empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("copies-eu-west-1", images(&[image("ami-0bbb")]))
}

fn outcome(driven: Driven) -> Distribution {
    match driven.result {
        Ok(Outcome::Distribution(distribution)) => distribution,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sharing_names_accounts_and_organizations_on_every_copy() {
    let organization = "arn:aws:organizations::123456789012:organization/o-abc123";
    let unit = "arn:aws:organizations::123456789012:ou/o-abc123/ou-1";
    let principals = vec![
        Principal::Account("210987654321".to_owned()),
        Principal::Organization(organization.to_owned()),
        Principal::Organization(unit.to_owned()),
    ];
    let tool = cloud().prints(
        "permissions",
        json!({ "LaunchPermissions": [{ "UserId": "210987654321" }, { "OrganizationArn": organization }] }),
    );
    let driven = run(
        &tool,
        json!({ "ami_regions": ["eu-west-1"] }),
        share(principals, false),
    );
    assert_eq!(
        verbs(&driven)[2],
        [
            "modify-image-attribute@eu-west-1",
            "modify-image-attribute",
            "describe-image-attribute"
        ]
    );
    let permission = json_flag(&driven, &format!("permit-us-west-2-{IMAGE}"), "launch-permission");
    assert_eq!(
        permission,
        json!({ "Add": [{ "UserId": "210987654321" }, { "OrganizationArn": organization }, { "OrganizationalUnitArn": unit }] })
    );
    let distribution = outcome(driven);
    assert!(!distribution.public);
    assert_eq!(distribution.shared_with.len(), 2);
    assert_eq!(distribution.copies[0].id, "ami-0bbb");
}

#[test]
fn revoking_removes_and_nobody_is_an_error() {
    let driven = run(
        &cloud(),
        json!({}),
        share(vec![Principal::Account("210987654321".to_owned())], true),
    );
    assert_eq!(
        json_flag(&driven, &format!("permit-us-west-2-{IMAGE}"), "launch-permission"),
        json!({ "Remove": [{ "UserId": "210987654321" }] })
    );
    assert_eq!(
        problem(run(&cloud(), json!({}), share(Vec::new(), false))).code,
        "missing-principal"
    );
}

#[test]
fn principals_that_aws_does_not_know_are_refused_before_anything_runs() {
    for principal in [
        Principal::Account("all".to_owned()),
        Principal::Account("12345678901".to_owned()),
        Principal::User("me@example.com".to_owned()),
        Principal::Organization("o-abc123".to_owned()),
        Principal::Organization("arn:aws:organizations::1:organization/o-1\"}".to_owned()),
    ] {
        let driven = run(&cloud(), json!({}), share(vec![principal], false));
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, "unsupported-principal");
    }
}

#[test]
fn publishing_stops_at_an_account_that_forbids_it_and_says_who() {
    for (manager, words) in [
        (json!("account"), "disable-image-block-public-access"),
        (json!("declarative-policy"), "administrators"),
    ] {
        let answer = json!({ "ImageBlockPublicAccessState": "block-new-sharing", "ManagedBy": manager });
        let driven = run(
            &cloud().prints("public-access-eu-west-1", answer),
            json!({ "ami_regions": ["eu-west-1"] }),
            publish(false),
        );
        assert_eq!(
            driven.turns.len(),
            1,
            "asked in every region before anything changes"
        );
        let problem = problem(driven);
        assert_eq!(problem.code, "public-access-blocked");
        assert!(problem.message.contains("eu-west-1") && problem.remedy.unwrap().contains(words));
    }
}

#[test]
fn publishing_works_where_the_question_is_unknown_and_withdrawing_does_not_ask() {
    let tool = cloud()
        .fails("ec2 get-image-block-public-access-state", "")
        .prints(
            "permissions",
            json!({ "LaunchPermissions": [{ "Group": "all" }] }),
        );
    let driven = run(&tool, json!({}), publish(false));
    assert_eq!(
        json_flag(&driven, &format!("permit-us-west-2-{IMAGE}"), "launch-permission"),
        json!({ "Add": [{ "Group": "all" }] })
    );
    assert!(outcome(driven).public);
    let driven = run(&cloud(), json!({}), publish(true));
    assert_eq!(
        verbs(&driven),
        [
            vec!["describe-images"],
            vec!["modify-image-attribute", "describe-image-attribute"]
        ]
    );
    assert!(!outcome(driven).public);
}

#[test]
fn an_encrypted_image_is_not_published() {
    let mut encrypted = image(IMAGE);
    encrypted["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] = json!(true);
    let driven = run(
        &empty_account().prints("image", images(&[encrypted])),
        json!({}),
        publish(false),
    );
    assert_eq!(problem(driven).code, "encrypted-public");
}

#[test]
fn copies_are_made_waited_for_and_tagged_all_at_once() {
    let made =
        |id: &str, state: &str| images(&[with(with(image(id), "State", json!(state)), "Tags", json!([]))]);
    let tool = cloud()
        .prints("copy-eu-west-1", json!({ "ImageId": "ami-0eee" }))
        .prints("copy-ap-south-1", json!({ "ImageId": "ami-0aaa" }))
        .fails("wait-eu-west-1-1", "")
        .prints("state-eu-west-1-1", made("ami-0eee", "pending"))
        .prints("state-eu-west-1-2", made("ami-0eee", "available"))
        .prints("state-ap-south-1-1", made("ami-0aaa", "available"));
    let driven = run(&tool, json!({}), copy(&["eu-west-1", "ap-south-1", "us-west-2"]));
    let turns = verbs(&driven);
    assert_eq!(
        turns[1],
        ["describe-images@eu-west-1", "describe-images@ap-south-1"],
        "its own region is no copy"
    );
    assert_eq!(turns[2], ["copy-image@eu-west-1", "copy-image@ap-south-1"]);
    assert_eq!(
        turns[4],
        [
            "wait image-available@eu-west-1",
            "describe-images@eu-west-1",
            "create-tags@ap-south-1"
        ]
    );
    assert_eq!(flag(&driven, "copy-eu-west-1", "source-region"), "us-west-2");
    assert_eq!(
        flag(&driven, "tag-eu-west-1", "resources"),
        "ami-0eee snap-0eee",
        "the snapshots too"
    );
    let copies: Vec<_> = outcome(driven)
        .copies
        .into_iter()
        .map(|copy| format!("{} {}", copy.location, copy.id))
        .collect();
    assert_eq!(copies, ["eu-west-1 ami-0eee", "ap-south-1 ami-0aaa"]);
}

#[test]
fn a_copy_that_is_there_is_not_made_again() {
    let driven = run(
        &cloud().prints("there-eu-west-1", images(&[image("ami-0eee")])),
        json!({}),
        copy(&["eu-west-1"]),
    );
    assert_eq!(driven.turns.len(), 2);
    assert_eq!(outcome(driven).copies[0].id, "ami-0eee");
}

#[test]
fn a_copy_that_fails_or_never_ends_is_a_problem() {
    let tool = |state: &str| {
        cloud()
            .prints("copy-eu-west-1", json!({ "ImageId": "ami-0eee" }))
            .prints("ec2 describe-images", images(&[]))
            .prints(
                "ec2 describe-images",
                images(&[with(image("ami-0eee"), "State", json!(state))]),
            )
    };
    assert_eq!(
        problem(run(&tool("failed"), json!({}), copy(&["eu-west-1"]))).code,
        "copy-failed"
    );
    assert_eq!(
        problem(run(&tool("pending"), json!({}), copy(&["eu-west-1"]))).code,
        "copy-timeout"
    );
    assert_eq!(
        problem(run(&cloud(), json!({}), copy(&["us-west-2"]))).code,
        "missing-location"
    );
}

#[test]
fn a_description_that_the_cli_would_read_as_a_file_is_not_passed_on() {
    for (description, passed) in [
        ("golden", true),
        ("file:///etc/passwd", false),
        ("-x", false),
        ("a\nb", false),
        ("", false),
    ] {
        let tool = empty_account()
            .prints(
                "image",
                images(&[with(image(IMAGE), "Description", json!(description))]),
            )
            .prints("copy-eu-west-1", json!({ "ImageId": "ami-0eee" }))
            .prints("state-eu-west-1-1", images(&[image("ami-0eee")]));
        let driven = run(&tool, json!({}), copy(&["eu-west-1"]));
        assert_eq!(
            has_flag(&driven, "copy-eu-west-1", "description"),
            passed,
            "{description:?}"
        );
    }
}

#[test]
fn deprecating_reads_back_what_holds() {
    let after = with(image(IMAGE), "DeprecationTime", json!("2027-01-01T00:00:00.000Z"));
    let tool = cloud().prints("after", images(&[after]));
    let config = || json!({ "ami_regions": ["eu-west-1"] });
    let driven = run(
        &tool,
        config(),
        deprecate(
            DeprecationState::Deprecated,
            Some("2027-01-01T00:00:00Z"),
            Some("ami-0new"),
        ),
    );
    assert_eq!(
        verbs(&driven)[2],
        [
            "enable-image-deprecation@eu-west-1",
            "create-tags@eu-west-1",
            "enable-image-deprecation",
            "create-tags",
            "describe-images"
        ]
    );
    assert_eq!(
        flag(&driven, &format!("deprecate-us-west-2-{IMAGE}"), "deprecate-at"),
        "2027-01-01T00:00:00Z"
    );
    assert_eq!(
        outcome(driven).deprecated_at.as_deref(),
        Some("2027-01-01T00:00:00.000Z")
    );
}

#[test]
fn without_a_time_the_image_is_deprecated_as_soon_as_aws_allows() {
    let tool = cloud().prints("after", images(&[image(IMAGE)]));
    let driven = run(
        &tool,
        json!({}),
        deprecate(DeprecationState::Deprecated, None, None),
    );
    assert_eq!(
        flag(&driven, &format!("deprecate-us-west-2-{IMAGE}"), "deprecate-at"),
        "2026-11-22T09:35:05Z"
    );
    assert_eq!(
        problem(run(
            &tool,
            json!({}),
            deprecate(DeprecationState::Deprecated, Some("soon"), None)
        ))
        .code,
        "unusable-time"
    );
}

#[test]
fn obsolete_images_cannot_be_started_and_active_ones_can_again() {
    let disabled = images(&[with(image(IMAGE), "State", json!("disabled"))]);
    let verbs_of = |answer, state| {
        let tool = empty_account()
            .prints("image", answer)
            .prints("after", images(&[image(IMAGE)]));
        verbs(&run(&tool, json!({}), deprecate(state, None, None)))
            .pop()
            .unwrap()
    };
    assert_eq!(
        verbs_of(images(&[image(IMAGE)]), DeprecationState::Obsolete),
        ["disable-image", "describe-images"]
    );
    assert_eq!(
        verbs_of(disabled.clone(), DeprecationState::Obsolete),
        ["describe-images"]
    );
    assert_eq!(
        verbs_of(disabled, DeprecationState::Active),
        ["enable-image", "disable-image-deprecation", "describe-images"]
    );
}
