//! Deleting images, destroying what runs left behind, and finding such runs.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{
    Context, DestroyTarget, InterruptedRun, Operation, Outcome, PlanRequest, RunPurpose,
};
use sindri_plugin_sdk::testing::{Tool, context};
use support::{
    IMAGE, INSTANCE, MARK, NAME, RUN, empty_account, flag, foreign_tags, image, images, instance, instances,
    page, problem, removal, removed, request, run, run_request, verbs, with,
};

fn delete() -> Operation {
    Operation::DeleteImage(IMAGE.to_owned())
}

fn destroy_instance() -> Operation {
    Operation::Destroy(DestroyTarget::Instance(INSTANCE.to_owned()))
}

fn destroy_run(image_name: Option<&str>) -> Operation {
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: RUN.to_owned(),
        image_name: image_name.map(str::to_owned),
    }))
}

fn key_pairs(names: &[&str]) -> Json {
    let key = |name: &&str| json!({ "KeyPairName": name, "CreationTime": "2026-11-22T09:30Z" });
    page("KeyPairs", "KeyPair", &names.iter().map(key).collect::<Vec<_>>())
}

fn groups(groups: &[(&str, &str)]) -> Json {
    let group = |(id, name): &(&str, &str)| json!({ "SecurityGroupId": id, "SecurityGroupName": name });
    page(
        "SecurityGroups",
        "SecurityGroup",
        &groups.iter().map(group).collect::<Vec<_>>(),
    )
}

fn vpcs(vpcs: &[(&str, &str)]) -> Json {
    let vpc = |(id, name): &(&str, &str)| json!({ "VpcId": id, "VpcName": name, "Status": "Available" });
    page("Vpcs", "Vpc", &vpcs.iter().map(vpc).collect::<Vec<_>>())
}

fn vswitches(list: &[(&str, &str)]) -> Json {
    let vswitch = |(id, name): &(&str, &str)| json!({ "VSwitchId": id, "VSwitchName": name });
    page(
        "VSwitches",
        "VSwitch",
        &list.iter().map(vswitch).collect::<Vec<_>>(),
    )
}

/// Packer's instance with its elastic address, as newer plugins tag it.
fn build_instance() -> Json {
    let tags = json!({ "Tag": [
        { "TagKey": "ManagedBy", "TagValue": "sindri" }, { "TagKey": "SindriRunId", "TagValue": RUN },
        { "TagKey": "SindriPurpose", "TagValue": "build" }, { "TagKey": "BuildDate", "TagValue": "2026-11-22T09:30:05Z" } ] });
    let eip = json!({ "IpAddress": "198.51.100.9", "AllocationId": "eip-bp1packer" });
    let named = with(instance("Running"), "InstanceName", json!(MARK));
    with(with(named, "Tags", tags), "EipAddress", eip)
}

/// Everything that Packer has made before it is killed.
fn killed_build() -> Tool {
    empty_account()
        .prints("instances", instances(&[build_instance()]))
        .prints("key-pairs", key_pairs(&[MARK]))
        .prints("security-groups", groups(&[("sg-bp1own", MARK)]))
        .prints("vpcs", vpcs(&[("vpc-bp1own", MARK)]))
        .prints("vswitches-vpc-bp1own", vswitches(&[("vsw-bp1own", MARK)]))
        .prints("groups-vpc-bp1own", groups(&[("sg-bp1own", MARK)]))
        .prints("gone-1", instances(&[build_instance()]))
}

#[test]
fn an_image_goes_with_its_snapshots() {
    let tool = empty_account().prints("image", images(&[image(IMAGE)]));
    let driven = run(&tool, json!({}), delete());
    assert_eq!(
        verbs(&driven),
        [
            vec!["DescribeImages"],
            vec!["DescribeImageSharePermission"],
            vec!["DeleteImage", "DeleteSnapshot"]
        ]
    );
    let removal = removal(driven);
    assert_eq!(
        removed(&removal),
        [format!("image {IMAGE}"), "snapshot s-bp1image".into()]
    );
    assert!(removal.leftovers.is_empty());
}

#[test]
fn what_is_shared_or_public_is_taken_back_first() {
    let public = with(image(IMAGE), "IsPublic", json!(true));
    let accounts: Vec<Json> = (0..11)
        .map(|number| json!({ "AliyunId": format!("10000{number:02}") }))
        .collect();
    let tool = empty_account().prints("image", images(&[public])).prints(
        "ecs DescribeImageSharePermission",
        page("Accounts", "Account", &accounts),
    );
    let driven = run(&tool, json!({}), delete());
    assert_eq!(
        verbs(&driven)[2],
        ["ModifyImageSharePermission"; 3],
        "ten accounts at a time, more are ignored"
    );
    assert_eq!(
        flag(&driven, "unshare-cn-hangzhou-m-bp1image-0", "RemoveAccount.10").unwrap(),
        "1000009"
    );
    assert_eq!(
        flag(&driven, "unshare-cn-hangzhou-m-bp1image-1", "RemoveAccount.1").unwrap(),
        "1000010"
    );
    assert_eq!(removal(driven).removed.len(), 2);
}

#[test]
fn copies_go_first_and_only_those_of_the_same_run() {
    let foreign = with(image("m-rj9foreign"), "Tags", foreign_tags());
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .prints("copies-us-west-1", images(&[image("m-rj9copy"), foreign]));
    let driven = run(
        &tool,
        json!({ "image_copy_regions": ["us-west-1", "cn-hangzhou"] }),
        delete(),
    );
    assert_eq!(
        verbs(&driven)[1],
        ["DescribeImages@us-west-1"],
        "the build's own region has no copy"
    );
    assert_eq!(
        verbs(&driven)[3],
        [
            "DeleteImage@us-west-1",
            "DeleteSnapshot@us-west-1",
            "DeleteImage",
            "DeleteSnapshot"
        ]
    );
    assert_eq!(removal(driven).removed.len(), 4);
}

#[test]
fn a_snapshot_that_another_image_holds_is_a_leftover_and_not_a_failure() {
    let tool = empty_account()
        .prints("image", images(&[image(IMAGE)]))
        .fails("ecs DeleteSnapshot", "SnapshotCreatedImage");
    let driven = run(&tool, json!({}), delete());
    assert_eq!(
        verbs(&driven)[3],
        ["pause", "DeleteSnapshot"],
        "once more, after a moment"
    );
    let removal = removal(driven);
    assert_eq!(removed(&removal), [format!("image {IMAGE}")]);
    assert!(removal.leftovers[0].reason.contains("SnapshotCreatedImage"));
    assert!(removed(&support::removal(run(&empty_account(), json!({}), delete()))).is_empty());
}

#[test]
fn an_image_is_never_taken_from_under_its_instances() {
    let tool = empty_account().prints("image", images(&[image(IMAGE)]));
    let driven = run(&tool, json!({}), delete());
    let step = support::step_of(&driven, "DeleteImage");
    assert_eq!(flag(&driven, &step, "Force"), None);
}

#[test]
fn an_instance_that_is_not_ours_is_never_deleted() {
    for (name, tags) in [
        ("my-vm", json!({ "Tag": [] })),
        ("my-vm", foreign_tags()),
        (MARK, foreign_tags()),
        ("sindri-abcdef012345", json!({ "Tag": [] })),
    ] {
        let other = with(
            with(instance("Running"), "Tags", tags),
            "InstanceName",
            json!(name),
        );
        let driven = run(
            &empty_account().prints("instance", instances(&[other])),
            json!({}),
            destroy_instance(),
        );
        assert_eq!(verbs(&driven), [["DescribeInstances"]]);
        assert_eq!(problem(driven).code, "not-ours", "{name}");
    }
    let gone = run(&empty_account(), json!({}), destroy_instance());
    assert!(removal(gone).removed.is_empty());
    let wildcard = json!({ "Tag": [
        { "TagKey": "ManagedBy", "TagValue": "sindri" }, { "TagKey": "SindriRunId", "TagValue": "*" } ] });
    let driven = run(
        &empty_account().prints(
            "instance",
            instances(&[with(instance("Running"), "Tags", wildcard)]),
        ),
        json!({}),
        destroy_instance(),
    );
    assert_eq!(problem(driven).code, "unusable-run-id");
}

#[test]
fn a_killed_build_is_removed_in_the_order_in_which_it_can() {
    let free = |status: &str| page("EipAddresses", "EipAddress", &[json!({ "Status": status })]);
    let tool = killed_build()
        .prints("free-eip-bp1packer-1", free("Unassociating"))
        .prints("free-eip-bp1packer-2", free("Available"));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(
        verbs(&driven),
        [
            vec![
                "DescribeInstances",
                "DescribeInstances",
                "DescribeKeyPairs",
                "DescribeSecurityGroups",
                "DescribeVpcs"
            ],
            vec!["DescribeVSwitches", "DescribeSecurityGroups"],
            vec!["UnassociateEipAddress"],
            vec!["DescribeEipAddresses"],
            vec!["pause", "DescribeEipAddresses"],
            vec!["DescribeSnapshots"],
            vec!["ReleaseEipAddress"],
            vec![
                "DeleteInstance",
                "DeleteKeyPairs",
                "DeleteSecurityGroup",
                "DeleteVSwitch",
                "DeleteVpc"
            ],
            vec!["DescribeInstances"],
            vec!["pause", "DescribeInstances"],
        ],
        "only the instance leads to the elastic address"
    );
    let removal = removal(driven);
    assert!(removal.leftovers.is_empty());
    assert_eq!(
        removed(&removal),
        [
            "eip eip-bp1packer".to_owned(),
            format!("instance {INSTANCE}"),
            format!("key-pair {MARK}"),
            "security-group sg-bp1own".into(),
            "vswitch vsw-bp1own".into(),
            "vpc vpc-bp1own".into()
        ]
    );
}

#[test]
fn the_cloud_lets_go_only_after_a_while() {
    let tool = killed_build()
        .prints("ecs DeleteInstance", json!({}))
        .fails("ecs DeleteSecurityGroup", "DependencyViolation")
        .prints("ecs DeleteSecurityGroup", json!({}))
        .fails("vpc DeleteVpc", "DependencyViolation.VSwitch")
        .fails("vpc DeleteVpc", "Forbbiden")
        .prints("vpc DeleteVpc", json!({}));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert_eq!(removal(driven).removed.len(), 6);
    let starting = killed_build()
        .fails("ecs DeleteInstance", "IncorrectInstanceStatus.Initializing")
        .prints("ecs DeleteInstance", json!({}));
    assert_eq!(
        removal(run(&starting, json!({}), destroy_run(None)))
            .removed
            .len(),
        6
    );
    let refused = killed_build().fails("ecs DeleteInstance", "Forbidden.RAM");
    let removal = removal(run(&refused, json!({}), destroy_run(None)));
    assert_eq!(removal.leftovers[0].reason, "the cloud refuses: Forbidden.RAM");
    assert_eq!(
        removal.removed.len(),
        5,
        "one thing that stays keeps nothing else"
    );
}

#[test]
fn an_instance_that_does_not_go_away_is_a_leftover() {
    let tool = killed_build().prints("ecs DescribeInstances", instances(&[build_instance()]));
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert_eq!(removal.leftovers[0].resource.id, INSTANCE);
    assert!(removal.leftovers[0].reason.contains("two minutes"));
}

#[test]
fn an_image_that_was_cut_off_before_it_had_its_tags_goes_before_the_instance_that_leads_to_it() {
    let snapshots = |ids: &[&str]| {
        let snapshot = |id: &&str| json!({ "SnapshotId": id, "Status": "progressing" });
        page(
            "Snapshots",
            "Snapshot",
            &ids.iter().map(snapshot).collect::<Vec<_>>(),
        )
    };
    let untagged = with(
        with(image("m-bp1untagged"), "Tags", json!({ "Tag": [] })),
        "Status",
        json!("Creating"),
    );
    let tool = killed_build()
        .prints(
            "snapshots-i-bp1instance",
            snapshots(&["s-bp1cut", "s-bp1done", "s-bp1lone"]),
        )
        .prints("images-s-bp1cut", images(&[untagged]))
        .prints("images-s-bp1done", images(&[image(IMAGE)]))
        .fails("ecs DeleteImage", "IncorrectImageStatus")
        .prints("ecs DeleteImage", json!({}))
        .fails("ecs DeleteSecurityGroup", "DependencyViolation")
        .prints("ecs DeleteSecurityGroup", json!({}));
    let tool = tool.prints(
        "named-cn-hangzhou",
        images(&[with(image("m-bp1untagged"), "Tags", json!({ "Tag": [] }))]),
    );
    let driven = run(&tool, json!({}), destroy_run(Some(NAME)));
    let order = verbs(&driven).concat();
    let at = |verb: &str| order.iter().rposition(|other| other == verb).unwrap();
    assert!(at("DeleteImage") < at("DeleteInstance"), "{order:?}");
    let removed = removed(&removal(driven));
    for gone in ["image m-bp1untagged", "snapshot s-bp1cut", "snapshot s-bp1lone"] {
        let times = removed.iter().filter(|what| *what == gone).count();
        assert_eq!(times, 1, "{gone}: {removed:?}");
    }
    assert!(
        !removed
            .iter()
            .any(|what| what.contains(IMAGE) || what.contains("s-bp1done")),
        "a finished image stays: {removed:?}"
    );
}

#[test]
fn a_group_without_a_name_is_packers_only_inside_our_own_vpc() {
    let tool = empty_account()
        .prints("vpcs", vpcs(&[("vpc-bp1own", MARK)]))
        .prints(
            "groups-vpc-bp1own",
            groups(&[("sg-bp1old", ""), ("sg-bp1users", "theirs")]),
        )
        .prints("vswitches-vpc-bp1own", vswitches(&[("vsw-bp1users", "theirs")]));
    let removal = removal(run(&tool, json!({}), destroy_run(None)));
    assert_eq!(removed(&removal), ["security-group sg-bp1old", "vpc vpc-bp1own"]);
}

#[test]
fn lax_answers_to_searches_touch_nothing_of_anybody_else() {
    let other_run = "sindri-run-zzzzzz012345";
    let decoy = with(
        with(instance("Running"), "Tags", foreign_tags()),
        "InstanceName",
        json!("packer_1"),
    );
    let tool = empty_account()
        .prints("instances", instances(std::slice::from_ref(&decoy)))
        .prints("named-instances", instances(&[decoy]))
        .prints(
            "key-pairs",
            key_pairs(&["packer_6b03ea54", other_run, "sindri-abcdef012345"]),
        )
        .prints(
            "security-groups",
            groups(&[("sg-bp1a", other_run), ("sg-bp1b", ""), ("sg-bp1c", "packer")]),
        )
        .prints(
            "vpcs",
            vpcs(&[("vpc-bp1a", other_run), ("vpc-bp1b", ""), ("vpc-bp1c", "sindri")]),
        )
        .prints(
            "named-cn-hangzhou",
            images(&[with(image("m-bp1other"), "ImageName", json!("sindri-dev"))]),
        );
    let building = PlanRequest {
        context: Context {
            ssh_public_key: None,
            ..context()
        },
        ..request(json!({}), destroy_run(Some(NAME)))
    };
    let driven = run_request(&tool, &building);
    // A build that cleans up after itself also looks for an address of which only its answer was lost.
    assert_eq!(driven.turns.len(), 2);
    let removal = removal(driven);
    assert!(removal.removed.is_empty() && removal.leftovers.is_empty());
}

#[test]
fn an_elastic_address_on_a_deployed_instance_is_the_users() {
    let tags = json!({ "Tag": [
        { "TagKey": "ManagedBy", "TagValue": "sindri" }, { "TagKey": "SindriRunId", "TagValue": RUN },
        { "TagKey": "SindriPurpose", "TagValue": "deploy" } ] });
    let deployed = with(build_instance(), "Tags", tags);
    let tool = empty_account().prints("instances", instances(&[deployed]));
    let driven = run(&tool, json!({}), destroy_run(None));
    assert!(
        !verbs(&driven).concat().contains(&"DescribeSnapshots".to_owned()),
        "and so are its snapshots"
    );
    assert_eq!(removed(&removal(driven)), [format!("instance {INSTANCE}")]);
}

#[test]
fn an_unfinished_image_goes_with_its_copies() {
    let unfinished = with(image(IMAGE), "Status", json!("Creating"));
    let copy = with(image("m-rj9copy"), "Tags", json!({ "Tag": [] }));
    let tool = empty_account()
        .prints("named-cn-hangzhou", images(&[unfinished]))
        .prints("named-us-west-1", images(&[copy]));
    let driven = run(
        &tool,
        json!({ "image_copy_regions": ["us-west-1"] }),
        destroy_run(Some(NAME)),
    );
    assert_eq!(
        removed(&removal(driven)),
        [
            "image m-bp1image",
            "snapshot s-bp1image",
            "image m-rj9copy",
            "snapshot s-rj9copy"
        ]
    );
    let finished = empty_account().prints("ecs DescribeImages", images(&[image(IMAGE)]));
    let driven = run(&finished, json!({}), destroy_run(None));
    assert!(
        removal(driven).removed.is_empty(),
        "a run that is only destroyed keeps its image"
    );
}

#[test]
fn runs_are_found_by_tags_and_by_names_and_nobody_elses() {
    let foreign = with(
        with(instance("Running"), "Tags", foreign_tags()),
        "InstanceId",
        json!("i-bp1foreign"),
    );
    let old_packers = with(
        with(
            with(instance("Running"), "Tags", json!({ "Tag": [] })),
            "InstanceName",
            json!("sindri-run-old000012345"),
        ),
        "InstanceId",
        json!("i-bp1old"),
    );
    let tool = empty_account()
        .prints("instances", instances(&[build_instance(), foreign]))
        .prints("named-instances", instances(&[build_instance(), old_packers]))
        .prints(
            "key-pairs",
            key_pairs(&[MARK, "packer_6b03ea54", "sindri-run-keyonly12345"]),
        )
        .prints(
            "security-groups",
            groups(&[("sg-bp1own", MARK), ("sg-bp1users", "web")]),
        )
        .prints("vpcs", vpcs(&[("vpc-bp1own", MARK), ("vpc-bp1users", "default")]));
    let driven = run(&tool, json!({}), Operation::FindRuns);
    assert_eq!(driven.turns.len(), 1);
    let Ok(Outcome::Runs(runs)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    let ids: Vec<_> = runs.iter().map(|run| run.run_id.as_str()).collect();
    assert_eq!(ids, [RUN, "keyonly12345", "old000012345"]);
    assert_eq!(runs[0].purpose, RunPurpose::Build);
    assert_eq!(runs[0].started.as_deref(), Some("2026-11-22T09:30:05Z"));
    let resources: Vec<_> = runs[0]
        .resources
        .iter()
        .map(|resource| resource.id.as_str())
        .collect();
    assert_eq!(resources, [INSTANCE, MARK, "sg-bp1own", "vpc-bp1own"]);
    assert_eq!(
        (runs[1].purpose, runs[1].started.as_deref()),
        (RunPurpose::Build, Some("2026-11-22T09:30:00Z")),
        "a key pair is a build's, and its age is known without tags"
    );
    assert_eq!(runs[2].started.as_deref(), Some("2026-11-22T09:31:00Z"));
}
