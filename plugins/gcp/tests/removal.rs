//! Deleting images and destroying what runs left behind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Operation, Outcome, RunPurpose, RunTrace};
use sindri_plugin_sdk::testing::Tool;
use support::{
    IMAGE, RUN, disk, empty_project, firewall, flag, image, instance, labels, name, problem, removal,
    removed, run, url, verbs, with,
};

fn delete() -> Operation {
    Operation::DeleteImage(IMAGE.to_owned())
}

fn destroy_instance() -> Operation {
    Operation::Destroy(DestroyTarget::Instance(name()))
}

fn destroy_run(image_name: Option<&str>) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: image_name.map(str::to_owned),
    }))
}

fn rule(what: &str) -> String {
    format!("{}-{what}", name())
}

fn deployed() -> Tool {
    empty_project()
        .prints("compute instances list", json!([instance(&name(), &labels())]))
        .prints("compute disks list", json!([disk(&name())]))
        .fails("compute disks delete", "notFound")
        .prints(
            "compute firewall-rules list",
            json!([firewall(&rule("ssh")), firewall(&rule("deny"))]),
        )
}

fn traces(tool: &Tool) -> Vec<RunTrace> {
    match run(tool, json!({}), Operation::FindRuns).result {
        Ok(Outcome::Runs(runs)) => runs,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_image_goes_with_one_command_and_may_be_gone_already() {
    let driven = run(&empty_project(), json!({}), delete());
    assert_eq!(verbs(&driven), [["images delete"]]);
    assert_eq!(removed(&removal(driven)), [format!("image {IMAGE}")]);
    let gone = removal(run(
        &empty_project().fails("compute images delete", "notFound"),
        json!({}),
        delete(),
    ));
    assert!(gone.removed.is_empty() && gone.leftovers.is_empty());
    let refused = run(
        &empty_project().fails("compute images delete", "forbidden"),
        json!({}),
        delete(),
    );
    assert_eq!(
        removal(refused).leftovers[0].reason,
        "the cloud refuses: forbidden"
    );
    let foreign = Operation::DeleteImage("projects/other-one/global/images/x".to_owned());
    assert_eq!(
        problem(run(&empty_project(), json!({}), foreign)).code,
        "foreign-image"
    );
}

#[test]
fn everything_that_deploy_made_goes() {
    let driven = run(&deployed(), json!({}), destroy_instance());
    assert_eq!(
        verbs(&driven),
        [
            vec!["instances list"],
            vec!["instances list", "disks list", "firewall-rules list"],
            vec![
                "instances delete",
                "firewall-rules delete",
                "firewall-rules delete",
                "disks delete"
            ]
        ]
    );
    let delete = driven
        .commands()
        .find(|command| command.verb[2] == "delete")
        .unwrap();
    assert_eq!(delete.flags[0].name, "delete-disks");
    let removal = removal(driven);
    assert_eq!(
        removed(&removal),
        [
            format!("instance {}", name()),
            format!("firewall-rule {}", rule("ssh")),
            format!("firewall-rule {}", rule("deny"))
        ]
    );
    assert!(removal.leftovers.is_empty());
}

#[test]
fn a_second_attempt_finds_the_rest_without_the_instance() {
    let tool = empty_project().prints("compute firewall-rules list", json!([firewall(&rule("deny"))]));
    let driven = run(&tool, json!({}), destroy_instance());
    assert_eq!(
        removed(&removal(driven)),
        [format!("firewall-rule {}", rule("deny"))]
    );
}

#[test]
fn an_instance_of_somebody_else_is_never_touched() {
    for foreign in [json!({}), with(labels(), "managed-by", json!("terraform"))] {
        let tool = empty_project().prints("instance", json!([instance(&name(), &foreign)]));
        let driven = run(&tool, json!({}), destroy_instance());
        assert_eq!(verbs(&driven), [["instances list"]]);
        assert_eq!(problem(driven).code, "not-ours");
    }
    for id in ["packer-1", "sindri-abcdef012345"] {
        let operation = Operation::Destroy(DestroyTarget::Instance(id.to_owned()));
        let driven = run(&empty_project(), json!({}), operation);
        assert_eq!(
            verbs(&driven),
            [["instances list"]],
            "a name alone proves nothing"
        );
        assert!(removal(driven).removed.is_empty());
    }
    let operation = Operation::Destroy(DestroyTarget::Instance("a OR name:*".to_owned()));
    assert_eq!(
        problem(run(&empty_project(), json!({}), operation)).code,
        "unusable-instance-id"
    );
}

#[test]
fn a_build_killed_while_its_image_was_made_leaves_nothing() {
    let tool = empty_project()
        .prints(
            "compute images list",
            json!([with(image(IMAGE), "status", json!("PENDING"))]),
        )
        .prints("compute disks list", json!([disk(&name())]))
        .fails("compute disks delete", "resourceInUseByAnotherResource")
        .says("compute disks delete", "");
    let driven = run(&tool, json!({}), destroy_run(Some(IMAGE)));
    assert_eq!(
        verbs(&driven)[1..],
        [
            vec!["images delete", "disks delete"],
            vec!["pause", "disks delete"]
        ],
        "the image first, because the disk is held while it is read"
    );
    assert_eq!(
        removed(&removal(driven)),
        [format!("image {IMAGE}"), format!("disk {}", name())]
    );
}

#[test]
fn lax_filters_and_decoys_cost_nobody_anything() {
    let other_run = with(labels(), "sindri-run-id", json!("another00000"));
    let tool = empty_project()
        .prints(
            "compute instances list",
            json!([
                instance("a", &other_run),
                instance("packer-1", &json!({})),
                instance("b", &json!({ "sindri-run-id": RUN }))
            ]),
        )
        .prints(
            "compute disks list",
            json!([
                disk("packer-1"),
                disk(&format!("sindri-{RUN}")),
                disk(&format!("sindri-{RUN}-00000000"))
            ]),
        )
        .prints(
            "compute firewall-rules list",
            json!([firewall("sindri-ssh"), firewall("default-allow-ssh")]),
        )
        .prints(
            "compute images list",
            json!([
                with(image(IMAGE), "labels", json!({})),
                image("sindri-another"),
                with(image(IMAGE), "labels", other_run),
            ]),
        );
    let driven = run(&tool, json!({}), destroy_run(Some(IMAGE)));
    assert_eq!(driven.turns.len(), 1, "{driven:?}");
    assert!(removal(driven).removed.is_empty());
    let labelled =
        traces(&empty_project().prints("disks", json!([disk("packer-1"), disk(&format!("sindri-{RUN}"))])));
    assert!(labelled.is_empty());
}

#[test]
fn what_is_in_another_zone_is_named_and_left() {
    let elsewhere = with(
        instance(&name(), &labels()),
        "zone",
        json!(url("zones/europe-west4-b")),
    );
    let tool = empty_project().prints("compute instances list", json!([elsewhere]));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(driven.turns.len(), 1);
    let removal = removal(driven);
    assert_eq!(removal.leftovers[0].resource.location, "europe-west4-b");
    assert!(removal.leftovers[0].reason.contains("us-west1-a"));
}

#[test]
fn runs_are_found_by_labels_and_by_names_where_labels_are_impossible() {
    let driven = run(&deployed(), json!({}), Operation::FindRuns);
    assert_eq!(
        verbs(&driven),
        [["instances list", "disks list", "firewall-rules list"]]
    );
    assert_eq!(
        flag(&driven, "instances", "filter").unwrap(),
        "labels.managed-by=sindri"
    );
    let runs = traces(&deployed());
    assert_eq!(
        (runs.len(), runs[0].run_id.as_str(), runs[0].resources.len()),
        (1, RUN, 4)
    );
    assert_eq!(runs[0].purpose, RunPurpose::Deploy);
    assert_eq!(runs[0].started.as_deref(), Some("2026-11-22T09:30:05Z"));

    let orphan = traces(&empty_project().prints("disks", json!([disk(&name())])));
    assert_eq!((orphan.len(), orphan[0].purpose), (1, RunPurpose::Build));
    assert_eq!(
        orphan[0].started.as_deref(),
        Some("2026-11-22T09:31:00Z"),
        "in UTC, for the age"
    );
}
