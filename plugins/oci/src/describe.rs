//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{Effect, ProviderInfo};
use sindri_plugin_sdk::describe::{Command, Description, Program};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "oracle-oci";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. The attribute that switches off
/// version 1 of the metadata service came with 1.1.1.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("oracle", "github.com/hashicorp/oracle", ">= 1.1.1");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[Command] = &[
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
    Description {
        id: "oci",
        title: "Oracle Cloud Infrastructure",
        version: env!("CARGO_PKG_VERSION"),
        aliases: &["oracle"],
        tool: Program {
            name: "oci",
            title: "Oracle Cloud Infrastructure CLI",
            install_url: "https://docs.oracle.com/en-us/iaas/Content/API/SDKDocs/cliinstall.htm",
            login_hint: "run `oci setup config` and upload the public key, or `oci session authenticate`",
            version_argument: "--version",
            // The first major version in which all the commands have these names.
            minimum_version: Some("3.0.0"),
        },
        builder: BUILDER,
        packer_plugin: PACKER_PLUGIN,
        commands: COMMANDS,
        guest_phases: &[],
        config_schema: CONFIG_SCHEMA,
    }
    .info()
}
