//! A stand-in for the `oci` command: canned answers in the shapes that it prints.
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
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, PlanRequest};
use sindri_plugin_sdk::testing::{self, Driven, Tool, context, drive, host_tags, section, turns};
pub use sindri_plugin_sdk::testing::{flag, has_flag, json_flag, problem, removal, removed, with};

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
    let request = request(overrides, operation);
    let driven = drive::<Oci>(&request, |step, command| tool.answer(step, command)).unwrap();
    plans::hold("oci", &request.operation, &driven);
    driven
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

/// The verbs of each turn.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    turns(driven, |command| command.verb[1..].join(" "))
}

pub fn deploy_request() -> DeployRequest {
    testing::deploy_request(IMAGE, "my vm")
}
