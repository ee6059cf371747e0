//! Starting machines.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::Tool;
use support::*;

fn of_managed() -> Tool {
    account()
        .prints("image show", image(IMAGE))
        .prints("vm create", created())
}

fn of_version() -> Tool {
    account()
        .prints("sig image-version show", version(VERSION))
        .prints("sig image-definition show", definition())
        .prints("vm create", created())
}

fn deploy(image: &str) -> Operation {
    Operation::Deploy(deploy_request(image))
}

#[test]
fn a_machine_is_one_look_and_one_round_of_commands() {
    let driven = run(&of_managed(), json!({}), deploy(IMAGE));
    assert_eq!(
        verbs(&driven),
        [
            vec!["image show"],
            vec![
                "group create",
                "network nsg create",
                "network nsg rule create",
                "vm create"
            ]
        ]
    );
    let Ok(Outcome::Instance(instance)) = &driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!((instance.id.as_str(), instance.run_id.as_str()), (MACHINE, RUN));
    assert_eq!(
        (instance.public_ip.as_deref(), instance.private_ip.as_deref()),
        (Some("198.51.100.4"), Some("10.0.0.4"))
    );
    assert_eq!(instance.ssh_user, "ubuntu");
    assert_eq!(
        instance
            .resources
            .iter()
            .map(|resource| resource.id.as_str())
            .collect::<Vec<_>>(),
        [MACHINE, GROUP]
    );
}

#[test]
fn everything_is_in_the_runs_own_group_and_says_so() {
    let driven = run(&of_managed(), json!({}), deploy(IMAGE));
    assert_eq!(flag(&driven, "group", "name"), GROUP);
    let tags = flag(&driven, "group", "tags");
    for tag in [
        "ManagedBy=sindri",
        &format!("SindriRunId={RUN}"),
        "SindriPurpose=deploy",
    ] {
        assert!(tags.contains(tag), "{tags}");
    }
    for step in ["security-group", "ingress", "machine"] {
        assert_eq!(flag(&driven, step, "resource-group"), GROUP, "{step}");
    }
}

#[test]
fn port_22_is_open_to_the_given_range_and_to_nobody_else() {
    let driven = run(&of_managed(), json!({}), deploy(IMAGE));
    assert_eq!(
        flag(&driven, "ingress", "source-address-prefixes"),
        "203.0.113.7/32"
    );
    assert_eq!(
        flag(&driven, "machine", "nsg-rule"),
        "NONE",
        "the default opens port 22 to everybody"
    );
    assert_eq!(flag(&driven, "machine", "nsg"), GROUP);
    let mut everything = deploy_request(IMAGE);
    everything.ssh_source = "2001:db8::/64".to_owned();
    let driven = run(&of_managed(), json!({}), Operation::Deploy(everything));
    assert_eq!(problem(driven).code, "unsupported-range");
}

#[test]
fn the_machine_has_this_runs_key_and_no_other_way_in() {
    let driven = run(&of_managed(), json!({}), deploy(IMAGE));
    assert!(flag(&driven, "machine", "ssh-key-values").starts_with("ssh-ed25519 "));
    assert_eq!(flag(&driven, "machine", "authentication-type"), "ssh");
    let mut without = request(json!({}), deploy(IMAGE));
    without.context.ssh_public_key = None;
    let problem = sindri_plugin_azure::Azure::plan(&without, &[]).unwrap_err();
    assert_eq!(problem.code, "missing-public-key");
}

#[test]
fn disk_and_card_go_with_the_machine_and_the_disk_is_large_enough() {
    let big = with(image(IMAGE), "/storageProfile/osDisk/diskSizeGB", json!(200));
    let tool = of_managed().prints("image", big);
    let driven = run(&tool, json!({}), deploy(IMAGE));
    assert_eq!(flag(&driven, "machine", "os-disk-size-gb"), "200");
    assert_eq!(flag(&driven, "machine", "os-disk-delete-option"), "Delete");
    assert_eq!(flag(&driven, "machine", "nic-delete-option"), "Delete");
}

#[test]
fn a_version_starts_with_trusted_launch_wherever_it_can() {
    let driven = run(&of_version(), json!({}), deploy(VERSION));
    assert_eq!(flag(&driven, "machine", "security-type"), "TrustedLaunch");
    assert_eq!(flag(&driven, "machine", "enable-secure-boot"), "true");
    let mut settings = gallery();
    settings["security_type"] = json!("Standard");
    let driven = run(&of_version(), settings, deploy(VERSION));
    assert_eq!(flag(&driven, "machine", "security-type"), "Standard");
    let plain = of_version().prints("definition", with(definition(), "/features", Json::Null));
    let driven = run(&plain, json!({}), deploy(VERSION));
    assert!(
        !has_flag(&driven, "machine", "security-type"),
        "Azure would refuse it"
    );
    let driven = run(&of_managed(), json!({}), deploy(IMAGE));
    assert!(!has_flag(&driven, "machine", "security-type"));
}

#[test]
fn in_a_network_of_the_users_there_is_no_public_address_unless_asked_for() {
    let network = json!({
        "virtual_network_name": "net", "virtual_network_subnet_name": "a", "virtual_network_resource_group_name": "network",
    });
    let driven = run(&of_managed(), network.clone(), deploy(IMAGE));
    assert_eq!(verbs(&driven)[1][3..], ["network nic create", "vm create"]);
    assert!(!has_flag(&driven, "machine", "public-ip-address"));
    assert!(flag(&driven, "network-card", "subnet").ends_with("/virtualNetworks/net/subnets/a"));
    assert_eq!(flag(&driven, "network-card", "network-security-group"), GROUP);
    let mut public = network;
    public["private_virtual_network_with_public_ip"] = json!(true);
    let driven = run(&of_managed(), public, deploy(IMAGE));
    assert_eq!(flag(&driven, "machine", "public-ip-address"), GROUP);
    assert!(flag(&driven, "machine", "subnet").ends_with("/subnets/a"));
}

#[test]
fn a_network_that_is_not_named_in_full_has_to_be_the_only_one() {
    let net =
        |group: &str, subnets: Json| json!({ "name": "net", "resourceGroup": group, "subnets": subnets });
    let one = json!([{ "id": "/the/one", "name": "a" }]);
    let two = json!([{ "id": "/a", "name": "a" }, { "id": "/b", "name": "b" }]);
    for (networks, expected) in [
        (json!([net("x", one.clone())]), None),
        (
            json!([]),
            Some(("network-not-found", "virtual_network_resource_group_name")),
        ),
        (
            json!([net("x", one.clone()), net("y", one.clone())]),
            Some(("ambiguous-network", "virtual_network_resource_group_name")),
        ),
        (
            json!([net("x", two)]),
            Some(("ambiguous-network", "virtual_network_subnet_name")),
        ),
        (
            json!([net("x", Json::Null)]),
            Some(("network-not-found", "virtual_network_subnet_name")),
        ),
    ] {
        let tool = of_managed().prints("network vnet list", networks);
        let driven = run(&tool, json!({ "virtual_network_name": "NET" }), deploy(IMAGE));
        match expected {
            None => assert_eq!(flag(&driven, "network-card", "subnet"), "/the/one"),
            Some((code, key)) => {
                assert_eq!(driven.turns.len(), 1, "nothing was made");
                let problem = problem(driven);
                assert_eq!((problem.code.as_str(), problem.key.as_deref()), (code, Some(key)));
            }
        }
    }
}

#[test]
fn what_cannot_be_started_leaves_nothing_behind() {
    let arm = json!({ "vm_size": "Standard_D4ps_v6", "gallery": gallery()["gallery"] });
    for (tool, settings, image_id, code) in [
        (empty_account(), json!({}), IMAGE, "image-not-found"),
        (
            of_managed().prints(
                "image",
                with(image(IMAGE), "/provisioningState", json!("Creating")),
            ),
            json!({}),
            IMAGE,
            "image-not-available",
        ),
        (
            of_managed(),
            json!({ "location": "eastus" }),
            IMAGE,
            "image-elsewhere",
        ),
        (of_version(), arm, VERSION, "unsupported-architecture"),
    ] {
        let driven = run(&tool, settings, deploy(image_id));
        assert_eq!(driven.turns.len(), 1, "{code}");
        assert_eq!(problem(driven).code, code);
    }
    let replica = run(
        &of_version(),
        json!({ "location": "westeurope" }),
        deploy(VERSION),
    );
    assert!(replica.result.is_ok(), "a replica is enough");
}

#[test]
fn names_and_tags_that_az_would_read_otherwise_are_refused_before_any_command() {
    let mut named = deploy_request(IMAGE);
    named.name = "my vm".to_owned();
    assert_eq!(
        problem(run(&of_managed(), json!({}), Operation::Deploy(named))).code,
        "unusable-name"
    );
    let mut tagged = deploy_request(IMAGE);
    tagged.tags.push(Tag {
        key: "note".to_owned(),
        value: "@/etc/passwd".to_owned(),
    });
    let driven = run(&of_managed(), json!({}), Operation::Deploy(tagged));
    assert!(driven.turns.is_empty());
    assert!(problem(driven).message.contains("note"));
}
