//! Images, their copies, keys, tags and zones.

use serde_json::json;
use sindri_lab::{Fault, Owner};

use crate::user::*;

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
