//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{Effect, ProviderInfo};
use sindri_plugin_sdk::describe::{Command, Description, Program};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "googlecompute";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions.
/// `disk_encryption_key` came with 1.0.8, `custom_endpoints`, which the host sets for emulators, with 1.2.3.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) =
    ("googlecompute", "github.com/hashicorp/googlecompute", ">= 1.2.3");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[Command] = &[
    ("auth list", &["filter"], Effect::Read),
    ("compute zones describe", &[], Effect::Read),
    (
        "compute images list",
        &["no-standard-images", "show-deprecated", "filter"],
        Effect::Read,
    ),
    ("compute images describe", &[], Effect::Read),
    ("compute images get-iam-policy", &[], Effect::Read),
    ("compute instances list", &["filter"], Effect::Read),
    ("compute instances describe", &[], Effect::Read),
    ("compute disks list", &["filter"], Effect::Read),
    ("compute firewall-rules list", &["filter"], Effect::Read),
    ("compute networks subnets describe", &["region"], Effect::Read),
    (
        "compute firewall-rules create",
        &[
            "network",
            "direction",
            "action",
            "rules",
            "priority",
            "source-ranges",
            "target-tags",
            "description",
        ],
        Effect::Create,
    ),
    (
        "compute instances create",
        &[
            "machine-type",
            "image",
            "image-project",
            "boot-disk-size",
            "boot-disk-type",
            "boot-disk-kms-key",
            "labels",
            "tags",
            "metadata",
            "network",
            "subnet",
            "no-address",
            "shielded-secure-boot",
            "no-shielded-secure-boot",
            "shielded-vtpm",
            "no-shielded-vtpm",
            "shielded-integrity-monitoring",
            "no-shielded-integrity-monitoring",
            "service-account",
            "no-service-account",
            "scopes",
            "no-scopes",
            "maintenance-policy",
        ],
        Effect::Create,
    ),
    (
        "compute images update",
        &["update-labels", "description"],
        Effect::Create,
    ),
    ("compute instances delete", &["delete-disks"], Effect::Destroy),
    ("compute disks delete", &[], Effect::Destroy),
    ("compute firewall-rules delete", &[], Effect::Destroy),
    ("compute images delete", &[], Effect::Destroy),
    (
        "compute images add-iam-policy-binding",
        &["member", "role", "condition"],
        Effect::Publish,
    ),
    (
        "compute images remove-iam-policy-binding",
        &["member", "role", "condition"],
        Effect::Publish,
    ),
    (
        "compute images deprecate",
        &["state", "deprecate-on", "obsolete-on", "replacement"],
        Effect::Publish,
    ),
];

pub(crate) fn describe() -> ProviderInfo {
    Description {
        id: "gcp",
        title: "Google Cloud",
        version: env!("CARGO_PKG_VERSION"),
        aliases: &["google"],
        tool: Program {
            name: "gcloud",
            title: "Google Cloud CLI",
            install_url: "https://cloud.google.com/sdk/docs/install",
            login_hint: "run `gcloud auth login` and, for Packer, `gcloud auth application-default login`; or set GOOGLE_APPLICATION_CREDENTIALS",
            version_argument: "--version",
            // The first with `images deprecate --deprecate-on` that this was tried with is 528; the other
            // commands are older.
            minimum_version: None,
        },
        builder: BUILDER,
        packer_plugin: PACKER_PLUGIN,
        commands: COMMANDS,
        guest_phases: &[],
        config_schema: CONFIG_SCHEMA,
    }
    .info()
}
