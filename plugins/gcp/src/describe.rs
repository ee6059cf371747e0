//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "googlecompute";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions.
/// `disk_encryption_key` came with 1.0.8, `custom_endpoints`, which the host sets for emulators, with 1.2.3.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) =
    ("googlecompute", "github.com/hashicorp/googlecompute", ">= 1.2.3");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[(&str, &[&str], Effect)] = &[
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
    let (name, source, version) = PACKER_PLUGIN;
    ProviderInfo {
        id: "gcp".to_owned(),
        title: "Google Cloud".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: vec!["google".to_owned()],
        tools: vec![Tool {
            program: "gcloud".to_owned(),
            title: "Google Cloud CLI".to_owned(),
            install_url: "https://cloud.google.com/sdk/docs/install".to_owned(),
            login_hint: "run `gcloud auth login` and, for Packer, `gcloud auth application-default login`; or set GOOGLE_APPLICATION_CREDENTIALS"
                .to_owned(),
            version_args: vec!["--version".to_owned()],
            // The first with `images deprecate --deprecate-on` that this was tried with is 528; the other
            // commands are older.
            minimum_version: None,
        }],
        requests: Requests {
            builders: vec![BuilderRequest {
                name: BUILDER.to_owned(),
                attributes: Vec::new(),
            }],
            packer_plugins: vec![PackerPlugin {
                name: name.to_owned(),
                source: source.to_owned(),
                version: version.to_owned(),
            }],
            commands: COMMANDS
                .iter()
                .map(|(verb, flags, effect)| command(verb, flags, *effect))
                .collect(),
            guest_phases: Vec::new(),
        },
        config_schema: CONFIG_SCHEMA.to_owned(),
    }
}

fn command(verb: &str, flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: "gcloud".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    }
}
