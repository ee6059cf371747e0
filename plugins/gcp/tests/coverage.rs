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
use sindri_plugin_gcp::{CONFIG_SCHEMA, Gcp};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool, covers, drive, silent};
use support::{
    IMAGE, RUN, deploy_request, disk, empty_project, firewall, image, instance, labels, name, request, run,
};

fn operations() -> Vec<Operation> {
    let id = || IMAGE.to_owned();
    let deprecate = |state, at: Option<&str>| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: at.map(str::to_owned),
            replacement: Some("sindri-newer".to_owned()),
        })
    };
    let filter = |prefix: Option<&str>| {
        Operation::ListImages(ImageFilter {
            name_prefix: prefix.map(str::to_owned),
        })
    };
    let share = |revoke| {
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![Principal::User("jane@example.com".to_owned())],
            revoke,
        })
    };
    let future = Some("2027-01-01T00:00:00Z");
    vec![
        Operation::CheckCredentials,
        Operation::CheckBuild(PlannedImage {
            name: id(),
            architecture: None,
        }),
        Operation::FindRuns,
        Operation::FindImage("key".to_owned()),
        filter(None),
        filter(Some("sindri")),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "googlecompute".to_owned(),
            artifact_id: id(),
            image_name: id(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "x".to_owned(),
            }],
            unwritten_description: Some("{{x}}".to_owned()),
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request()),
        Operation::Destroy(DestroyTarget::Instance(name())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some(id()),
        })),
        share(false),
        share(true),
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: false,
        }),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["eu".to_owned()],
        }),
        deprecate(DeprecationState::Active, None),
        deprecate(DeprecationState::Deprecated, future),
        deprecate(DeprecationState::Obsolete, future),
    ]
}

/// A project in which every plan finds something to do.
fn full_project() -> Tool {
    let rule = firewall(&format!("{}-ssh", name()));
    let rest = format!("{}-rest", name());
    empty_project()
        .prints("compute images list", json!([image(IMAGE)]))
        .prints("compute instances list", json!([instance(&name(), &labels())]))
        .prints("compute disks list", json!([disk(&name()), disk(&rest)]))
        .prints("compute firewall-rules list", json!([rule]))
}

/// One where the instance of an interrupted deployment is there already.
fn halfway() -> Tool {
    full_project().fails("compute instances create", "alreadyExists")
}

fn configurations() -> [Json; 3] {
    [
        json!({}),
        json!({
            "network": "build", "subnetwork": "build", "omit_external_ip": true, "use_internal_ip": true,
            "enable_secure_boot": true, "enable_vtpm": false, "enable_integrity_monitoring": false,
            "service_account_email": "vm@my-project.iam.gserviceaccount.com", "machine_type": "g2-standard-4",
            "kms_key_name": "projects/p/locations/l/keyRings/r/cryptoKeys/k",
        }),
        json!({ "subnetwork": "build" }),
    ]
}

fn everything() -> Vec<Driven> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for tool in [full_project(), halfway()] {
                all.push(run(&tool, config.clone(), operation.clone()));
            }
        }
    }
    all
}

#[test]
fn every_command_of_every_plan_is_requested() {
    let requests = Gcp::describe().requests.commands;
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
    for request in Gcp::describe().requests.commands {
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
fn no_plan_sets_what_the_host_sets() {
    let hosts = [
        "project",
        "zone",
        "format",
        "quiet",
        "configuration",
        "account",
        "flags-file",
        "impersonate-service-account",
        "billing-project",
        "log-http",
        "metadata-from-file",
        "verbosity",
    ];
    for driven in everything() {
        for command in driven.commands() {
            assert_eq!(command.tool, "gcloud");
            assert!(command.positionals.len() <= 1 && command.location.is_none());
            for flag in &command.flags {
                assert!(!hosts.contains(&flag.name.as_str()), "{}", flag.name);
                assert!(flag.values.len() <= 1, "gcloud takes lists with commas");
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
        "[{}]",
        "<html>",
        "[{\"name\":7}]",
        "[{\"name\":",
        "[{\"name\":\"sindri-\u{e4}bcdef01234-0\",\"zone\":\"\"}]",
        "\"x\"",
        "1e999",
    ];
    for operation in operations() {
        for good_answers in 0..4 {
            for text in garbage {
                let tool = full_project();
                let mut answered = 0;
                let driven = drive::<Gcp>(
                    &request(json!({ "subnetwork": "build" }), operation.clone()),
                    |step, command| {
                        answered += 1;
                        if answered <= good_answers {
                            return tool.answer(step, command);
                        }
                        Ok(StepResult {
                            stdout: text.to_owned(),
                            ..silent(step)
                        })
                    },
                );
                if let Ok(Driven {
                    result: Err(problem), ..
                }) = &driven
                {
                    assert!(
                        ["unreadable-output", "image-not-found", "unsupported-operation"]
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
    let info = Gcp::describe();
    assert_eq!(
        (info.id.as_str(), info.aliases.as_slice()),
        ("gcp", ["google".to_owned()].as_slice())
    );
    let schema: Json = serde_json::from_str(&info.config_schema).unwrap();
    assert_eq!(info.config_schema, CONFIG_SCHEMA);
    assert_eq!(schema["required"], json!(["project_id"]));
    for (key, flag) in [
        ("zone", "region"),
        ("machine_type", "instance-type"),
        ("disk_size", "disk-size"),
    ] {
        assert_eq!(schema["properties"][key]["x-sindri"]["flag"], flag);
    }
    assert_eq!(
        info.tools[0].install_url,
        "https://cloud.google.com/sdk/docs/install"
    );
}
