//! What to try on each cloud. Identifiers are well-formed and nobody's.

use super::keys::Cloud;

/// AWS.
pub(crate) const AWS: Cloud = Cloud {
    id: "aws",
    schema: sindri_plugin_aws::CONFIG_SCHEMA,
    examples: &[
        ("region", &["\"eu-central-1\""]),
        ("instance_type", &["\"m7g.large\"", "\"m7i.xlarge\""]),
        ("volume_size", &["500"]),
        ("volume_iops", &["3000"]),
        ("volume_throughput", &["500"]),
        ("kms_key_id", &["\"alias/images\""]),
        ("source_ami", &["\"ami-0123456789abcdef0\""]),
        ("vpc_id", &["\"vpc-0123abcd\""]),
        ("subnet_id", &["\"subnet-0123abcd\""]),
        ("security_group_id", &["\"sg-0123abcd\""]),
        ("iam_instance_profile", &["\"builder\""]),
        ("ami_regions", &["[\"eu-west-1\", \"eu-central-1\"]"]),
        ("ami_users", &["[\"123456789012\"]"]),
        ("ami_groups", &["[\"all\"]"]),
    ],
    // They say where the CLI and Packer find the account and the service.
    irrelevant: &["profile", "endpoint_url"],
    not_with_debian: &[],
    log_in: |sindri| {
        sindri
            .set("AWS_ACCESS_KEY_ID", "test")
            .set("AWS_SECRET_ACCESS_KEY", "test");
    },
};
