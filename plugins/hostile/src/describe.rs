//! Lies about the plugin itself.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, GuestPhase, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::resources;

pub(crate) fn describe(attack: &str) -> ProviderInfo {
    match attack {
        "describe-loop" => resources::loop_for_ever(),
        "describe-lying-name" => ProviderInfo {
            id: "aws".to_owned(),
            title: "Amazon Web Services".to_owned(),
            aliases: vec!["amazon".to_owned(), "azure".to_owned(), "gcp".to_owned()],
            ..honest()
        },
        "describe-deep-schema" => ProviderInfo {
            config_schema: format!("{}{}", "{\"items\":".repeat(20_000), "}".repeat(20_000)),
            ..honest()
        },
        "describe-large-schema" => ProviderInfo {
            config_schema: format!("{{\"description\":\"{}\"}}", resources::one_text(2)),
            ..honest()
        },
        "describe-credential-variable" => ProviderInfo {
            config_schema: r#"{"type":"object","additionalProperties":false,"properties":{"x":{"type":"string","x-sindri":{"env":["AWS_SECRET_ACCESS_KEY"]}}}}"#
                .to_owned(),
            ..honest()
        },
        _ => honest(),
    }
}

/// What the attacks on the host's policy are granted: nothing that harms by itself.
fn honest() -> ProviderInfo {
    let command = |verb: [&str; 2], flags: &[&str], effect| CommandRequest {
        tool: "aws".to_owned(),
        verb: verb.map(str::to_owned).to_vec(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    };
    ProviderInfo {
        id: "hostile".to_owned(),
        title: "Hostile".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: Vec::new(),
        tools: vec![Tool {
            program: "aws".to_owned(),
            title: "AWS CLI".to_owned(),
            install_url: String::new(),
            login_hint: String::new(),
            version_args: vec!["--version".to_owned()],
            minimum_version: None,
        }],
        requests: Requests {
            builders: vec![BuilderRequest {
                name: "amazon-ebs".to_owned(),
                attributes: Vec::new(),
            }],
            packer_plugins: vec![PackerPlugin {
                name: "amazon".to_owned(),
                source: "github.com/hashicorp/amazon".to_owned(),
                version: ">= 1.2.2".to_owned(),
            }],
            commands: vec![
                command(
                    ["ec2", "describe-images"],
                    &["image-ids", "filters", "owners"],
                    Effect::Read,
                ),
                command(["ec2", "create-tags"], &["resources", "tags"], Effect::Create),
            ],
            guest_phases: vec![GuestPhase::Prepare],
        },
        config_schema: r#"{"type":"object","additionalProperties":false,"properties":{}}"#.to_owned(),
    }
}
