//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sindri_plugin_azure::{Azure, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool, covers, drive, silent};
use support::*;

fn operations(id: &str) -> Vec<Operation> {
    let id = || id.to_owned();
    let deprecate = |state| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: None,
            replacement: Some(IMAGE.to_owned()),
        })
    };
    let share = |revoke| {
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![
                Principal::Account(SUBSCRIPTION.to_owned()),
                Principal::Organization(SUBSCRIPTION.to_owned()),
            ],
            revoke,
        })
    };
    let publish = |withdraw| {
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw,
        })
    };
    let planned = |name: &str| {
        Operation::CheckBuild(PlannedImage {
            name: name.to_owned(),
            architecture: None,
        })
    };
    vec![
        Operation::CheckCredentials,
        planned("sindri-dev-20261122093005"),
        planned("sindri/2026.1122.93005"),
        Operation::FindRuns,
        Operation::FindImage("0123456789abcdef".to_owned()),
        Operation::ListImages(ImageFilter { name_prefix: None }),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "azure-arm".to_owned(),
            artifact_id: id(),
            image_name: "x".to_owned(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "{{x}}".to_owned(),
            }],
            unwritten_description: None,
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request(&id())),
        Operation::Destroy(DestroyTarget::Instance(MACHINE.to_owned())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some("sindri-dev-20261122093005".to_owned()),
        })),
        share(false),
        share(true),
        publish(false),
        publish(true),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["eastus".to_owned()],
        }),
        deprecate(DeprecationState::Active),
        deprecate(DeprecationState::Deprecated),
        deprecate(DeprecationState::Obsolete),
    ]
}

/// A subscription in which every plan finds something to do.
fn full_account(permissions: &str) -> Tool {
    let mut deprecated = image(IMAGE);
    deprecated["tags"]["SindriDeprecatedAt"] = json!("2026-01-01T00:00:00Z");
    Tool::default()
        .prints(
            "account show",
            json!({ "id": SUBSCRIPTION, "state": "Enabled", "user": { "name": "me@example.com", "type": "user" } }),
        )
        .prints("group exists", json!(true))
        .fails("name", "ResourceNotFound")
        .prints("image show", deprecated)
        .prints("image list", json!([image(IMAGE)]))
        .prints("sig image-version show", version(VERSION))
        .prints("sig image-version list", json!([version(VERSION)]))
        .prints("sig image-definition show", definition())
        .prints("sig show", shown_gallery(permissions))
        .prints("group show", group(GROUP, tags_json()))
        .prints("group list", json!([group(GROUP, tags_json())]))
        .prints(
            "network vnet list",
            json!([{ "name": "net", "resourceGroup": "network", "subnets": [{ "id": "/x", "name": "a" }] }]),
        )
        .prints("vm create", created())
}

fn configurations() -> Vec<Json> {
    let private = json!({ "virtual_network_name": "net" });
    let public = json!({ "virtual_network_name": "net", "private_virtual_network_with_public_ip": true });
    vec![gallery(), json!({}), private, public]
}

fn everything() -> Vec<Driven> {
    let mut all = Vec::new();
    for config in configurations() {
        for id in [IMAGE, VERSION] {
            for operation in operations(id) {
                for permissions in ["Groups", "Community"] {
                    all.push(run(&full_account(permissions), config.clone(), operation.clone()));
                }
            }
        }
    }
    all
}

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Azure::describe().requests.commands;
    for driven in everything() {
        for command in driven.commands() {
            assert!(
                requests.iter().any(|request| covers(request, command)),
                "not requested: {command:?}"
            );
        }
    }
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    let word =
        |effect: Effect, verb: &[String], flag: &str| format!("{effect:?} {} --{flag}", verb.join(" "));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(word(command.effect, &command.verb, ""));
            used.extend(
                command
                    .flags
                    .iter()
                    .map(|flag| word(command.effect, &command.verb, &flag.name)),
            );
        }
    }
    for request in Azure::describe().requests.commands {
        for flag in request.flags.iter().map(String::as_str).chain([""]) {
            let wanted = word(request.effect, &request.verb, flag);
            assert!(used.contains(&wanted), "no plan uses {wanted}");
        }
    }
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "az");
            assert!(command.positionals.is_empty() && command.location.is_none());
            for flag in &command.flags {
                assert!(
                    ![
                        "subscription",
                        "output",
                        "query",
                        "debug",
                        "ids",
                        "generate-ssh-keys",
                        "admin-password"
                    ]
                    .contains(&flag.name.as_str())
                );
            }
        }
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let garbage = [
        "",
        "\u{0}",
        "null",
        "[]",
        "{}",
        "<html>",
        "[{\"id\":7}]",
        "{\"id\":",
        "\"x\"",
        "1e999",
    ];
    for id in [IMAGE, VERSION] {
        for operation in operations(id) {
            for good_answers in 0..4 {
                for text in garbage {
                    let tool = full_account("Groups");
                    let mut answered = 0;
                    let request = request(gallery(), operation.clone());
                    let driven = drive::<Azure>(&request, |step, command| {
                        answered += 1;
                        if answered <= good_answers {
                            return tool.answer(step, command);
                        }
                        Ok(StepResult {
                            stdout: text.to_owned(),
                            ..silent(step)
                        })
                    });
                    let driven = driven.unwrap_or_else(|error| panic!("{operation:?} {text}: {error}"));
                    if let Err(problem) = &driven.result {
                        let expected = [
                            "unreadable-output",
                            "name-in-use",
                            "gallery-permissions",
                            "unsupported-for-managed-image",
                            "unsupported-state",
                        ];
                        assert!(expected.contains(&problem.code.as_str()), "{problem:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_plugin_describes_itself() {
    let info = Azure::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("azure", ["microsoft".to_owned()].as_slice())
    );
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert_eq!(
        info.tools[0].install_url,
        "https://learn.microsoft.com/en-us/cli/azure/install-azure-cli"
    );
    assert_eq!(info.requests.guest_phases, [GuestPhase::Generalize]);
    let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
    assert_eq!(
        schema["properties"]["subscription_id"]["x-sindri"]["env"],
        json!(["AZURE_SUBSCRIPTION_ID"])
    );
}
