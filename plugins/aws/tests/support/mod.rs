//! A stand-in for the `aws` command: canned answers in the shapes that AWS and its emulators print.
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
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::contract::{
    DeployRequest, Operation, Outcome, PlanRequest, Problem, Removal, Step, Value,
};
use sindri_plugin_sdk::testing::{Driven, Tool, context, drive, host_tags, section};

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
    drive::<Aws>(&request(config, operation), |step, command| {
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

/// A JSON document with one member changed.
pub fn with(mut document: Json, member: &str, value: Json) -> Json {
    document[member] = value;
    document
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
    use sindri_plugin_sdk::contract::Action;
    let word = |step: &Step| match &step.action {
        Action::Wait(_) => "pause".to_owned(),
        Action::Command(command) => {
            let verb = command.verb[1..].join(" ");
            command
                .location
                .as_ref()
                .map_or(verb.clone(), |location| format!("{verb}@{location}"))
        }
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
        Value::Text(text) | Value::File(text) => text.as_str(),
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
