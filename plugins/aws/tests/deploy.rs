//! Starting instances.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, Outcome, Tag, Value};
use sindri_plugin_sdk::testing::Tool;
use support::{
    IMAGE, RUN, deploy_request, empty_account, flag, has_flag, image, images, instance, json_flag, problem,
    request, run, tags_json, verbs, with,
};

const INSTANCE: &str = "i-0a1b2c3d";

fn cloud() -> Tool {
    empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints(
            "subnet",
            json!({ "Subnets": [{ "SubnetId": "subnet-0a1b2c3d", "VpcId": "vpc-0feedbeef" }] }),
        )
        .prints("security-group", json!({ "GroupId": "sg-0a1b2c3d" }))
        .prints(
            "ec2 run-instances",
            json!({ "Instances": [{ "InstanceId": INSTANCE, "State": { "Name": "pending" } }] }),
        )
        .prints("address", instance(INSTANCE, "running", &tags_json()))
}

fn deploy() -> Operation {
    Operation::Deploy(deploy_request())
}

fn changed(change: impl FnOnce(&mut DeployRequest)) -> Operation {
    let mut request = deploy_request();
    change(&mut request);
    Operation::Deploy(request)
}

#[test]
fn an_instance_is_up_in_four_rounds() {
    let driven = run(&cloud(), json!({}), deploy());
    assert_eq!(
        verbs(&driven),
        [
            vec!["describe-images"],
            vec!["import-key-pair", "create-security-group"],
            vec!["authorize-security-group-ingress", "run-instances"],
            vec!["wait instance-running", "describe-instances"],
        ]
    );
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(
        (
            instance.id.as_str(),
            instance.public_ip.as_deref(),
            instance.ssh_user.as_str()
        ),
        (INSTANCE, Some("198.51.100.4"), "ubuntu")
    );
    let resources: Vec<_> = instance
        .resources
        .iter()
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect();
    assert_eq!(
        resources,
        [
            format!("instance {INSTANCE}"),
            "volume vol-0a1b2c3d".into(),
            format!("key-pair sindri-{RUN}"),
            "security-group sg-0a1b2c3d".into()
        ]
    );
}

#[test]
fn the_instance_needs_imdsv2_loses_its_disk_and_cannot_be_started_twice() {
    let driven = run(&cloud(), json!({}), deploy());
    assert_eq!(
        json_flag(&driven, "instance", "metadata-options")["HttpTokens"],
        "required"
    );
    let disk = &json_flag(&driven, "instance", "block-device-mappings")[0];
    assert_eq!(
        disk["DeviceName"], "/dev/sda1",
        "the image's own root device, else there is a second disk"
    );
    assert_eq!(
        disk["Ebs"],
        json!({ "DeleteOnTermination": true, "VolumeSize": 80, "VolumeType": "gp3", "Encrypted": true })
    );
    assert_eq!(flag(&driven, "instance", "client-token"), RUN);
}

#[test]
fn everything_carries_the_tags_by_which_destroy_finds_it() {
    let untagged = changed(|request| {
        request.tags = vec![Tag {
            key: "SindriRunId".into(),
            value: "another00000".into(),
        }]
    });
    let driven = run(&cloud(), json!({}), untagged);
    let marks = json!([
        { "Key": "Name", "Value": "my vm" }, { "Key": "ManagedBy", "Value": "sindri" }, { "Key": "SindriRunId", "Value": RUN },
    ]);
    for (step, kinds) in [
        ("key-pair", vec!["key-pair"]),
        ("security-group", vec!["security-group"]),
        ("instance", vec!["instance", "volume"]),
    ] {
        let specifications = json_flag(&driven, step, "tag-specifications");
        let expected: Json = kinds
            .iter()
            .map(|kind| json!({ "ResourceType": kind, "Tags": marks }))
            .collect();
        assert_eq!(specifications, expected, "{step}");
    }
}

#[test]
fn hostile_text_in_tags_stays_text() {
    let text = "x\"}],\"ResourceType\":\"y\" file:///etc/passwd ${x} {{y}} 'z' \n ü";
    let driven = run(
        &cloud(),
        json!({}),
        changed(|request| {
            request.tags = vec![Tag {
                key: "note".into(),
                value: text.into(),
            }]
        }),
    );
    assert_eq!(
        json_flag(&driven, "instance", "tag-specifications")[0]["Tags"][0]["Value"],
        text
    );
    let bad = changed(|request| {
        request.tags = vec![Tag {
            key: "a\"b".into(),
            value: String::new(),
        }]
    });
    let driven = run(&cloud(), json!({}), bad);
    assert!(driven.turns.is_empty());
    assert_eq!(problem(driven).code, "unusable-tag");
}

#[test]
fn port_22_is_open_to_the_given_range_only() {
    let v4 = run(&cloud(), json!({}), deploy());
    let permission = json_flag(&v4, "ingress", "ip-permissions");
    assert_eq!(
        permission,
        json!([{ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "203.0.113.7/32", "Description": "SSH" }] }])
    );
    let v6 = run(
        &cloud(),
        json!({}),
        changed(|request| request.ssh_source = "2001:db8::1".to_owned()),
    );
    assert_eq!(
        json_flag(&v6, "ingress", "ip-permissions")[0]["Ipv6Ranges"][0]["CidrIpv6"],
        "2001:db8::1/128"
    );
    let bad = run(
        &cloud(),
        json!({}),
        changed(|request| request.ssh_source = "everywhere".to_owned()),
    );
    assert!(bad.turns.is_empty());
}

#[test]
fn the_group_is_made_in_the_network_of_the_instance() {
    let driven = run(&cloud(), json!({ "subnet_id": "subnet-0a1b2c3d" }), deploy());
    assert_eq!(verbs(&driven)[0], ["describe-images", "describe-subnets"]);
    assert_eq!(flag(&driven, "security-group", "vpc-id"), "vpc-0feedbeef");
    let driven = run(
        &cloud(),
        json!({ "subnet_id": "subnet-0a1b2c3d", "vpc_id": "vpc-00000001" }),
        deploy(),
    );
    assert_eq!(verbs(&driven)[0], ["describe-images"]);
    assert_eq!(flag(&driven, "security-group", "vpc-id"), "vpc-00000001");
    assert!(!has_flag(
        &run(&cloud(), json!({}), deploy()),
        "security-group",
        "vpc-id"
    ));
}

#[test]
fn a_configured_group_is_used_and_neither_changed_nor_removed_later() {
    let driven = run(&cloud(), json!({ "security_group_id": "sg-00000001" }), deploy());
    assert_eq!(
        verbs(&driven)[1..3],
        [vec!["import-key-pair"], vec!["run-instances"]]
    );
    assert_eq!(flag(&driven, "instance", "security-group-ids"), "sg-00000001");
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!()
    };
    assert!(
        instance
            .resources
            .iter()
            .all(|resource| resource.kind != "security-group")
    );
}

#[test]
fn what_cannot_work_leaves_nothing_behind() {
    let arm = with(image(IMAGE), "Architecture", json!("arm64"));
    let pending = with(image(IMAGE), "State", json!("pending"));
    for (answer, code) in [
        (images(&[]), "image-not-found"),
        (images(&[arm]), "unsupported-architecture"),
        (images(&[pending]), "image-not-available"),
    ] {
        let driven = run(&empty_account().prints("image", answer), json!({}), deploy());
        assert_eq!(verbs(&driven), [["describe-images"]]);
        assert_eq!(problem(driven).code, code);
    }
}

#[test]
fn every_setting_reaches_the_command() {
    let config = json!({
        "instance_type": "m7i.large", "subnet_id": "subnet-0a1b2c3d", "associate_public_ip_address": false,
        "iam_instance_profile": "builder", "volume_size": 20, "volume_iops": 4000, "volume_throughput": 250,
        "kms_key_id": "alias/vm",
    });
    let driven = run(&cloud(), config, deploy());
    assert_eq!(flag(&driven, "instance", "instance-type"), "m7i.large");
    assert_eq!(flag(&driven, "instance", "subnet-id"), "subnet-0a1b2c3d");
    assert!(has_flag(&driven, "instance", "no-associate-public-ip-address"));
    assert_eq!(
        json_flag(&driven, "instance", "iam-instance-profile"),
        json!({ "Name": "builder" })
    );
    let disk = &json_flag(&driven, "instance", "block-device-mappings")[0]["Ebs"];
    assert_eq!(disk["VolumeSize"], 80, "never smaller than the image");
    assert_eq!(
        (&disk["Iops"], &disk["Throughput"], &disk["KmsKeyId"]),
        (&json!(4000), &json!(250), &json!("alias/vm"))
    );
}

#[test]
fn the_public_key_goes_as_a_file_and_without_one_nothing_starts() {
    let driven = run(&cloud(), json!({}), deploy());
    let key = &driven
        .command("key-pair")
        .unwrap()
        .flags
        .iter()
        .find(|flag| flag.name == "public-key-material")
        .unwrap()
        .values[0];
    assert!(matches!(key, Value::File(text) if text.starts_with("ssh-ed25519 ")));
    let mut without = request(json!({}), deploy());
    without.context.ssh_public_key = None;
    let driven =
        sindri_plugin_sdk::testing::drive::<sindri_plugin_aws::Aws>(&without, |_, _| Err("ran".into()))
            .unwrap();
    assert_eq!(problem(driven).code, "missing-public-key");
}

#[test]
fn a_deployment_that_was_cut_off_goes_on_with_what_is_there() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .fails("key-pair", "InvalidKeyPair.Duplicate")
        .fails("security-group", "InvalidGroup.Duplicate")
        .prints(
            "security-group-again",
            json!({ "SecurityGroups": [{ "GroupId": "sg-0again", "GroupName": format!("sindri-{RUN}") }] }),
        )
        .fails("ingress", "InvalidPermission.Duplicate")
        .prints(
            "ec2 run-instances",
            json!({ "Instances": [{ "InstanceId": INSTANCE }] }),
        )
        .prints("address", instance(INSTANCE, "running", &tags_json()));
    let driven = run(&tool, json!({}), deploy());
    assert_eq!(flag(&driven, "instance", "security-group-ids"), "sg-0again");
    assert!(matches!(driven.result, Ok(Outcome::Instance(_))));
}

#[test]
fn an_instance_that_stops_at_once_is_a_problem() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("security-group", json!({ "GroupId": "sg-0a1b2c3d" }))
        .prints(
            "ec2 run-instances",
            json!({ "Instances": [{ "InstanceId": INSTANCE }] }),
        )
        .prints("address", instance(INSTANCE, "shutting-down", &tags_json()));
    assert_eq!(
        problem(run(&tool, json!({}), deploy())).code,
        "instance-not-running"
    );
}
