//! Every plan there is: for the test that a plugin requests what it uses, and for the one that the real command line
//! understands it.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};

use super::*;

/// Every operation, with all that it can carry.
pub fn operations(id: &str) -> Vec<Operation> {
    let id = || id.to_owned();
    let deprecate = |state| {
        Operation::Deprecate(DeprecateRequest {
            image_id: id(),
            state,
            at: None,
            replacement: Some(IMAGE.to_owned()),
        })
    };
    let share = |revoke| {
        Operation::Share(ShareRequest {
            image_id: id(),
            principals: vec![
                Principal::Account(SUBSCRIPTION.to_owned()),
                Principal::Organization(SUBSCRIPTION.to_owned()),
            ],
            revoke,
        })
    };
    let publish = |withdraw| {
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw,
        })
    };
    let planned = |name: &str| {
        Operation::CheckBuild(PlannedImage {
            name: name.to_owned(),
            architecture: None,
        })
    };
    vec![
        Operation::CheckCredentials,
        planned("sindri-dev-20261122093005"),
        planned("sindri/2026.1122.93005"),
        Operation::FindRuns,
        Operation::FindImage("0123456789abcdef".to_owned()),
        Operation::ListImages(ImageFilter { name_prefix: None }),
        Operation::ShowImage(id()),
        Operation::ResolveArtifact(Artifact {
            builder_type: "azure-arm".to_owned(),
            artifact_id: id(),
            image_name: "x".to_owned(),
            unwritten_tags: vec![Tag {
                key: "note".to_owned(),
                value: "{{x}}".to_owned(),
            }],
            unwritten_description: None,
        }),
        Operation::DeleteImage(id()),
        Operation::Deploy(deploy_request(&id())),
        Operation::Destroy(DestroyTarget::Instance(MACHINE.to_owned())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: RUN.to_owned(),
            image_name: Some("sindri-dev-20261122093005".to_owned()),
        })),
        share(false),
        share(true),
        publish(false),
        publish(true),
        Operation::Copy(CopyRequest {
            image_id: id(),
            locations: vec!["eastus".to_owned()],
        }),
        deprecate(DeprecationState::Active),
        deprecate(DeprecationState::Deprecated),
        deprecate(DeprecationState::Obsolete),
    ]
}

/// A subscription in which every plan finds something to do.
pub fn full_account(permissions: &str) -> Tool {
    let subnet = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/net/subnets/a"
    );
    let mut deprecated = image(IMAGE);
    deprecated["tags"]["SindriDeprecatedAt"] = json!("2026-01-01T00:00:00Z");
    Tool::default()
        .prints(
            "account show",
            json!({ "id": SUBSCRIPTION, "state": "Enabled", "user": { "name": "me@example.com", "type": "user" } }),
        )
        .prints("group exists", json!(true))
        .fails("name", "ResourceNotFound")
        .fails("version", "ResourceNotFound")
        .prints("image show", deprecated)
        .prints("image list", json!([image(IMAGE)]))
        .prints("sig image-version show", version(VERSION))
        .prints("sig image-version list", json!([version(VERSION)]))
        .prints("sig image-definition show", definition())
        .prints("sig show", shown_gallery(permissions))
        .prints("group show", group(GROUP, tags_json()))
        .prints("group list", json!([group(GROUP, tags_json())]))
        .prints(
            "network vnet list",
            json!([{ "name": "net", "resourceGroup": "network", "subnets": [{ "id": subnet, "name": "a" }] }]),
        )
        .prints("vm create", created())
}

/// Configurations that plans depend on.
pub fn configurations() -> Vec<Json> {
    let private = json!({ "virtual_network_name": "net" });
    let public = json!({ "virtual_network_name": "net", "private_virtual_network_with_public_ip": true });
    vec![gallery(), json!({}), private, public]
}

/// Every operation in every configuration.
pub fn by_operation() -> Vec<(Operation, Driven)> {
    let mut all = Vec::new();
    for config in configurations() {
        for id in [IMAGE, VERSION] {
            for operation in operations(id) {
                for permissions in ["Groups", "Community"] {
                    all.push((
                        operation.clone(),
                        run(&full_account(permissions), config.clone(), operation.clone()),
                    ));
                }
            }
        }
    }
    all
}

/// The plans alone.
pub fn everything() -> Vec<Driven> {
    by_operation().into_iter().map(|(_, driven)| driven).collect()
}
