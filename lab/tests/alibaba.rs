//! Alibaba Cloud: what it takes, and above all what it refuses.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod client;

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client::Api;
use serde_json::{Value, json};
use sindri_lab::clouds::alibaba::ACCOUNT;
use sindri_lab::{Fault, Owner};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
const ECS: &str = "ecs.cn-hangzhou.aliyuncs.com";
const VPC: &str = "vpc.cn-hangzhou.aliyuncs.com";

/// A client that signs with a `Signer` of its own: OpenSSL's, not the lab's.
struct User {
    api: Api,
    nonce: Cell<u32>,
}

impl User {
    fn new(name: &str) -> Self {
        Self::delayed(name, 0)
    }

    fn delayed(name: &str, delay: u32) -> Self {
        Self {
            api: Api::new(name, ECS, |options| options.delay = delay),
            nonce: Cell::new(0),
        }
    }

    fn variable(&self, name: &str) -> String {
        let environment = self.api.lab.environment();
        let (_, value) = environment.iter().find(|(known, _)| known == name).unwrap();
        value.clone()
    }

    /// Everything that a signed request has.
    fn parameters(&self, action: &str, given: &[(&str, &str)]) -> Vec<(String, String)> {
        self.nonce.set(self.nonce.get() + 1);
        let nonce = self.nonce.get().to_string();
        let key = self.variable("ALICLOUD_ACCESS_KEY");
        let common = [
            ("AccessKeyId", key.as_str()),
            ("Action", action),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", "2026-11-22T10:20:30Z"),
            ("Version", "2014-05-26"),
            ("RegionId", "cn-hangzhou"),
        ];
        let kept = common
            .iter()
            .filter(|(name, _)| !given.iter().any(|(other, _)| other == name));
        kept.chain(given)
            .filter(|(_, value)| *value != "-")
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn sign(&self, method: &str, parameters: &mut Vec<(String, String)>) {
        let mut pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.sort();
        let text = format!("{method}&%2F&{}", encode(&pairs.join("&")));
        let key = format!("{}&", self.variable("ALICLOUD_SECRET_KEY"));
        parameters.push(("Signature".to_owned(), openssl(&key, &text)));
    }

    /// `ROUTE` is the host; a parameter with the value `-` is left out, one of the common ones can be given.
    fn ask(&self, host: &str, action: &str, given: &[(&str, &str)]) -> (u16, Value) {
        let mut parameters = self.parameters(action, given);
        self.sign("POST", &mut parameters);
        self.api.form(host, "/", &form(&parameters))
    }

    fn ecs(&self, action: &str, given: &[(&str, &str)]) -> Value {
        let (status, body) = self.ask(ECS, action, given);
        assert_eq!(status, 200, "{action}: {body}");
        body
    }

    fn refused(&self, action: &str, given: &[(&str, &str)]) -> String {
        let (status, body) = self.ask(ECS, action, given);
        assert!(status >= 400, "{action}: {body}");
        body["Code"].as_str().unwrap().to_owned()
    }

    fn id(&self, action: &str, given: &[(&str, &str)], field: &str) -> String {
        self.ecs(action, given)[field].as_str().unwrap().to_owned()
    }

    /// A VPC, a vSwitch in a zone and a group, each ready.
    fn network(&self, zone: &str) -> [String; 3] {
        let vpc = self.id("CreateVpc", &[("CidrBlock", "192.168.0.0/16")], "VpcId");
        let ready = |action, field, id: &str, outer: &str, inner: &str| {
            let shown = || self.ecs(action, &[(field, id)])[outer][inner][0]["Status"].clone();
            while shown() != "Available" {}
        };
        ready("DescribeVpcs", "VpcId", &vpc, "Vpcs", "Vpc");
        let place = [
            ("VpcId", vpc.as_str()),
            ("ZoneId", zone),
            ("CidrBlock", "192.168.0.0/24"),
        ];
        let vswitch = self.id("CreateVSwitch", &place, "VSwitchId");
        ready("DescribeVSwitches", "VSwitchId", &vswitch, "VSwitches", "VSwitch");
        let group = self.id("CreateSecurityGroup", &[("VpcId", &vpc)], "SecurityGroupId");
        [vpc, vswitch, group]
    }

    fn launch(&self, action: &str, network: &[String; 3], more: &[(&str, &str)]) -> (u16, Value) {
        let usual = [
            ("ImageFamily", "acs:ubuntu_24_04_x64"),
            ("InstanceType", "ecs.g7.large"),
            ("VSwitchId", &network[1]),
            ("SecurityGroupId", &network[2]),
        ];
        let kept = usual
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let given: Vec<_> = kept.chain(more).copied().collect();
        self.ask(ECS, action, &given)
    }

    fn running(&self, network: &[String; 3], more: &[(&str, &str)]) -> String {
        let (status, body) = self.launch("RunInstances", network, more);
        assert_eq!(status, 200, "{body}");
        let id = body["InstanceIdSets"]["InstanceIdSet"][0]
            .as_str()
            .unwrap()
            .to_owned();
        let shown = self.instance(&id);
        assert_eq!(shown["Status"], "Running", "{shown}");
        id
    }

    fn instance(&self, id: &str) -> Value {
        let ids = json!([id]).to_string();
        self.ecs("DescribeInstances", &[("InstanceIds", &ids)])["Instances"]["Instance"][0].clone()
    }

    fn image(&self, id: &str) -> Value {
        let status = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";
        self.ecs("DescribeImages", &[("ImageId", id), ("Status", status)])["Images"]["Image"][0].clone()
    }

    fn broken(&self) -> Vec<&'static str> {
        self.api.broken()
    }
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn form(parameters: &[(String, String)]) -> String {
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// HMAC-SHA1 by somebody else than the lab.
fn openssl(key: &str, text: &str) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("openssl")
        .args(["dgst", "-sha1", "-hmac", key, "-binary"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("OpenSSL is installed");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    STANDARD.encode(output.stdout)
}

#[test]
fn only_requests_that_the_key_signed_are_answered() {
    let user = User::new("alibaba-signature");
    let identity = |given: &[(&str, &str)]| {
        let given = [&[("Version", "2015-04-01")], given].concat();
        user.ask("sts.aliyuncs.com", "GetCallerIdentity", &given)
    };
    assert_eq!(identity(&[]).1["AccountId"], ACCOUNT);
    for (given, code, rule) in [
        (
            ("AccessKeyId", "LTAI5tsomebodyelse"),
            "InvalidAccessKeyId.NotFound",
            "unauthenticated",
        ),
        (("AccessKeyId", "-"), "MissingAccessKeyId", "unauthenticated"),
        (
            ("SecurityToken", "x"),
            "InvalidSecurityToken.MismatchWithAccessKey",
            "unauthenticated",
        ),
        (
            ("SignatureMethod", "HMAC-SHA256"),
            "InvalidParameter",
            "wrong-value",
        ),
        (("SignatureNonce", "1"), "SignatureNonceUsed", "wrong-value"),
        (
            ("Timestamp", "1700000000"),
            "InvalidTimeStamp.Format",
            "wrong-value",
        ),
        (("Version", "2014-05-26"), "InvalidVersion", "wrong-value"),
        (("Format", "-"), "MissingParameter", "missing-field"),
    ] {
        let given = [given];
        let given: &[(&str, &str)] = &given;
        let (_, body) = if given[0].0 == "Version" {
            user.ask("sts.aliyuncs.com", "GetCallerIdentity", given)
        } else {
            identity(given)
        };
        assert_eq!(body["Code"], code, "{given:?}");
        assert_eq!(user.broken(), [rule], "{given:?}");
    }
    // A parameter that was changed on the way.
    let mut parameters = user.parameters("DescribeRegions", &[]);
    user.sign("POST", &mut parameters);
    parameters.retain(|(name, _)| name != "RegionId");
    let (status, body) = user.api.form(ECS, "/", &form(&parameters));
    assert_eq!(
        (status, body["Code"].as_str()),
        (400, Some("SignatureDoesNotMatch"))
    );
}

/// The SDKs send parameters in the query, and Packer's speaks plain HTTP.
#[test]
fn parameters_may_stand_in_the_query_and_http_may_be_plain() {
    let user = User::new("alibaba-query");
    let mut parameters = user.parameters("DescribeImages", &[("ImageName", "ä *~/")]);
    user.sign("GET", &mut parameters);
    let (status, body) = user.api.call("GET", &format!("/?{}", form(&parameters)), None);
    assert_eq!(status, 200, "{body}");
    let mut parameters = user.parameters("DescribeRegions", &[]);
    user.sign("GET", &mut parameters);
    let request = format!(
        "GET http://{ECS}/?{} HTTP/1.1\r\nHost: {ECS}\r\nConnection: close\r\n\r\n",
        form(&parameters)
    );
    let (status, body) = client::raw(user.api.lab.address(), &request).unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!(user.broken(), [""; 0]);
}

#[test]
fn parameters_are_those_of_the_reference() {
    let user = User::new("alibaba-parameters");
    for (action, given, code, rule) in [
        (
            "DescribeImages",
            ("ImageIds", "[]"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeImages",
            ("Status", "available"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeImages",
            ("PageSize", "101"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeKeyPairs",
            ("PageSize", "51"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeInstances",
            ("InstanceIds", "i-1"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DescribeImages",
            ("Tag.0.Key", "k"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeImages",
            ("Tag.1.Key", "acs:k"),
            "InvalidTagKey.Malformed",
            "wrong-value",
        ),
        (
            "DeleteImage",
            ("Force", "True"),
            "InvalidParameter",
            "wrong-value",
        ),
        (
            "DeleteImage",
            ("RegionId", "cn-hangzhou"),
            "MissingParameter",
            "missing-field",
        ),
        (
            "CreateVpc",
            ("CidrBlock", "8.8.0.0/16"),
            "InvalidCidrBlock.Malformed",
            "wrong-value",
        ),
        (
            "CreateVpc",
            ("VpcName", "1"),
            "InvalidVpcName.Malformed",
            "wrong-value",
        ),
        // The network of ECS itself has no search by name, that of the VPC product has.
        (
            "DescribeVpcs",
            ("VpcName", "a-name"),
            "InvalidParameter",
            "unknown-field",
        ),
        (
            "DescribeCommands",
            ("RegionId", "cn-hangzhou"),
            "InvalidAction.NotFound",
            "unknown-route",
        ),
    ] {
        assert_eq!(user.refused(action, &[given]), code, "{action} {given:?}");
        assert_eq!(user.broken(), [rule], "{action} {given:?}");
    }
    assert_eq!(
        user.refused("DescribeImages", &[("RegionId", "us-west-1")]),
        "InvalidRegionId.NotFound"
    );
    let version = [("Version", "2016-04-28"), ("VpcName", "a-name")];
    assert_eq!(user.ask(VPC, "DescribeVpcs", &version).0, 200);
}

/// A client that takes the first page for everything loses images.
#[test]
fn lists_come_in_pages_and_hide_what_is_not_available() {
    let user = User::new("alibaba-pages");
    let seen = |page: &str| {
        let answer = user.ecs("DescribeImages", &[("PageSize", "3"), ("PageNumber", page)]);
        let count = answer["Images"]["Image"].as_array().unwrap().len();
        (answer["TotalCount"].as_u64().unwrap(), count)
    };
    assert_eq!((seen("1"), seen("2"), seen("3")), ((4, 3), (4, 1), (4, 0)));
    let family = user.ecs(
        "DescribeImageFromFamily",
        &[("ImageFamily", "acs:ubuntu_24_04_x64")],
    );
    assert_eq!(
        family["Image"]["ImageId"],
        "ubuntu_24_04_x64_20G_alibase_20260916.vhd"
    );
    let none = user.ecs("DescribeImageFromFamily", &[("ImageFamily", "acs:none")]);
    assert_eq!(none["Image"], json!({}));
}

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

#[test]
fn images_hold_their_snapshots_and_are_held_by_shares_and_instances() {
    let user = User::new("alibaba-images");
    let network = user.network("cn-hangzhou-i");
    let machine = user.running(&network, &[]);
    let named = [("InstanceId", machine.as_str()), ("ImageName", "built-1")];
    let image = user.id("CreateImage", &named, "ImageId");
    assert_eq!(user.refused("CreateImage", &named), "InvalidImageName.Duplicated");
    let both = [named[0], ("SnapshotId", "s-1"), ("ImageName", "built-2")];
    assert_eq!(user.refused("CreateImage", &both), "InvalidParameter");
    let shown = user.image(&image);
    assert_eq!(shown["Status"], "Available");
    let snapshot = shown["DiskDeviceMappings"]["DiskDeviceMapping"][0]["SnapshotId"]
        .as_str()
        .unwrap();
    let by_snapshot = user.ecs("DescribeImages", &[("SnapshotId", snapshot)]);
    assert_eq!(by_snapshot["Images"]["Image"][0]["ImageId"], image.as_str());
    let by_instance = user.ecs("DescribeSnapshots", &[("InstanceId", &machine)]);
    assert_eq!(by_instance["Snapshots"]["Snapshot"][0]["SnapshotId"], snapshot);

    let share = [("ImageId", image.as_str()), ("AddAccount.1", "2234567890123456")];
    assert_eq!(
        user.refused("ModifyImageSharePermission", &[share[0], ("AddAccount.1", "me")]),
        "InvalidAccount.Malformed"
    );
    user.ecs("ModifyImageSharePermission", &share);
    let deprecated = [share[0], ("Status", "Deprecated")];
    assert_eq!(
        user.refused("ModifyImageAttribute", &deprecated),
        "ImageUseShared"
    );
    assert_eq!(user.refused("DeleteImage", &share[..1]), "ImageUseShared");
    let shares = user.ecs("DescribeImageSharePermission", &share[..1]);
    assert_eq!(shares["Accounts"]["Account"][0]["AliyunId"], "2234567890123456");
    user.ecs(
        "ModifyImageSharePermission",
        &[share[0], ("RemoveAccount.1", share[1].1)],
    );
    user.ecs("ModifyImageAttribute", &deprecated);
    assert_eq!(
        user.refused("ModifyImageSharePermission", &share),
        "IncorrectImageStatus"
    );

    let of_image = [("ImageId", image.as_str()), ("ImageFamily", "-")];
    let second = user.running(&network, &of_image);
    assert_eq!(user.refused("DeleteImage", &share[..1]), "ImageUsingByInstance");
    user.ecs("DeleteInstance", &[("InstanceId", &second), ("Force", "true")]);
    assert_eq!(
        user.refused("DeleteSnapshot", &[("SnapshotId", snapshot)]),
        "SnapshotCreatedImage"
    );
    user.ecs("DeleteImage", &share[..1]);
    user.ecs("DeleteImage", &share[..1]);
    user.ecs("DeleteSnapshot", &[("SnapshotId", snapshot)]);
    let base = [("ImageId", "ubuntu_24_04_x64_20G_alibase_20260916.vhd")];
    assert_eq!(user.refused("DeleteImage", &base), "InvalidImageId.NotFound");
}

/// An image under way is invisible without `Status`, and its copies live in another region.
#[test]
fn copies_take_a_while_and_have_only_their_own_tags() {
    let user = User::delayed("alibaba-copies", 2);
    let network = user.network("cn-hangzhou-i");
    let (status, body) = user.launch("RunInstances", &network, &[]);
    assert_eq!(status, 200, "{body}");
    let machine = body["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
    assert_eq!(
        user.refused("CreateImage", &[("InstanceId", machine)]),
        "IncorrectInstanceStatus"
    );
    user.instance(machine);
    user.instance(machine);
    let tag = [("Tag.1.Key", "run"), ("Tag.1.Value", "r1")];
    let image = user.id(
        "CreateImage",
        &[("InstanceId", machine), tag[0], tag[1]],
        "ImageId",
    );
    let copy = [("ImageId", image.as_str()), ("DestinationRegionId", "us-west-1")];
    assert_eq!(user.refused("CopyImage", &copy), "IncorrectImageStatus");
    let visible = user.ecs("DescribeImages", &[("ImageId", &image)]);
    assert_eq!(visible["TotalCount"], 0, "under way");
    assert_eq!(
        user.image(&image)["Tags"]["Tag"],
        json!([{"TagKey": "run", "TagValue": "r1"}])
    );
    let copied = user.id("CopyImage", &copy, "ImageId");
    let there = [
        ("RegionId", "us-west-1"),
        ("ImageId", copied.as_str()),
        ("Status", "Creating"),
    ];
    let shown = user.ask("ecs.us-west-1.aliyuncs.com", "DescribeImages", &there).1;
    let shown = &shown["Images"]["Image"][0];
    assert_eq!(
        (&shown["IsCopied"], &shown["Tags"]["Tag"]),
        (&json!(true), &json!([]))
    );
    let (_, body) = user.ask("ecs.us-west-1.aliyuncs.com", "DeleteImage", &there[..2]);
    assert_eq!(body["Code"], "OperationDenied.ImageCopying");
    assert_eq!(
        user.refused("CopyImage", &[copy[0], ("DestinationRegionId", "cn-hangzhou")]),
        "InvalidParameter"
    );
    assert_eq!(
        user.refused("CopyImage", &[copy[0], ("DestinationRegionId", "mars")]),
        "InvalidDestinationRegionId.NotFound"
    );
}

#[test]
fn key_pairs_are_no_ed25519_and_open_nothing_until_they_are_attached() {
    let user = User::new("alibaba-key-pairs");
    let import = [("KeyPairName", "run-1"), ("PublicKeyBody", KEY)];
    assert_eq!(
        user.refused("ImportKeyPair", &import),
        "InvalidPublicKeyBody.Malformed"
    );
    let user = User::new("alibaba-key-pairs-2");
    let private = user.id("CreateKeyPair", &import[..1], "PrivateKeyBody");
    assert!(private.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert!(
        user.api.lab.log().iter().all(|entry| !entry
            .answered
            .as_deref()
            .unwrap_or_default()
            .contains("PRIVATE KEY")),
        "the log keeps no private key"
    );
    assert_eq!(
        user.refused("CreateKeyPair", &import[..1]),
        "KeyPair.AlreadyExist"
    );
    assert_eq!(user.api.lab.authorized_keys(), "");
    let network = user.network("cn-hangzhou-i");
    let machine = user.running(&network, &[]);
    let ids = json!([machine]).to_string();
    user.ecs("AttachKeyPair", &[import[0], ("InstanceIds", &ids)]);
    assert!(user.api.lab.authorized_keys().starts_with("ssh-rsa "));
    let found = user.ecs("DescribeKeyPairs", &[("KeyPairName", "run-*")]);
    assert_eq!(found["TotalCount"], 1);
    for _ in 0..2 {
        user.ecs("DeleteKeyPairs", &[("KeyPairNames", "[\"run-1\"]")]);
    }
}

#[test]
fn tags_are_of_what_is_there_and_at_most_twenty() {
    let user = User::new("alibaba-tags");
    let [_, _, group] = user.network("cn-hangzhou-i");
    let on = [
        ("ResourceType", "securitygroup"),
        ("ResourceId.1", group.as_str()),
    ];
    let many: Vec<_> = (1..=21)
        .map(|number| (format!("Tag.{number}.Key"), format!("k{number}")))
        .collect();
    let many: Vec<_> = many
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        user.refused("TagResources", &[&on, many.as_slice()].concat()),
        "NumberExceed.Tags"
    );
    user.ecs("TagResources", &[&on, &many[..20]].concat());
    assert_eq!(
        user.refused("TagResources", &[&on, &many[20..]].concat()),
        "NumberExceed.Tags"
    );
    let twice = [on[0], on[1], ("Tag.1.Key", "a"), ("Tag.2.Key", "a")];
    assert_eq!(user.refused("TagResources", &twice), "Duplicate.TagKey");
    user.ecs("UntagResources", &[on[0], on[1], ("TagKey.1", "k1")]);
    assert_eq!(
        user.refused("TagResources", &[("ResourceType", "image"), on[1], many[0]]),
        "InvalidResourceId.NotFound"
    );
    let found = user.ecs("DescribeSecurityGroups", &[("Tag.1.Key", "k2")]);
    assert_eq!(found["TotalCount"], 1);
    assert_eq!(
        user.ecs("DescribeSecurityGroups", &[("Tag.1.Key", "k1")])["TotalCount"],
        0
    );
}

#[test]
fn zones_differ_in_what_they_offer() {
    let user = User::new("alibaba-zones");
    let offered = |kind: &str| {
        let given = [("DestinationResource", "InstanceType"), ("InstanceType", kind)];
        let answer = user.ecs("DescribeAvailableResource", &given);
        answer["AvailableZones"]["AvailableZone"].as_array().map(Vec::len)
    };
    assert_eq!(offered("ecs.g6.large"), Some(2));
    assert_eq!(offered("ecs.g7.large"), Some(3));
    assert_eq!(offered("ecs.none"), None, "no zone is no list at all");
    let zones = user.ecs("DescribeZones", &[]);
    let first = &zones["Zones"]["Zone"][0]["AvailableInstanceTypes"]["InstanceTypes"];
    assert!(!first.as_array().unwrap().contains(&json!("ecs.g6.large")));
}

#[test]
fn decoys_are_somebody_elses_and_faults_are_the_clouds_own_errors() {
    let user = User::new("alibaba-decoys");
    let decoys = user.api.lab.plant_decoys(18);
    let ours: Vec<_> = decoys.iter().filter(|decoy| decoy.cloud == "alibaba").collect();
    assert_eq!(ours.len(), 18);
    assert!(
        ours.iter()
            .all(|decoy| decoy.owner == Owner::Stranger && !decoy.name.starts_with("sindri-run-"))
    );
    assert_eq!(
        user.ecs("DescribeImages", &[("ImageOwnerAlias", "self")])["TotalCount"],
        2
    );
    user.api.lab.inject(
        Fault::refuse(400, "IncorrectVpcStatus")
            .cloud("alibaba")
            .method("POST"),
    );
    assert_eq!(user.refused("DescribeRegions", &[]), "IncorrectVpcStatus");
    user.ecs("DescribeRegions", &[]);
}
