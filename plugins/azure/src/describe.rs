//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, GuestPhase, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "azure-arm";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `security_type`
/// came with 2.0.5, public addresses of the kind that Azure still makes with 2.1.4.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("azure", "github.com/hashicorp/azure", ">= 2.1.4");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[(&str, &[&str], Effect)] = &[
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
    let (name, source, version) = PACKER_PLUGIN;
    ProviderInfo {
        id: "azure".to_owned(),
        title: "Microsoft Azure".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: vec!["microsoft".to_owned()],
        tools: vec![Tool {
            program: "az".to_owned(),
            title: "Azure Command-Line Interface".to_owned(),
            install_url: "https://learn.microsoft.com/en-us/cli/azure/install-azure-cli".to_owned(),
            login_hint:
                "run `az login`, or `az login --service-principal` with AZURE_CLIENT_ID, AZURE_CLIENT_SECRET \
                         and AZURE_TENANT_ID, or `az login --identity` on Azure"
                    .to_owned(),
            version_args: vec!["version".to_owned()],
            // The first with `sig share enable-community`.
            minimum_version: Some("2.42.0".to_owned()),
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
            guest_phases: vec![GuestPhase::Generalize],
        },
        config_schema: CONFIG_SCHEMA.to_owned(),
    }
}

fn command(verb: &str, flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: "az".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    }
}
