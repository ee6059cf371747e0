//! The elastic address that Packer had allocated and not yet bound when it was cut off.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{Context, DestroyTarget, InterruptedRun, Operation, PlanRequest, Removal};
use sindri_plugin_sdk::testing::context;
use support::*;

/// As `DescribeEipAddresses` prints one that was made for this instance, and is bound to nothing.
fn address() -> Json {
    json!({
        "AllocationId": "eip-bp1loose", "Status": "Available", "AllocationTime": "2026-11-22T09:31:40Z",
        "Bandwidth": "10", "InstanceId": "", "Name": "", "Description": "", "Descritpion": "",
    })
}

fn destroyed(instance: Json, address: Json) -> Removal {
    left_of(
        &[instance],
        address,
        InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: None,
        },
    )
}

fn left_of(found: &[Json], address: Json, interrupted: InterruptedRun) -> Removal {
    left_of_a(context(), found, address, interrupted)
}

/// A build has no key in its context, a deployment has.
fn left_of_a(context: Context, found: &[Json], address: Json, interrupted: InterruptedRun) -> Removal {
    let tool = empty_account().prints("instances", instances(found)).prints(
        "unbound-addresses",
        page("EipAddresses", "EipAddress", &[address]),
    );
    let operation = Operation::Destroy(DestroyTarget::Run(interrupted));
    let request = PlanRequest {
        context,
        ..request(json!({}), operation)
    };
    let driven = run_request(&tool, &request);
    let actions = verbs(&driven).concat();
    assert!(
        !actions.iter().any(|action| action.contains("Release")),
        "{actions:?}"
    );
    removal(driven)
}

/// Nothing tells it from that of another build that was cut off in the same minutes, so it is not ours to release; and
/// nobody would find it again, so it must not be passed over in silence.
#[test]
fn an_address_without_an_owner_is_told_and_not_touched() {
    let removal = destroyed(waiting_instance(), address());
    assert_eq!(
        removed(&removal),
        [format!("instance {INSTANCE}")],
        "the rest goes"
    );
    let [leftover] = removal.leftovers.as_slice() else {
        panic!("{:?}", removal.leftovers)
    };
    assert_eq!(
        (leftover.resource.kind.as_str(), leftover.resource.id.as_str()),
        ("eip", "eip-bp1loose")
    );
    assert!(
        leftover
            .reason
            .contains("aliyun vpc ReleaseEipAddress --AllocationId eip-bp1loose --region cn-hangzhou"),
        "{}",
        leftover.reason
    );
}

/// An answer that was lost leaves an address of which Packer knows nothing, and Packer removes the instance. One that it
/// could not take off is left by a build that went well, and whose image has no name here for that reason.
#[test]
fn a_build_tells_of_an_address_that_packer_has_lost() {
    let building = Context {
        ssh_public_key: None,
        ..context()
    };
    let left = |context: &Context, run_id: &str, image_name: Option<&str>, address: Json| {
        let interrupted = InterruptedRun {
            run_id: run_id.to_owned(),
            image_name: image_name.map(str::to_owned),
        };
        left_of_a(context.clone(), &[], address, interrupted)
            .leftovers
            .len()
    };
    let failed =
        |run_id: &str, image_name: Option<&str>, address: Json| left(&building, run_id, image_name, address);
    assert_eq!(failed(RUN, Some("golden"), address()), 1);
    let before = with(address(), "AllocationTime", json!("2026-11-22T09:30:04Z"));
    assert_eq!(
        failed(RUN, Some("golden"), before),
        0,
        "it was there before the build"
    );
    assert_eq!(
        failed("zyxwvu543210", Some("golden"), address()),
        0,
        "nobody knows when another run was"
    );
    assert_eq!(failed(RUN, None, address()), 1, "a build that went well");
    assert_eq!(left(&context(), RUN, None, address()), 0, "deployments make none");
}

#[test]
fn addresses_that_cannot_be_of_this_build_are_not_mentioned() {
    for (key, value) in [
        ("Name", json!("web")),
        ("Description", json!("of the shop")),
        ("Descritpion", json!("of the shop")),
        ("Tags", json!({ "Tag": [{ "Key": "team", "Value": "shop" }] })),
        ("InstanceId", json!("i-bp1other")),
        ("Bandwidth", json!("5")),
        ("AllocationTime", json!("2026-11-22T09:30:59Z")),
        ("AllocationTime", json!("2026-11-22T09:36:01Z")),
        ("AllocationTime", json!("soon")),
    ] {
        let removal = destroyed(waiting_instance(), with(address(), key, value.clone()));
        assert_eq!(removal.leftovers.len(), 0, "{key}: {value}");
    }
}

#[test]
fn only_a_build_that_was_to_have_an_address_is_asked_about() {
    let eip = json!({ "IpAddress": "198.51.100.9", "AllocationId": "" });
    for (key, value) in [
        ("InternetMaxBandwidthOut", json!(0)),
        ("EipAddress", eip),
        ("InstanceName", json!("my-vm")),
    ] {
        let tags = instance("Running")["Tags"].clone();
        let other = with(with(waiting_instance(), "Tags", tags), key, value.clone());
        assert_eq!(destroyed(other, address()).leftovers.len(), 0, "{key}: {value}");
    }
}
