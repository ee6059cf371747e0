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
use sindri_plugin_alibaba::{Alibaba, CONFIG_SCHEMA};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::command::requested_as;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool, covers, drive, silent};
use support::{
    IMAGE, INSTANCE, MARK, NAME, RUN, deploy_request, empty_account, image, images, instance, instances,
    own_network, page, request, run, with,
};

fn operations() -> Vec<Operation> {
    let id = || IMAGE.to_owned();
    let deprecate = |state| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: None,
            replacement: Some("m-bp1newer".to_owned()),
        })
    };
    let filter = |prefix: Option<&str>| {
        Operation::ListImages(ImageFilter {
            name_prefix: prefix.map(str::to_owned),
        })
    };
    let share = |revoke| {
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![Principal::Account("1234567890123456".to_owned())],
            revoke,
        })
    };
    vec![
        Operation::CheckCredentials,
        Operation::CheckBuild(PlannedImage {
            name: NAME.to_owned(),
            architecture: None,
        }),
        Operation::FindRuns,
        Operation::FindImage("key".to_owned()),
        filter(None),
        filter(Some("sindri")),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "alicloud-ecs".to_owned(),
            artifact_id: format!("cn-hangzhou:{IMAGE},us-west-1:m-rj9copy"),
            image_name: NAME.to_owned(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "{{x}}".to_owned(),
            }],
            unwritten_description: Some("{{x}}".to_owned()),
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request()),
        Operation::Destroy(DestroyTarget::Instance(INSTANCE.to_owned())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some(NAME.to_owned()),
        })),
        share(false),
        share(true),
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: false,
        }),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["us-west-1".to_owned()],
        }),
        deprecate(DeprecationState::Active),
        deprecate(DeprecationState::Deprecated),
        deprecate(DeprecationState::Obsolete),
    ]
}

/// An account in which every plan finds something to do.
fn full_account(status: &str) -> Tool {
    let ours = images(&[with(image(IMAGE), "Status", json!(status))]);
    let copy = images(&[image("m-rj9copy")]);
    let eip = json!({ "IpAddress": "198.51.100.9", "AllocationId": "eip-bp1packer" });
    let named = with(instance("Running"), "InstanceName", json!(MARK));
    let running = instances(&[with(named, "EipAddress", eip)]);
    let vpc = json!({ "VpcId": "vpc-bp1own", "VpcName": MARK, "Status": "Available" });
    let vswitch = json!({ "VSwitchId": "vsw-bp1own", "VSwitchName": MARK, "Status": "Available" });
    let group = json!({ "SecurityGroupId": "sg-bp1own", "SecurityGroupName": MARK });
    empty_account()
        .prints(
            "identity",
            json!({ "AccountId": "1234567890123456", "Arn": "acs:ram::1:root" }),
        )
        .prints("there-us-west-1", images(&[]))
        .prints("copies-us-west-1", copy.clone())
        .prints("copy-us-west-1", json!({ "ImageId": "m-rj9copy" }))
        .prints("copied-us-west-1-1", copy)
        .prints("ecs DescribeImages", ours)
        .prints("gone-1", instances(&[]))
        .prints("ecs DescribeInstances", running)
        .prints(
            "ecs DescribeKeyPairs",
            page("KeyPairs", "KeyPair", &[json!({ "KeyPairName": MARK })]),
        )
        .prints(
            "ecs DescribeSecurityGroups",
            page("SecurityGroups", "SecurityGroup", &[group]),
        )
        .prints("vpc", json!({ "VpcId": "vpc-bp1own" }))
        .prints("vswitch", json!({ "VSwitchId": "vsw-bp1own" }))
        .prints("security-group", json!({ "SecurityGroupId": "sg-bp1own" }))
        .prints("vpc DescribeVpcs", page("Vpcs", "Vpc", &[vpc]))
        .prints("vpc DescribeVSwitches", page("VSwitches", "VSwitch", &[vswitch]))
        .prints(
            "ecs RunInstances",
            json!({ "InstanceIdSets": { "InstanceIdSet": [INSTANCE] } }),
        )
}

fn configurations() -> [Json; 3] {
    [
        json!({
            "image_copy_regions": ["us-west-1"], "image_share_accounts": ["1234567890123456"],
            "zone_id": "cn-hangzhou-h", "system_disk_performance_level": "PL0",
            "spot_strategy": "SpotWithPriceLimit", "spot_price_limit": 1,
        }),
        own_network(),
        json!({ "associate_public_ip_address": false }),
    ]
}

fn everything() -> Vec<Driven> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for status in ["Available", "Deprecated"] {
                all.push(run(&full_account(status), config.clone(), operation.clone()));
            }
        }
    }
    // Shared images, which are unshared before they go.
    let accounts = page(
        "Accounts",
        "Account",
        &[json!({ "AliyunId": "1234567890123456" })],
    );
    let shared = full_account("Available").prints("ecs DescribeImageSharePermission", accounts);
    all.push(run(&shared, json!({}), Operation::DeleteImage(IMAGE.to_owned())));
    all
}

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Alibaba::describe().requests.commands;
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
    let word = |verb: &[String], flag: &str| format!("{} --{}", verb.join(" "), requested_as(flag));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(command.verb.join(" "));
            used.extend(command.flags.iter().map(|flag| word(&command.verb, &flag.name)));
        }
    }
    for request in Alibaba::describe().requests.commands {
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
            assert_eq!(command.tool, "aliyun");
            assert!(command.positionals.is_empty());
            for flag in &command.flags {
                assert!(
                    flag.name.starts_with(|c: char| c.is_ascii_uppercase()) && flag.name != "RegionId",
                    "--{} is no parameter of an API",
                    flag.name
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
        "{\"Images\":{\"Image\":[{\"ImageId\":7}]}}",
        "{\"Images\":",
        "\"x\"",
        "1e999",
        "{\"TotalCount\":18446744073709551615}",
    ];
    for operation in operations() {
        for good_answers in 0..8 {
            for text in garbage {
                let tool = full_account("Available");
                let mut answered = 0;
                let driven = drive::<Alibaba>(
                    &request(json!({ "image_copy_regions": ["us-west-1"] }), operation.clone()),
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
                        [
                            "unreadable-output",
                            "image-not-found",
                            "instance-not-running",
                            "unavailable-instance-type",
                            "unsupported-state",
                            "too-many-results"
                        ]
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
    let info = Alibaba::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("alibaba", ["alicloud".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert!(
        schema.get("required").is_none(),
        "everything on Alibaba Cloud has a default"
    );
    for (key, flag) in [
        ("region", "region"),
        ("instance_type", "instance-type"),
        ("system_disk_size_gb", "disk-size"),
    ] {
        assert_eq!(schema["properties"][key]["x-sindri"]["flag"], flag);
    }
    assert_eq!(
        info.tools[0].install_url,
        "https://www.alibabacloud.com/help/en/cli/install-cli"
    );
}
