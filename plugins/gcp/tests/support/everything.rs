//! Every plan there is: for the test that a plugin requests what it uses, and for the one that the real command line
//! understands it.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};

use super::*;

/// Every operation, with all that it can carry.
pub fn operations() -> Vec<Operation> {
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
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: true,
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
pub fn full_project() -> Tool {
    let rule = firewall(&format!("{}-ssh", name()));
    let rest = format!("{}-rest", name());
    empty_project()
        .prints("compute images list", json!([image(IMAGE)]))
        .prints("compute instances list", json!([instance(&name(), &labels())]))
        .prints("compute disks list", json!([disk(&name()), disk(&rest)]))
        .prints("compute firewall-rules list", json!([rule]))
}

/// One where the instance of an interrupted deployment is there already.
pub fn halfway() -> Tool {
    full_project().fails("compute instances create", "alreadyExists")
}

/// Configurations that plans depend on.
pub fn configurations() -> [Json; 3] {
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

/// Every operation in every configuration.
pub fn by_operation() -> Vec<(Operation, Driven)> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            for tool in [full_project(), halfway()] {
                all.push((operation.clone(), run(&tool, config.clone(), operation.clone())));
            }
        }
    }
    all
}

/// The plans alone.
pub fn everything() -> Vec<Driven> {
    by_operation().into_iter().map(|(_, driven)| driven).collect()
}
