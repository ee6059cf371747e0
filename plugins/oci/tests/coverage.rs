//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::Value;
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    coverage::every_command_is_requested::<Oci>(&everything()).unwrap();
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    coverage::every_request_is_used::<Oci>(&everything()).unwrap();
}

#[test]
fn the_commands_of_each_operation_are_written_down() {
    support::plans::compare("oci", &by_operation());
}

#[test]
fn no_plan_sets_what_the_host_sets_or_names_a_file() {
    let hosts = [
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
    ];
    let plans = everything();
    coverage::nothing_of_the_host_is_set(&plans, "oci", &hosts).unwrap();
    for command in plans.iter().flat_map(Driven::commands) {
        assert!(command.positionals.is_empty());
        let mut values = command.flags.iter().flat_map(|flag| &flag.values);
        assert!(values.all(|value| matches!(value, Value::Text(_))));
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let requests: Vec<_> = operations()
        .into_iter()
        .map(|operation| request(configurations()[2].clone(), operation))
        .collect();
    let garbage = Garbage {
        texts: &[
            "{\"data\":null}",
            "{\"data\":[]}",
            "{\"data\":{}}",
            "{\"data\":[{\"id\":7}]}",
            "[{\"id\":\"x\",\"lifecycle-state\":\"\u{e9}\"}]",
            "{\"data\":",
        ],
        most_good_answers: 5,
        problems: &[
            "unreadable-output",
            "address-not-found",
            "copy-failed",
            "unsupported",
            "unusable-name",
        ],
    };
    garbage.survived_by::<Oci>(&requests, full_compartment).unwrap();
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
