//! Looking for images, and what is asked before a build.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_oci::Oci;
use sindri_plugin_sdk::contract::{
    Architecture, Artifact, Image, ImageFilter, ImageState, Operation, Outcome, PlanRequest, PlannedImage,
    Tag,
};
use sindri_plugin_sdk::testing::{Driven, Tool, drive};
use support::{
    IMAGE, NAME, data, empty_compartment, flag, image, json_flag, offers, problem, run, subnet, tags_json,
    verbs, with,
};

const KEY: &str = "0123456789abcdef";

fn found(driven: Driven) -> Option<Image> {
    match driven.result {
        Ok(Outcome::Image(image)) => image,
        other => panic!("{other:?}"),
    }
}

fn listed(driven: Driven) -> Vec<Image> {
    match driven.result {
        Ok(Outcome::Images(images)) => images,
        other => panic!("{other:?}"),
    }
}

fn find() -> Operation {
    Operation::FindImage(KEY.to_owned())
}

fn list(prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: prefix.map(str::to_owned),
    })
}

fn with_tag(image: Json, key: &str, value: &str) -> Json {
    let mut tags = image["freeform-tags"].clone();
    tags[key] = json!(value);
    with(image, "freeform-tags", tags)
}

#[test]
fn the_newest_usable_image_of_this_content_is_found() {
    let other = |id: &str| image(&format!("ocid1.image.oc1.iad.{id}"));
    let older = with(
        other("older"),
        "time-created",
        json!("2026-11-21T09:40:00.000000+00:00"),
    );
    let newer = with(
        other("newer"),
        "time-created",
        json!("2026-11-23T09:40:00.000000+00:00"),
    );
    let foreign = with_tag(newer.clone(), "ManagedBy", "terraform");
    let other_content = with_tag(newer.clone(), "SindriCacheKey", "another");
    let deprecated = with_tag(
        newer.clone(),
        "SindriDeprecated",
        "2026-11-22T09:00:00Z ocid1.image.oc1.iad.new",
    );
    let later = with_tag(image(IMAGE), "SindriDeprecated", "2026-12-24T09:00:00Z");
    let importing = with(newer, "lifecycle-state", json!("IMPORTING"));
    let tool = empty_compartment().prints(
        "images",
        json!([older, foreign, other_content, deprecated, later, importing]),
    );
    let driven = run(&tool, json!({}), find());
    assert_eq!(verbs(&driven), [["image list"]]);
    assert_eq!(found(driven).unwrap().id, IMAGE);
    assert_eq!(
        found(run(&empty_compartment(), json!({}), find())),
        None,
        "nothing is printed when there is nothing"
    );
}

#[test]
fn the_list_is_of_the_compartment_and_every_page_of_it() {
    let driven = run(&empty_compartment(), json!({}), list(None));
    assert_eq!(
        flag(&driven, "images", "compartment-id"),
        "ocid1.compartment.oc1..aaaaaaaacompartment"
    );
    assert!(support::has_flag(&driven, "images", "all"));
    assert_eq!(
        flag(&driven, "images", "query"),
        "data[?\"compartment-id\"]",
        "hundreds of platform images stay out"
    );
}

#[test]
fn a_prefix_is_a_prefix_and_no_exact_name() {
    let foreign = with(
        with(image("ocid1.image.oc1.iad.foreign"), "freeform-tags", json!({})),
        "display-name",
        json!("sindri-x"),
    );
    let deleted = with(
        image("ocid1.image.oc1.iad.deleted"),
        "lifecycle-state",
        json!("DELETED"),
    );
    let platform = with(
        image("ocid1.image.oc1.iad.platform"),
        "compartment-id",
        Json::Null,
    );
    let nameless = with(image("ocid1.image.oc1.iad.nameless"), "display-name", Json::Null);
    let tool = || {
        empty_compartment().prints(
            "images",
            json!([image(IMAGE), foreign, deleted, platform, nameless]),
        )
    };
    let ids = |images: Vec<Image>| -> Vec<String> { images.into_iter().map(|image| image.id).collect() };
    assert_eq!(
        ids(listed(run(&tool(), json!({}), list(Some("sindri-"))))),
        ["ocid1.image.oc1.iad.foreign", IMAGE]
    );
    assert_eq!(
        ids(listed(run(&tool(), json!({}), list(None)))),
        ["ocid1.image.oc1.iad.nameless", IMAGE]
    );
}

#[test]
fn an_image_is_shown_with_the_processor_that_only_its_shapes_tell() {
    let tool = || empty_compartment().prints("image", data(image(IMAGE)));
    let operation = || Operation::ShowImage(IMAGE.to_owned());
    let arm = tool().prints("shapes", data(json!([{ "shape": "VM.Standard.A1.Flex" }])));
    let driven = run(&arm, json!({ "region": "us-ashburn-1" }), operation());
    assert_eq!(verbs(&driven).len(), 1, "one turn");
    let shown = found(driven).unwrap();
    assert_eq!(shown.architecture, Some(Architecture::Arm64));
    assert_eq!(
        (
            shown.name.as_str(),
            shown.size_gib,
            shown.created_at.as_deref(),
            shown.location.as_str()
        ),
        (NAME, Some(80), Some("2026-11-22T09:40:00Z"), "us-ashburn-1")
    );
    assert!(shown.labels.managed && !shown.public && shown.state == ImageState::Available);
    assert_eq!(shown.labels.cache_key.as_deref(), Some(KEY));
    let silent = tool().fails("shapes", "NotAuthorizedOrNotFound");
    assert_eq!(
        found(run(&silent, json!({}), operation())).unwrap().architecture,
        None
    );
    let gone = empty_compartment().fails("image", "NotAuthorizedOrNotFound");
    assert_eq!(found(run(&gone, json!({}), operation())), None);
    let deleted = empty_compartment().prints(
        "image",
        data(with(image(IMAGE), "lifecycle-state", json!("DELETED"))),
    );
    assert_eq!(found(run(&deleted, json!({}), operation())), None);
}

fn artifact(id: &str, unwritten: &[(&str, &str)]) -> Operation {
    Operation::ResolveArtifact(Artifact {
        builder_type: "oracle-oci".to_owned(),
        artifact_id: id.to_owned(),
        image_name: NAME.to_owned(),
        unwritten_tags: unwritten
            .iter()
            .map(|(key, value)| Tag {
                key: (*key).to_owned(),
                value: (*value).to_owned(),
            })
            .collect(),
        unwritten_description: None,
    })
}

#[test]
fn an_artifact_is_an_ocid_and_needs_no_command() {
    let driven = run(&empty_compartment(), json!({}), artifact(IMAGE, &[]));
    assert!(driven.turns.is_empty());
    let image = found(driven).unwrap();
    assert_eq!((image.id.as_str(), image.name.as_str()), (IMAGE, NAME));
    assert!(image.labels.managed && !image.public);
    for bad in ["ocid1.image.oc1.iad.aaaa)", "", "us-west-2:ami-0123", "unknown"] {
        let driven = run(&empty_compartment(), json!({}), artifact(bad, &[]));
        assert_eq!(problem(driven).code, "unusable-artifact", "{bad}");
    }
}

#[test]
fn mending_a_tag_keeps_the_others() {
    let before = with_tag(
        with_tag(image(IMAGE), "note", "{\u{2060}{x}}"),
        "set-by",
        "somebody",
    );
    let after = with_tag(before.clone(), "note", "{{x}}");
    let tool = empty_compartment()
        .prints("image", data(before))
        .prints("mended", data(after));
    let driven = run(&tool, json!({}), artifact(IMAGE, &[("note", "{{x}}")]));
    let tags = json_flag(&driven, "mended", "freeform-tags");
    assert_eq!(
        (&tags["note"], &tags["set-by"]),
        (&json!("{{x}}"), &json!("somebody"))
    );
    assert_eq!(
        tags["SindriRunId"], "abcdef012345",
        "an update replaces the whole map"
    );
    assert!(support::has_flag(&driven, "mended", "force"), "it would ask");
    assert!(found(driven).is_some());
}

#[test]
fn credentials_are_checked_with_one_command_before_anything_is_configured() {
    let regions = data(json!([{ "key": "IAD", "name": "us-ashburn-1" }]));
    let identity = |config: &str| {
        let request = PlanRequest {
            config: config.to_owned(),
            ..support::request(json!({}), Operation::CheckCredentials)
        };
        let tool = empty_compartment().prints("regions", regions.clone());
        let driven = drive::<Oci>(&request, |step, command| tool.answer(step, command)).unwrap();
        assert_eq!(verbs(&driven), [["region list"]]);
        match driven.result {
            Ok(Outcome::Identity(identity)) => (identity.account, identity.principal),
            other => panic!("{other:?}"),
        }
    };
    let words = |account: &str, principal: &str| (account.to_owned(), principal.to_owned());
    assert_eq!(
        identity("{}"),
        words("the tenancy of the profile", "profile DEFAULT")
    );
    assert_eq!(
        identity(r#"{"tenancy_ocid":"t","compartment_ocid":"c","profile":"work","shape":7}"#),
        words("t", "profile work")
    );
    assert_eq!(
        identity(r#"{"compartment_ocid":"c","auth":"instance_principal"}"#),
        words("c", "this instance")
    );
}

fn preflight(tool: &Tool, overrides: Json) -> Driven {
    let planned = PlannedImage {
        name: NAME.to_owned(),
        architecture: None,
    };
    run(tool, overrides, Operation::CheckBuild(planned))
}

fn region() -> Tool {
    empty_compartment().prints("offers", offers()).prints(
        "domains",
        data(json!([{ "name": "Uocm:US-ASHBURN-AD-1" }, { "name": "Uocm:US-ASHBURN-AD-2" }])),
    )
}

#[test]
fn a_build_that_can_work_is_asked_about_in_one_round() {
    let driven = preflight(&region(), json!({}));
    assert_eq!(
        verbs(&driven),
        [["subnet get", "availability-domain list", "shape list"]]
    );
    assert!(matches!(driven.result, Ok(Outcome::Ready(notes)) if notes.is_empty()));
    let based = preflight(&region(), json!({ "base_image_ocid": IMAGE }));
    assert_eq!(
        flag(&based, "offers", "image-id"),
        IMAGE,
        "the base image has to start on the shape"
    );
}

#[test]
fn no_answer_to_a_question_that_needs_a_right_of_its_own_stops_nothing() {
    let tool = empty_compartment()
        .fails("offers", "NotAuthorizedOrNotFound")
        .fails("domains", "NotAuthorizedOrNotFound");
    assert!(matches!(
        preflight(&tool, json!({})).result,
        Ok(Outcome::Ready(_))
    ));
    assert!(matches!(
        preflight(&empty_compartment(), json!({})).result,
        Ok(Outcome::Ready(_))
    ));
}

#[test]
fn what_oci_would_say_after_minutes_is_said_before() {
    let subnet_with = |member: &str, value: Json| {
        let document = data(with(subnet()["data"].clone(), member, value));
        empty_compartment().prints("subnet", document)
    };
    let private = subnet_with("prohibit-public-ip-on-vnic", json!(true));
    assert_eq!(problem(preflight(&private, json!({}))).code, "private-subnet");
    let private = subnet_with("prohibit-public-ip-on-vnic", json!(true));
    assert!(
        preflight(&private, json!({ "use_private_ip": true }))
            .result
            .is_ok()
    );
    let elsewhere = subnet_with("availability-domain", json!("Uocm:US-ASHBURN-AD-2"));
    assert_eq!(
        problem(preflight(&elsewhere, json!({}))).code,
        "conflicting-settings"
    );
    let missing = empty_compartment().fails("subnet", "NotAuthorizedOrNotFound");
    assert_eq!(problem(preflight(&missing, json!({}))).code, "subnet-not-found");
    for (overrides, code, key) in [
        (
            json!({ "availability_domain": "Uocm:PHX-AD-1" }),
            "unknown-availability-domain",
            "availability_domain",
        ),
        (
            json!({ "shape": "VM.Standard.A1.Flex" }),
            "shape-not-offered",
            "shape",
        ),
        (
            json!({ "shape_config": { "ocpus": 65, "memory_in_gbs": 65 } }),
            "unsupported-size",
            "shape_config",
        ),
        (
            json!({ "shape_config": { "ocpus": 32, "memory_in_gbs": 1025 } }),
            "unsupported-size",
            "shape_config",
        ),
    ] {
        let problem = problem(preflight(&region(), overrides.clone()));
        assert_eq!(
            (problem.code.as_str(), problem.key.as_deref()),
            (code, Some(key)),
            "{overrides}"
        );
        assert!(problem.remedy.is_some());
    }
    let fixed = preflight(&region(), json!({ "shape": "VM.Standard2.2" }));
    assert!(fixed.result.is_ok());
}

#[test]
fn tags_come_back_as_they_were() {
    let tool = empty_compartment().prints("images", json!([image(IMAGE)]));
    let image = listed(run(&tool, json!({}), list(None))).remove(0);
    let back: serde_json::Map<_, _> = image
        .tags
        .iter()
        .map(|tag| (tag.key.clone(), json!(tag.value)))
        .collect();
    assert_eq!(Json::Object(back), tags_json());
}
