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
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, covers, drive, silent};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Oci::describe().requests.commands;
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
    for request in Oci::describe().requests.commands {
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
fn no_plan_sets_what_the_host_sets_or_names_a_file() {
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "oci");
            assert!(command.positionals.is_empty());
            for flag in &command.flags {
                assert!(
                    ![
                        "region",
                        "output",
                        "profile",
                        "endpoint",
                        "auth",
                        "config-file",
                        "debug",
                        "from-json",
                        "ssh-authorized-keys-file",
                        "user-data-file",
                    ]
                    .contains(&flag.name.as_str())
                );
                assert!(flag.values.iter().all(|value| matches!(value, Value::Text(_))));
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
        "{\"data\":null}",
        "{\"data\":[]}",
        "{\"data\":{}}",
        "{\"data\":[{\"id\":7}]}",
        "[{\"id\":\"x\",\"lifecycle-state\":\"\u{e9}\"}]",
        "{\"data\":",
        "\"x\"",
        "1e999",
    ];
    for operation in operations() {
        for good_answers in 0..6 {
            for text in garbage {
                let tool = full_compartment();
                let mut answered = 0;
                let driven = drive::<Oci>(
                    &request(configurations()[2].clone(), operation.clone()),
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
                        [
                            "unreadable-output",
                            "address-not-found",
                            "copy-failed",
                            "unsupported",
                            "unusable-name"
                        ]
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
    let info = Oci::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("oci", ["oracle".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    let flag = |key: &str| schema["properties"][key]["x-sindri"]["flag"].clone();
    assert_eq!(
        [flag("region"), flag("shape"), flag("boot_volume_size_gb")],
        [json!("region"), json!("instance-type"), json!("disk-size")]
    );
    assert_eq!(
        info.tools[0].install_url,
        "https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm"
    );
}
