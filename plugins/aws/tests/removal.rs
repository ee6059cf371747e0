//! Deleting images and destroying what runs left behind.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Operation};
use support::{
    IMAGE, RUN, empty_account, flag, image, images, instance, json_flag, problem, removal, removed, run,
    tags_json, verbs, with,
};

const SNAPSHOT: &str = "snap-0123456789abcdef0";

fn delete() -> Operation {
    Operation::DeleteImage(IMAGE.to_owned())
}

fn destroy_instance() -> Operation {
    Operation::Destroy(DestroyTarget::Instance("i-0a1b2c3d".to_owned()))
}

fn destroy_run(image_name: Option<&str>) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: image_name.map(str::to_owned),
    }))
}

#[test]
fn an_image_goes_with_its_snapshots_in_two_rounds() {
    let driven = run(
        &empty_account().prints("image", images(&[image(IMAGE)])),
        json!({}),
        delete(),
    );
    assert_eq!(
        verbs(&driven),
        [
            vec!["describe-images", "describe-snapshots"],
            vec!["deregister-image", "delete-snapshot"]
        ]
    );
    let removal = removal(driven);
    assert_eq!(
        removed(&removal),
        [format!("image {IMAGE}"), format!("snapshot {SNAPSHOT}")]
    );
    assert!(removal.leftovers.is_empty());
}

#[test]
fn copies_go_first_and_only_those_of_the_same_run() {
    let foreign = with(
        image("ami-0ccc"),
        "Tags",
        json!([{ "Key": "SindriRunId", "Value": "another00000" }]),
    );
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("copies-eu-west-1", images(&[image("ami-0bbb"), foreign]));
    let config = json!({ "ami_regions": ["eu-west-1", "us-west-2"] });
    let driven = run(&tool, config, delete());
    assert_eq!(
        verbs(&driven)[1],
        ["describe-images@eu-west-1"],
        "the build's own region has no copy"
    );
    assert_eq!(
        verbs(&driven)[2],
        [
            "deregister-image@eu-west-1",
            "delete-snapshot@eu-west-1",
            "deregister-image",
            "delete-snapshot"
        ]
    );
    assert_eq!(removal(driven).removed.len(), 4);
}

#[test]
fn a_snapshot_that_another_image_holds_is_a_leftover_and_not_a_failure() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .fails("ec2 delete-snapshot", "InvalidSnapshot.InUse");
    let driven = run(&tool, json!({}), delete());
    assert_eq!(
        verbs(&driven)[2],
        ["pause", "delete-snapshot"],
        "once more, after a moment"
    );
    let removal = removal(driven);
    assert_eq!(removed(&removal), [format!("image {IMAGE}")]);
    assert_eq!(removal.leftovers[0].resource.id, SNAPSHOT);
    assert!(removal.leftovers[0].reason.contains("InvalidSnapshot.InUse"));
}

#[test]
fn a_deletion_that_was_cut_off_is_finished_by_the_next_one() {
    let tool = empty_account()
        .fails("image", "InvalidAMIID.NotFound")
        .prints("snapshots", json!({ "Snapshots": [{ "SnapshotId": SNAPSHOT }] }));
    let driven = run(&tool, json!({}), delete());
    let filters = json_flag(&driven, "snapshots", "filters");
    assert_eq!(filters[0]["Name"], "tag:ManagedBy", "only snapshots of ours");
    assert_eq!(filters[1]["Values"][0], format!("*{IMAGE}*"));
    assert_eq!(removed(&removal(driven)), [format!("snapshot {SNAPSHOT}")]);
    assert!(
        removal(run(&empty_account(), json!({}), delete()))
            .removed
            .is_empty(),
        "and then there is nothing"
    );
}

#[test]
fn a_missing_snapshot_is_no_leftover() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .fails("ec2 delete-snapshot", "InvalidSnapshot.NotFound");
    let removal = removal(run(&tool, json!({}), delete()));
    assert_eq!(removed(&removal), [format!("image {IMAGE}")]);
    assert!(removal.leftovers.is_empty());
}

#[test]
fn a_protected_image_is_left_alone_and_the_user_is_told_how() {
    let protected = with(
        image(IMAGE),
        "DeregistrationProtection",
        json!("enabled-with-cooldown"),
    );
    let driven = run(
        &empty_account().prints("image", images(&[protected])),
        json!({}),
        delete(),
    );
    assert_eq!(driven.turns.len(), 1);
    assert_eq!(problem(driven).code, "deregistration-protected");
    let free = with(image(IMAGE), "DeregistrationProtection", json!("disabled"));
    assert_eq!(
        removal(run(
            &empty_account().prints("image", images(&[free])),
            json!({}),
            delete()
        ))
        .removed
        .len(),
        2
    );
}

#[test]
fn an_instance_that_is_not_ours_is_never_terminated() {
    for tags in [
        json!([]),
        json!([{ "Key": "ManagedBy", "Value": "sindri" }]),
        json!([{ "Key": "SindriRunId", "Value": RUN }, { "Key": "ManagedBy", "Value": "terraform" }]),
    ] {
        let driven = run(
            &empty_account().prints("instance", instance("i-0a1b2c3d", "running", &tags)),
            json!({}),
            destroy_instance(),
        );
        assert_eq!(verbs(&driven), [["describe-instances"]]);
        assert_eq!(problem(driven).code, "not-ours");
    }
    let wildcard = json!([{ "Key": "ManagedBy", "Value": "sindri" }, { "Key": "SindriRunId", "Value": "*" }]);
    let driven = run(
        &empty_account().prints("instance", instance("i-0a1b2c3d", "running", &wildcard)),
        json!({}),
        destroy_instance(),
    );
    assert_eq!(
        problem(driven).code,
        "unusable-run-id",
        "a wildcard would match everybody's resources"
    );
}

#[test]
fn everything_that_deploy_made_goes_in_the_order_in_which_it_can() {
    let ours = instance("i-0a1b2c3d", "running", &tags_json());
    let tool = empty_account()
        .prints("instance", ours.clone())
        .prints("instances", ours)
        .prints(
            "key-pairs",
            json!({ "KeyPairs": [{ "KeyName": format!("sindri-{RUN}") }] }),
        )
        .prints(
            "security-groups",
            json!({ "SecurityGroups": [{ "GroupId": "sg-0a1b2c3d", "GroupName": format!("sindri-{RUN}") }] }),
        )
        .prints("volumes", json!({ "Volumes": [{ "VolumeId": "vol-0a1b2c3d" }] }))
        .fails("ec2 delete-volume", "InvalidVolume.NotFound");
    let driven = run(&tool, json!({}), destroy_instance());
    assert_eq!(
        verbs(&driven),
        [
            vec!["describe-instances"],
            vec![
                "describe-instances",
                "describe-key-pairs",
                "describe-security-groups",
                "describe-volumes"
            ],
            vec![
                "terminate-instances",
                "wait instance-terminated",
                "delete-security-group",
                "delete-key-pair",
                "delete-volume"
            ],
        ]
    );
    let removal = removal(driven);
    assert_eq!(
        removed(&removal),
        [
            "instance i-0a1b2c3d",
            "security-group sg-0a1b2c3d",
            &format!("key-pair sindri-{RUN}")
        ]
    );
    assert!(removal.leftovers.is_empty(), "the volume went with its instance");
}

#[test]
fn a_group_that_is_still_in_use_is_tried_again_and_not_for_ever() {
    let group = json!({ "SecurityGroups": [{ "GroupId": "sg-0a1b2c3d", "GroupName": "sindri-x" }] });
    let tool = empty_account()
        .prints("security-groups", group.clone())
        .fails("ec2 delete-security-group", "DependencyViolation")
        .fails("ec2 delete-security-group", "DependencyViolation")
        .prints("ec2 delete-security-group", json!({}));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(
        verbs(&driven)[1..],
        [
            vec!["delete-security-group"],
            vec!["pause", "delete-security-group"],
            vec!["pause", "delete-security-group"]
        ]
    );
    assert_eq!(removed(&removal(driven)), ["security-group sg-0a1b2c3d"]);

    let stuck = empty_account()
        .prints("security-groups", group)
        .fails("ec2 delete-security-group", "DependencyViolation");
    let removal = removal(run(&stuck, json!({}), destroy_run(None)));
    assert_eq!(
        removal.leftovers[0].reason,
        "the cloud refuses: DependencyViolation"
    );
}

#[test]
fn one_thing_that_stays_does_not_keep_the_rest() {
    let tool = empty_account()
        .prints("instances", instance("i-0a1b2c3d", "running", &tags_json()))
        .prints(
            "key-pairs",
            json!({ "KeyPairs": [{ "KeyName": "packer_x", "Tags": tags_json() }] }),
        )
        .fails("ec2 terminate-instances", "OperationNotPermitted");
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert_eq!(removed(&removal), ["key-pair packer_x"]);
    assert_eq!(removal.leftovers[0].resource.id, "i-0a1b2c3d");
}

#[test]
fn an_instance_that_does_not_go_away_is_not_reported_as_gone() {
    let tool = empty_account()
        .prints("instances", instance("i-0a1b2c3d", "running", &tags_json()))
        .fails("terminated", "");
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert!(removal.removed.is_empty());
    assert!(removal.leftovers[0].reason.contains("shutting down"));
}

#[test]
fn what_packer_made_without_marking_it_is_found_through_its_instance() {
    let mut build = instance("i-0a1b2c3d", "running", &tags_json());
    let machine = &mut build["Reservations"][0]["Instances"][0];
    machine["KeyName"] = json!("packer_6560f1a2-7689-26cf-17db-abfbffc13b0e");
    machine["SecurityGroups"] = json!([
        { "GroupName": "packer_6560f1a2-0001", "GroupId": "sg-0aaa" },
        { "GroupName": "default", "GroupId": "sg-0bbb" },
        { "GroupName": "the-users-own", "GroupId": "sg-0ccc" },
    ]);
    let driven = run(
        &empty_account().prints("instances", build),
        json!({}),
        destroy_run(None),
    );
    assert_eq!(
        removed(&removal(driven)),
        [
            "instance i-0a1b2c3d",
            "security-group sg-0aaa",
            "key-pair packer_6560f1a2-7689-26cf-17db-abfbffc13b0e"
        ],
        "other people's groups stay"
    );
}

/// Two builds of a matrix begin in the same second; the one that fails must not take the other's image along.
#[test]
fn an_image_of_the_same_name_that_another_run_made_is_spared() {
    let name = "sindri-dev-20261122093005";
    let mut elsewhere = tags_json();
    for tag in elsewhere.as_array_mut().unwrap() {
        if tag["Key"] == "SindriRunId" {
            tag["Value"] = json!("zzzzzzzzzzzz");
        }
    }
    let theirs = with(with(image(IMAGE), "Name", json!(name)), "Tags", elsewhere);
    let tool = empty_account().prints("image-us-west-2", images(&[theirs]));
    let removal = removal(run(&tool, json!({}), destroy_run(Some(name))));
    assert!(removal.removed.is_empty(), "{removal:?}");
}

/// Key pairs are listed without a filter: everybody's are among them.
#[test]
fn a_key_is_this_runs_by_its_tags_or_its_whole_name() {
    let mut elsewhere = tags_json();
    for tag in elsewhere.as_array_mut().unwrap() {
        if tag["Key"] == "SindriRunId" {
            tag["Value"] = json!("zzzzzzzzzzzz");
        }
    }
    let keys = json!({ "KeyPairs": [
        { "KeyName": format!("sindri-{RUN}") },
        { "KeyName": "packer_tagged", "Tags": tags_json() },
        { "KeyName": format!("sindri-{RUN}0") },
        { "KeyName": format!("my-sindri-{RUN}") },
        { "KeyName": "packer_somebodys" },
        { "KeyName": "packer_of_another_run", "Tags": elsewhere },
        { "KeyName": "sindri-zzzzzzzzzzzz" },
    ] });
    let tool = empty_account().prints("key-pairs", keys);
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert_eq!(
        removed(&removal),
        ["key-pair packer_tagged", &format!("key-pair sindri-{RUN}")]
    );
}

/// It removes the instance first, and is killed before it comes to the group.
#[test]
fn a_packer_that_was_killed_while_it_cleaned_up_leaves_no_group() {
    let mut build = instance("i-0a1b2c3d", "terminated", &tags_json());
    build["Reservations"][0]["Instances"][0]["SecurityGroups"] =
        json!([{ "GroupName": "packer_6560f1a2-0001", "GroupId": "sg-0aaa" }]);
    let driven = run(
        &empty_account().prints("instances", build),
        json!({}),
        destroy_run(None),
    );
    assert_eq!(
        verbs(&driven)[1..],
        [vec!["delete-security-group"]],
        "nothing to wait for"
    );
    assert_eq!(removed(&removal(driven)), ["security-group sg-0aaa"]);
}

#[test]
fn an_unfinished_image_goes_with_snapshots_that_it_does_not_list_yet() {
    let name = "sindri-dev-20261122093005";
    let pending = with(
        with(image(IMAGE), "State", json!("pending")),
        "BlockDeviceMappings",
        json!([]),
    );
    let similar = with(image("ami-0bbb"), "Name", json!(format!("{name}-2")));
    let tool = empty_account()
        .prints("image-us-west-2", images(&[pending, similar]))
        .prints(
            &format!("snapshots-us-west-2-{IMAGE}"),
            json!({ "Snapshots": [{ "SnapshotId": SNAPSHOT }] }),
        );
    let driven = run(
        &tool,
        json!({ "ami_regions": ["eu-west-1"] }),
        destroy_run(Some(name)),
    );
    assert_eq!(
        verbs(&driven)[0][4..],
        ["describe-images", "describe-images@eu-west-1"],
        "half a copy may be anywhere"
    );
    assert_eq!(
        json_flag(&driven, "image-us-west-2", "filters"),
        json!([{ "Name": "name", "Values": [name] }])
    );
    assert_eq!(
        removed(&removal(driven)),
        [format!("image {IMAGE}"), format!("snapshot {SNAPSHOT}")]
    );
}

#[test]
fn destroying_twice_finds_nothing_and_is_fine() {
    for tool in [
        empty_account(),
        empty_account().fails("instance", "InvalidInstanceID.NotFound"),
    ] {
        let removal = removal(run(&tool, json!({}), destroy_instance()));
        assert!(removal.removed.is_empty() && removal.leftovers.is_empty());
    }
    let gone = empty_account().prints("instances", instance("i-0a1b2c3d", "terminated", &tags_json()));
    assert!(
        removal(run(&gone, json!({}), destroy_run(None)))
            .removed
            .is_empty()
    );
    let driven = run(&empty_account(), json!({}), destroy_run(None));
    assert_eq!(
        flag(&driven, "instances", "filters"),
        format!(
            r#"[{{"Name":"tag:SindriRunId","Values":["{RUN}"]}},{{"Name":"tag:ManagedBy","Values":["sindri"]}}]"#
        ),
        "a copied tag does not make it ours"
    );
}
