//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sindri_plugin_aws::{Aws, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::Tool;
use sindri_plugin_sdk::testing::{Driven, covers, drive, silent};
use support::{
    IMAGE, RUN, deploy_request, empty_account, image, images, instance, request, run, tags_json, with,
};

fn operations() -> Vec<Operation> {
    let id = || IMAGE.to_owned();
    let deprecate = |state| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: None,
            replacement: Some("ami-0new".to_owned()),
        })
    };
    let filter = |prefix: Option<&str>| {
        Operation::ListImages(ImageFilter {
            name_prefix: prefix.map(str::to_owned),
        })
    };
    vec![
        Operation::CheckCredentials,
        Operation::FindRuns,
        Operation::FindImage("key".to_owned()),
        filter(None),
        filter(Some("sindri")),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "amazon-ebs".to_owned(),
            artifact_id: format!("us-west-2:{IMAGE}"),
            image_name: "sindri-dev-20261122093005".to_owned(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "{{x}}".to_owned(),
            }],
            unwritten_description: Some("{{x}}".to_owned()),
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request()),
        Operation::Destroy(DestroyTarget::Instance("i-0a1b2c3d".to_owned())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some("sindri-dev-20261122093005".to_owned()),
        })),
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![Principal::Account("123456789012".to_owned())],
            revoke: false,
        }),
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: false,
        }),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["eu-west-1".to_owned()],
        }),
        deprecate(DeprecationState::Active),
        deprecate(DeprecationState::Deprecated),
        deprecate(DeprecationState::Obsolete),
    ]
}

/// An account in which every plan finds something to do.
fn full_account(state: &str) -> Tool {
    let ours = images(&[with(image(IMAGE), "State", json!(state))]);
    let copy = images(&[image("ami-0eee")]);
    empty_account()
        .prints(
            "identity",
            json!({ "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:root" }),
        )
        .prints("there-eu-west-1", images(&[]))
        .prints("copies-eu-west-1", copy.clone())
        .prints("copy-eu-west-1", json!({ "ImageId": "ami-0eee" }))
        .prints("state-eu-west-1-1", copy)
        .prints("ec2 describe-images", ours)
        .prints(
            "ec2 describe-snapshots",
            json!({ "Snapshots": [{ "SnapshotId": "snap-0a" }] }),
        )
        .prints(
            "ec2 describe-instances",
            instance("i-0a1b2c3d", "running", &tags_json()),
        )
        .prints(
            "key-pairs",
            json!({ "KeyPairs": [{ "KeyName": "sindri-x", "Tags": tags_json() }] }),
        )
        .prints(
            "security-groups",
            json!({ "SecurityGroups": [{ "GroupId": "sg-0a", "GroupName": "sindri-x" }] }),
        )
        .prints(
            "ec2 describe-volumes",
            json!({ "Volumes": [{ "VolumeId": "vol-0a" }] }),
        )
        .prints(
            "ec2 describe-subnets",
            json!({ "Subnets": [{ "VpcId": "vpc-0a" }] }),
        )
        .prints("security-group", json!({ "GroupId": "sg-0a" }))
        .prints(
            "ec2 run-instances",
            json!({ "Instances": [{ "InstanceId": "i-0a1b2c3d" }] }),
        )
}

fn configurations() -> [Json; 3] {
    [
        json!({ "ami_regions": ["eu-west-1"], "iam_instance_profile": "x", "associate_public_ip_address": true }),
        json!({ "subnet_id": "subnet-0a1b2c3d", "associate_public_ip_address": false }),
        json!({}),
    ]
}

fn everything() -> Vec<Driven> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for state in ["available", "disabled"] {
                all.push(run(&full_account(state), config.clone(), operation.clone()));
            }
        }
    }
    all
}

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Aws::describe().requests.commands;
    for driven in everything() {
        for command in driven.commands() {
            assert!(
                requests.iter().any(|request| covers(request, command)),
                "not requested: {command:?}"
            );
        }
    }
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    let word = |verb: &[String], flag: &str| format!("{} --{flag}", verb.join(" "));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(command.verb.join(" "));
            used.extend(command.flags.iter().map(|flag| word(&command.verb, &flag.name)));
        }
    }
    for request in Aws::describe().requests.commands {
        assert!(
            used.contains(&request.verb.join(" ")),
            "no plan uses {:?}",
            request.verb
        );
        for flag in &request.flags {
            assert!(
                used.contains(&word(&request.verb, flag)),
                "no plan uses {}",
                word(&request.verb, flag)
            );
        }
    }
}

#[test]
fn no_plan_sets_what_the_host_sets() {
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "aws");
            assert!(command.positionals.is_empty());
            for flag in &command.flags {
                assert!(
                    !["region", "output", "profile", "endpoint-url", "query", "debug"]
                        .contains(&flag.name.as_str())
                );
            }
        }
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let garbage = [
        "",
        "\u{0}",
        "null",
        "[]",
        "{}",
        "<html>",
        "{\"Images\":[{\"ImageId\":7}]}",
        "{\"Images\":",
        "\"x\"",
        "1e999",
    ];
    for operation in operations() {
        for good_answers in 0..4 {
            for text in garbage {
                let tool = full_account("available");
                let mut answered = 0;
                let driven = drive::<Aws>(
                    &request(json!({ "ami_regions": ["eu-west-1"] }), operation.clone()),
                    |step, command| {
                        answered += 1;
                        if answered <= good_answers {
                            return tool.answer(step, command);
                        }
                        Ok(StepResult {
                            stdout: text.to_owned(),
                            ..silent(step)
                        })
                    },
                );
                if let Ok(Driven {
                    result: Err(problem), ..
                }) = &driven
                {
                    assert!(
                        ["unreadable-output", "image-not-found", "instance-not-running"]
                            .contains(&problem.code.as_str()),
                        "{problem:?}"
                    );
                }
                assert!(driven.is_ok(), "{operation:?} {text}: {driven:?}");
            }
        }
    }
}

#[test]
fn the_plugin_describes_itself() {
    let info = Aws::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("aws", ["amazon".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert_eq!(
        schema["properties"]["region"]["x-sindri"]["env"],
        json!(["AWS_REGION", "AWS_DEFAULT_REGION"])
    );
    assert!(
        schema.get("required").is_none(),
        "everything on AWS has a default"
    );
    assert!(info.tools[0].install_url.starts_with("https://"));
}
