//! Plans with canned results in the shapes that `hcloud` prints.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value as Json, json};
use sindri_plugin_hcloud::{CONFIG_SCHEMA, Hcloud};
use sindri_plugin_sdk::contract::{
    Artifact, DestroyTarget, Image, ImageFilter, ImageState, InterruptedRun, Operation, Outcome, PlanRequest,
};
use sindri_plugin_sdk::names;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use sindri_plugin_sdk::testing::{Driven, Tool, context, drive, flag, problem, removal, removed, section};

const RUN: &str = "abcdef012345";
const KEY: &str = "0123456789abcdef";

fn request(operation: Operation) -> PlanRequest {
    PlanRequest {
        context: context(),
        config: section(CONFIG_SCHEMA, &json!({})).unwrap(),
        operation,
    }
}

fn run(tool: &Tool, operation: Operation) -> Driven {
    drive::<Hcloud>(&request(operation), |step, command| tool.answer(step, command)).unwrap()
}

fn image(id: u64, state: &str, labels: &Json) -> Json {
    json!({ "id": id, "type": "snapshot", "status": state, "name": "", "description": "sindri-dev-20261122093005",
        "image_size": 1.4, "disk_size": 40, "created": "2026-11-22T09:41:00+00:00", "created_from": { "id": 7, "name": "x" },
        "os_flavor": "ubuntu", "protection": { "delete": id == 13 }, "labels": labels })
}

fn ours() -> Json {
    json!({ "ManagedBy": "sindri", "SindriCacheKey": KEY, "SindriRunId": RUN })
}

/// A project with images of ours, a stranger's, a server that a build left, and a stranger's that looks like it.
fn project() -> Tool {
    Tool::with_nothing(|verb| {
        Some(match verb {
            "location list" => json!([{ "id": 1, "name": "fsn1" }]),
            "image list" => json!([
                image(11, "available", &ours()),
                image(12, "available", &ours()),
                image(13, "creating", &ours()),
                image(14, "available", &json!({ "team": "x" })),
            ]),
            "server list" => json!([
                { "id": 21, "name": names::of_run(RUN), "created": "2026-11-22T09:31:00+00:00" },
                { "id": 22, "name": format!("sindri-{RUN}-00000000"), "created": "" },
            ]),
            _ => return None,
        })
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

fn left(run_id: &str) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: run_id.to_owned(),
        image_name: None,
    }))
}

fn list(name_prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: name_prefix.map(str::to_owned),
    })
}

fn operations() -> Vec<Operation> {
    vec![
        Operation::CheckCredentials,
        Operation::FindImage(KEY.to_owned()),
        list(None),
        list(Some("sindri")),
        Operation::ShowImage("12".to_owned()),
        artifact("hcloud", "12"),
        Operation::DeleteImage("12".to_owned()),
        Operation::FindRuns,
        left(RUN),
    ]
}

fn everything() -> Vec<Driven> {
    operations()
        .into_iter()
        .map(|operation| run(&project(), operation))
        .collect()
}

fn one(driven: Driven) -> Option<Image> {
    match driven.result {
        Ok(Outcome::Image(image)) => image,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_requested_is_what_the_plans_use() {
    coverage::every_command_is_requested::<Hcloud>(&everything()).unwrap();
    coverage::every_request_is_used::<Hcloud>(&everything()).unwrap();
    coverage::nothing_of_the_host_is_set(
        &everything(),
        "hcloud",
        &["config", "context", "endpoint", "debug"],
    )
    .unwrap();
}

#[test]
fn no_plan_panics_or_hangs_on_what_the_tool_may_print() {
    let requests: Vec<_> = operations().into_iter().map(request).collect();
    let garbage = Garbage {
        texts: &[
            "[{}]",
            "[{\"id\":-1}]",
            "[{\"id\":1,\"labels\":null}]",
            "[{\"id\":1,\"name\":7}]",
        ],
        most_good_answers: 2,
        problems: &["unreadable-output"],
    };
    garbage.survived_by::<Hcloud>(&requests, project).unwrap();
}

#[test]
fn the_newest_finished_image_of_this_content_is_found_by_its_label() {
    let driven = run(&project(), Operation::FindImage(KEY.to_owned()));
    assert_eq!(
        flag(&driven, "images", "selector"),
        "ManagedBy==sindri,SindriCacheKey==0123456789abcdef"
    );
    let image = one(driven).unwrap();
    assert_eq!((image.id.as_str(), image.state), ("12", ImageState::Available));
    assert_eq!(
        (
            image.created_at.as_deref(),
            image.size_gib,
            image.labels.run_id.as_deref()
        ),
        (Some("2026-11-22T09:41:00Z"), Some(40), Some(RUN))
    );
    assert!(
        one(run(
            &project(),
            Operation::FindImage("fedcba9876543210".to_owned())
        ))
        .is_none()
    );
}

#[test]
fn the_tool_prints_null_for_nothing() {
    let empty = Tool::with_nothing(|_| Some(Json::Null));
    assert!(one(run(&empty, Operation::FindImage(KEY.to_owned()))).is_none());
    assert!(removal(run(&empty, left(RUN))).removed.is_empty());
}

#[test]
fn without_a_prefix_only_our_images_are_listed() {
    let count = |prefix| match run(&project(), list(prefix)).result {
        Ok(Outcome::Images(images)) => images.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (count(None), count(Some("sindri-dev")), count(Some("x"))),
        (3, 4, 0)
    );
}

#[test]
fn packers_artifact_is_the_snapshots_number() {
    assert_eq!(one(run(&project(), artifact("hcloud", "11"))).unwrap().id, "11");
    assert_eq!(
        problem(run(&project(), artifact("null", "11"))).code,
        "foreign-artifact"
    );
    for id in ["", "0x1", "--all", "012", "1 2", "-1", "18446744073709551616"] {
        assert_eq!(
            problem(run(&project(), artifact("hcloud", id))).code,
            "unusable-image-id",
            "{id}"
        );
    }
}

#[test]
fn an_image_is_deleted_unless_it_is_protected_or_gone() {
    assert_eq!(
        removed(&removal(run(&project(), Operation::DeleteImage("12".to_owned())))),
        ["image 12"]
    );
    assert!(
        removal(run(&project(), Operation::DeleteImage("99".to_owned())))
            .removed
            .is_empty()
    );
    let protected = problem(run(&project(), Operation::DeleteImage("13".to_owned())));
    assert_eq!(protected.code, "deletion-protected");
    let refused = project().fails("image delete", "forbidden");
    let stays = removal(run(&refused, Operation::DeleteImage("12".to_owned())));
    assert!(stays.leftovers[0].reason.contains("forbidden"));
}

#[test]
fn only_servers_whose_name_proves_the_run_are_ours() {
    let Ok(Outcome::Runs(traces)) = run(&project(), Operation::FindRuns).result else {
        panic!("no runs")
    };
    assert_eq!(
        (
            traces.len(),
            traces[0].run_id.as_str(),
            traces[0].resources[0].id.as_str()
        ),
        (1, RUN, "21")
    );
    assert_eq!(removed(&removal(run(&project(), left(RUN)))), ["server 21"]);
    assert!(removal(run(&project(), left("000000000000"))).removed.is_empty());
}
