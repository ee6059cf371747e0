//! Credentials, looking for images, and resolving artifacts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{
    Artifact, Image, ImageFilter, ImageState, Operation, Outcome, PlannedImage, Tag,
};
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{
    IMAGE, NAME, empty_account, flag, image, images, own_network, page, problem, run, set_tags, tags, verbs,
    with, zones,
};

fn image_of(driven: Driven) -> Option<Image> {
    match driven.result {
        Ok(Outcome::Image(image)) => image,
        other => panic!("{other:?}"),
    }
}

fn find() -> Operation {
    Operation::FindImage("0123456789abcdef".to_owned())
}

fn list(prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: prefix.map(str::to_owned),
    })
}

fn artifact(id: &str) -> Artifact {
    Artifact {
        builder_type: "alicloud-ecs".to_owned(),
        artifact_id: id.to_owned(),
        image_name: NAME.to_owned(),
        unwritten_tags: Vec::new(),
        unwritten_description: None,
    }
}

#[test]
fn credentials_are_asked_of_the_cloud_and_not_of_a_file() {
    let tool = Tool::default().prints(
        "sts GetCallerIdentity",
        json!({ "AccountId": "1234567890123456", "Arn": "acs:ram::1234567890123456:user/ci", "UserId": "2" }),
    );
    let driven = run(&tool, json!({}), Operation::CheckCredentials);
    let Ok(Outcome::Identity(identity)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(identity.account, "1234567890123456");
}

#[test]
fn a_type_that_is_not_to_be_had_stops_a_build_before_packer_makes_anything() {
    let check = || {
        Operation::CheckBuild(PlannedImage {
            name: NAME.to_owned(),
            architecture: None,
        })
    };
    for answer in [
        zones(&[]),
        zones(&[("cn-hangzhou-b", "WithoutStock")]),
        json!({ "RequestId": "x" }),
    ] {
        let tool = empty_account().prints("zones", answer);
        assert_eq!(
            problem(run(&tool, json!({}), check())).code,
            "unavailable-instance-type"
        );
    }
    let unknown = empty_account().fails("zones", "Forbidden.RAM");
    for tool in [empty_account(), unknown] {
        assert!(matches!(
            run(&tool, json!({}), check()).result,
            Ok(Outcome::Ready(_))
        ));
    }
    let driven = run(&Tool::default(), own_network(), check());
    assert!(
        driven.turns.is_empty(),
        "the user's vSwitch decides about the zone"
    );
}

#[test]
fn only_a_managed_available_image_with_the_very_key_is_a_hit() {
    let foreign = with(image("m-bp1foreign"), "Tags", support::foreign_tags());
    let older = with(image("m-bp1older"), "CreationTime", json!("2026-11-21T09:40:00Z"));
    let creating = with(image("m-bp1creating"), "Status", json!("Creating"));
    let tool = empty_account().prints("images", images(&[older, foreign, creating, image(IMAGE)]));
    let driven = run(&tool, json!({}), find());
    assert_eq!(flag(&driven, "images", "Tag.1.Key").unwrap(), "SindriCacheKey");
    assert_eq!(image_of(driven).unwrap().id, IMAGE, "the newest");
    assert_eq!(image_of(run(&empty_account(), json!({}), find())), None);
}

#[test]
fn all_pages_are_read_in_two_rounds() {
    let of_page = |id: &str| with(images(&[image(id)]), "TotalCount", json!(201));
    let tool = empty_account()
        .prints("images", of_page("m-bp1a"))
        .prints("images-page-2", of_page("m-bp1b"))
        .prints("images-page-3", of_page("m-bp1c"));
    let driven = run(&tool, json!({}), list(None));
    assert_eq!(verbs(&driven).iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
    let Ok(Outcome::Images(found)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(found.len(), 3, "a default page has ten entries");
    let endless = empty_account().prints("images", with(images(&[]), "TotalCount", json!(5001)));
    assert_eq!(
        problem(run(&endless, json!({}), list(None))).code,
        "too-many-results"
    );
}

#[test]
fn names_match_from_their_beginning_and_states_are_told_apart() {
    let named = |id: &str, name: &str, status: &str| {
        with(with(image(id), "ImageName", json!(name)), "Status", json!(status))
    };
    let tool = empty_account().prints(
        "images",
        images(&[
            named("m-bp1a", "sindri-a", "Deprecated"),
            named("m-bp1b", "my-sindri-a", "Available"),
            named("m-bp1c", "sindri-c", "Waiting"),
        ]),
    );
    let driven = run(&tool, json!({}), list(Some("sindri")));
    assert!(
        flag(&driven, "images", "Status").unwrap().contains("Deprecated"),
        "the API shows only available ones by itself"
    );
    let Ok(Outcome::Images(found)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    let mut found: Vec<_> = found.into_iter().map(|image| (image.id, image.state)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        found,
        [
            ("m-bp1a".to_owned(), ImageState::Deregistered),
            ("m-bp1c".to_owned(), ImageState::Pending)
        ]
    );
}

#[test]
fn a_shown_image_has_its_tags_back_in_the_hosts_spelling() {
    let show = Operation::ShowImage(IMAGE.to_owned());
    let shown = image_of(run(
        &empty_account().prints("image", images(&[image(IMAGE)])),
        json!({}),
        show.clone(),
    ))
    .unwrap();
    assert!(shown.labels.managed);
    assert_eq!(shown.labels.run_id.as_deref(), Some(support::RUN));
    assert_eq!(
        (shown.size_gib, shown.created_at.as_deref()),
        (Some(80), Some("2026-11-22T09:40:00Z"))
    );
    assert_eq!(image_of(run(&empty_account(), json!({}), show)), None);
    let bad = Operation::ShowImage("--force".to_owned());
    assert_eq!(
        problem(run(&empty_account(), json!({}), bad)).code,
        "unusable-image-id"
    );
}

#[test]
fn an_artifact_needs_no_command_when_nothing_is_left_to_do() {
    let driven = run(
        &Tool::default(),
        json!({}),
        Operation::ResolveArtifact(artifact("cn-hangzhou:m-bp1image")),
    );
    assert!(driven.turns.is_empty());
    let found = image_of(driven).unwrap();
    assert_eq!((found.id.as_str(), found.name.as_str()), (IMAGE, NAME));
    for (bad, code) in [
        (artifact("m-bp1image"), "unusable-artifact"),
        (artifact("us-west-1:m-bp1image"), "unusable-artifact"),
        (artifact("cn-hangzhou:ami-1"), "unusable-artifact"),
        (artifact(""), "unusable-artifact"),
        (
            Artifact {
                builder_type: "amazon-ebs".to_owned(),
                ..artifact("cn-hangzhou:m-bp1image")
            },
            "foreign-artifact",
        ),
    ] {
        assert_eq!(
            problem(run(&Tool::default(), json!({}), Operation::ResolveArtifact(bad))).code,
            code
        );
    }
}

#[test]
fn copies_are_waited_for_tagged_and_shared_because_packer_does_none_of_it() {
    let untagged = |status: &str| {
        images(&[with(
            with(image("m-rj9copy"), "Tags", json!({ "Tag": [] })),
            "Status",
            json!(status),
        )])
    };
    let tool = empty_account()
        .prints("finished", images(&[image(IMAGE)]))
        .prints("copied-us-west-1-1", untagged("Creating"))
        .prints("copied-us-west-1-2", untagged("Available"));
    let config: Json =
        json!({ "image_copy_regions": ["us-west-1"], "image_share_accounts": ["1234567890123456"] });
    let resolve = Operation::ResolveArtifact(artifact("cn-hangzhou:m-bp1image,us-west-1:m-rj9copy"));
    let driven = run(&tool, config, resolve);
    assert_eq!(
        verbs(&driven),
        [
            vec!["DescribeImages"],
            vec!["DescribeImages@us-west-1"],
            vec!["pause", "DescribeImages@us-west-1"],
            vec![
                "TagResources@us-west-1",
                "TagResources@us-west-1",
                "ModifyImageSharePermission@us-west-1",
                "ModifyImageSharePermission"
            ],
        ]
    );
    let tags = set_tags(&driven, "tag-image-us-west-1-m-rj9copy");
    assert!(
        tags.contains(&("ManagedBy".to_owned(), "sindri".to_owned())),
        "{tags:?}"
    );
    assert_eq!(
        flag(&driven, "tag-snapshot-us-west-1-m-rj9copy", "ResourceId.1").unwrap(),
        "s-rj9copy"
    );
    assert_eq!(image_of(driven).unwrap().copies.len(), 1);
}

#[test]
fn an_image_without_its_tags_is_a_problem_and_not_an_orphan() {
    let bare = with(image(IMAGE), "Tags", json!({ "Tag": [] }));
    let tool = empty_account()
        .prints("finished", images(&[bare]))
        .prints("copied-us-west-1-1", images(&[image("m-rj9copy")]));
    let resolve = Operation::ResolveArtifact(artifact("cn-hangzhou:m-bp1image,us-west-1:m-rj9copy"));
    let driven = run(&tool, json!({ "image_copy_regions": ["us-west-1"] }), resolve);
    assert_eq!(problem(driven).code, "untagged-image");
}

#[test]
fn texts_that_packer_cannot_write_are_written_afterwards() {
    let unwritten = Artifact {
        unwritten_tags: vec![Tag {
            key: "note".to_owned(),
            value: "{{x}}".to_owned(),
        }],
        unwritten_description: Some("{{y}}".to_owned()),
        ..artifact("cn-hangzhou:m-bp1image")
    };
    let tool = empty_account().prints("finished", images(&[image(IMAGE)]));
    let driven = run(&tool, json!({}), Operation::ResolveArtifact(unwritten));
    assert_eq!(
        verbs(&driven)[1],
        ["TagResources", "TagResources", "ModifyImageAttribute"],
        "the image and its snapshots"
    );
    let step = "tag-image-cn-hangzhou-m-bp1image";
    assert_eq!(set_tags(&driven, step), [("note".to_owned(), "{{x}}".to_owned())]);
    assert_eq!(tags()["Tag"].as_array().unwrap().len(), 7);
    assert_eq!(page("A", "B", &[])["TotalCount"], 0);
}
