//! Looking for images, and what has to be known before a build.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{IMAGE, PROJECT, empty_project, firewall, flag, image, labels, problem, run, verbs, with};

const KEY: &str = "0123456789abcdef";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn find(tool: &Tool, key: &str) -> Option<Image> {
    match run(tool, json!({}), Operation::FindImage(key.to_owned())).result {
        Ok(Outcome::Image(image)) => image,
        other => panic!("{other:?}"),
    }
}

fn listing(tool: &Tool, prefix: Option<&str>) -> (Driven, Vec<String>) {
    let name_prefix = prefix.map(str::to_owned);
    let driven = run(
        tool,
        json!({}),
        Operation::ListImages(ImageFilter { name_prefix }),
    );
    let names = match &driven.result {
        Ok(Outcome::Images(images)) => images.iter().map(|image| image.name.clone()).collect(),
        other => panic!("{other:?}"),
    };
    (driven, names)
}

fn images(list: &[Json]) -> Tool {
    empty_project().prints("images", json!(list))
}

fn ready(tool: &Tool, settings: Json) -> Vec<String> {
    let planned = PlannedImage {
        name: IMAGE.to_owned(),
        architecture: None,
    };
    match run(tool, settings, Operation::CheckBuild(planned)).result {
        Ok(Outcome::Ready(notices)) => notices,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_newest_offered_image_of_the_content_is_found() {
    let at = |name: &str, created: &str| with(image(name), "creationTimestamp", json!(created));
    let found = find(
        &images(&[
            // An hour apart in two offsets, so that the texts sort the wrong way round.
            at("sindri-old", "2026-11-01T01:30:00.000-07:00"),
            at("sindri-new", "2026-11-01T01:15:00.000-08:00"),
            with(
                at("sindri-pending", "2026-12-01T01:00:00-08:00"),
                "status",
                json!("PENDING"),
            ),
            with(
                at("sindri-deprecated", "2026-12-02T01:00:00-08:00"),
                "deprecated",
                json!({ "state": "DEPRECATED" }),
            ),
            with(
                at("sindri-foreign", "2026-12-03T01:00:00-08:00"),
                "labels",
                json!({ "sindri-cache-key": KEY }),
            ),
            with(
                at("sindri-other", "2026-12-04T01:00:00-08:00"),
                "labels",
                with(labels(), "sindri-cache-key", json!("0123456789abcdee")),
            ),
        ]),
        KEY,
    )
    .unwrap();
    assert_eq!(found.name, "sindri-new");
    assert_eq!(found.created_at.as_deref(), Some("2026-11-01T09:15:00Z"));
    assert_eq!(
        (found.size_gib, found.architecture),
        (Some(80), Some(Architecture::X8664))
    );
    assert_eq!(found.labels.sindri_version.as_deref(), Some("3.0.0"));
    assert!(
        found
            .tags
            .iter()
            .any(|tag| tag.key == "BuildDate" && tag.value == "2026-11-22T09:30:05Z")
    );
}

#[test]
fn a_key_of_64_digits_is_written_and_found_though_a_label_takes_63() {
    let driven = run(
        &empty_project(),
        json!({}),
        Operation::FindImage(DIGEST.to_owned()),
    );
    let filter = flag(&driven, "images", "filter").unwrap();
    let label = filter
        .strip_prefix("labels.managed-by=sindri AND labels.sindri-cache-key=")
        .unwrap();
    assert!(label.len() <= 63);
    let stored = with(
        image("sindri-a"),
        "labels",
        with(labels(), "sindri-cache-key", json!(label)),
    );
    let found = find(&images(std::slice::from_ref(&stored)), DIGEST).unwrap();
    assert_eq!(found.labels.cache_key.as_deref(), Some(DIGEST));
    let other = DIGEST.replace("0a08", "0a09");
    assert!(find(&images(&[stored]), &other).is_none());
}

#[test]
fn images_are_listed_by_label_or_by_name_and_filters_are_not_trusted() {
    let foreign = with(image("other-image"), "labels", json!({}));
    let unmarked = with(image("sindri-by-hand"), "labels", json!({}));
    let tool = images(&[image(IMAGE), foreign, unmarked]);
    let (driven, names) = listing(&tool, None);
    assert_eq!(names, [IMAGE]);
    assert_eq!(
        flag(&driven, "images", "filter").unwrap(),
        "labels.managed-by=sindri"
    );
    assert!(
        flag(&driven, "images", "no-standard-images").is_some(),
        "Google's own are hundreds"
    );
    let (driven, names) = listing(&tool, Some("sindri-"));
    assert_eq!(names.len(), 2);
    assert_eq!(flag(&driven, "images", "filter").unwrap(), "name~^sindri-");
}

#[test]
fn a_prefix_that_means_something_in_a_filter_is_never_put_into_one() {
    for prefix in [".*", "a OR name:*", "Sindri", "a\"", "-", "a|b"] {
        let (driven, names) = listing(&images(&[image(IMAGE)]), Some(prefix));
        assert!(driven.turns.is_empty() && names.is_empty(), "{prefix}");
    }
}

#[test]
fn one_image_is_shown_or_is_not_there() {
    let show = |tool: &Tool, id: &str| run(tool, json!({}), Operation::ShowImage(id.to_owned()));
    let own = format!("projects/{PROJECT}/global/images/{IMAGE}");
    for id in [IMAGE, own.as_str()] {
        let driven = show(&empty_project(), id);
        assert_eq!(driven.command("image").unwrap().positionals, [IMAGE]);
        assert!(matches!(driven.result, Ok(Outcome::Image(Some(_)))));
    }
    let gone = show(&empty_project().fails("image", "notFound"), IMAGE);
    assert!(matches!(gone.result, Ok(Outcome::Image(None))));
    let foreign = problem(show(&empty_project(), "projects/other-one/global/images/x"));
    assert_eq!(
        (foreign.code.as_str(), foreign.key.as_deref()),
        ("foreign-image", Some("project_id"))
    );
}

#[test]
fn packers_artifact_is_a_name_and_needs_no_command() {
    let artifact = |builder: &str, id: &str| {
        Operation::ResolveArtifact(Artifact {
            builder_type: builder.to_owned(),
            artifact_id: id.to_owned(),
            image_name: IMAGE.to_owned(),
            unwritten_tags: Vec::new(),
            unwritten_description: None,
        })
    };
    let driven = run(&empty_project(), json!({}), artifact("googlecompute", IMAGE));
    assert!(driven.turns.is_empty());
    assert!(matches!(driven.result, Ok(Outcome::Image(Some(image))) if image.id == IMAGE));
    for (builder, id, code) in [
        ("amazon-ebs", IMAGE, "foreign-artifact"),
        ("googlecompute", "unknown image", "unusable-artifact"),
        ("googlecompute", "", "unusable-artifact"),
    ] {
        assert_eq!(
            problem(run(&empty_project(), json!({}), artifact(builder, id))).code,
            code
        );
    }
}

#[test]
fn credentials_are_tried_and_no_token_is_asked_for() {
    let driven = run(&empty_project(), json!({}), Operation::CheckCredentials);
    assert_eq!(verbs(&driven), [["auth list", "zones describe"]]);
    let Ok(Outcome::Identity(identity)) = driven.result else {
        panic!()
    };
    assert_eq!(
        (identity.account.as_str(), identity.principal.as_str()),
        (PROJECT, "jane@example.com")
    );
    let keyless = empty_project().prints("accounts", json!([]));
    let driven = run(&keyless, json!({}), Operation::CheckCredentials);
    assert!(
        matches!(driven.result, Ok(Outcome::Identity(_))),
        "a federated token has no account in gcloud"
    );
}

#[test]
fn who_may_reach_the_build_machine_is_said_before_it_is_paid_for() {
    let rules = |list: Json| empty_project().prints("firewall-rules", list);
    let world = with(
        firewall("default-allow-ssh"),
        "sourceRanges",
        json!(["0.0.0.0/0"]),
    );
    let notices = ready(&rules(json!([world.clone()])), json!({}));
    assert!(
        notices.len() == 1 && notices[0].contains("default-allow-ssh"),
        "{notices:?}"
    );
    let notices = ready(&rules(json!([])), json!({}));
    assert!(
        notices.len() == 1 && notices[0].contains("waits in vain"),
        "{notices:?}"
    );
    assert!(ready(&rules(json!([firewall("office")])), json!({})).is_empty());

    let tagged = with(firewall("build"), "targetTags", json!(["build"]));
    assert_eq!(ready(&rules(json!([tagged.clone()])), json!({})).len(), 1);
    assert!(ready(&rules(json!([tagged])), json!({ "network_tags": ["build"] })).is_empty());
    let elsewhere = with(world, "network", json!(support::url("global/networks/other")));
    assert_eq!(
        ready(&rules(json!([elsewhere])), json!({})).len(),
        1,
        "another network's rule"
    );
    let forbidden = empty_project().fails("firewall-rules", "forbidden");
    assert!(
        ready(&forbidden, json!({})).is_empty(),
        "nobody needs that permission to build"
    );
}
