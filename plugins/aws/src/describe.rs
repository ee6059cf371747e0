//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "amazon-ebs";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `imds_support`
/// came with 1.2.2, `skip_ami_run_tags`, which the host sets for emulators, with 1.3.7.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("amazon", "github.com/hashicorp/amazon", ">= 1.3.7");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[(&str, &[&str], Effect)] = &[
    ("sts get-caller-identity", &[], Effect::Read),
    (
        "ec2 describe-images",
        &[
            "owners",
            "filters",
            "image-ids",
            "include-deprecated",
            "include-disabled",
        ],
        Effect::Read,
    ),
    (
        "ec2 describe-image-attribute",
        &["image-id", "attribute"],
        Effect::Read,
    ),
    ("ec2 get-image-block-public-access-state", &[], Effect::Read),
    (
        "ec2 describe-instances",
        &["filters", "instance-ids"],
        Effect::Read,
    ),
    ("ec2 describe-key-pairs", &["filters"], Effect::Read),
    ("ec2 describe-security-groups", &["filters"], Effect::Read),
    ("ec2 describe-volumes", &["filters"], Effect::Read),
    ("ec2 describe-snapshots", &["owner-ids", "filters"], Effect::Read),
    ("ec2 describe-subnets", &["subnet-ids"], Effect::Read),
    ("ec2 wait instance-running", &["instance-ids"], Effect::Read),
    ("ec2 wait instance-terminated", &["instance-ids"], Effect::Read),
    ("ec2 wait image-available", &["image-ids"], Effect::Read),
    (
        "ec2 import-key-pair",
        &["key-name", "public-key-material", "tag-specifications"],
        Effect::Create,
    ),
    (
        "ec2 create-security-group",
        &["group-name", "description", "vpc-id", "tag-specifications"],
        Effect::Create,
    ),
    (
        "ec2 authorize-security-group-ingress",
        &["group-id", "ip-permissions"],
        Effect::Create,
    ),
    (
        "ec2 run-instances",
        &[
            "image-id",
            "instance-type",
            "key-name",
            "security-group-ids",
            "subnet-id",
            "associate-public-ip-address",
            "no-associate-public-ip-address",
            "iam-instance-profile",
            "metadata-options",
            "block-device-mappings",
            "tag-specifications",
            "client-token",
        ],
        Effect::Create,
    ),
    (
        "ec2 copy-image",
        &[
            "source-image-id",
            "source-region",
            "name",
            "description",
            "copy-image-tags",
            "client-token",
        ],
        Effect::Create,
    ),
    ("ec2 create-tags", &["resources", "tags"], Effect::Create),
    ("ec2 terminate-instances", &["instance-ids"], Effect::Destroy),
    ("ec2 delete-security-group", &["group-id"], Effect::Destroy),
    ("ec2 delete-key-pair", &["key-name"], Effect::Destroy),
    ("ec2 delete-volume", &["volume-id"], Effect::Destroy),
    ("ec2 deregister-image", &["image-id"], Effect::Destroy),
    ("ec2 delete-snapshot", &["snapshot-id"], Effect::Destroy),
    (
        "ec2 modify-image-attribute",
        &["image-id", "launch-permission", "description"],
        Effect::Publish,
    ),
    (
        "ec2 enable-image-deprecation",
        &["image-id", "deprecate-at"],
        Effect::Publish,
    ),
    ("ec2 disable-image-deprecation", &["image-id"], Effect::Publish),
    ("ec2 disable-image", &["image-id"], Effect::Publish),
    ("ec2 enable-image", &["image-id"], Effect::Publish),
];

pub(crate) fn describe() -> ProviderInfo {
    let (name, source, version) = PACKER_PLUGIN;
    ProviderInfo {
        id: "aws".to_owned(),
        title: "Amazon Web Services".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: vec!["amazon".to_owned()],
        tools: vec![Tool {
            program: "aws".to_owned(),
            title: "AWS Command Line Interface".to_owned(),
            install_url: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
                .to_owned(),
            login_hint:
                "run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            version_args: vec!["--version".to_owned()],
            // The first that tags key pairs and security groups while it makes them.
            minimum_version: Some("1.18.107".to_owned()),
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
        tool: "aws".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    }
}
