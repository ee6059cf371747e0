//! Deleting images and destroying what runs left behind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Operation, Outcome, RunPurpose};
use support::{
    GROUP, IMAGE, INSTANCE, NAME, RUN, data, empty_compartment, flag, group, image, instance, problem,
    removal, removed, run, tags_json, verbs, with,
};

fn delete() -> Operation {
    Operation::DeleteImage(IMAGE.to_owned())
}

fn destroy_instance() -> Operation {
    Operation::Destroy(DestroyTarget::Instance(INSTANCE.to_owned()))
}

fn destroy_run(image_name: Option<&str>) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: image_name.map(str::to_owned),
    }))
}

fn tags_of(run_id: &str) -> Json {
    with(tags_json(), "SindriRunId", json!(run_id))
}

#[test]
fn an_image_goes_with_its_capability_schema_in_two_rounds() {
    let tool = empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("schemas", data(json!([{ "id": "ocid1.schema.oc1.iad.s" }])));
    let driven = run(&tool, json!({}), delete());
    assert_eq!(
        verbs(&driven),
        [
            vec!["image get", "image-capability-schema list"],
            vec!["image-capability-schema delete", "image delete"]
        ]
    );
    assert!(
        driven
            .commands()
            .filter(|command| command.verb.ends_with(&["delete".to_owned()]))
            .all(|command| command.flags.iter().any(|flag| flag.name == "force")),
        "it would ask, and nobody answers"
    );
    let removal = removal(driven);
    assert_eq!(
        removed(&removal),
        [
            "image-capability-schema ocid1.schema.oc1.iad.s".to_owned(),
            format!("image {IMAGE}")
        ]
    );
    assert!(removal.leftovers.is_empty());
}

#[test]
fn copies_go_first_and_only_those_of_the_same_run_and_name() {
    let copy = |id: &str| image(&format!("ocid1.image.oc1.eu-frankfurt-1.{id}"));
    let foreign = with(copy("foreign"), "freeform-tags", tags_of("another00000"));
    let renamed = with(copy("renamed"), "display-name", json!("another"));
    let tool = empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("copies-eu-frankfurt-1", json!([copy("copy"), foreign, renamed]));
    let config = json!({ "region": "us-ashburn-1", "copy_regions": ["eu-frankfurt-1", "us-ashburn-1"] });
    let driven = run(&tool, config, delete());
    assert_eq!(
        verbs(&driven)[1],
        ["image list"],
        "the build's own region has no copy"
    );
    assert_eq!(
        removed(&removal(driven)),
        [
            "image ocid1.image.oc1.eu-frankfurt-1.copy".to_owned(),
            format!("image {IMAGE}")
        ]
    );
}

#[test]
fn the_file_of_a_copy_that_was_cut_off_goes_with_its_run() {
    let file = format!("sindri-{RUN}.oci");
    let tool = empty_compartment()
        .prints("namespace", data(json!("mytenancy")))
        .prints(
            "objects-here",
            data(json!([{ "name": file }, { "name": format!("{file}.bak") }])),
        )
        .fails("objects-eu-frankfurt-1", "BucketNotFound");
    let config = json!({ "copy_bucket": "images", "copy_regions": ["eu-frankfurt-1"] });
    let driven = run(&tool, config, destroy_run(None));
    assert_eq!(
        verbs(&driven),
        [
            vec![
                "instance list",
                "nsg list",
                "ns get",
                "object list",
                "object list"
            ],
            vec!["object delete"]
        ]
    );
    assert_eq!(removed(&removal(driven)), [format!("object images/{file}")]);
}

#[test]
fn a_deletion_that_was_cut_off_is_finished_by_the_next_one() {
    let tool = empty_compartment()
        .fails("image", "NotAuthorizedOrNotFound")
        .prints("schemas", data(json!([{ "id": "ocid1.schema.oc1.iad.s" }])));
    assert_eq!(
        removed(&removal(run(&tool, json!({}), delete()))),
        ["image-capability-schema ocid1.schema.oc1.iad.s"]
    );
    let deleted = empty_compartment().prints(
        "image",
        data(with(image(IMAGE), "lifecycle-state", json!("DELETED"))),
    );
    assert!(removal(run(&deleted, json!({}), delete())).removed.is_empty());
}

#[test]
fn what_the_user_may_not_touch_is_a_leftover_and_not_gone() {
    let tool = empty_compartment()
        .prints("image", data(image(IMAGE)))
        .fails("schemas", "NotAuthorizedOrNotFound")
        .fails("compute image delete", "NotAuthorizedOrNotFound");
    let removal = removal(run(&tool, json!({}), delete()));
    assert!(removal.removed.is_empty());
    assert_eq!(removal.leftovers[0].resource.id, IMAGE);
    assert!(removal.leftovers[0].reason.contains("NotAuthorizedOrNotFound"));
}

#[test]
fn an_instance_goes_with_its_group_and_its_disks() {
    let ours = instance(INSTANCE, "RUNNING", &tags_json());
    let tool = empty_compartment()
        .prints("instance", data(ours.clone()))
        .prints("instances", json!([ours]))
        .prints("security-groups", json!([group(GROUP, &tags_json())]));
    let driven = run(&tool, json!({}), destroy_instance());
    assert_eq!(
        verbs(&driven),
        [
            vec!["instance get"],
            vec!["instance list", "nsg list"],
            vec!["instance terminate", "nsg delete"]
        ]
    );
    let terminate = driven
        .steps()
        .find(|step| step.purpose == format!("Remove instance {INSTANCE}"))
        .unwrap()
        .id
        .clone();
    assert_eq!(
        flag(&driven, &terminate, "wait-for-state"),
        "SUCCEEDED",
        "a state of the work request"
    );
    assert_eq!(flag(&driven, &terminate, "preserve-boot-volume"), "false");
    assert_eq!(
        flag(&driven, &terminate, "preserve-data-volumes-created-at-launch"),
        "false"
    );
    assert_eq!(
        removed(&removal(driven)),
        [
            format!("instance {INSTANCE}"),
            format!("network-security-group {GROUP}")
        ]
    );
}

#[test]
fn an_instance_of_somebody_else_is_left_alone() {
    for tags in [
        json!({}),
        json!({ "ManagedBy": "terraform", "SindriRunId": RUN }),
        json!({ "ManagedBy": "sindri" }),
        Json::Null,
    ] {
        let tool = empty_compartment().prints("instance", data(instance(INSTANCE, "RUNNING", &tags)));
        let driven = run(&tool, json!({}), destroy_instance());
        assert_eq!(verbs(&driven).len(), 1);
        assert_eq!(problem(driven).code, "not-ours");
    }
}

#[test]
fn only_what_carries_the_runs_id_goes() {
    let foreign = tags_of("another00000");
    let unmarked = with(tags_json(), "ManagedBy", json!("packer"));
    let tool = empty_compartment()
        .prints(
            "instances",
            json!([
                instance("ocid1.instance.oc1.iad.foreign", "RUNNING", &foreign),
                instance("ocid1.instance.oc1.iad.packers", "RUNNING", &unmarked),
                instance("ocid1.instance.oc1.iad.gone", "TERMINATED", &tags_json()),
                instance(INSTANCE, "RUNNING", &tags_json()),
            ]),
        )
        .prints(
            "security-groups",
            json!([
                group("ocid1.networksecuritygroup.oc1.iad.foreign", &foreign),
                group(GROUP, &tags_json())
            ]),
        );
    assert_eq!(
        removed(&removal(run(&tool, json!({}), destroy_run(None)))),
        [
            format!("instance {INSTANCE}"),
            format!("network-security-group {GROUP}")
        ]
    );
}

#[test]
fn an_unfinished_image_goes_only_if_it_is_this_runs() {
    let same_name = with(
        image("ocid1.image.oc1.iad.other"),
        "freeform-tags",
        tags_of("another00000"),
    );
    let same_run = with(
        image("ocid1.image.oc1.iad.finished"),
        "display-name",
        json!("another-name"),
    );
    let unfinished = with(image(IMAGE), "lifecycle-state", json!("PROVISIONING"));
    let tool = empty_compartment()
        .prints(
            "instances",
            json!([instance(INSTANCE, "CREATING_IMAGE", &tags_json())]),
        )
        .prints("image", data(json!([same_name, same_run, unfinished])));
    let driven = run(&tool, json!({}), destroy_run(Some(NAME)));
    assert_eq!(
        verbs(&driven),
        [
            vec!["instance list", "nsg list", "image list"],
            vec!["image-capability-schema list"],
            vec!["instance terminate", "image delete"]
        ]
    );
    assert_eq!(flag(&driven, "image", "display-name"), NAME);
    assert_eq!(
        removed(&removal(driven)),
        [format!("instance {INSTANCE}"), format!("image {IMAGE}")]
    );
}

#[test]
fn an_instance_that_is_being_made_into_an_image_is_tried_again() {
    let terminate = "compute instance terminate";
    let tool = empty_compartment()
        .prints(
            "instances",
            json!([instance(INSTANCE, "CREATING_IMAGE", &tags_json())]),
        )
        .fails(terminate, "IncorrectState")
        .fails(terminate, "Conflict")
        .prints(terminate, data(json!({ "status": "SUCCEEDED" })));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(
        verbs(&driven)[1..],
        [
            vec!["instance terminate"],
            vec!["pause", "instance terminate"],
            vec!["pause", "instance terminate"]
        ]
    );
    assert_eq!(removed(&removal(driven)), [format!("instance {INSTANCE}")]);
}

#[test]
fn an_instance_that_does_not_go_away_is_not_reported_as_gone() {
    let tool = empty_compartment()
        .prints("instances", json!([instance(INSTANCE, "RUNNING", &tags_json())]))
        .prints("security-groups", json!([group(GROUP, &tags_json())]))
        .fails("compute instance terminate", "WaitTimeout");
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert_eq!(removed(&removal), [format!("network-security-group {GROUP}")]);
    assert_eq!(
        removal.leftovers[0].resource.id, INSTANCE,
        "one thing that stays does not keep the rest"
    );
}

#[test]
fn destroying_twice_finds_nothing_and_is_fine() {
    for tool in [
        empty_compartment(),
        empty_compartment().fails("instance", "NotAuthorizedOrNotFound"),
    ] {
        for operation in [destroy_run(Some(NAME)), destroy_run(None)] {
            let removal = removal(run(&tool, json!({}), operation));
            assert!(removal.removed.is_empty() && removal.leftovers.is_empty());
        }
    }
    let gone = empty_compartment().fails("instance", "NotAuthorizedOrNotFound");
    assert!(
        removal(run(&gone, json!({}), destroy_instance()))
            .removed
            .is_empty()
    );
    let terminated =
        empty_compartment().prints("instance", data(instance(INSTANCE, "TERMINATED", &tags_json())));
    assert!(
        removal(run(&terminated, json!({}), destroy_instance()))
            .removed
            .is_empty()
    );
}

#[test]
fn a_run_id_cannot_become_a_wildcard_or_a_query() {
    for bad in ["*", "", "abcdef01234'", "ABCDEF012345"] {
        let driven = run(
            &empty_compartment(),
            json!({}),
            Operation::Destroy(DestroyTarget::Run(InterruptedRun {
                run_id: bad.to_owned(),
                image_name: None,
            })),
        );
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, "unusable-run-id", "{bad}");
    }
}

#[test]
fn runs_are_found_by_the_mark_of_ownership() {
    let dated = with(
        with(tags_of("bbbbbbbbbbbb"), "SindriPurpose", json!("deploy")),
        "BuildDate",
        json!("2026-11-22T09:30:05Z"),
    );
    let tool = empty_compartment()
        .prints(
            "instances",
            json!([
                instance(INSTANCE, "RUNNING", &dated),
                instance("ocid1.instance.oc1.iad.gone", "TERMINATED", &tags_json()),
                instance(
                    "ocid1.instance.oc1.iad.decoy",
                    "RUNNING",
                    &json!({ "SindriRunId": RUN })
                ),
            ]),
        )
        .prints("security-groups", json!([group(GROUP, &tags_json())]));
    let driven = run(&tool, json!({}), Operation::FindRuns);
    assert_eq!(verbs(&driven), [["instance list", "nsg list"]]);
    assert_eq!(
        flag(&driven, "instances", "query"),
        "data[?\"freeform-tags\".\"ManagedBy\"=='sindri']"
    );
    let Ok(Outcome::Runs(runs)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    let ids: Vec<_> = runs.iter().map(|run| run.run_id.as_str()).collect();
    assert_eq!(ids, [RUN, "bbbbbbbbbbbb"]);
    assert_eq!(runs[1].purpose, RunPurpose::Deploy);
    assert_eq!(runs[1].started.as_deref(), Some("2026-11-22T09:30:05Z"));
    assert!(matches!(
        run(&empty_compartment(), json!({}), Operation::FindRuns).result,
        Ok(Outcome::Runs(runs)) if runs.is_empty()
    ));
}
