//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{Effect, ProviderInfo};
use sindri_plugin_sdk::describe::{Command, Description, Program};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "amazon-ebs";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `imds_support`
/// came with 1.2.2, `skip_ami_run_tags`, which the host sets for emulators, with 1.3.7.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) = ("amazon", "github.com/hashicorp/amazon", ">= 1.3.7");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans.
const COMMANDS: &[Command] = &[
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
    Description {
        id: "aws",
        title: "Amazon Web Services",
        version: env!("CARGO_PKG_VERSION"),
        aliases: &["amazon"],
        tool: Program {
            name: "aws",
            title: "AWS Command Line Interface",
            install_url: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
            login_hint: "run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            version_argument: "--version",
            // The first that tags key pairs and security groups while it makes them.
            minimum_version: Some("1.18.107"),
        },
        builder: BUILDER,
        packer_plugin: PACKER_PLUGIN,
        commands: COMMANDS,
        guest_phases: &[],
        config_schema: CONFIG_SCHEMA,
    }
    .info()
}
