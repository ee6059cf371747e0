//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_gcp::{CONFIG_SCHEMA, Gcp};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::Value;
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    coverage::every_command_is_requested::<Gcp>(&everything()).unwrap();
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    coverage::every_request_is_used::<Gcp>(&everything()).unwrap();
}

#[test]
fn the_commands_of_each_operation_are_written_down() {
    support::plans::compare("gcp", &by_operation());
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
    let plans = everything();
    coverage::nothing_of_the_host_is_set(&plans, "gcloud", &hosts).unwrap();
    for command in plans.iter().flat_map(Driven::commands) {
        assert!(command.positionals.len() <= 1 && command.location.is_none());
        assert!(
            command
                .flags
                .iter()
                .all(|flag| matches!(flag.values.as_slice(), [] | [Value::Text(_)])),
            "gcloud takes lists with commas, and no files"
        );
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let requests: Vec<_> = operations()
        .into_iter()
        .map(|operation| request(json!({ "subnetwork": "build" }), operation))
        .collect();
    let garbage = Garbage {
        texts: &[
            "[{}]",
            "[{\"name\":7}]",
            "[{\"name\":",
            "[{\"name\":\"sindri-\u{e4}bcdef01234-0\",\"zone\":\"\"}]",
        ],
        most_good_answers: 3,
        problems: &["unreadable-output", "image-not-found", "unsupported-operation"],
    };
    garbage.survived_by::<Gcp>(&requests, full_project).unwrap();
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
