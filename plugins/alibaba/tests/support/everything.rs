//! Every plan there is: for the test that a plugin requests what it uses, and for the one that the real command line
//! understands it.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};

use super::*;

/// Every operation, with all that it can carry.
pub fn operations() -> Vec<Operation> {
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
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: true,
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
pub fn full_account(status: &str) -> Tool {
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
            "ecs DescribeSnapshots",
            page("Snapshots", "Snapshot", &[json!({ "SnapshotId": "s-bp1own" })]),
        )
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

/// Configurations that plans depend on.
pub fn configurations() -> [Json; 3] {
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

/// Every operation in every configuration.
pub fn by_operation() -> Vec<(Operation, Driven)> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for status in ["Available", "Deprecated"] {
                all.push((
                    operation.clone(),
                    run(&full_account(status), config.clone(), operation.clone()),
                ));
            }
        }
    }
    // A build that was cut off before it had its address.
    let waiting = full_account("Available").prints("instances", instances(&[waiting_instance()]));
    let interrupted = Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: None,
    }));
    let driven = run(&waiting, json!({}), interrupted.clone());
    all.push((interrupted, driven));
    // Shared images, which are unshared before they go.
    let accounts = page(
        "Accounts",
        "Account",
        &[json!({ "AliyunId": "1234567890123456" })],
    );
    let shared = full_account("Available").prints("ecs DescribeImageSharePermission", accounts);
    let delete = Operation::DeleteImage(IMAGE.to_owned());
    let driven = run(&shared, json!({}), delete.clone());
    all.push((delete, driven));
    all
}

/// The plans alone.
pub fn everything() -> Vec<Driven> {
    by_operation().into_iter().map(|(_, driven)| driven).collect()
}
