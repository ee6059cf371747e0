//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{Effect, GuestPhase, ProviderInfo};
use sindri_plugin_sdk::describe::{Command, Description, Program};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "azure-arm";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `security_type`
/// came with 2.0.5, public addresses of the kind that Azure still makes with 2.1.4.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("azure", "github.com/hashicorp/azure", ">= 2.1.4");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[Command] = &[
    ("account show", &[], Effect::Read),
    ("group exists", &["name"], Effect::Read),
    ("group show", &["name"], Effect::Read),
    ("group list", &["tag"], Effect::Read),
    ("image list", &["resource-group"], Effect::Read),
    ("image show", &["resource-group", "name"], Effect::Read),
    (
        "sig show",
        &["resource-group", "gallery-name", "select", "sharing-groups"],
        Effect::Read,
    ),
    (
        "sig image-definition show",
        &["resource-group", "gallery-name", "gallery-image-definition"],
        Effect::Read,
    ),
    (
        "sig image-version list",
        &["resource-group", "gallery-name", "gallery-image-definition"],
        Effect::Read,
    ),
    ("sig image-version show", VERSION, Effect::Read),
    ("network vnet list", &[], Effect::Read),
    ("group create", &["name", "location", "tags"], Effect::Create),
    (
        "network nsg create",
        &["resource-group", "name", "location"],
        Effect::Create,
    ),
    (
        "network nsg rule create",
        &[
            "resource-group",
            "nsg-name",
            "name",
            "priority",
            "direction",
            "access",
            "protocol",
            "source-address-prefixes",
            "destination-port-ranges",
        ],
        Effect::Create,
    ),
    (
        "network nic create",
        &[
            "resource-group",
            "name",
            "location",
            "subnet",
            "network-security-group",
        ],
        Effect::Create,
    ),
    (
        "vm create",
        &[
            "resource-group",
            "name",
            "location",
            "image",
            "size",
            "admin-username",
            "authentication-type",
            "ssh-key-values",
            "security-type",
            "enable-secure-boot",
            "enable-vtpm",
            "nics",
            "nsg",
            "nsg-rule",
            "nic-delete-option",
            "public-ip-address",
            "public-ip-sku",
            "subnet",
            "os-disk-size-gb",
            "os-disk-delete-option",
            "storage-sku",
            "tags",
        ],
        Effect::Create,
    ),
    (
        "sig image-version update",
        &[
            "resource-group",
            "gallery-name",
            "gallery-image-definition",
            "gallery-image-version",
            "target-regions",
        ],
        Effect::Create,
    ),
    (
        "tag update",
        &["resource-id", "operation", "tags"],
        Effect::Create,
    ),
    ("group delete", &["name", "yes"], Effect::Destroy),
    ("image delete", &["resource-group", "name"], Effect::Destroy),
    ("sig image-version delete", VERSION, Effect::Destroy),
    (
        "sig image-version update",
        &[
            "resource-group",
            "gallery-name",
            "gallery-image-definition",
            "gallery-image-version",
            "set",
        ],
        Effect::Publish,
    ),
    (
        "sig share add",
        &["resource-group", "gallery-name", "subscription-ids", "tenant-ids"],
        Effect::Publish,
    ),
    (
        "sig share remove",
        &["resource-group", "gallery-name", "subscription-ids", "tenant-ids"],
        Effect::Publish,
    ),
    (
        "sig share enable-community",
        &["resource-group", "gallery-name"],
        Effect::Publish,
    ),
    (
        "sig share reset",
        &["resource-group", "gallery-name"],
        Effect::Publish,
    ),
];

/// What names a version.
const VERSION: &[&str] = &[
    "resource-group",
    "gallery-name",
    "gallery-image-definition",
    "gallery-image-version",
];

pub(crate) fn describe() -> ProviderInfo {
    Description {
        id: "azure",
        title: "Microsoft Azure",
        version: env!("CARGO_PKG_VERSION"),
        aliases: &["microsoft"],
        tool: Program {
            name: "az",
            title: "Azure Command-Line Interface",
            install_url: "https://learn.microsoft.com/en-us/cli/azure/install-azure-cli",
            login_hint: "run `az login`, or `az login --service-principal` with AZURE_CLIENT_ID, AZURE_CLIENT_SECRET \
                         and AZURE_TENANT_ID, or `az login --identity` on Azure",
            version_argument: "version",
            // The first with `sig share enable-community`.
            minimum_version: Some("2.42.0"),
        },
        builder: BUILDER,
        packer_plugin: PACKER_PLUGIN,
        commands: COMMANDS,
        guest_phases: &[GuestPhase::Generalize],
        config_schema: CONFIG_SCHEMA,
    }
    .info()
}
