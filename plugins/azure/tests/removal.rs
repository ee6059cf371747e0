//! Deleting images, destroying machines and what runs left.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use support::*;

fn delete(id: &str) -> Operation {
    Operation::DeleteImage(id.to_owned())
}

fn destroy_machine() -> Operation {
    Operation::Destroy(DestroyTarget::Instance(MACHINE.to_owned()))
}

fn destroy_run(image_name: Option<&str>) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: image_name.map(str::to_owned),
    }))
}

#[test]
fn an_image_goes_and_a_missing_one_is_no_failure() {
    let tool = account().prints("image", image(IMAGE));
    let driven = run(&tool, json!({}), delete(IMAGE));
    assert_eq!(verbs(&driven), [["image show"], ["image delete"]]);
    assert_eq!(removed(&removal(driven)), [format!("image {IMAGE}")]);
    for id in [IMAGE, VERSION] {
        let nothing = removal(run(&empty_account(), json!({}), delete(id)));
        assert!(nothing.removed.is_empty() && nothing.leftovers.is_empty());
    }
}

#[test]
fn a_version_goes_with_the_managed_image_that_it_was_made_of() {
    let mut other = image(&IMAGE.replace("20261122", "20261123"));
    other["tags"]["SindriRunId"] = json!("another00000");
    let tool = account()
        .prints("sig image-version show", version(VERSION))
        .prints("sig image-definition show", definition())
        .prints("image list", json!([image(IMAGE), other]))
        .prints("sig image-version list", json!([version(VERSION)]));
    let driven = run(&tool, gallery(), delete(VERSION));
    assert_eq!(verbs(&driven)[1], ["image delete", "sig image-version delete"]);
    assert_eq!(
        removed(&removal(driven)),
        [format!("image {IMAGE}"), format!("image {VERSION}")],
        "not what another run made"
    );
}

#[test]
fn a_protected_version_is_left_alone_and_the_user_is_told() {
    let mut protected = with(
        version(VERSION),
        "/safetyProfile/blockDeletionBeforeEndOfLife",
        json!(true),
    );
    protected["publishingProfile"]["endOfLifeDate"] = json!("2027-05-22T00:00:00+00:00");
    let tool = account()
        .prints("image", protected.clone())
        .prints("definition", definition());
    let driven = run(&tool, json!({}), delete(VERSION));
    assert_eq!(driven.turns.len(), 1);
    assert_eq!(problem(driven).code, "deletion-protected");
    protected["publishingProfile"]["endOfLifeDate"] = json!("2026-05-22T00:00:00+00:00");
    let tool = account()
        .prints("image", protected)
        .prints("definition", definition());
    assert_eq!(removal(run(&tool, json!({}), delete(VERSION))).removed.len(), 1);
}

#[test]
fn a_version_that_is_still_replicated_is_tried_again_and_not_for_ever() {
    let tool = account()
        .prints("image", image(IMAGE))
        .fails("image delete", "Conflict");
    let removal = removal(run(&tool, json!({}), delete(IMAGE)));
    assert_eq!(removal.leftovers[0].reason, "the cloud refuses: Conflict");
}

#[test]
fn a_machine_goes_with_its_group_in_two_rounds() {
    let tool = account().prints("group show", group(GROUP, tags_json()));
    let driven = run(&tool, json!({}), destroy_machine());
    assert_eq!(verbs(&driven), [["group show"], ["group delete"]]);
    assert_eq!(removed(&removal(driven)), [format!("resource-group {GROUP}")]);
    let gone = removal(run(&empty_account(), json!({}), destroy_machine()));
    assert!(gone.removed.is_empty() && gone.leftovers.is_empty());
}

#[test]
fn a_group_that_is_not_ours_is_never_deleted() {
    let mine = |tags: Json| group(GROUP, tags);
    let named = |name: &str| group(name, tags_json());
    for (found, machine) in [
        (mine(Json::Null), MACHINE.to_owned()),
        (mine(json!({})), MACHINE.to_owned()),
        (mine(json!({ "ManagedBy": "sindri" })), MACHINE.to_owned()),
        (mine(json!({ "SindriRunId": RUN })), MACHINE.to_owned()),
        (
            mine(json!({ "ManagedBy": "terraform", "SindriRunId": RUN })),
            MACHINE.to_owned(),
        ),
        // The tags of a machine's image on the user's own group.
        (named("production"), MACHINE.replace(GROUP, "production")),
        (
            group("sindri-*", json!({ "ManagedBy": "sindri", "SindriRunId": "*" })),
            MACHINE.to_owned(),
        ),
    ] {
        let tool = account().prints("group show", found.clone());
        let driven = run(
            &tool,
            json!({}),
            Operation::Destroy(DestroyTarget::Instance(machine)),
        );
        assert_eq!(verbs(&driven), [["group show"]], "{found}");
        assert_eq!(problem(driven).code, "not-ours");
    }
    let other = group(
        GROUP,
        json!({ "ManagedBy": "sindri", "SindriRunId": "another00000" }),
    );
    let tool = account().prints("group show", other);
    assert_eq!(problem(run(&tool, json!({}), destroy_run(None))).code, "not-ours");
}

#[test]
fn an_interrupted_build_goes_with_its_unfinished_image_wherever_that_was_going() {
    let pending = with(image(IMAGE), "/provisioningState", json!("Creating"));
    let mut older = image(&IMAGE.replace("20261122", "20261101"));
    older["tags"]["SindriRunId"] = json!("another00000");
    let tool = account()
        .prints("group show", group(GROUP, tags_json()))
        .prints("image list", json!([pending, older]))
        .prints("sig image-version list", json!([version(VERSION)]));
    let driven = run(&tool, gallery(), destroy_run(Some("sindri/2026.1122.93005")));
    assert_eq!(driven.turns.len(), 2);
    assert_eq!(
        removed(&removal(driven)),
        [
            format!("resource-group {GROUP}"),
            format!("image {IMAGE}"),
            format!("image {VERSION}")
        ]
    );
    let finished = run(&tool, gallery(), destroy_run(None));
    assert_eq!(
        removed(&removal(finished)),
        [format!("resource-group {GROUP}")],
        "a finished image stays"
    );
}

#[test]
fn a_group_that_is_held_is_tried_again_and_then_left() {
    let tool = account()
        .prints("group show", group(GROUP, tags_json()))
        .fails("group delete", "Conflict")
        .prints("group delete", json!(null));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(verbs(&driven)[2], ["pause", "group delete"]);
    assert_eq!(removal(driven).removed.len(), 1);
    let stuck = account()
        .prints("group show", group(GROUP, tags_json()))
        .fails("group delete", "ScopeLocked");
    let removal = removal(run(&stuck, json!({}), destroy_run(None)));
    assert_eq!(removal.leftovers[0].reason, "the cloud refuses: ScopeLocked");
}

#[test]
fn runs_are_told_from_their_groups_and_decoys_are_not() {
    let mut deployed = tags_json();
    deployed["SindriPurpose"] = json!("deploy");
    deployed["SindriRunId"] = json!("bbbbbbbbbbbb");
    let groups = json!([
        group(GROUP, tags_json()),
        group("sindri-bbbbbbbbbbbb", deployed),
        group("packer-Resource-Group-abc", json!({ "ManagedBy": "sindri" })),
        group("production", tags_json()),
        group(
            "sindri-cccccccccccc",
            json!({ "ManagedBy": "terraform", "SindriRunId": "cccccccccccc" })
        ),
        group("sindri-", json!({ "ManagedBy": "sindri", "SindriRunId": "" })),
    ]);
    let tool = empty_account().prints("group list", groups);
    let driven = run(&tool, json!({}), Operation::FindRuns);
    assert_eq!(flag(&driven, "groups", "tag"), "ManagedBy=sindri");
    let Ok(Outcome::Runs(runs)) = driven.result else {
        panic!()
    };
    let told: Vec<_> = runs
        .iter()
        .map(|run| (run.run_id.as_str(), run.purpose, run.resources[0].id.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (RUN, RunPurpose::Build, GROUP),
            ("bbbbbbbbbbbb", RunPurpose::Deploy, "sindri-bbbbbbbbbbbb")
        ]
    );
    assert_eq!(runs[0].started.as_deref(), Some("2026-11-22"));
}
