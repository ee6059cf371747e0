//! Starting instances.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_alibaba::Alibaba;
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{DeployRequest, Operation, Outcome, Tag};
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{
    IMAGE, INSTANCE, MARK, RUN, deploy_request, empty_account, flag, image, images, instance, instances,
    own_network, page, problem, request, run, set_tags, verbs, with, zones,
};

fn cloud() -> Tool {
    let vpc = |status: &str| {
        page(
            "Vpcs",
            "Vpc",
            &[json!({ "VpcId": "vpc-bp1own", "Status": status })],
        )
    };
    let vswitch = json!({ "VSwitchId": "vsw-bp1own", "Status": "Available" });
    empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints(
            "vpc",
            json!({ "VpcId": "vpc-bp1own", "VRouterId": "vrt-1", "RequestId": "x" }),
        )
        .prints("vpc-ready-1", vpc("Pending"))
        .prints("vpc-ready-2", vpc("Available"))
        .prints("vswitch", json!({ "VSwitchId": "vsw-bp1own", "RequestId": "x" }))
        .prints("vswitch-ready-1", page("VSwitches", "VSwitch", &[vswitch]))
        .prints(
            "security-group",
            json!({ "SecurityGroupId": "sg-bp1own", "RequestId": "x" }),
        )
        .prints(
            "instance",
            json!({ "InstanceIdSets": { "InstanceIdSet": [INSTANCE] }, "RequestId": "x" }),
        )
        .prints("running-1", instances(&[instance("Pending")]))
        .prints("running-2", instances(&[instance("Running")]))
}

fn deploy() -> Operation {
    Operation::Deploy(deploy_request())
}

fn changed(change: impl FnOnce(&mut DeployRequest)) -> Operation {
    let mut request = deploy_request();
    change(&mut request);
    Operation::Deploy(request)
}

fn resources(driven: Driven) -> Vec<String> {
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    let text =
        |resource: &sindri_plugin_sdk::contract::Resource| format!("{} {}", resource.kind, resource.id);
    instance.resources.iter().map(text).collect()
}

#[test]
fn without_a_network_the_run_makes_one_and_names_everything_it_made() {
    let driven = run(&cloud(), json!({}), deploy());
    assert_eq!(
        verbs(&driven),
        [
            vec!["DescribeImages", "DescribeAvailableResource"],
            vec!["CreateVpc"],
            vec!["DescribeVpcs"],
            vec!["pause", "DescribeVpcs"],
            vec!["CreateVSwitch", "CreateSecurityGroup"],
            vec!["DescribeVSwitches"],
            vec!["AuthorizeSecurityGroup", "RunInstances"],
            vec!["DescribeInstances"],
            vec!["pause", "DescribeInstances"],
        ]
    );
    assert_eq!(flag(&driven, "vswitch", "ZoneId").unwrap(), "cn-hangzhou-h");
    for (step, name) in [
        ("vpc", "VpcName"),
        ("vswitch", "VSwitchName"),
        ("security-group", "SecurityGroupName"),
    ] {
        assert_eq!(
            flag(&driven, step, name).unwrap(),
            MARK,
            "destroy finds it by its name"
        );
    }
    assert_eq!(
        resources(driven),
        [
            format!("instance {INSTANCE}"),
            "security-group sg-bp1own".into(),
            "vswitch vsw-bp1own".into(),
            "vpc vpc-bp1own".into()
        ]
    );
}

#[test]
fn a_network_of_the_users_is_used_and_never_among_what_was_made() {
    let driven = run(&cloud(), own_network(), deploy());
    assert_eq!(
        verbs(&driven)[1..3],
        [
            vec!["CreateSecurityGroup"],
            vec!["AuthorizeSecurityGroup", "RunInstances"]
        ]
    );
    assert_eq!(
        resources(driven),
        [format!("instance {INSTANCE}"), "security-group sg-bp1own".into()]
    );
    let mut guarded = own_network();
    guarded["security_group_id"] = json!("sg-bp1users0");
    let driven = run(&cloud(), guarded, deploy());
    assert_eq!(
        verbs(&driven)[1],
        ["RunInstances"],
        "no rule is added to a group of the user's"
    );
    assert_eq!(resources(driven), [format!("instance {INSTANCE}")]);
}

#[test]
fn the_instance_needs_metadata_tokens_and_is_started_once() {
    let driven = run(&cloud(), json!({}), deploy());
    let value = |name: &str| flag(&driven, "instance", name);
    assert_eq!(value("HttpTokens").as_deref(), Some("required"));
    assert_eq!(value("Amount").as_deref(), Some("1"));
    assert_eq!(value("ClientToken").unwrap(), format!("RunInstances-{RUN}"));
    assert_eq!(value("InternetMaxBandwidthOut").as_deref(), Some("10"));
    assert_eq!(value("SystemDisk.Size").as_deref(), Some("80"));
    assert_eq!(
        (value("SpotStrategy"), value("SystemDisk.PerformanceLevel")),
        (None, None)
    );
    assert_eq!(
        flag(&driven, "ingress", "SourceCidrIp").unwrap(),
        "203.0.113.7/32"
    );
    assert_eq!(flag(&driven, "ingress", "PortRange").unwrap(), "22/22");
}

#[test]
fn the_ed25519_key_travels_as_user_data_because_no_key_pair_takes_it() {
    let driven = run(&cloud(), json!({}), deploy());
    assert_eq!(flag(&driven, "instance", "KeyPairName"), None);
    let config = String::from_utf8(decoded(&flag(&driven, "instance", "UserData").unwrap())).unwrap();
    let json = config.strip_prefix("#cloud-config\n").unwrap();
    let config: Json = serde_json::from_str(json).unwrap();
    let key = request(json!({}), deploy()).context.ssh_public_key.unwrap();
    assert_eq!(config["users"][0]["name"], "ubuntu");
    assert_eq!(config["users"][0]["ssh_authorized_keys"], json!([key]));
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(
        (
            instance.ssh_user.as_str(),
            instance.public_ip.as_deref(),
            instance.private_ip.as_deref()
        ),
        ("ubuntu", Some("198.51.100.4"), Some("192.168.0.4"))
    );
}

/// Base64 without padding checks.
fn decoded(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'=').map(value).collect();
    let mut bytes = Vec::new();
    for chunk in digits.chunks(4) {
        let group = (0..4).fold(0_u32, |group, place| {
            group << 6 | u32::from(*chunk.get(place).unwrap_or(&0))
        });
        bytes.extend(&group.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

#[test]
fn settings_reach_the_instance() {
    let config = json!({
        "system_disk_performance_level": "PL0", "spot_strategy": "SpotWithPriceLimit", "spot_price_limit": 0.35,
        "associate_public_ip_address": false, "zone_id": "cn-hangzhou-i",
    });
    let private = with(instance("Running"), "PublicIpAddress", json!({ "IpAddress": [] }));
    let tool = cloud().prints("ecs DescribeInstances", instances(std::slice::from_ref(&private)));
    let tool = tool.prints("running-1", instances(&[private]));
    let driven = run(&tool, config, deploy());
    let value = |name: &str| flag(&driven, "instance", name);
    assert_eq!(value("SystemDisk.PerformanceLevel").as_deref(), Some("PL0"));
    assert_eq!(value("SpotStrategy").as_deref(), Some("SpotWithPriceLimit"));
    assert_eq!(value("SpotPriceLimit").as_deref(), Some("0.35"));
    assert_eq!(
        value("InternetMaxBandwidthOut").as_deref(),
        Some("0"),
        "no public address"
    );
    assert_eq!(value("InternetChargeType"), None);
    assert_eq!(flag(&driven, "zones", "ZoneId").as_deref(), Some("cn-hangzhou-i"));
}

#[test]
fn everything_that_takes_tags_carries_those_by_which_destroy_finds_it() {
    let lying = changed(|request| {
        request.tags = vec![
            Tag {
                key: "SindriRunId".into(),
                value: "another00000".into(),
            },
            Tag {
                key: "empty".into(),
                value: String::new(),
            },
        ]
    });
    let driven = run(&cloud(), json!({}), lying);
    let expected = [
        ("empty", ""),
        ("Name", "my-vm"),
        ("ManagedBy", "sindri"),
        ("SindriRunId", RUN),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    for step in ["security-group", "instance"] {
        assert_eq!(set_tags(&driven, step), expected, "{step}");
    }
}

#[test]
fn what_cannot_work_leaves_nothing_behind() {
    let nothing_made = |driven: &Driven| {
        verbs(driven)
            .concat()
            .iter()
            .all(|verb| verb.starts_with("Describe"))
    };
    for (tool, config, operation, code) in [
        (empty_account(), json!({}), deploy(), "image-not-found"),
        (
            cloud().prints("image", images(&[])),
            json!({ "instance_type": "ecs.g8y.xlarge" }),
            deploy(),
            "unsupported-architecture",
        ),
        (
            empty_account().prints(
                "image",
                images(&[with(image(IMAGE), "Status", json!("Creating"))]),
            ),
            json!({}),
            deploy(),
            "image-not-available",
        ),
        (
            empty_account()
                .prints("image", images(&[image(IMAGE)]))
                .prints("zones", zones(&[])),
            json!({}),
            deploy(),
            "unavailable-instance-type",
        ),
        (
            empty_account()
                .prints("image", images(&[image(IMAGE)]))
                .fails("zones", "Forbidden.RAM"),
            json!({}),
            deploy(),
            "unknown-zone",
        ),
        (
            cloud(),
            json!({}),
            changed(|request| request.ssh_source = "2001:db8::/64".into()),
            "unusable-range",
        ),
        (
            cloud(),
            json!({}),
            changed(|request| request.ssh_source = "anywhere".into()),
            "unusable-range",
        ),
        (
            cloud(),
            json!({}),
            changed(|request| request.name = "my vm".into()),
            "unusable-name",
        ),
        (
            cloud(),
            json!({}),
            changed(|request| request.image_id = "m-*".into()),
            "unusable-image-id",
        ),
        (
            cloud(),
            json!({}),
            changed(|request| {
                request.tags = vec![Tag {
                    key: "a".into(),
                    value: "--force".into(),
                }];
            }),
            "unusable-tag",
        ),
    ] {
        let driven = run(&tool, config, operation);
        assert!(nothing_made(&driven), "{code}: {:?}", verbs(&driven));
        assert_eq!(problem(driven).code, code);
    }
    let mut keyless = request(json!({}), deploy());
    keyless.context.ssh_public_key = None;
    assert_eq!(
        Alibaba::plan(&keyless, &[]).unwrap_err().code,
        "missing-public-key"
    );
}

#[test]
fn an_instance_that_never_runs_is_given_up() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints(
            "instance",
            json!({ "InstanceIdSets": { "InstanceIdSet": [INSTANCE] } }),
        )
        .prints("security-group", json!({ "SecurityGroupId": "sg-bp1own" }))
        .prints("ecs DescribeInstances", instances(&[instance("Stopped")]));
    let driven = run(&tool, own_network(), deploy());
    assert_eq!(problem(driven).code, "instance-not-running");
}
