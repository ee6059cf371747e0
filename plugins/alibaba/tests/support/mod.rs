//! A stand-in for the `aliyun` command: canned answers in the shapes that the API prints.
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
use sindri_plugin_alibaba::{Alibaba, CONFIG_SCHEMA};
use sindri_plugin_sdk::contract::{Action, DeployRequest, Operation, PlanRequest};
use sindri_plugin_sdk::testing::{self, Driven, Tool, context, drive, host_tags, located, section, turns};
pub use sindri_plugin_sdk::testing::{optional_flag as flag, problem, removal, removed, with};

pub const RUN: &str = "abcdef012345";
pub const MARK: &str = "sindri-run-abcdef012345";
pub const IMAGE: &str = "m-bp1image";
pub const INSTANCE: &str = "i-bp1instance";
pub const NAME: &str = "sindri-dev-20261122093005";

/// An account without anything in it, where every change succeeds.
pub fn empty_account() -> Tool {
    Tool::with_nothing(|verb| {
        Some(match verb {
            "ecs DescribeImages" => page("Images", "Image", &[]),
            "ecs DescribeInstances" => page("Instances", "Instance", &[]),
            "ecs DescribeSnapshots" => page("Snapshots", "Snapshot", &[]),
            "ecs DescribeKeyPairs" => page("KeyPairs", "KeyPair", &[]),
            "ecs DescribeSecurityGroups" => page("SecurityGroups", "SecurityGroup", &[]),
            "vpc DescribeVpcs" => page("Vpcs", "Vpc", &[]),
            "vpc DescribeVSwitches" => page("VSwitches", "VSwitch", &[]),
            "vpc DescribeEipAddresses" => page("EipAddresses", "EipAddress", &[]),
            "ecs DescribeImageSharePermission" => page("Accounts", "Account", &[]),
            "ecs DescribeAvailableResource" => zones(&[("cn-hangzhou-h", "WithStock")]),
            _ => return None,
        })
    })
}

/// A page that is the whole list.
pub fn page(outer: &str, inner: &str, items: &[Json]) -> Json {
    json!({ "RequestId": "x", "TotalCount": items.len(), "PageNumber": 1, outer: { inner: items } })
}

pub fn images(items: &[Json]) -> Json {
    page("Images", "Image", items)
}

pub fn instances(items: &[Json]) -> Json {
    page("Instances", "Instance", items)
}

pub fn zones(zones: &[(&str, &str)]) -> Json {
    let zone = |(id, stock): &(&str, &str)| json!({ "ZoneId": id, "RegionId": "cn-hangzhou", "Status": "Available", "StatusCategory": stock });
    page(
        "AvailableZones",
        "AvailableZone",
        &zones.iter().map(zone).collect::<Vec<_>>(),
    )
}

pub fn request(config: Json, operation: Operation) -> PlanRequest {
    PlanRequest {
        context: context(),
        config: section(CONFIG_SCHEMA, &config).unwrap(),
        operation,
    }
}

/// Drives the plan to its end.
pub fn run(tool: &Tool, config: Json, operation: Operation) -> Driven {
    run_request(tool, &request(config, operation))
}

/// Drives the plan of a request to its end.
pub fn run_request(tool: &Tool, request: &PlanRequest) -> Driven {
    let driven = drive::<Alibaba>(request, |step, command| tool.answer(step, command)).unwrap();
    plans::hold("alibaba", &request.operation, &driven);
    driven
}

/// Settings that use a network of the user's.
pub fn own_network() -> Json {
    json!({ "vpc_id": "vpc-bp1users0", "vswitch_id": "vsw-bp1users0" })
}

/// An image of ours as `DescribeImages` prints it.
pub fn image(id: &str) -> Json {
    json!({
        "ImageId": id, "ImageName": NAME, "Description": "golden", "Status": "Available", "Progress": "100%",
        "CreationTime": "2026-11-22T09:40:00Z", "Architecture": "x86_64", "IsPublic": false, "Size": 80,
        "ImageOwnerAlias": "self", "OSType": "linux", "IsCopied": false,
        "DiskDeviceMappings": { "DiskDeviceMapping": [
            { "SnapshotId": format!("s-{}", &id[2..]), "Size": "80", "Device": "/dev/xvda", "Type": "system" } ] },
        "Tags": tags(),
    })
}

pub fn tags() -> Json {
    let tags = host_tags();
    let tags = tags
        .iter()
        .map(|tag| json!({ "TagKey": tag.key, "TagValue": tag.value }));
    json!({ "Tag": tags.collect::<Vec<_>>() })
}

/// Tags by which another tool marks what it owns.
pub fn foreign_tags() -> Json {
    json!({ "Tag": [
        { "TagKey": "SindriRunId", "TagValue": RUN }, { "TagKey": "ManagedBy", "TagValue": "terraform" } ] })
}

/// An instance as `DescribeInstances` prints it.
pub fn instance(status: &str) -> Json {
    json!({
        "InstanceId": INSTANCE, "InstanceName": "my-vm", "Status": status, "CreationTime": "2026-11-22T09:31Z",
        "RegionId": "cn-hangzhou", "PublicIpAddress": { "IpAddress": ["198.51.100.4"] },
        "EipAddress": { "IpAddress": "", "AllocationId": "", "InternetChargeType": "" },
        "VpcAttributes": { "VpcId": "vpc-bp1own", "PrivateIpAddress": { "IpAddress": ["192.168.0.4"] } },
        "SecurityGroupIds": { "SecurityGroupId": ["sg-bp1own"] }, "Tags": tags(),
    })
}

/// An instance of Packer's that has no public address yet.
pub fn waiting_instance() -> Json {
    let named = with(instance("Stopped"), "InstanceName", json!(MARK));
    let without = with(named, "PublicIpAddress", json!({ "IpAddress": [] }));
    with(
        with(without, "Tags", json!({ "Tag": [] })),
        "InternetMaxBandwidthOut",
        json!(10),
    )
}

/// The tags that a step's command sets.
pub fn set_tags(driven: &Driven, step: &str) -> Vec<(String, String)> {
    let pair = |number: usize| {
        let key = flag(driven, step, &format!("Tag.{number}.Key"))?;
        let value = flag(driven, step, &format!("Tag.{number}.Value")).unwrap_or_default();
        Some((key, value))
    };
    (1..).map_while(pair).collect()
}

/// The one step whose command has this action.
pub fn step_of(driven: &Driven, action: &str) -> String {
    let mut steps = driven.steps().filter(|step| match &step.action {
        Action::Command(command) => command.verb[1] == action,
        Action::Wait(_) => false,
    });
    let step = steps.next().unwrap_or_else(|| panic!("no {action}"));
    assert!(steps.next().is_none(), "several {action}");
    step.id.clone()
}

/// The actions of each turn, with the region when it is not the configured one.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    turns(driven, |command| located(command, &command.verb[1]))
}

pub fn deploy_request() -> DeployRequest {
    testing::deploy_request(IMAGE, "my-vm")
}
