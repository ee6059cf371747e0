//! Starting instances.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_gcp::Gcp;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool, drive};
use support::{
    IMAGE, RUN, deploy_request, empty_project, flag, image, name, problem, request, run, verbs, with,
};

fn deploy(tool: &Tool, settings: serde_json::Value) -> Driven {
    run(tool, settings, Operation::Deploy(deploy_request()))
}

fn changed(change: impl FnOnce(&mut DeployRequest)) -> Driven {
    let mut deploy = deploy_request();
    change(&mut deploy);
    run(&empty_project(), json!({}), Operation::Deploy(deploy))
}

fn made(driven: Driven) -> Instance {
    match driven.result {
        Ok(Outcome::Instance(instance)) => instance,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_instance_is_reached_from_one_place_with_one_key_after_two_turns() {
    let driven = deploy(&empty_project(), json!({}));
    assert_eq!(
        verbs(&driven),
        [
            vec!["images describe"],
            vec![
                "firewall-rules create",
                "firewall-rules create",
                "instances create"
            ]
        ]
    );
    assert_eq!(flag(&driven, "allow", "source-ranges").unwrap(), "203.0.113.7/32");
    assert_eq!(flag(&driven, "allow", "rules").unwrap(), "tcp:22");
    for rule in ["allow", "deny"] {
        assert_eq!(
            flag(&driven, rule, "target-tags").unwrap(),
            name(),
            "nobody else's machines"
        );
        assert_eq!(flag(&driven, rule, "network").unwrap(), "default");
    }
    let priority = |rule: &str| flag(&driven, rule, "priority").unwrap().parse::<u32>().unwrap();
    assert_eq!(flag(&driven, "deny", "rules").unwrap(), "all");
    assert!(priority("allow") < priority("deny"));
    assert!(
        priority("deny") < 65534,
        "default-allow-ssh of every new network lets everybody in"
    );

    let of_instance = |flag_name: &str| flag(&driven, "instance", flag_name);
    let metadata = of_instance("metadata").unwrap();
    let entries: Vec<&str> = metadata.split(',').collect();
    assert_eq!(
        entries[..2],
        ["enable-oslogin=FALSE", "block-project-ssh-keys=TRUE"]
    );
    assert!(
        entries.len() == 3 && entries[2].starts_with("ssh-keys=ubuntu:ssh-ed25519 "),
        "{metadata}"
    );
    assert_eq!(of_instance("no-service-account").as_deref(), Some(""));
    assert_eq!(of_instance("shielded-vtpm").as_deref(), Some(""));
    assert_eq!(of_instance("no-shielded-secure-boot").as_deref(), Some(""));
    assert!(
        of_instance("labels")
            .unwrap()
            .contains(&format!("sindri-run-id={RUN}"))
    );
    assert!(of_instance("labels").unwrap().contains("name=my__220vm"));

    let instance = made(driven);
    assert_eq!(
        (instance.id.as_str(), instance.name.as_str()),
        (name().as_str(), "my vm")
    );
    assert_eq!(instance.public_ip.as_deref(), Some("198.51.100.4"));
    assert_eq!(instance.private_ip.as_deref(), Some("10.138.0.4"));
    assert_eq!(
        (instance.ssh_user.as_str(), instance.resources.len()),
        ("ubuntu", 4)
    );
}

#[test]
fn what_the_configuration_says_reaches_the_instance() {
    let driven = deploy(
        &empty_project().prints("image", with(image(IMAGE), "diskSizeGb", json!("200"))),
        json!({
            "subnetwork": "build", "network_tags": ["web"], "omit_external_ip": true, "use_internal_ip": true,
            "enable_secure_boot": true, "service_account_email": "vm@my-project.iam.gserviceaccount.com",
            "machine_type": "g2-standard-4", "kms_key_name": "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        }),
    );
    assert_eq!(
        verbs(&driven)[0],
        ["images describe", "networks subnets describe"]
    );
    assert_eq!(flag(&driven, "subnetwork", "region").unwrap(), "us-west1");
    assert_eq!(
        flag(&driven, "allow", "network").unwrap(),
        "build",
        "the subnetwork's"
    );
    for (flag_name, expected) in [
        ("subnet", "build"),
        ("tags", &*format!("{},web", name())),
        ("no-address", ""),
        ("shielded-secure-boot", ""),
        ("service-account", "vm@my-project.iam.gserviceaccount.com"),
        ("scopes", "cloud-platform"),
        ("maintenance-policy", "TERMINATE"),
        ("boot-disk-size", "200GB"),
        (
            "boot-disk-kms-key",
            "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        ),
    ] {
        assert_eq!(
            flag(&driven, "instance", flag_name).as_deref(),
            Some(expected),
            "{flag_name}"
        );
    }
    assert_eq!(flag(&driven, "instance", "network"), None);
}

#[test]
fn in_another_projects_network_no_rule_is_made() {
    let settings = json!({ "network_project_id": "shared-project", "subnetwork": "build" });
    let driven = deploy(&empty_project(), settings);
    assert_eq!(verbs(&driven), [["images describe"], ["instances create"]]);
    assert_eq!(
        flag(&driven, "instance", "subnet").unwrap(),
        "projects/shared-project/regions/us-west1/subnetworks/build"
    );
    assert_eq!(made(driven).resources.len(), 2);
}

#[test]
fn an_image_that_another_project_shares_is_started_from_there() {
    let driven = changed(|deploy| deploy.image_id = "projects/other-one/global/images/golden".to_owned());
    assert_eq!(verbs(&driven).len(), 1, "nothing may be looked up there");
    assert_eq!(flag(&driven, "instance", "image-project").unwrap(), "other-one");
    assert_eq!(flag(&driven, "instance", "image").unwrap(), "golden");
}

#[test]
fn an_interrupted_deployment_is_finished_and_not_doubled() {
    let tool = empty_project()
        .fails("allow", "alreadyExists")
        .fails("deny", "alreadyExists")
        .fails("instance", "alreadyExists");
    let driven = deploy(&tool, json!({}));
    assert_eq!(verbs(&driven)[2], ["instances describe"]);
    assert_eq!(made(driven).id, name());
}

#[test]
fn what_cannot_work_leaves_nothing_behind() {
    let refused = |changed_image: serde_json::Value| {
        let driven = deploy(&empty_project().prints("image", changed_image), json!({}));
        assert_eq!(driven.turns.len(), 1, "nothing is made");
        problem(driven).code
    };
    assert_eq!(
        refused(with(image(IMAGE), "architecture", json!("ARM64"))),
        "unsupported-architecture"
    );
    assert_eq!(
        refused(with(image(IMAGE), "status", json!("PENDING"))),
        "image-not-available"
    );
    assert_eq!(
        refused(with(image(IMAGE), "deprecated", json!({ "state": "OBSOLETE" }))),
        "image-not-available"
    );
    let gone = deploy(&empty_project().fails("image", "notFound"), json!({}));
    assert_eq!(problem(gone).code, "image-not-found");
    for (source, code) in [
        ("0.0.0.0/33", "unusable-range"),
        ("2001:db8::/64", "unusable-range"),
    ] {
        assert_eq!(
            problem(changed(|deploy| deploy.ssh_source = source.to_owned())).code,
            code
        );
    }
    assert_eq!(
        problem(changed(|deploy| deploy.name = "N".repeat(60))).code,
        "unusable-tag"
    );
}

#[test]
fn a_key_cannot_bring_metadata_of_its_own() {
    for key in [
        None,
        Some("ssh-ed25519 AAAA,startup-script=#!/bin/sh"),
        Some("ssh-ed25519 AAAA\nroot:ssh-ed25519 BBBB"),
        Some("ssh-ed25519"),
        Some(""),
    ] {
        let mut request = request(json!({}), Operation::Deploy(deploy_request()));
        request.context.ssh_public_key = key.map(str::to_owned);
        let tool = empty_project();
        let driven = drive::<Gcp>(&request, |step, command| tool.answer(step, command)).unwrap();
        assert!(driven.turns.is_empty());
        assert!(problem(driven).code.ends_with("public-key"));
    }
    let mut request = request(json!({}), Operation::Deploy(deploy_request()));
    request.context.ssh_public_key = Some("ssh-ed25519 AAAA+/= a comment, with=more".to_owned());
    let tool = empty_project();
    let driven = drive::<Gcp>(&request, |step, command| tool.answer(step, command)).unwrap();
    let metadata = flag(&driven, "instance", "metadata").unwrap();
    assert!(
        metadata.ends_with("ssh-keys=ubuntu:ssh-ed25519 AAAA+/= sindri"),
        "{metadata}"
    );
}
