//! AWS: actions of EC2 and STS, <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>.

use super::Row;

/// Waiting is describing.
pub(super) const COMMANDS: &[Row] = &[
    (
        "ec2 authorize-security-group-ingress",
        &["ec2:AuthorizeSecurityGroupIngress"],
    ),
    ("ec2 copy-image", &["ec2:CopyImage"]),
    ("ec2 create-security-group", &["ec2:CreateSecurityGroup"]),
    ("ec2 create-tags", &["ec2:CreateTags"]),
    ("ec2 delete-key-pair", &["ec2:DeleteKeyPair"]),
    ("ec2 delete-security-group", &["ec2:DeleteSecurityGroup"]),
    ("ec2 delete-snapshot", &["ec2:DeleteSnapshot"]),
    ("ec2 delete-volume", &["ec2:DeleteVolume"]),
    ("ec2 deregister-image", &["ec2:DeregisterImage"]),
    ("ec2 describe-image-attribute", &["ec2:DescribeImageAttribute"]),
    ("ec2 describe-images", &["ec2:DescribeImages"]),
    ("ec2 describe-instances", &["ec2:DescribeInstances"]),
    ("ec2 describe-key-pairs", &["ec2:DescribeKeyPairs"]),
    ("ec2 describe-security-groups", &["ec2:DescribeSecurityGroups"]),
    ("ec2 describe-snapshots", &["ec2:DescribeSnapshots"]),
    ("ec2 describe-subnets", &["ec2:DescribeSubnets"]),
    ("ec2 describe-volumes", &["ec2:DescribeVolumes"]),
    ("ec2 disable-image", &["ec2:DisableImage"]),
    ("ec2 disable-image-deprecation", &["ec2:DisableImageDeprecation"]),
    ("ec2 enable-image", &["ec2:EnableImage"]),
    ("ec2 enable-image-deprecation", &["ec2:EnableImageDeprecation"]),
    (
        "ec2 get-image-block-public-access-state",
        &["ec2:GetImageBlockPublicAccessState"],
    ),
    ("ec2 import-key-pair", &["ec2:ImportKeyPair"]),
    ("ec2 modify-image-attribute", &["ec2:ModifyImageAttribute"]),
    ("ec2 run-instances", &["ec2:RunInstances"]),
    ("ec2 terminate-instances", &["ec2:TerminateInstances"]),
    ("ec2 wait image-available", &["ec2:DescribeImages"]),
    ("ec2 wait instance-running", &["ec2:DescribeInstances"]),
    ("ec2 wait instance-terminated", &["ec2:DescribeInstances"]),
    ("sts get-caller-identity", &["sts:GetCallerIdentity"]),
];

/// Tags that are given on creation are a permission of their own.
pub(super) const TAGGING_FLAGS: &[&str] = &["copy-image-tags", "tag-specifications"];
pub(super) const TAGGING: &str = "ec2:CreateTags";

/// The calls that the builder's steps make for what a template of ours can ask for: no Windows, no spot fleet, no session
/// manager, no change of the base instance.
/// Checked against the builder's own code; Packer 1.6.6 builds, copies and takes back with exactly these in
/// `tests/tests/permissions.rs`.
pub(super) const BUILDER: &[&str] = &[
    "ec2:AuthorizeSecurityGroupIngress",
    // Only to the regions of `ami_regions`.
    "ec2:CopyImage",
    "ec2:CreateImage",
    "ec2:CreateKeyPair",
    "ec2:CreateSecurityGroup",
    "ec2:CreateTags",
    "ec2:DeleteKeyPair",
    "ec2:DeleteSecurityGroup",
    // An image that is cut off is taken back.
    "ec2:DeleteSnapshot",
    "ec2:DeleteVolume",
    "ec2:DeregisterImage",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcs",
    // Its description, and `ami_users` and `ami_groups`.
    "ec2:ModifyImageAttribute",
    "ec2:RunInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
];
