//! Starting instances.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, Outcome, StepResult, StepStatus, Tag};
use sindri_plugin_sdk::testing::{Tool, drive, printed};
use support::{
    GROUP, IMAGE, INSTANCE, RUN, data, deploy_request, empty_compartment, flag, group, has_flag, image,
    instance, json_flag, offers, problem, request, run, subnet, tags_json, verbs, with,
};

fn cloud() -> Tool {
    cloud_without_address().prints("compute instance list-vnics", vnics(Some("198.51.100.4")))
}

fn cloud_without_address() -> Tool {
    empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("offers", offers())
        .prints("security-group", data(group(GROUP, &tags_json())))
        .prints("ingress", data(json!({ "security-rules": [] })))
        .prints("instance", data(instance(INSTANCE, "RUNNING", &tags_json())))
}

fn vnics(public: Option<&str>) -> Json {
    data(
        json!([{ "id": "ocid1.vnic.oc1.iad.x", "is-primary": true, "public-ip": public, "private-ip": "10.0.0.4" }]),
    )
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
            vec!["image get", "subnet get", "shape list"],
            vec!["nsg create"],
            vec!["nsg rules add", "instance launch"],
            vec!["instance list-vnics"],
        ]
    );
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!("{:?}", driven.result)
    };
    assert_eq!(
        (
            instance.id.as_str(),
            instance.public_ip.as_deref(),
            instance.private_ip.as_deref(),
            instance.ssh_user.as_str()
        ),
        (INSTANCE, Some("198.51.100.4"), Some("10.0.0.4"), "ubuntu")
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
            format!("network-security-group {GROUP}")
        ]
    );
}

#[test]
fn a_flexible_instance_has_its_size_and_no_old_metadata_service() {
    let driven = run(&cloud(), json!({}), deploy());
    assert_eq!(
        json_flag(&driven, "instance", "shape-config"),
        json!({ "ocpus": 2, "memoryInGBs": 16 }),
        "camel case in, and mandatory"
    );
    assert_eq!(
        json_flag(&driven, "instance", "instance-options"),
        json!({ "areLegacyImdsEndpointsDisabled": true })
    );
    assert_eq!(flag(&driven, "instance", "boot-volume-size-in-gbs"), "80");
    let fixed = run(
        &cloud(),
        json!({ "shape": "VM.Standard2.2", "boot_volume_size_gb": 50 }),
        deploy(),
    );
    assert!(!has_flag(&fixed, "instance", "shape-config"));
    assert_eq!(
        flag(&fixed, "instance", "boot-volume-size-in-gbs"),
        "80",
        "never smaller than the image"
    );
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
    let marks = json!({ "Name": "my vm", "ManagedBy": "sindri", "SindriRunId": RUN });
    for step in ["security-group", "instance"] {
        assert_eq!(json_flag(&driven, step, "freeform-tags"), marks, "{step}");
    }
    assert_eq!(
        flag(&driven, "security-group", "vcn-id"),
        "ocid1.vcn.oc1.iad.aaaaaaaavcn"
    );
    assert_eq!(
        flag(&driven, "security-group", "display-name"),
        format!("sindri-{RUN}")
    );
}

#[test]
fn hostile_text_in_tags_stays_text() {
    let text = "x\"},\"y\":{\" file:///etc/passwd ${x} {{y}} 'z' ü";
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
    assert_eq!(json_flag(&driven, "instance", "freeform-tags")["note"], text);
    for (key, value) in [("a b", "x"), ("a", "")] {
        let bad = changed(|request| {
            request.tags = vec![Tag {
                key: key.into(),
                value: value.into(),
            }]
        });
        let driven = run(&cloud(), json!({}), bad);
        assert!(driven.turns.is_empty());
        assert_eq!(problem(driven).code, "unusable-tag");
    }
}

#[test]
fn port_22_is_open_to_the_given_range_only() {
    let v4 = run(&cloud(), json!({}), deploy());
    let rules = json_flag(&v4, "ingress", "security-rules");
    assert_eq!(rules.as_array().unwrap().len(), 1);
    assert_eq!(
        (&rules[0]["source"], &rules[0]["direction"], &rules[0]["protocol"]),
        (&json!("203.0.113.7/32"), &json!("INGRESS"), &json!("6"))
    );
    assert_eq!(
        rules[0]["tcpOptions"],
        json!({ "destinationPortRange": { "min": 22, "max": 22 } })
    );
    let v6 = run(
        &cloud(),
        json!({}),
        changed(|request| request.ssh_source = "2001:db8::1".to_owned()),
    );
    assert_eq!(
        json_flag(&v6, "ingress", "security-rules")[0]["source"],
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
fn configured_groups_are_used_and_neither_changed_nor_removed_later() {
    let driven = run(
        &cloud(),
        json!({ "nsg_ocids": ["ocid1.networksecuritygroup.oc1.iad.users"] }),
        deploy(),
    );
    assert_eq!(verbs(&driven)[1], ["instance launch"]);
    assert_eq!(
        json_flag(&driven, "instance", "nsg-ids"),
        json!(["ocid1.networksecuritygroup.oc1.iad.users"])
    );
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!()
    };
    assert_eq!(instance.resources.len(), 1);
}

#[test]
fn what_cannot_work_leaves_nothing_behind() {
    let importing = data(with(image(IMAGE), "lifecycle-state", json!("IMPORTING")));
    let only_arm = data(json!([{ "shape": "VM.Standard.A1.Flex" }]));
    let private = data(with(
        subnet()["data"].clone(),
        "prohibit-public-ip-on-vnic",
        json!(true),
    ));
    for (tool, code) in [
        (
            empty_compartment().fails("image", "NotAuthorizedOrNotFound"),
            "image-not-found",
        ),
        (
            empty_compartment().prints("image", importing),
            "image-not-available",
        ),
        (
            empty_compartment()
                .prints("image", data(image(IMAGE)))
                .prints("offers", only_arm),
            "shape-not-offered",
        ),
        (
            empty_compartment()
                .prints("image", data(image(IMAGE)))
                .prints("subnet", private),
            "private-subnet",
        ),
    ] {
        let driven = run(&tool, json!({}), deploy());
        assert_eq!(verbs(&driven), [["image get", "subnet get", "shape list"]]);
        assert_eq!(problem(driven).code, code);
    }
}

#[test]
fn the_public_key_goes_as_metadata_and_without_one_nothing_starts() {
    let driven = run(&cloud(), json!({}), deploy());
    let key = json_flag(&driven, "instance", "metadata")["ssh_authorized_keys"].clone();
    assert!(key.as_str().unwrap().starts_with("ssh-ed25519 "));
    let mut without = request(json!({}), deploy());
    without.context.ssh_public_key = None;
    let driven = drive::<sindri_plugin_oci::Oci>(&without, |_, _| Err("ran".into())).unwrap();
    assert_eq!(problem(driven).code, "missing-public-key");
}

#[test]
fn an_address_that_comes_late_is_waited_for() {
    let late = cloud_without_address()
        .says("compute instance list-vnics", "")
        .prints("compute instance list-vnics", vnics(None))
        .prints("compute instance list-vnics", vnics(Some("198.51.100.4")));
    let driven = run(&late, json!({}), deploy());
    assert_eq!(verbs(&driven)[4], ["pause", "instance list-vnics"]);
    assert!(matches!(driven.result, Ok(Outcome::Instance(instance)) if instance.public_ip.is_some()));

    let never = cloud_without_address().prints("compute instance list-vnics", vnics(None));
    assert_eq!(
        problem(run(&never, json!({}), deploy())).code,
        "address-not-found"
    );
}

#[test]
fn a_private_instance_needs_no_public_address() {
    let private = cloud_without_address().prints("compute instance list-vnics", vnics(None));
    let driven = run(&private, json!({ "use_private_ip": true }), deploy());
    assert_eq!(flag(&driven, "instance", "assign-public-ip"), "false");
    let Ok(Outcome::Instance(instance)) = driven.result else {
        panic!()
    };
    assert_eq!(
        (instance.public_ip, instance.private_ip.as_deref()),
        (None, Some("10.0.0.4"))
    );
}

#[test]
fn an_instance_that_does_not_run_in_time_is_a_problem() {
    let stopped = empty_compartment()
        .prints("image", data(image(IMAGE)))
        .prints("security-group", data(group(GROUP, &tags_json())))
        .prints("instance", data(instance(INSTANCE, "TERMINATED", &tags_json())));
    assert_eq!(
        problem(run(&stopped, json!({}), deploy())).code,
        "instance-not-running"
    );

    // `oci` prints the last state and exits with 2.
    let tool = cloud();
    let driven = drive::<sindri_plugin_oci::Oci>(&request(json!({}), deploy()), |step, command| {
        if step.id != "instance" {
            return tool.answer(step, command);
        }
        Ok(StepResult {
            status: StepStatus::Exited(2),
            error_code: Some("WaitTimeout".to_owned()),
            ..printed(step, &data(instance(INSTANCE, "PROVISIONING", &tags_json())))
        })
    })
    .unwrap();
    assert_eq!(problem(driven).code, "instance-not-running");
}
