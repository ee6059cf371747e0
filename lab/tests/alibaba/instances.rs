//! Networks, and instances in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::user::*;

#[test]
fn the_network_is_ready_only_after_a_while_and_goes_in_order() {
    let user = User::delayed("alibaba-network", 1);
    let vpc = user.id("CreateVpc", &[], "VpcId");
    let place = [
        ("VpcId", vpc.as_str()),
        ("ZoneId", "cn-hangzhou-h"),
        ("CidrBlock", "172.16.0.0/24"),
    ];
    assert_eq!(user.refused("CreateVSwitch", &place), "IncorrectVpcStatus");
    let shown = user.ecs("DescribeVpcs", &[("VpcId", &vpc)]);
    assert_eq!(shown["Vpcs"]["Vpc"][0]["Status"], "Available");
    let elsewhere = [place[0], ("ZoneId", "us-west-1-a"), place[2]];
    assert_eq!(
        user.refused("CreateVSwitch", &elsewhere),
        "InvalidZoneId.NotFound"
    );
    let outside = [place[0], place[1], ("CidrBlock", "192.168.0.0/24")];
    assert_eq!(
        user.refused("CreateVSwitch", &outside),
        "InvalidCidrBlock.Malformed"
    );
    let vswitch = user.id("CreateVSwitch", &place, "VSwitchId");
    assert_eq!(
        user.refused("CreateVSwitch", &place),
        "InvalidCidrBlock.Overlapped"
    );
    let group = user.id("CreateSecurityGroup", &[("VpcId", &vpc)], "SecurityGroupId");
    assert_eq!(
        user.refused("DeleteVpc", &[("VpcId", &vpc)]),
        "DependencyViolation.VSwitch"
    );
    assert_eq!(
        user.refused("DeleteVSwitch", &[("VSwitchId", &vswitch)]),
        "IncorrectVSwitchStatus"
    );
    user.ecs("DescribeVSwitches", &[("VSwitchId", &vswitch)]);
    user.ecs("DeleteVSwitch", &[("VSwitchId", &vswitch)]);
    assert_eq!(
        user.refused("DeleteVpc", &[("VpcId", &vpc)]),
        "DependencyViolation.SecurityGroup"
    );
    user.ecs("DeleteSecurityGroup", &[("SecurityGroupId", &group)]);
    user.ecs("DeleteVpc", &[("VpcId", &vpc)]);
    assert_eq!(
        user.refused("DeleteVpc", &[("VpcId", &vpc)]),
        "InvalidVpcId.NotFound"
    );
    assert_eq!(user.api.left(), [""; 0]);
}

#[test]
fn an_instance_is_made_of_what_fits_together() {
    let user = User::new("alibaba-instance");
    let network = user.network("cn-hangzhou-h");
    let other = {
        let vpc = user.id("CreateVpc", &[], "VpcId");
        user.ecs("DescribeVpcs", &[("VpcId", &vpc)]);
        user.id("CreateSecurityGroup", &[("VpcId", &vpc)], "SecurityGroupId")
    };
    for (given, code) in [
        (
            ("InstanceType", "ecs.g6.large"),
            "InvalidInstanceType.ValueNotSupported",
        ),
        (("InstanceType", "ecs.g8y.large"), "ImageNotSupportInstanceType"),
        (
            ("SystemDisk.Category", "cloud_auto"),
            "InvalidSystemDiskCategory.ValueNotSupported",
        ),
        (("ZoneId", "cn-hangzhou-i"), "InvalidParameter"),
        (("SecurityGroupId", &other), "InvalidSecurityGroupId.VPCMismatch"),
        (("ImageFamily", "acs:none"), "InvalidImageId.NotFound"),
        (("ImageId", "m-none"), "InvalidParameter"),
        (
            ("UserData", "#cloud-config"),
            "InvalidUserData.Base64FormatInvalid",
        ),
        (("KeyPairName", "no-such-pair"), "InvalidKeyPairName.NotFound"),
        (("HttpTokens", "always"), "InvalidParameter"),
        (("InternetMaxBandwidthOut", "101"), "InvalidParameter"),
        (("Tag.1.Value", "no-key"), "InvalidTagKey.Malformed"),
    ] {
        let (status, body) = user.launch("RunInstances", &network, &[given]);
        assert!(status >= 400);
        assert_eq!(body["Code"], code, "{given:?}");
    }
    let (_, body) = user.launch("CreateInstance", &network, &[("Amount", "2")]);
    assert_eq!(
        body["Code"], "InvalidParameter",
        "only RunInstances makes several"
    );
}

/// The keys stand in base64, where nothing but the cloud finds them.
#[test]
fn user_data_opens_the_instance_and_a_token_makes_it_once() {
    let user = User::new("alibaba-user-data");
    let network = user.network("cn-hangzhou-h");
    let data = STANDARD.encode(format!(
        "#cloud-config\n{{\"users\":[{{\"ssh_authorized_keys\":[\"{KEY}\"]}}]}}\n"
    ));
    let given = [
        ("UserData", data.as_str()),
        ("ClientToken", "token-1"),
        ("InternetMaxBandwidthOut", "10"),
        ("SystemDisk.Size", "80"),
    ];
    let id = user.running(&network, &given);
    assert_eq!(user.api.lab.authorized_keys(), format!("{KEY}\n"));
    let shown = user.instance(&id);
    assert_eq!(shown["PublicIpAddress"]["IpAddress"], json!(["127.0.0.1"]));
    assert_eq!(
        shown["VpcAttributes"]["PrivateIpAddress"]["IpAddress"],
        json!(["127.0.0.2"])
    );
    assert_eq!(
        user.running(&network, &given),
        id,
        "the same token is the same instance"
    );
    let (_, body) = user.launch("RunInstances", &network, &[("ClientToken", "token-1")]);
    assert_eq!(body["Code"], "IdempotentParameterMismatch");
    assert_eq!(user.broken(), ["wrong-value"]);
}

#[test]
fn instances_and_addresses_change_their_state_in_order() {
    let user = User::delayed("alibaba-states", 1);
    let network = user.network("cn-hangzhou-i");
    let (_, body) = user.launch("CreateInstance", &network, &[]);
    let id = body["InstanceId"].as_str().unwrap();
    let instance = [("InstanceId", id)];
    assert_eq!(
        user.refused("StartInstance", &instance),
        "IncorrectInstanceStatus"
    );
    assert_eq!(user.broken(), ["wrong-order"]);
    assert_eq!(user.instance(id)["Status"], "Stopped");
    let eip = user.id("AllocateEipAddress", &[], "AllocationId");
    let bind = [("AllocationId", eip.as_str()), ("InstanceId", id)];
    assert_eq!(user.refused("AssociateEipAddress", &bind), "IncorrectEipStatus");
    user.ecs("DescribeEipAddresses", &[("AllocationId", &eip)]);
    user.ecs("AssociateEipAddress", &bind);
    assert_eq!(
        user.refused("ReleaseEipAddress", &bind[..1]),
        "IncorrectEipStatus"
    );
    assert_eq!(user.instance(id)["EipAddress"]["IpAddress"], "127.0.0.1");
    user.ecs("StartInstance", &instance);
    assert_eq!(user.instance(id)["Status"], "Starting");
    assert_eq!(
        user.refused("DeleteInstance", &instance),
        "IncorrectInstanceStatus"
    );
    user.ecs("DeleteInstance", &[instance[0], ("Force", "true")]);
    assert_eq!(
        user.refused("DeleteInstance", &instance),
        "InvalidInstanceId.NotFound"
    );
    // Its interface is there a moment longer, its address is being taken off.
    let group = [("SecurityGroupId", network[2].as_str())];
    assert_eq!(user.refused("DeleteSecurityGroup", &group), "DependencyViolation");
    user.ecs("DeleteSecurityGroup", &group);
    assert_eq!(
        user.refused("ReleaseEipAddress", &bind[..1]),
        "IncorrectEipStatus"
    );
    user.ecs("DescribeEipAddresses", &[("AllocationId", &eip)]);
    user.ecs("ReleaseEipAddress", &bind[..1]);
    assert_eq!(
        user.refused("ReleaseEipAddress", &bind[..1]),
        "InvalidAllocationId.NotFound"
    );
}
