//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "oracle-oci";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. The attribute that switches off
/// version 1 of the metadata service came with 1.1.1.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("oracle", "github.com/hashicorp/oracle", ">= 1.1.1");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[(&str, &[&str], Effect)] = &[
    ("iam region list", &[], Effect::Read),
    (
        "iam availability-domain list",
        &["compartment-id", "all"],
        Effect::Read,
    ),
    ("os ns get", &[], Effect::Read),
    ("os object list", &["bucket-name", "prefix"], Effect::Read),
    ("network subnet get", &["subnet-id"], Effect::Read),
    (
        "network nsg list",
        &["compartment-id", "all", "query"],
        Effect::Read,
    ),
    (
        "compute shape list",
        &["compartment-id", "availability-domain", "image-id", "all"],
        Effect::Read,
    ),
    (
        "compute image list",
        &[
            "compartment-id",
            "display-name",
            "lifecycle-state",
            "all",
            "query",
        ],
        Effect::Read,
    ),
    ("compute image get", &["image-id"], Effect::Read),
    (
        "compute image-shape-compatibility-entry list",
        &["image-id", "all"],
        Effect::Read,
    ),
    (
        "compute image-capability-schema list",
        &["image-id", "all"],
        Effect::Read,
    ),
    ("compute instance get", &["instance-id"], Effect::Read),
    (
        "compute instance list",
        &["compartment-id", "all", "query"],
        Effect::Read,
    ),
    ("compute instance list-vnics", &["instance-id"], Effect::Read),
    (
        "network nsg create",
        &["compartment-id", "vcn-id", "display-name", "freeform-tags"],
        Effect::Create,
    ),
    (
        "network nsg rules add",
        &["nsg-id", "security-rules"],
        Effect::Create,
    ),
    (
        "compute instance launch",
        &[
            "compartment-id",
            "availability-domain",
            "subnet-id",
            "shape",
            "shape-config",
            "image-id",
            "boot-volume-size-in-gbs",
            "display-name",
            "assign-public-ip",
            "nsg-ids",
            "metadata",
            "instance-options",
            "freeform-tags",
            "wait-for-state",
            "wait-interval-seconds",
            "max-wait-seconds",
        ],
        Effect::Create,
    ),
    (
        "compute image import from-object",
        &[
            "namespace",
            "bucket-name",
            "name",
            "compartment-id",
            "display-name",
            "freeform-tags",
        ],
        Effect::Create,
    ),
    (
        "compute image export to-object",
        &["image-id", "namespace", "bucket-name", "name", "export-format"],
        Effect::Publish,
    ),
    (
        "os object copy",
        &[
            "namespace-name",
            "bucket-name",
            "source-object-name",
            "destination-namespace",
            "destination-region",
            "destination-bucket",
            "destination-object-name",
            "wait-for-state",
            "max-wait-seconds",
        ],
        Effect::Publish,
    ),
    (
        "compute image update",
        &["image-id", "freeform-tags", "force"],
        Effect::Create,
    ),
    (
        "compute instance terminate",
        &[
            "instance-id",
            "preserve-boot-volume",
            "preserve-data-volumes-created-at-launch",
            "force",
            "wait-for-state",
            "max-wait-seconds",
        ],
        Effect::Destroy,
    ),
    (
        "os object delete",
        &["namespace-name", "bucket-name", "object-name", "force"],
        Effect::Destroy,
    ),
    (
        "network nsg delete",
        &["nsg-id", "force", "wait-for-state", "max-wait-seconds"],
        Effect::Destroy,
    ),
    (
        "compute image delete",
        &["image-id", "force", "wait-for-state", "max-wait-seconds"],
        Effect::Destroy,
    ),
    (
        "compute image-capability-schema delete",
        &["image-capability-schema-id", "force"],
        Effect::Destroy,
    ),
];

pub(crate) fn describe() -> ProviderInfo {
    let (name, source, version) = PACKER_PLUGIN;
    ProviderInfo {
        id: "oci".to_owned(),
        title: "Oracle Cloud Infrastructure".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: vec!["oracle".to_owned()],
        tools: vec![Tool {
            program: "oci".to_owned(),
            title: "Oracle Cloud Infrastructure CLI".to_owned(),
            install_url: "https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm".to_owned(),
            login_hint: "run `oci setup config` and upload the public key, or `oci session authenticate`"
                .to_owned(),
            version_args: vec!["--version".to_owned()],
            // The first major version in which all the commands have these names.
            minimum_version: Some("3.0.0".to_owned()),
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
        tool: "oci".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    }
}
