//! Looking for images.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::{Artifact, ImageFilter, ImageState, Operation, Outcome, Tag};
use support::{IMAGE, empty_account, flag, image, images, json_flag, problem, run, verbs, with};

fn found(driven: sindri_plugin_sdk::testing::Driven) -> Option<String> {
    match driven.result.unwrap() {
        Outcome::Image(image) => image.map(|image| image.id),
        other => panic!("{other:?}"),
    }
}

fn listed(driven: sindri_plugin_sdk::testing::Driven) -> Vec<String> {
    match driven.result.unwrap() {
        Outcome::Images(images) => images.into_iter().map(|image| image.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn list(prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: prefix.map(str::to_owned),
    })
}

fn artifact(builder: &str, id: &str) -> Operation {
    Operation::ResolveArtifact(Artifact {
        builder_type: builder.to_owned(),
        artifact_id: id.to_owned(),
        image_name: "sindri-dev-20261122093005".to_owned(),
        unwritten_tags: Vec::new(),
        unwritten_description: None,
    })
}

#[test]
fn credentials_are_asked_for_and_garbage_is_a_problem() {
    let answer =
        json!({ "UserId": "AIDA", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/me" });
    let driven = run(
        &empty_account().prints("identity", answer),
        json!({}),
        Operation::CheckCredentials,
    );
    let Ok(Outcome::Identity(identity)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(
        (identity.account.as_str(), identity.principal.as_str()),
        ("123456789012", "arn:aws:iam::123456789012:user/me")
    );
    for garbage in ["", "<html>", "null", "{\"Account\":1}"] {
        let driven = run(
            &empty_account().says("identity", garbage),
            json!({}),
            Operation::CheckCredentials,
        );
        assert_eq!(problem(driven).code, "unreadable-output", "{garbage}");
    }
}

#[test]
fn a_cache_hit_is_ours_finished_not_deprecated_and_the_newest() {
    let key = "0123456789abcdef";
    let aged = |id: &str, date: &str| with(image(id), "CreationDate", json!(date));
    let foreign = with(
        aged("ami-5", "2026-11-25T00:00:00.000Z"),
        "Tags",
        json!([{ "Key": "SindriCacheKey", "Value": key }]),
    );
    let pending = with(
        aged("ami-6", "2026-11-26T00:00:00.000Z"),
        "State",
        json!("pending"),
    );
    let deprecated = with(
        aged("ami-7", "2026-11-27T00:00:00.000Z"),
        "DeprecationTime",
        json!("2026-11-22T09:30:00.000Z"),
    );
    let list = [
        aged("ami-1", "2026-11-20T00:00:00.000Z"),
        aged("ami-2", "2026-11-21T00:00:00.000Z"),
        foreign,
        pending,
        deprecated,
    ];
    let tool = empty_account().prints("images", images(&list));
    let driven = run(&tool, json!({}), Operation::FindImage(key.to_owned()));
    assert_eq!(verbs(&driven), [["describe-images"]], "one round");
    let filters = json_flag(&driven, "images", "filters");
    assert_eq!(
        filters[0],
        json!({ "Name": "tag:SindriCacheKey", "Values": [key] })
    );
    assert_eq!(found(driven).as_deref(), Some("ami-2"));

    let driven = run(&tool, json!({}), Operation::FindImage("another".to_owned()));
    assert_eq!(
        found(driven),
        None,
        "an emulator that ignores filters makes no cache hit"
    );
}

#[test]
fn listing_by_prefix_escapes_wildcards_and_checks_again() {
    let other = with(image("ami-2"), "Name", json!("a-something-else"));
    let ours = with(image("ami-1"), "Name", json!("a*?b-20261122093005"));
    let driven = run(
        &empty_account().prints("images", images(&[other, ours])),
        json!({}),
        list(Some("a*?b")),
    );
    assert_eq!(
        json_flag(&driven, "images", "filters"),
        json!([{ "Name": "name", "Values": ["a\\*\\?b*"] }])
    );
    assert_eq!(flag(&driven, "images", "owners"), "self");
    assert_eq!(listed(driven), ["ami-1"]);
}

#[test]
fn listing_without_a_prefix_shows_ours_newest_first() {
    let foreign = with(image("ami-3"), "Tags", json!([]));
    let older = with(image("ami-1"), "CreationDate", json!("2025-01-01T00:00:00.000Z"));
    let driven = run(
        &empty_account().prints("images", images(&[older, foreign, image("ami-2")])),
        json!({}),
        list(None),
    );
    assert_eq!(listed(driven), ["ami-2", "ami-1"]);
    assert!(
        listed(run(&empty_account(), json!({}), list(None))).is_empty(),
        "an empty account is an empty list"
    );
}

#[test]
fn everything_that_is_known_of_an_image_arrives() {
    let driven = run(
        &empty_account().prints("image", images(&[image(IMAGE)])),
        json!({}),
        Operation::ShowImage(IMAGE.to_owned()),
    );
    let Ok(Outcome::Image(Some(image))) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(image.state, ImageState::Available);
    assert_eq!(
        (image.size_gib, image.location.as_str(), image.public),
        (Some(80), "us-west-2", false)
    );
    assert_eq!(image.labels.run_id.as_deref(), Some(support::RUN));
    assert_eq!(image.labels.sindri_version.as_deref(), Some("3.0.0"));
    assert!(image.labels.managed);
}

#[test]
fn an_image_that_is_not_there_is_none_in_both_ways_aws_says_so() {
    let show = || Operation::ShowImage(IMAGE.to_owned());
    assert_eq!(found(run(&empty_account(), json!({}), show())), None);
    assert_eq!(
        found(run(
            &empty_account().fails("image", "InvalidAMIID.NotFound"),
            json!({}),
            show()
        )),
        None
    );
    let hostile = run(
        &empty_account(),
        json!({}),
        Operation::ShowImage("--endpoint-url=x".to_owned()),
    );
    assert!(hostile.turns.is_empty(), "refused before anything runs");
    assert_eq!(problem(hostile).code, "unusable-image-id");
}

#[test]
fn an_artifact_of_several_regions_gives_the_builds_own_image_without_a_command() {
    let id = format!("ap-south-1:ami-0aaa,eu-west-1:ami-0bbb,us-west-2:{IMAGE}");
    let driven = run(&empty_account(), json!({}), artifact("amazon-ebs", &id));
    let Ok(Outcome::Image(Some(image))) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(
        (image.id.as_str(), image.name.as_str()),
        (IMAGE, "sindri-dev-20261122093005")
    );
    let copies: Vec<_> = image
        .copies
        .iter()
        .map(|copy| format!("{}:{}", copy.location, copy.id))
        .collect();
    assert_eq!(copies, ["ap-south-1:ami-0aaa", "eu-west-1:ami-0bbb"]);
}

#[test]
fn texts_that_packer_cannot_write_are_written_afterwards_to_the_letter() {
    let Operation::ResolveArtifact(mut artifact) = artifact("amazon-ebs", &format!("us-west-2:{IMAGE}"))
    else {
        panic!("another operation")
    };
    artifact.unwritten_tags = vec![Tag {
        key: "note".to_owned(),
        value: "{{x}}".to_owned(),
    }];
    artifact.unwritten_description = Some("{{y}}".to_owned());
    let tool = empty_account().prints("finished-0", images(&[image(IMAGE)]));
    let driven = run(&tool, json!({}), Operation::ResolveArtifact(artifact));
    assert_eq!(
        flag(&driven, "mended-0", "tags"),
        r#"[{"Key":"note","Value":"{{x}}"}]"#
    );
    assert_eq!(flag(&driven, "mended-1", "description"), r#"{"Value":"{{y}}"}"#);
    assert!(matches!(driven.result, Ok(Outcome::Image(Some(image))) if image.id == IMAGE));
}

#[test]
fn an_artifact_that_is_no_image_of_ours_is_never_guessed() {
    for (builder, id, code) in [
        ("null", "us-west-2:ami-0aaa", "foreign-artifact"),
        ("amazon-ebs", "", "unusable-artifact"),
        ("amazon-ebs", "ami-0aaa", "unusable-artifact"),
        ("amazon-ebs", "eu-west-1:ami-0aaa", "unusable-artifact"),
        ("amazon-ebs", "us-west-2:ami-0aaa --owners", "unusable-artifact"),
    ] {
        assert_eq!(
            problem(run(&empty_account(), json!({}), artifact(builder, id))).code,
            code,
            "{builder} {id}"
        );
    }
}

#[test]
fn an_answer_without_the_list_is_a_problem_and_no_empty_account() {
    for garbage in [
        json!({}),
        json!([]),
        json!({ "Images": null }),
        json!({ "Images": [{}] }),
    ] {
        let driven = run(
            &empty_account().prints("images", garbage.clone()),
            json!({}),
            list(None),
        );
        assert_eq!(problem(driven).code, "unreadable-output", "{garbage}");
    }
}
