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
use sindri_plugin_alibaba::{Alibaba, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::command::requested_as;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, covers, drive, silent};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Alibaba::describe().requests.commands;
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
    let word = |verb: &[String], flag: &str| format!("{} --{}", verb.join(" "), requested_as(flag));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(command.verb.join(" "));
            used.extend(command.flags.iter().map(|flag| word(&command.verb, &flag.name)));
        }
    }
    for request in Alibaba::describe().requests.commands {
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
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "aliyun");
            assert!(command.positionals.is_empty());
            for flag in &command.flags {
                assert!(
                    flag.name.starts_with(|c: char| c.is_ascii_uppercase()) && flag.name != "RegionId",
                    "--{} is no parameter of an API",
                    flag.name
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
        "{\"Images\":{\"Image\":[{\"ImageId\":7}]}}",
        "{\"Images\":",
        "\"x\"",
        "1e999",
        "{\"TotalCount\":18446744073709551615}",
    ];
    for operation in operations() {
        for good_answers in 0..8 {
            for text in garbage {
                let tool = full_account("Available");
                let mut answered = 0;
                let driven = drive::<Alibaba>(
                    &request(json!({ "image_copy_regions": ["us-west-1"] }), operation.clone()),
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
                            "image-not-found",
                            "instance-not-running",
                            "unavailable-instance-type",
                            "unsupported-state",
                            "too-many-results"
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
    let info = Alibaba::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("alibaba", ["alicloud".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert!(
        schema.get("required").is_none(),
        "everything on Alibaba Cloud has a default"
    );
    for (key, flag) in [
        ("region", "region"),
        ("instance_type", "instance-type"),
        ("system_disk_size_gb", "disk-size"),
    ] {
        assert_eq!(schema["properties"][key]["x-sindri"]["flag"], flag);
    }
    assert_eq!(
        info.tools[0].install_url,
        "https://www.alibabacloud.com/help/en/cli/install-cli"
    );
}
