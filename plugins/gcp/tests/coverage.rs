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
use sindri_plugin_gcp::{CONFIG_SCHEMA, Gcp};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, covers, drive, silent};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Gcp::describe().requests.commands;
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
    let word = |verb: &[String], flag: &str| format!("{} --{flag}", verb.join(" "));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(command.verb.join(" "));
            used.extend(command.flags.iter().map(|flag| word(&command.verb, &flag.name)));
        }
    }
    for request in Gcp::describe().requests.commands {
        assert!(
            used.contains(&request.verb.join(" ")),
            "no plan uses {:?}",
            request.verb
        );
        for flag in &request.flags {
            assert!(
                used.contains(&word(&request.verb, flag)),
                "no plan uses {}",
                word(&request.verb, flag)
            );
        }
    }
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    let hosts = [
        "project",
        "zone",
        "format",
        "quiet",
        "configuration",
        "account",
        "flags-file",
        "impersonate-service-account",
        "billing-project",
        "log-http",
        "metadata-from-file",
        "verbosity",
    ];
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "gcloud");
            assert!(command.positionals.len() <= 1 && command.location.is_none());
            for flag in &command.flags {
                assert!(!hosts.contains(&flag.name.as_str()), "{}", flag.name);
                assert!(flag.values.len() <= 1, "gcloud takes lists with commas");
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
        "[{}]",
        "<html>",
        "[{\"name\":7}]",
        "[{\"name\":",
        "[{\"name\":\"sindri-\u{e4}bcdef01234-0\",\"zone\":\"\"}]",
        "\"x\"",
        "1e999",
    ];
    for operation in operations() {
        for good_answers in 0..4 {
            for text in garbage {
                let tool = full_project();
                let mut answered = 0;
                let driven = drive::<Gcp>(
                    &request(json!({ "subnetwork": "build" }), operation.clone()),
                    |step, command| {
                        answered += 1;
                        if answered <= good_answers {
                            return tool.answer(step, command);
                        }
                        Ok(StepResult {
                            stdout: text.to_owned(),
                            ..silent(step)
                        })
                    },
                );
                if let Ok(Driven {
                    result: Err(problem), ..
                }) = &driven
                {
                    assert!(
                        ["unreadable-output", "image-not-found", "unsupported-operation"]
                            .contains(&problem.code.as_str()),
                        "{problem:?}"
                    );
                }
                assert!(driven.is_ok(), "{operation:?} {text}: {driven:?}");
            }
        }
    }
}

#[test]
fn the_plugin_describes_itself() {
    let info = Gcp::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("gcp", ["google".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert_eq!(schema["required"], json!(["project_id"]));
    for (key, flag) in [
        ("zone", "region"),
        ("machine_type", "instance-type"),
        ("disk_size", "disk-size"),
    ] {
        assert_eq!(schema["properties"][key]["x-sindri"]["flag"], flag);
    }
    assert_eq!(
        info.tools[0].install_url,
        "https://cloud.google.com/sdk/docs/install"
    );
}
