//! A stand-in for the `gcloud` command: canned answers in the shapes that Google prints.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod everything;

use serde_json::{Value as Json, json};
use sindri_plugin_gcp::{CONFIG_SCHEMA, Gcp};
use sindri_plugin_sdk::contract::{
    Action, DeployRequest, Operation, Outcome, PlanRequest, Problem, Removal, Step, Value,
};
use sindri_plugin_sdk::names;
use sindri_plugin_sdk::testing::{Driven, Tool, context, drive, host_tags, section};

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
    drive::<Gcp>(&request(settings, operation), |step, command| {
        tool.answer(step, command)
    })
    .unwrap()
}

pub fn deploy_request() -> DeployRequest {
    DeployRequest {
        image_id: IMAGE.to_owned(),
        name: "my vm".to_owned(),
        ssh_source: "203.0.113.7/32".to_owned(),
        tags: host_tags(),
    }
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

/// A JSON document with one member changed.
pub fn with(mut document: Json, member: &str, value: Json) -> Json {
    document[member] = value;
    document
}

/// The verbs of each turn.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    let word = |step: &Step| match &step.action {
        Action::Wait(_) => "pause".to_owned(),
        Action::Command(command) => {
            let start = usize::from(command.verb[0] == "compute");
            command.verb[start..].join(" ")
        }
    };
    let turns = driven.turns.iter();
    turns.map(|turn| turn.iter().map(word).collect()).collect()
}

/// The text of a flag of a step's command; none when it is not there.
pub fn flag(driven: &Driven, step: &str, name: &str) -> Option<String> {
    let command = driven.command(step).unwrap_or_else(|| panic!("no step {step}"));
    let flag = command.flags.iter().find(|flag| flag.name == name)?;
    let texts = flag.values.iter().map(|value| match value {
        Value::Text(text) => text.as_str(),
        Value::File(_) => panic!("gcloud takes no files"),
    });
    Some(texts.collect::<Vec<_>>().join(" "))
}

pub fn removal(driven: Driven) -> Removal {
    match driven.result {
        Ok(Outcome::Removal(removal)) => removal,
        other => panic!("{other:?}"),
    }
}

pub fn removed(removal: &Removal) -> Vec<String> {
    let removed = removal.removed.iter();
    removed
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect()
}

pub fn problem(driven: Driven) -> Problem {
    driven.result.expect_err("should be a problem")
}
