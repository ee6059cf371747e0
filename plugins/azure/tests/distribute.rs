//! Sharing, publishing, copying and deprecating.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::Tool;
use support::*;

const OTHER: &str = "00000000-0000-0000-0000-00000000000A";

fn share(id: &str, principals: &[Principal], revoke: bool) -> Operation {
    Operation::Share(ShareRequest {
        image_id: id.to_owned(),
        principals: principals.to_vec(),
        revoke,
    })
}

fn publish(id: &str, withdraw: bool) -> Operation {
    Operation::Publish(PublishRequest {
        image_id: id.to_owned(),
        withdraw,
    })
}

fn copy(id: &str, locations: &[&str]) -> Operation {
    Operation::Copy(CopyRequest {
        image_id: id.to_owned(),
        locations: locations.iter().map(|&location| location.to_owned()).collect(),
    })
}

fn deprecate(id: &str, state: DeprecationState) -> Operation {
    Operation::Deprecate(DeprecateRequest {
        image_id: id.to_owned(),
        state,
        at: Some("2027-01-01T00:00:00Z".to_owned()),
        replacement: None,
    })
}

fn shared(permissions: &str) -> Tool {
    account()
        .prints("sig image-version show", version(VERSION))
        .prints("sig image-definition show", definition())
        .prints("image show", image(IMAGE))
        .prints("sig show", shown_gallery(permissions))
}

fn anyone() -> Vec<Principal> {
    vec![
        Principal::Account(OTHER.to_owned()),
        Principal::Organization(SUBSCRIPTION.to_owned()),
    ]
}

#[test]
fn a_gallery_is_shared_with_subscriptions_and_tenants_and_the_user_is_told_that_it_is_all_of_it() {
    let driven = run(&shared("Groups"), json!({}), share(VERSION, &anyone(), false));
    assert_eq!(
        verbs(&driven),
        [
            vec!["sig image-version show", "sig show"],
            vec!["sig share add", "sig show"]
        ]
    );
    assert_eq!(
        flag(&driven, "permit", "subscription-ids"),
        OTHER.to_ascii_lowercase()
    );
    assert_eq!(flag(&driven, "permit", "tenant-ids"), SUBSCRIPTION);
    let purpose = &driven.steps().find(|step| step.id == "permit").unwrap().purpose;
    assert!(purpose.contains("with all images in it"));
    let distribution = distribution(driven);
    assert_eq!(
        distribution.shared_with,
        [Principal::Account(
            "00000000-0000-0000-0000-00000000000a".to_owned()
        )]
    );
    let revoked = run(&shared("Groups"), json!({}), share(VERSION, &anyone(), true));
    assert_eq!(verbs(&revoked)[1][0], "sig share remove");
}

#[test]
fn whom_azure_cannot_share_with_is_refused_before_any_command() {
    for (principal, code) in [
        (
            Principal::User("me@example.com".to_owned()),
            "unsupported-principal",
        ),
        (
            Principal::Account("123456789012".to_owned()),
            "unsupported-principal",
        ),
        (
            Principal::Organization("--all".to_owned()),
            "unsupported-principal",
        ),
    ] {
        let driven = run(&shared("Groups"), json!({}), share(VERSION, &[principal], false));
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, code);
    }
    assert_eq!(
        problem(run(&shared("Groups"), json!({}), share(VERSION, &[], false))).code,
        "missing-principal"
    );
}

#[test]
fn a_managed_image_cannot_be_shared_published_or_copied() {
    for operation in [
        share(IMAGE, &anyone(), false),
        publish(IMAGE, false),
        copy(IMAGE, &["eastus"]),
    ] {
        let driven = run(&shared("Groups"), json!({}), operation);
        assert!(driven.turns.is_empty());
        let problem = problem(driven);
        assert_eq!(problem.code, "unsupported-for-managed-image");
        assert!(problem.remedy.is_some());
    }
}

#[test]
fn a_gallery_of_the_wrong_kind_is_not_changed() {
    for (permissions, operation) in [
        ("Private", share(VERSION, &anyone(), false)),
        ("Community", share(VERSION, &anyone(), false)),
        ("Private", publish(VERSION, false)),
        ("Groups", publish(VERSION, false)),
        // `reset` would take away the rights of everybody that it is shared with.
        ("Groups", publish(VERSION, true)),
    ] {
        let driven = run(&shared(permissions), json!({}), operation);
        assert_eq!(driven.turns.len(), 1);
        let problem = problem(driven);
        assert_eq!(problem.code, "gallery-permissions");
        assert!(problem.remedy.unwrap().contains("--permissions"));
    }
}

#[test]
fn a_community_gallery_is_offered_and_withdrawn() {
    let driven = run(&shared("Community"), json!({}), publish(VERSION, false));
    assert_eq!(verbs(&driven)[1][0], "sig share enable-community");
    assert!(distribution(driven).public);
    let driven = run(&shared("Community"), json!({}), publish(VERSION, true));
    assert_eq!(verbs(&driven)[1][0], "sig share reset");
}

#[test]
fn new_regions_are_added_and_the_old_ones_kept_as_they_are() {
    let driven = run(
        &shared("Groups"),
        json!({}),
        copy(VERSION, &["eastus", "WestEurope", "eastus"]),
    );
    assert_eq!(
        flag(&driven, "replicate", "target-regions"),
        "westus2=1=Standard_LRS westeurope=2=Premium_LRS eastus"
    );
    assert_eq!(driven.command("replicate").unwrap().effect, Effect::Create);
    let there = run(&shared("Groups"), json!({}), copy(VERSION, &["westeurope"]));
    assert_eq!(there.turns.len(), 1, "it is there already");
    assert_eq!(distribution(there).copies[0].location, "westeurope");
}

#[test]
fn a_replica_with_a_key_of_the_users_is_not_silently_weakened() {
    let encrypted = with(
        version(VERSION),
        "/publishingProfile/targetRegions/0/encryption",
        json!({ "osDiskImage": { "diskEncryptionSetId": "/x" } }),
    );
    let tool = account()
        .prints("sig image-version show", encrypted)
        .prints("sig show", shown_gallery("Groups"));
    let driven = run(&tool, json!({}), copy(VERSION, &["eastus"]));
    assert_eq!(problem(driven).code, "encrypted-replica");
    for (locations, code) in [
        (&["--all"][..], "unusable-location"),
        (&["a=b"], "unusable-location"),
        (&[], "missing-location"),
    ] {
        let driven = run(&shared("Groups"), json!({}), copy(VERSION, locations));
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, code);
    }
}

#[test]
fn a_version_has_an_end_of_life_and_loses_it_again() {
    let driven = run(
        &shared("Groups"),
        json!({}),
        deprecate(VERSION, DeprecationState::Deprecated),
    );
    assert_eq!(
        flag(&driven, "end-of-life", "set"),
        "publishingProfile.endOfLifeDate=2027-01-01T00:00:00Z publishingProfile.excludeFromLatest=true"
    );
    let driven = run(
        &shared("Groups"),
        json!({}),
        deprecate(VERSION, DeprecationState::Active),
    );
    assert_eq!(
        flag(&driven, "end-of-life", "set"),
        "publishingProfile.endOfLifeDate=null publishingProfile.excludeFromLatest=false"
    );
}

#[test]
fn a_managed_image_has_a_tag_in_place_of_an_end_of_life() {
    let mut after = image(IMAGE);
    after["tags"]["SindriDeprecatedAt"] = json!("2027-01-01T00:00:00Z");
    let tool = shared("Groups").prints("after", after.clone());
    let driven = run(&tool, json!({}), deprecate(IMAGE, DeprecationState::Deprecated));
    assert_eq!(
        flag(&driven, "end-of-life", "tags"),
        "SindriDeprecatedAt=2027-01-01T00:00:00Z"
    );
    assert_eq!(
        distribution(driven).deprecated_at.as_deref(),
        Some("2027-01-01T00:00:00Z")
    );
    let tool = shared("Groups").prints("image", after);
    let driven = run(&tool, json!({}), deprecate(IMAGE, DeprecationState::Active));
    assert_eq!(flag(&driven, "end-of-life", "operation"), "Delete");
    assert_eq!(distribution(driven).deprecated_at, None);
}

#[test]
fn what_azure_cannot_forbid_is_not_said_to_be_forbidden() {
    for id in [IMAGE, VERSION] {
        let driven = run(
            &shared("Groups"),
            json!({}),
            deprecate(id, DeprecationState::Obsolete),
        );
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, "unsupported-state");
    }
}
