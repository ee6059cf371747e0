//! Who the plugin is and everything it would like to have.

use sindri_plugin_sdk::contract::{BuilderRequest, Effect, PackerPlugin, ProviderInfo, Requests, Tool};
use sindri_plugin_sdk::describe::{Command, commands};

use crate::CONFIG_SCHEMA;

/// Packer's builder, built in up to 1.9.
pub(crate) const BUILDER: &str = "hcloud";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("hcloud", "github.com/hetznercloud/hcloud", ">= 1.2.0");
/// The command-line program.
pub(crate) const TOOL: &str = "hcloud";

/// Every attribute that the template sets. The host has no list of its own for this builder.
const ATTRIBUTES: &[&str] = &[
    "image",
    "location",
    "server_labels",
    "server_name",
    "server_type",
    "snapshot_labels",
    "snapshot_name",
    "ssh_username",
    #[cfg(feature = "wants-private-key")]
    "ssh_private_key_file",
];

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[Command] = &[
    ("location list", &["output"], Effect::Read),
    ("image list", &["output", "selector", "type"], Effect::Read),
    ("image delete", &[], Effect::Destroy),
    ("server list", &["output"], Effect::Read),
    ("server delete", &[], Effect::Destroy),
];

pub(crate) fn describe() -> ProviderInfo {
    let (name, source, version) = PACKER_PLUGIN;
    let own = |text: &str| text.to_owned();
    ProviderInfo {
        id: own("hcloud"),
        title: own("Hetzner Cloud"),
        version: own(env!("CARGO_PKG_VERSION")),
        aliases: vec![own("hetzner")],
        tools: vec![Tool {
            program: own(TOOL),
            title: own("Command line of Hetzner Cloud"),
            install_url: own("https://github.com/hetznercloud/cli"),
            login_hint: own("make an API token in the Hetzner Cloud Console, and set HCLOUD_TOKEN"),
            version_args: vec![own("version")],
            minimum_version: None,
        }],
        requests: Requests {
            builders: builders(),
            packer_plugins: vec![PackerPlugin {
                name: own(name),
                source: own(source),
                version: own(version),
            }],
            commands: commands(TOOL, COMMANDS),
            guest_phases: Vec::new(),
        },
        config_schema: own(CONFIG_SCHEMA),
    }
}

fn builders() -> Vec<BuilderRequest> {
    let of = |name: &str, attributes: &[&str]| BuilderRequest {
        name: name.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    vec![
        of(BUILDER, ATTRIBUTES),
        #[cfg(feature = "wants-null-builder")]
        of("null", &["image_name"]),
    ]
}
