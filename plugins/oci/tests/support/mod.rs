//! A stand-in for the `oci` command: canned answers in the shapes that it prints.
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
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::contract::{
    Action, DeployRequest, Operation, Outcome, PlanRequest, Problem, Removal, Step, Value,
};
use sindri_plugin_sdk::testing::{Driven, Tool, context, drive, host_tags, section};

pub const RUN: &str = "abcdef012345";
pub const IMAGE: &str = "ocid1.image.oc1.iad.aaaaaaaaimage";
pub const INSTANCE: &str = "ocid1.instance.oc1.iad.anuwinstance";
pub const GROUP: &str = "ocid1.networksecuritygroup.oc1.iad.aaaaaaaagroup";
pub const NAME: &str = "sindri-dev-20261122093005";

/// A compartment without anything in it, where every change succeeds. For an empty list `oci` prints nothing.
pub fn empty_compartment() -> Tool {
    Tool::with_nothing(|verb| match verb {
        "network subnet get" => Some(subnet()),
        _ => None,
    })
}

/// The keys without a default, and these.
pub fn config(overrides: Json) -> Json {
    let mut all = json!({
        "compartment_ocid": "ocid1.compartment.oc1..aaaaaaaacompartment",
        "availability_domain": "Uocm:US-ASHBURN-AD-1",
        "subnet_ocid": "ocid1.subnet.oc1.iad.aaaaaaaasubnet",
    });
    for (key, value) in overrides.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

pub fn request(overrides: Json, operation: Operation) -> PlanRequest {
    PlanRequest {
        context: context(),
        config: section(CONFIG_SCHEMA, &config(overrides)).unwrap(),
        operation,
    }
}

/// Drives the plan to its end.
pub fn run(tool: &Tool, overrides: Json, operation: Operation) -> Driven {
    drive::<Oci>(&request(overrides, operation), |step, command| {
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

pub fn tags_json() -> Json {
    host_tags()
        .iter()
        .map(|tag| (tag.key.clone(), json!(tag.value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// An image of ours as `oci compute image get` has it under `data`.
pub fn image(id: &str) -> Json {
    json!({
        "id": id, "display-name": NAME, "lifecycle-state": "AVAILABLE", "base-image-id": "ocid1.image.oc1.iad.base",
        "compartment-id": "ocid1.compartment.oc1..aaaaaaaacompartment", "create-image-allowed": true, "defined-tags": {},
        "freeform-tags": tags_json(), "launch-mode": "NATIVE", "listing-type": null,
        "operating-system": "Canonical Ubuntu", "operating-system-version": "24.04", "size-in-mbs": 81920,
        "billable-size-in-gbs": 6, "time-created": "2026-11-22T09:40:00.123000+00:00",
    })
}

pub fn instance(id: &str, state: &str, tags: &Json) -> Json {
    json!({
        "id": id, "lifecycle-state": state, "freeform-tags": tags, "display-name": format!("sindri-{RUN}"),
        "shape": "VM.Standard.E4.Flex", "compartment-id": "ocid1.compartment.oc1..aaaaaaaacompartment",
        "shape-config": { "ocpus": 2.0, "memory-in-gbs": 16.0 }, "region": "iad",
    })
}

pub fn group(id: &str, tags: &Json) -> Json {
    json!({
        "id": id, "lifecycle-state": "AVAILABLE", "freeform-tags": tags, "display-name": format!("sindri-{RUN}"),
        "vcn-id": "ocid1.vcn.oc1.iad.aaaaaaaavcn",
    })
}

pub fn subnet() -> Json {
    data(json!({
        "id": "ocid1.subnet.oc1.iad.aaaaaaaasubnet", "vcn-id": "ocid1.vcn.oc1.iad.aaaaaaaavcn", "availability-domain": null,
        "prohibit-public-ip-on-vnic": false, "lifecycle-state": "AVAILABLE", "cidr-block": "10.0.0.0/24",
    }))
}

/// Two flexible shapes and one of a fixed size.
pub fn offers() -> Json {
    let flexible = |name: &str| {
        json!({
            "shape": name, "is-flexible": true, "ocpus": 1.0, "memory-in-gbs": 16.0,
            "ocpu-options": { "min": 1.0, "max": 64.0, "max-per-numa-node": 64.0 },
            "memory-options": {
                "min-in-g-bs": 1.0, "max-in-g-bs": 1024.0, "default-per-ocpu-in-g-bs": 16.0,
                "min-per-ocpu-in-gbs": 1.0, "max-per-ocpu-in-gbs": 64.0,
            },
        })
    };
    data(json!([
        flexible("VM.Standard.E4.Flex"),
        flexible("VM.Standard3.Flex"),
        { "shape": "VM.Standard2.2", "is-flexible": false, "ocpu-options": null, "memory-options": null },
    ]))
}

/// As `oci` wraps everything it prints without a query.
pub fn data(payload: Json) -> Json {
    json!({ "data": payload, "etag": "x" })
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
        Action::Command(command) => command.verb[1..].join(" "),
    };
    driven
        .turns
        .iter()
        .map(|turn| turn.iter().map(word).collect())
        .collect()
}

/// The text of a flag of a step's command.
pub fn flag(driven: &Driven, step: &str, name: &str) -> String {
    let command = driven.command(step).unwrap_or_else(|| panic!("no step {step}"));
    let flag = command
        .flags
        .iter()
        .find(|flag| flag.name == name)
        .unwrap_or_else(|| panic!("no flag {name}"));
    let texts = flag.values.iter().map(|value| match value {
        Value::Text(text) => text.as_str(),
        Value::File(_) => panic!("oci takes no files"),
    });
    texts.collect::<Vec<_>>().join(" ")
}

pub fn json_flag(driven: &Driven, step: &str, name: &str) -> Json {
    serde_json::from_str(&flag(driven, step, name)).unwrap()
}

pub fn has_flag(driven: &Driven, step: &str, name: &str) -> bool {
    driven
        .command(step)
        .unwrap()
        .flags
        .iter()
        .any(|flag| flag.name == name)
}

pub fn removal(driven: Driven) -> Removal {
    match driven.result {
        Ok(Outcome::Removal(removal)) => removal,
        other => panic!("{other:?}"),
    }
}

pub fn removed(removal: &Removal) -> Vec<String> {
    removal
        .removed
        .iter()
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect()
}

pub fn problem(driven: Driven) -> Problem {
    driven.result.expect_err("should be a problem")
}
