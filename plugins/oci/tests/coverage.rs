//! The plugin requests exactly what its plans use, and no plan falls over what a tool may print.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use sindri_plugin_oci::{CONFIG_SCHEMA, Oci};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool, covers, drive, silent};
use support::{
    GROUP, IMAGE, INSTANCE, NAME, RUN, data, deploy_request, empty_compartment, group, image, instance,
    offers, request, run, tags_json,
};

fn operations() -> Vec<Operation> {
    let id = || IMAGE.to_owned();
    let deprecate = |state| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: None,
            replacement: Some("ocid1.image.oc1.iad.new".to_owned()),
        })
    };
    let filter = |prefix: Option<&str>| {
        Operation::ListImages(ImageFilter {
            name_prefix: prefix.map(str::to_owned),
        })
    };
    vec![
        Operation::CheckCredentials,
        Operation::CheckBuild(PlannedImage {
            name: NAME.to_owned(),
            architecture: None,
        }),
        Operation::FindRuns,
        Operation::FindImage("key".to_owned()),
        filter(None),
        filter(Some("sindri")),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "oracle-oci".to_owned(),
            artifact_id: id(),
            image_name: NAME.to_owned(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "{{x}}".to_owned(),
            }],
            unwritten_description: Some("{{x}}".to_owned()),
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request()),
        Operation::Destroy(DestroyTarget::Instance(INSTANCE.to_owned())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some(NAME.to_owned()),
        })),
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![Principal::Account("ocid1.tenancy.oc1..aaaa".to_owned())],
            revoke: false,
        }),
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: false,
        }),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["eu-frankfurt-1".to_owned()],
        }),
        deprecate(DeprecationState::Active),
        deprecate(DeprecationState::Deprecated),
        deprecate(DeprecationState::Obsolete),
    ]
}

/// A compartment in which every plan finds something to do.
fn full_compartment() -> Tool {
    let tags = tags_json();
    empty_compartment()
        .prints("regions", data(json!([{ "key": "IAD", "name": "us-ashburn-1" }])))
        .prints("domains", data(json!([{ "name": "Uocm:US-ASHBURN-AD-1" }])))
        .prints("offers", offers())
        .prints("images", json!([image(IMAGE)]))
        .prints("compute image get", data(image(IMAGE)))
        .prints("compute image list", data(json!([image(IMAGE)])))
        .prints("compute image update", data(image(IMAGE)))
        .prints("shapes", data(json!([{ "shape": "VM.Standard.E4.Flex" }])))
        .prints(
            "compute image-capability-schema list",
            data(json!([{ "id": "ocid1.schema.oc1.iad.s" }])),
        )
        .prints("instances", json!([instance(INSTANCE, "RUNNING", &tags)]))
        .prints("security-groups", json!([group(GROUP, &tags)]))
        .prints("security-group", data(group(GROUP, &tags)))
        .prints("instance", data(instance(INSTANCE, "RUNNING", &tags)))
        .prints(
            "compute instance list-vnics",
            data(json!([{ "public-ip": "198.51.100.4", "private-ip": "10.0.0.4" }])),
        )
}

fn configurations() -> [Json; 3] {
    [
        json!({}),
        json!({ "region": "us-ashburn-1", "base_image_ocid": IMAGE, "nsg_ocids": [GROUP] }),
        json!({ "shape": "VM.Standard2.2", "use_private_ip": true }),
    ]
}

fn everything() -> Vec<Driven> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            all.push(run(&full_compartment(), config.clone(), operation));
        }
    }
    all
}

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Oci::describe().requests.commands;
    for driven in everything() {
        for command in driven.commands() {
            assert!(
                requests.iter().any(|request| covers(request, command)),
                "not requested: {command:?}"
            );
        }
    }
}

#[test]
fn nothing_is_requested_that_no_plan_uses() {
    let word = |verb: &[String], flag: &str| format!("{} --{flag}", verb.join(" "));
    let mut used = BTreeSet::new();
    for driven in everything() {
        for command in driven.commands() {
            used.insert(command.verb.join(" "));
            used.extend(command.flags.iter().map(|flag| word(&command.verb, &flag.name)));
        }
    }
    for request in Oci::describe().requests.commands {
        assert!(
            used.contains(&request.verb.join(" ")),
            "no plan uses {:?}",
            request.verb
        );
        for flag in &request.flags {
            assert!(
                used.contains(&word(&request.verb, flag)),
                "no plan uses {}",
                word(&request.verb, flag)
            );
        }
    }
}

#[test]
fn no_plan_sets_what_the_host_sets_or_names_a_file() {
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "oci");
            assert!(command.positionals.is_empty());
            for flag in &command.flags {
                assert!(
                    ![
                        "region",
                        "output",
                        "profile",
                        "endpoint",
                        "auth",
                        "config-file",
                        "debug",
                        "from-json",
                        "ssh-authorized-keys-file",
                        "user-data-file",
                    ]
                    .contains(&flag.name.as_str())
                );
                assert!(flag.values.iter().all(|value| matches!(value, Value::Text(_))));
            }
        }
    }
}

#[test]
fn no_plan_panics_or_hangs_on_what_a_tool_may_print() {
    let garbage = [
        "",
        "\u{0}",
        "null",
        "[]",
        "{}",
        "<html>",
        "{\"data\":null}",
        "{\"data\":[]}",
        "{\"data\":{}}",
        "{\"data\":[{\"id\":7}]}",
        "[{\"id\":\"x\",\"lifecycle-state\":\"\u{e9}\"}]",
        "{\"data\":",
        "\"x\"",
        "1e999",
    ];
    for operation in operations() {
        for good_answers in 0..6 {
            for text in garbage {
                let tool = full_compartment();
                let mut answered = 0;
                let driven = drive::<Oci>(&request(json!({}), operation.clone()), |step, command| {
                    answered += 1;
                    if answered <= good_answers {
                        return tool.answer(step, command);
                    }
                    Ok(StepResult {
                        stdout: text.to_owned(),
                        ..silent(step)
                    })
                });
                if let Ok(Driven {
                    result: Err(problem), ..
                }) = &driven
                {
                    assert!(
                        ["unreadable-output", "address-not-found", "unsupported"]
                            .contains(&problem.code.as_str()),
                        "{problem:?}"
                    );
                }
                assert!(driven.is_ok(), "{operation:?} {text}: {driven:?}");
            }
        }
    }
}

#[test]
fn the_plugin_describes_itself() {
    let info = Oci::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("oci", ["oracle".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    let flag = |key: &str| schema["properties"][key]["x-sindri"]["flag"].clone();
    assert_eq!(
        [flag("region"), flag("shape"), flag("boot_volume_size_gb")],
        [json!("region"), json!("instance-type"), json!("disk-size")]
    );
    assert_eq!(
        info.tools[0].install_url,
        "https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm"
    );
}
