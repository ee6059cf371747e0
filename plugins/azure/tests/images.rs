//! Finding, listing, showing and resolving images, and what is looked at before a build.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_azure::Azure;
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, drive};
use support::*;

const KEY: &str = "0123456789abcdef";

fn find() -> Operation {
    Operation::FindImage(KEY.to_owned())
}

fn list(prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: prefix.map(str::to_owned),
    })
}

fn one(driven: Driven) -> Option<Image> {
    match driven.result {
        Ok(Outcome::Image(image)) => image,
        other => panic!("{other:?}"),
    }
}

fn many(driven: Driven) -> Vec<Image> {
    match driven.result {
        Ok(Outcome::Images(images)) => images,
        other => panic!("{other:?}"),
    }
}

fn named(name: &str, built: &str) -> Json {
    let id = IMAGE.replace("sindri-dev-20261122093005", name);
    with(image(&id), "/tags/BuildDate", json!(built))
}

#[test]
fn the_newest_usable_image_of_this_content_is_found_in_one_round() {
    let foreign = with(
        named("foreign", "2026-11-25T00:00:00Z"),
        "/tags/ManagedBy",
        json!("terraform"),
    );
    let other = with(
        named("other", "2026-11-25T00:00:00Z"),
        "/tags/SindriCacheKey",
        json!("x"),
    );
    let creating = with(
        named("creating", "2026-11-25T00:00:00Z"),
        "/provisioningState",
        json!("Creating"),
    );
    let mut deprecated = named("deprecated", "2026-11-25T00:00:00Z");
    deprecated["tags"]["SindriDeprecatedAt"] = json!("2026-11-22T09:30:05Z");
    let tool = empty_account().prints(
        "image list",
        json!([
            named("old", "2026-11-20T00:00:00Z"),
            named("new", "2026-11-21T00:00:00Z"),
            foreign,
            other,
            creating,
            deprecated
        ]),
    );
    let driven = run(&tool, json!({}), find());
    assert_eq!(verbs(&driven), [["image list"]]);
    assert_eq!(one(driven).unwrap().name, "new");
    assert!(one(run(&empty_account(), json!({}), find())).is_none());
}

#[test]
fn versions_that_are_not_offered_any_more_are_not_found() {
    for (pointer, value) in [
        ("/publishingProfile/excludeFromLatest", json!(true)),
        (
            "/publishingProfile/endOfLifeDate",
            json!("2026-11-01T00:00:00+00:00"),
        ),
        ("/provisioningState", json!("Failed")),
    ] {
        let tool = empty_account().prints(
            "sig image-version list",
            json!([with(version(VERSION), pointer, value)]),
        );
        assert!(one(run(&tool, gallery(), find())).is_none(), "{pointer}");
    }
    let tool = empty_account().prints("sig image-version list", json!([version(VERSION)]));
    let driven = run(&tool, gallery(), find());
    assert_eq!(verbs(&driven), [["image list", "sig image-version list"]]);
    assert_eq!(one(driven).unwrap().id, VERSION);
}

#[test]
fn a_missing_resource_group_or_gallery_is_an_empty_list() {
    let tool = empty_account()
        .fails("image list", "ResourceGroupNotFound")
        .fails("sig image-version list", "ResourceNotFound");
    assert!(many(run(&tool, gallery(), list(None))).is_empty());
}

#[test]
fn lists_hold_both_kinds_and_only_ours_unless_a_name_is_asked_for() {
    let mut foreign = named("theirs", "2026-11-25T00:00:00Z");
    foreign["tags"] = Json::Null;
    let tool = account()
        .prints("image list", json!([image(IMAGE), foreign]))
        .prints("sig image-version list", json!([version(VERSION)]))
        .prints("sig show", shown_gallery("Community"));
    let images = many(run(&tool, gallery(), list(None)));
    let names: Vec<_> = images
        .iter()
        .map(|image| (image.name.as_str(), image.public))
        .collect();
    assert_eq!(
        names,
        [
            ("sindri-dev-20261122093005", false),
            ("sindri/2026.1122.93005", true)
        ]
    );
    assert_eq!(images[1].copies[0].location, "westeurope");
    let theirs = many(run(&tool, gallery(), list(Some("the"))));
    assert_eq!(theirs.len(), 1);
    assert!(!theirs[0].labels.managed);
    let by_given_name = many(run(&tool, gallery(), list(Some("sindri-d"))));
    assert_eq!(by_given_name.len(), 2, "a version has no name of its own");
}

#[test]
fn tags_in_azures_own_case_are_still_ours() {
    let mut shouting = image(IMAGE);
    shouting["tags"] =
        json!({ "MANAGEDBY": "sindri", "sindricachekey": KEY, "description": "golden", "Team": null });
    let tool = empty_account().prints("image list", json!([shouting]));
    let image = one(run(&tool, json!({}), find())).unwrap();
    assert_eq!(image.description, "golden");
    assert_eq!(image.labels.cache_key.as_deref(), Some(KEY));
}

#[test]
fn an_image_is_shown_with_everything_azure_says_of_it() {
    let managed = account().prints("image show", image(IMAGE));
    let image = one(run(&managed, json!({}), Operation::ShowImage(IMAGE.to_owned()))).unwrap();
    assert_eq!((image.size_gib, image.location.as_str()), (Some(80), "westus2"));
    assert_eq!(image.created_at.as_deref(), Some("2026-11-22"));
    let tool = account()
        .prints("sig image-version show", version(VERSION))
        .prints(
            "sig image-definition show",
            with(definition(), "/architecture", json!("Arm64")),
        )
        .prints("sig show", shown_gallery("Groups"));
    let driven = run(&tool, json!({}), Operation::ShowImage(VERSION.to_owned()));
    assert_eq!(driven.turns.len(), 1);
    let image = one(driven).unwrap();
    assert_eq!(image.architecture, Some(Architecture::Arm64));
    assert!(!image.public);
    assert!(
        one(run(
            &empty_account(),
            json!({}),
            Operation::ShowImage(IMAGE.to_owned())
        ))
        .is_none()
    );
}

fn artifact(id: &str) -> Artifact {
    Artifact {
        builder_type: "azure-arm".to_owned(),
        artifact_id: id.to_owned(),
        image_name: "x".to_owned(),
        unwritten_tags: Vec::new(),
        unwritten_description: None,
    }
}

#[test]
fn packers_artifact_is_the_image_without_a_command() {
    let driven = run(
        &empty_account(),
        json!({}),
        Operation::ResolveArtifact(artifact(IMAGE)),
    );
    assert!(driven.turns.is_empty());
    assert_eq!(one(driven).unwrap().name, "sindri-dev-20261122093005");
    let driven = run(
        &empty_account(),
        gallery(),
        Operation::ResolveArtifact(artifact(VERSION)),
    );
    let image = one(driven).unwrap();
    assert_eq!(image.name, "sindri/2026.1122.93005");
    assert_eq!(image.copies[0].location, "westeurope");
}

#[test]
fn what_is_no_image_of_azure_is_not_guessed_at() {
    let vhd = "https://account.blob.core.windows.net/system/image.vhd";
    for bad in ["", "UNKNOWN ID", vhd, "us-west-2:ami-0abc"] {
        let driven = run(
            &empty_account(),
            json!({}),
            Operation::ResolveArtifact(artifact(bad)),
        );
        assert_eq!(problem(driven).code, "unusable-artifact", "{bad}");
    }
    let mut foreign = artifact(IMAGE);
    foreign.builder_type = "amazon-ebs".to_owned();
    assert_eq!(
        problem(run(
            &empty_account(),
            json!({}),
            Operation::ResolveArtifact(foreign)
        ))
        .code,
        "foreign-artifact"
    );
}

#[test]
fn texts_that_packer_cannot_write_are_written_afterwards() {
    let mut mended = artifact(IMAGE);
    mended.unwritten_tags = vec![Tag {
        key: "note".to_owned(),
        value: "a={{x}}".to_owned(),
    }];
    let driven = run(&empty_account(), json!({}), Operation::ResolveArtifact(mended));
    assert_eq!(flag(&driven, "mended", "tags"), "note=a={{x}}");
    assert_eq!(flag(&driven, "mended", "operation"), "Merge", "the others stay");
}

fn check(name: &str) -> Operation {
    Operation::CheckBuild(PlannedImage {
        name: name.to_owned(),
        architecture: None,
    })
}

#[test]
fn a_name_in_use_and_a_missing_group_stop_a_build_before_it_starts() {
    let name = "sindri-dev-20261122093005";
    let driven = run(&empty_account(), json!({}), check(name));
    assert_eq!(driven.result.unwrap(), Outcome::Ready(Vec::new()));
    let taken = empty_account().prints("name", image(IMAGE));
    assert_eq!(problem(run(&taken, json!({}), check(name))).code, "name-in-use");
    let missing = empty_account().fails("name", "ResourceGroupNotFound");
    let problem = problem(run(&missing, json!({}), check(name)));
    assert_eq!(
        (problem.code.as_str(), problem.key.as_deref()),
        ("missing-resource-group", Some("resource_group"))
    );
}

#[test]
fn a_version_in_use_is_found_on_the_way_through_a_managed_image_as_well() {
    let mut configured = gallery();
    configured["gallery"]["image_version"] = json!("2026.1122.93005");
    let tool = empty_account()
        .prints("definition", definition())
        .prints("version", version(VERSION));
    let driven = run(&tool, configured, check("sindri-dev-20261122093005"));
    assert_eq!(verbs(&driven)[0][2..], ["image show", "sig image-version show"]);
    assert_eq!(problem(driven).key.as_deref(), Some("gallery.image_version"));
}

#[test]
fn an_old_packer_does_not_build_in_another_subscription() {
    let other = json!({ "id": SUBSCRIPTION, "isDefault": false });
    let asked = |version: Option<&str>| {
        let mut request = request(json!({}), check("sindri-dev-20261122093005"));
        request.context.packer_version = version.map(str::to_owned);
        let tool = empty_account().prints("account", other.clone());
        drive::<Azure>(&request, |step, command| tool.answer(step, command)).unwrap()
    };
    assert_eq!(problem(asked(Some("1.6.6"))).code, "other-subscription");
    let Ok(Outcome::Ready(notices)) = asked(None).result else {
        panic!()
    };
    assert!(notices[0].contains("az account set"));
    let current = asked(Some("1.16.0"));
    assert_eq!(verbs(&current), [["image show"]]);
}

#[test]
fn a_definition_that_cannot_take_the_image_stops_a_build_before_it_starts() {
    let name = "sindri/2026.1122.93005";
    let fitting = empty_account().prints("definition", definition());
    let driven = run(&fitting, gallery(), check(name));
    assert_eq!(
        verbs(&driven),
        [[
            "account show",
            "sig image-definition show",
            "sig image-version show"
        ]]
    );
    assert_eq!(driven.result.unwrap(), Outcome::Ready(Vec::new()));
    let taken = empty_account()
        .prints("definition", definition())
        .prints("version", version(VERSION));
    assert_eq!(
        problem(run(&taken, gallery(), check(name))).key.as_deref(),
        Some("gallery.image_version")
    );
    assert_eq!(
        problem(run(&empty_account(), gallery(), check(name))).code,
        "missing-definition"
    );
    for (pointer, value) in [
        ("/architecture", json!("Arm64")),
        ("/hyperVGeneration", json!("V1")),
        ("/osState", json!("Specialized")),
        ("/features", Json::Null),
    ] {
        let tool = empty_account().prints("definition", with(definition(), pointer, value));
        assert_eq!(
            problem(run(&tool, gallery(), check(name))).code,
            "unsuitable-definition",
            "{pointer}"
        );
    }
    let mut standard = gallery();
    standard["security_type"] = json!("Standard");
    let demanding = with(definition(), "/features/0/value", json!("TrustedLaunch"));
    let tool = empty_account().prints("definition", demanding);
    assert_eq!(
        problem(run(&tool, standard, check(name))).code,
        "unsuitable-definition"
    );
}

#[test]
fn a_login_that_has_run_out_is_no_login() {
    let account = json!({ "id": SUBSCRIPTION, "state": "Enabled", "user": { "name": "me@example.com" } });
    let tool = empty_account().prints("account show", account.clone());
    let driven = run(&tool, json!({}), Operation::CheckCredentials);
    assert_eq!(
        verbs(&driven),
        [["account show", "group exists"]],
        "the first alone is content with an old token"
    );
    let Ok(Outcome::Identity(identity)) = driven.result else {
        panic!()
    };
    assert_eq!(identity.principal, "me@example.com");
    let mut unconfigured = request(json!({}), Operation::CheckCredentials);
    unconfigured.config = "{}".to_owned();
    assert!(
        Azure::plan(&unconfigured, &[]).is_ok(),
        "`vm doctor` asks before there is a configuration"
    );
    let disabled = empty_account().prints("account show", with(account, "/state", json!("Warned")));
    assert_eq!(
        problem(run(&disabled, json!({}), Operation::CheckCredentials)).code,
        "subscription-disabled"
    );
}
