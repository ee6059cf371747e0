//! Every plan there is: for the test that a plugin requests what it uses, and for the one that the real command line
//! understands it.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};

use super::{IMAGE, RUN, deploy_request, empty_account, image, images, instance, run, tags_json, with};

/// Every operation, with all that it can carry.
pub fn operations() -> Vec<Operation> {
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
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: true,
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
pub fn full_account(state: &str) -> Tool {
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

/// Configurations that plans depend on.
pub fn configurations() -> [Json; 3] {
    [
        json!({ "ami_regions": ["eu-west-1"], "iam_instance_profile": "x", "associate_public_ip_address": true }),
        json!({ "subnet_id": "subnet-0a1b2c3d", "associate_public_ip_address": false }),
        json!({}),
    ]
}

/// Every operation in every configuration.
pub fn by_operation() -> Vec<(Operation, Driven)> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for state in ["available", "disabled"] {
                all.push((
                    operation.clone(),
                    run(&full_account(state), config.clone(), operation.clone()),
                ));
            }
        }
    }
    // A deployment that was cut off finds its own group.
    let group = json!({ "SecurityGroups": [{ "GroupId": "sg-0a", "GroupName": format!("sindri-{RUN}") }] });
    let halfway = empty_account()
        .prints("ec2 describe-images", images(&[image(IMAGE)]))
        .prints(
            "ec2 describe-instances",
            instance("i-0a1b2c3d", "running", &tags_json()),
        )
        .prints(
            "ec2 run-instances",
            json!({ "Instances": [{ "InstanceId": "i-0a1b2c3d" }] }),
        )
        .fails("security-group", "InvalidGroup.Duplicate")
        .prints("security-group-again", group);
    let deploy = Operation::Deploy(deploy_request());
    let driven = run(&halfway, json!({}), deploy.clone());
    all.push((deploy, driven));
    all
}

/// The plans alone.
pub fn everything() -> Vec<Driven> {
    by_operation().into_iter().map(|(_, driven)| driven).collect()
}
