//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_alibaba::{Alibaba, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    coverage::every_command_is_requested::<Alibaba>(&everything()).unwrap();
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    coverage::every_request_is_used::<Alibaba>(&everything()).unwrap();
}

#[test]
fn the_commands_of_each_operation_are_written_down() {
    support::plans::compare("alibaba", &by_operation());
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    let hosts = ["RegionId"];
    let plans = everything();
    coverage::nothing_of_the_host_is_set(&plans, "aliyun", &hosts).unwrap();
    for command in plans.iter().flat_map(Driven::commands) {
        assert!(command.positionals.is_empty());
        for flag in &command.flags {
            assert!(
                flag.name.starts_with(|c: char| c.is_ascii_uppercase()),
                "--{} is no parameter of an API",
                flag.name
            );
        }
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let requests: Vec<_> = operations()
        .into_iter()
        .map(|operation| request(json!({ "image_copy_regions": ["us-west-1"] }), operation))
        .collect();
    let garbage = Garbage {
        texts: &[
            "{\"Images\":{\"Image\":[{\"ImageId\":7}]}}",
            "{\"Images\":",
            "{\"TotalCount\":18446744073709551615}",
        ],
        most_good_answers: 7,
        problems: &[
            "unreadable-output",
            "image-not-found",
            "instance-not-running",
            "unavailable-instance-type",
            "unsupported-state",
            "too-many-results",
        ],
    };
    garbage
        .survived_by::<Alibaba>(&requests, || full_account("Available"))
        .unwrap();
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
