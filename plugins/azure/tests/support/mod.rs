//! A stand-in for the `az` command: canned answers in the shapes that it prints.
#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod everything;
#[path = "../../../sdk/tests/support/plans.rs"]
pub mod plans;

use serde_json::{Value as Json, json};
use sindri_plugin_azure::{Azure, CONFIG_SCHEMA};
use sindri_plugin_sdk::contract::{DeployRequest, Operation, PlanRequest};
use sindri_plugin_sdk::testing::{self, Driven, Tool, context, drive, host_tags, section, turns};
pub use sindri_plugin_sdk::testing::{distribution, flag, has_flag, problem, removal, removed};

pub const RUN: &str = "abcdef012345";
pub const GROUP: &str = "sindri-abcdef012345";
pub const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
pub const IMAGE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/images/providers/Microsoft.Compute/images/sindri-dev-20261122093005";
pub const VERSION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/images/providers/Microsoft.Compute/galleries/golden/images/sindri/versions/2026.1122.93005";
pub const MACHINE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/sindri-abcdef012345/providers/Microsoft.Compute/virtualMachines/sindri-dev";

/// Lists are empty and every change succeeds; what is shown has to be said.
pub fn account() -> Tool {
    Tool::with_nothing(|verb| {
        Some(match verb {
            "image list" | "group list" | "sig image-version list" | "network vnet list" => json!([]),
            "group exists" => json!(false),
            "account show" => json!({ "id": SUBSCRIPTION, "isDefault": true, "state": "Enabled" }),
            _ => return None,
        })
    })
}

/// A subscription without anything in it.
pub fn empty_account() -> Tool {
    account()
        .fails("image show", "ResourceNotFound")
        .fails("group show", "ResourceGroupNotFound")
        .fails("sig show", "ResourceNotFound")
        .fails("sig image-definition show", "ResourceNotFound")
        .fails("sig image-version show", "ResourceNotFound")
}

/// The section with what is required.
pub fn config(mut overrides: Json) -> Json {
    for (key, value) in [("subscription_id", SUBSCRIPTION), ("resource_group", "images")] {
        if overrides.get(key).is_none() {
            overrides[key] = json!(value);
        }
    }
    overrides
}

pub fn gallery() -> Json {
    json!({ "gallery": { "gallery_name": "golden", "image_name": "sindri", "replication_regions": ["westeurope"] } })
}

pub fn request(overrides: Json, operation: Operation) -> PlanRequest {
    PlanRequest {
        context: context(),
        config: section(CONFIG_SCHEMA, &config(overrides)).unwrap(),
        operation,
    }
}

/// Drives the plan to its end.
pub fn run(tool: &Tool, overrides: Json, operation: Operation) -> Driven {
    let request = request(overrides, operation);
    let driven = drive::<Azure>(&request, |step, command| tool.answer(step, command)).unwrap();
    plans::hold("azure", &request.operation, &driven);
    driven
}

pub fn tags_json() -> Json {
    host_tags()
        .iter()
        .map(|tag| (tag.key.clone(), json!(tag.value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A managed image of ours as `image show` prints it.
pub fn image(id: &str) -> Json {
    json!({
        "id": id, "name": id.rsplit('/').next().unwrap(), "location": "westus2", "resourceGroup": "images",
        "type": "Microsoft.Compute/images", "hyperVGeneration": "V2", "provisioningState": "Succeeded",
        "extendedLocation": null,
        "storageProfile": { "dataDisks": [], "osDisk": {
            "caching": "ReadWrite", "diskSizeGB": 80, "osState": "Generalized", "osType": "Linux",
            "storageAccountType": "Premium_LRS" } },
        "tags": tags_json(),
    })
}

/// A version of ours as `sig image-version show` prints it.
pub fn version(id: &str) -> Json {
    json!({
        "id": id, "name": id.rsplit('/').next().unwrap(), "location": "westus2", "resourceGroup": "images",
        "type": "Microsoft.Compute/galleries/images/versions", "provisioningState": "Succeeded",
        "publishingProfile": {
            "publishedDate": "2026-11-22T09:40:00.1234567+00:00", "endOfLifeDate": null, "excludeFromLatest": false,
            "replicaCount": 1, "storageAccountType": "Standard_LRS", "targetRegions": [
                { "name": "West US 2", "regionalReplicaCount": 1, "storageAccountType": "Standard_LRS", "encryption": null },
                { "name": "West Europe", "regionalReplicaCount": 2, "storageAccountType": "Premium_LRS" } ] },
        "safetyProfile": { "allowDeletionOfReplicatedLocations": true, "blockDeletionBeforeEndOfLife": false },
        "storageProfile": { "osDiskImage": { "hostCaching": "ReadWrite", "sizeInGB": 80 } },
        "tags": tags_json(),
    })
}

/// A definition as `sig image-definition show` prints it.
pub fn definition() -> Json {
    json!({
        "name": "sindri", "architecture": "x64", "hyperVGeneration": "V2", "osState": "Generalized",
        "osType": "Linux", "features": [{ "name": "SecurityType", "value": "TrustedLaunchSupported" }],
    })
}

/// A gallery as `sig show --select Permissions` prints it.
pub fn shown_gallery(permissions: &str) -> Json {
    json!({ "name": "golden", "location": "westus2", "sharingProfile": {
        "permissions": permissions,
        "communityGalleryInfo": { "communityGalleryEnabled": permissions == "Community" },
        "groups": [
            { "type": "Subscriptions", "ids": ["00000000-0000-0000-0000-00000000000a"] },
            { "type": "AADTenants", "ids": null } ] } })
}

/// A resource group as `group show` prints it.
pub fn group(name: &str, tags: Json) -> Json {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"), "name": name, "location": "westus2",
        "managedBy": null, "properties": { "provisioningState": "Succeeded" },
        "type": "Microsoft.Resources/resourceGroups", "tags": tags,
    })
}

/// What `vm create` prints.
pub fn created() -> Json {
    json!({
        "id": MACHINE, "fqdns": "", "location": "westus2", "macAddress": "00-00-00-00-00-00",
        "powerState": "VM running", "privateIpAddress": "10.0.0.4", "publicIpAddress": "198.51.100.4",
        "resourceGroup": GROUP, "zones": "",
    })
}

/// A JSON document with one member changed.
pub fn with(mut document: Json, pointer: &str, value: Json) -> Json {
    *document.pointer_mut(pointer).unwrap() = value;
    document
}

/// The verbs of each turn.
pub fn verbs(driven: &Driven) -> Vec<Vec<String>> {
    turns(driven, |command| command.verb.join(" "))
}

pub fn deploy_request(image: &str) -> DeployRequest {
    testing::deploy_request(image, "sindri-dev")
}
