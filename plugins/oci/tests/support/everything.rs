//! Every plan there is: for the test that a plugin requests what it uses, and for the one that the real command line
//! understands it.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};

use super::*;

/// Every operation, with all that it can carry.
pub fn operations() -> Vec<Operation> {
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
        Operation::Publish(PublishRequest {
            image_id: id(),
            withdraw: true,
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
pub fn full_compartment() -> Tool {
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
        .prints("os ns get", data(json!("mytenancy")))
        .prints("there-eu-frankfurt-1", data(json!([])))
        .prints("copies-eu-frankfurt-1", json!([image(IMAGE)]))
        .prints("compute image import from-object", data(image(IMAGE)))
        .prints(
            "os object list",
            data(json!([{ "name": format!("sindri-{RUN}.oci") }])),
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

/// Configurations that plans depend on.
pub fn configurations() -> [Json; 3] {
    [
        json!({}),
        json!({ "region": "us-ashburn-1", "base_image_ocid": IMAGE, "nsg_ocids": [GROUP] }),
        json!({ "shape": "VM.Standard2.2", "use_private_ip": true, "copy_bucket": "b", "copy_regions": ["eu-frankfurt-1"] }),
    ]
}

/// Every operation in every configuration.
pub fn by_operation() -> Vec<(Operation, Driven)> {
    let mut all = Vec::new();
    for config in configurations() {
        for operation in operations() {
            let driven = run(&full_compartment(), config.clone(), operation.clone());
            all.push((operation, driven));
        }
    }
    all
}

/// The plans alone.
pub fn everything() -> Vec<Driven> {
    by_operation().into_iter().map(|(_, driven)| driven).collect()
}
