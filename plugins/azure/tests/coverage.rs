//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_azure::{Azure, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::GuestPhase;
use sindri_plugin_sdk::testing::Driven;
use sindri_plugin_sdk::testing::coverage::{self, Garbage};
use support::everything::*;
use support::*;

#[test]
fn every_command_of_every_plan_is_requested() {
    coverage::every_command_is_requested::<Azure>(&everything()).unwrap();
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    coverage::every_request_is_used::<Azure>(&everything()).unwrap();
}

#[test]
fn the_commands_of_each_operation_are_written_down() {
    support::plans::compare("azure", &by_operation());
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    let hosts = [
        "subscription",
        "output",
        "query",
        "debug",
        "ids",
        "generate-ssh-keys",
        "admin-password",
    ];
    let plans = everything();
    coverage::nothing_of_the_host_is_set(&plans, "az", &hosts).unwrap();
    for command in plans.iter().flat_map(Driven::commands) {
        assert!(command.positionals.is_empty() && command.location.is_none());
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let requests: Vec<_> = [IMAGE, VERSION]
        .into_iter()
        .flat_map(operations)
        .map(|operation| request(gallery(), operation))
        .collect();
    let garbage = Garbage {
        texts: &["[{\"id\":7}]", "{\"id\":"],
        most_good_answers: 3,
        problems: &[
            "unreadable-output",
            "name-in-use",
            "gallery-permissions",
            "unsupported-for-managed-image",
            "unsupported-state",
        ],
    };
    garbage
        .survived_by::<Azure>(&requests, || full_account("Groups"))
        .unwrap();
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
