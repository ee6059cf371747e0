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
use sindri_plugin_sdk::testing::{covers, drive, silent};
use support::everything::*;
use support::*;

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
