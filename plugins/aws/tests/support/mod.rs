//! A stand-in for the `aws` command: canned answers in the shapes that AWS and its emulators print.
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
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, PlanRequest};
use sindri_plugin_sdk::testing::{self, Driven, Tool, context, drive, host_tags, located, section, turns};
pub use sindri_plugin_sdk::testing::{flag, has_flag, json_flag, problem, removal, removed, with};

pub const RUN: &str = "abcdef012345";
pub const IMAGE: &str = "ami-0123456789abcdef0";

/// An account without anything in it, where every change succeeds.
pub fn empty_account() -> Tool {
    Tool::with_nothing(|verb| {
        Some(match verb {
            "ec2 describe-images" => json!({ "Images": [] }),
            "ec2 describe-instances" => json!({ "Reservations": [] }),
            "ec2 describe-key-pairs" => json!({ "KeyPairs": [] }),
            "ec2 describe-security-groups" => json!({ "SecurityGroups": [] }),
            "ec2 describe-volumes" => json!({ "Volumes": [] }),
            "ec2 describe-snapshots" => json!({ "Snapshots": [] }),
            "ec2 describe-subnets" => json!({ "Subnets": [] }),
            "ec2 describe-image-attribute" => json!({ "ImageId": IMAGE, "LaunchPermissions": [] }),
            "ec2 get-image-block-public-access-state" => {
                json!({ "ImageBlockPublicAccessState": "unblocked" })
            }
            _ => return None,
        })
    })
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
    let request = request(config, operation);
    let driven = drive::<Aws>(&request, |step, command| tool.answer(step, command)).unwrap();
    plans::hold("aws", &request.operation, &driven);
    driven
}

/// An image of ours as `describe-images` prints it.
pub fn image(id: &str) -> Json {
    json!({
        "ImageId": id, "Name": "sindri-dev-20261122093005", "Description": "golden", "State": "available",
        "CreationDate": "2026-11-22T09:40:00.000Z", "Architecture": "x86_64", "Public": false,
        "OwnerId": "123456789012", "RootDeviceName": "/dev/sda1", "RootDeviceType": "ebs", "Hypervisor": "xen",
        "BlockDeviceMappings": [
            { "DeviceName": "/dev/sda1", "Ebs": {
                "SnapshotId": format!("snap-{}", &id[4..]), "VolumeSize": 80, "Encrypted": false,
                "DeleteOnTermination": true, "VolumeType": "gp3" } },
            { "DeviceName": "/dev/sdb", "VirtualName": "ephemeral0" },
        ],
        "Tags": tags_json(),
    })
}

pub fn tags_json() -> Json {
    host_tags()
        .iter()
        .map(|tag| json!({ "Key": tag.key, "Value": tag.value }))
        .collect()
}

pub fn images(list: &[Json]) -> Json {
    json!({ "Images": list })
}

/// An instance as `describe-instances` prints it, in its reservation.
pub fn instance(id: &str, state: &str, tags: &Json) -> Json {
    json!({ "Reservations": [{ "ReservationId": "r-1", "OwnerId": "123456789012", "Instances": [{
        "InstanceId": id, "ImageId": IMAGE, "State": { "Code": 16, "Name": state },
        "KeyName": format!("sindri-{RUN}"), "PublicIpAddress": "198.51.100.4", "PrivateIpAddress": "10.0.0.4",
        "SecurityGroups": [{ "GroupName": format!("sindri-{RUN}"), "GroupId": "sg-0a1b2c3d" }],
        "BlockDeviceMappings": [{ "DeviceName": "/dev/sda1", "Ebs": { "VolumeId": "vol-0a1b2c3d", "Status": "attached" } }],
        "Tags": tags,
    }] }] })
}

/// The verbs of each turn, with the region when it is not the configured one.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    turns(driven, |command| located(command, &command.verb[1..].join(" ")))
}

pub fn deploy_request() -> DeployRequest {
    testing::deploy_request(IMAGE, "my vm")
}
