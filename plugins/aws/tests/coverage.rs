//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use support::everything::{by_operation, everything, full_account, operations};
use support::request;

#[test]
fn every_command_of_every_plan_is_requested() {
    coverage::every_command_is_requested::<Aws>(&everything()).unwrap();
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    coverage::every_request_is_used::<Aws>(&everything()).unwrap();
}

#[test]
fn the_commands_of_each_operation_are_written_down() {
    support::plans::compare("aws", &by_operation());
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    let hosts = ["region", "output", "profile", "endpoint-url", "query", "debug"];
    let plans = everything();
    coverage::nothing_of_the_host_is_set(&plans, "aws", &hosts).unwrap();
    assert!(
        plans
            .iter()
            .flat_map(Driven::commands)
            .all(|command| command.positionals.is_empty())
    );
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let requests: Vec<_> = operations()
        .into_iter()
        .map(|operation| request(json!({ "ami_regions": ["eu-west-1"] }), operation))
        .collect();
    let garbage = Garbage {
        texts: &["{\"Images\":[{\"ImageId\":7}]}", "{\"Images\":"],
        most_good_answers: 3,
        problems: &["unreadable-output", "image-not-found", "instance-not-running"],
    };
    garbage
        .survived_by::<Aws>(&requests, || full_account("available"))
        .unwrap();
}

#[test]
fn the_plugin_describes_itself() {
    let info = Aws::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("aws", ["amazon".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert_eq!(
        schema["properties"]["region"]["x-sindri"]["env"],
        json!(["AWS_REGION", "AWS_DEFAULT_REGION"])
    );
    assert!(
        schema.get("required").is_none(),
        "everything on AWS has a default"
    );
    assert!(info.tools[0].install_url.starts_with("https://"));
}
