//! A stand-in for the `gcloud` command: canned answers in the shapes that Google prints.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod everything;
#[path = "../../../sdk/tests/support/plans.rs"]
pub mod plans;

use serde_json::{Value as Json, json};
use sindri_plugin_gcp::{CONFIG_SCHEMA, Gcp};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, PlanRequest};
use sindri_plugin_sdk::names;
use sindri_plugin_sdk::testing::{self, Driven, Tool, context, drive, section, turns};
pub use sindri_plugin_sdk::testing::{optional_flag as flag, problem, removal, removed, with};

pub const RUN: &str = "abcdef012345";
pub const IMAGE: &str = "sindri-dev-20261122093005";
pub const PROJECT: &str = "my-project";

/// What the run makes is called so.
pub fn name() -> String {
    names::of_run(RUN)
}

/// A project without anything in it, where every change succeeds.
pub fn empty_project() -> Tool {
    Tool::with_nothing(|verb| {
        Some(match verb {
            "auth list" => json!([{ "account": "jane@example.com", "status": "ACTIVE" }]),
            "compute zones describe" => json!({ "name": "us-west1-a", "status": "UP" }),
            "compute images describe" => image(IMAGE),
            "compute images get-iam-policy" => json!({ "etag": "BwYd", "version": 1 }),
            "compute instances create" => json!([instance(&name(), &labels())]),
            "compute instances describe" => instance(&name(), &labels()),
            "compute networks subnets describe" => json!({ "network": url("global/networks/build") }),
            _ if verb.ends_with(" list") => json!([]),
            _ => return None,
        })
    })
}

/// A section with the required keys.
pub fn config(mut settings: Json) -> String {
    if settings.get("project_id").is_none() {
        settings["project_id"] = json!(PROJECT);
    }
    section(CONFIG_SCHEMA, &settings).unwrap()
}

pub fn request(settings: Json, operation: Operation) -> PlanRequest {
    PlanRequest {
        context: context(),
        config: config(settings),
        operation,
    }
}

/// Drives the plan to its end.
pub fn run(tool: &Tool, settings: Json, operation: Operation) -> Driven {
    let request = request(settings, operation);
    let driven = drive::<Gcp>(&request, |step, command| tool.answer(step, command)).unwrap();
    plans::hold("gcp", &request.operation, &driven);
    driven
}

pub fn url(path: &str) -> String {
    format!("https://www.googleapis.com/compute/v1/projects/{PROJECT}/{path}")
}

/// Labels of the host as Google stores them.
pub fn labels() -> Json {
    json!({
        "name": "sindri-dev", "managed-by": "sindri", "sindri-version": "3_0_0", "sindri-profile": "minimal",
        "sindri-cache-key": "0123456789abcdef", "sindri-run-id": RUN, "build-date": "2026-11-22t09-30-05z",
    })
}

/// An image of ours as `images describe` prints it.
pub fn image(name: &str) -> Json {
    json!({
        "kind": "compute#image", "id": "1234567890", "name": name, "description": "golden", "status": "READY",
        "creationTimestamp": "2026-11-22T01:40:00.123-08:00", "architecture": "X86_64", "diskSizeGb": "80",
        "archiveSizeBytes": "123", "family": "sindri", "labels": labels(), "labelFingerprint": "42Wm",
        "selfLink": url(&format!("global/images/{name}")), "storageLocations": ["us"],
    })
}

/// An instance as `instances list` prints it.
pub fn instance(name: &str, labels: &Json) -> Json {
    json!({
        "kind": "compute#instance", "name": name, "status": "RUNNING", "zone": url("zones/us-west1-a"),
        "creationTimestamp": "2026-11-22T01:31:00.123-08:00", "labels": labels,
        "networkInterfaces": [{ "networkIP": "10.138.0.4", "network": url("global/networks/default"),
            "accessConfigs": [{ "natIP": "198.51.100.4", "type": "ONE_TO_ONE_NAT" }] }],
        "disks": [{ "boot": true, "autoDelete": true, "source": url(&format!("zones/us-west1-a/disks/{name}")) }],
    })
}

pub fn disk(name: &str) -> Json {
    json!({
        "name": name, "zone": url("zones/us-west1-a"), "sizeGb": "80", "status": "READY",
        "creationTimestamp": "2026-11-22T01:31:00.123-08:00",
    })
}

pub fn firewall(name: &str) -> Json {
    json!({
        "name": name, "network": url("global/networks/default"), "direction": "INGRESS", "priority": 900,
        "sourceRanges": ["203.0.113.7/32"], "allowed": [{ "IPProtocol": "tcp", "ports": ["22"] }],
        "creationTimestamp": "2026-11-22T01:31:00.123-08:00",
    })
}

/// The verbs of each turn.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    turns(driven, |command| {
        let start = usize::from(command.verb[0] == "compute");
        command.verb[start..].join(" ")
    })
}

pub fn deploy_request() -> DeployRequest {
    testing::deploy_request(IMAGE, "my vm")
}
