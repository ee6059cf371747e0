//! `amazon-ebs`: an AMI from a temporary instance and its EBS volumes.
//!
//! How often Packer renders a string as a Go template (read in packer 1.6.6 and packer-plugin-amazon
//! 1.8.2, which agree; run with 1.6.6 against moto):
//! * every attribute once, when the configuration is decoded, except the next ones;
//! * `ami_description` and keys and values of `tags`, `run_tags`, `run_volume_tags`, `snapshot_tags`
//!   (`spot_tags`, `fleet_tags`) not when decoded, but when used, and then **again and again until the
//!   text no longer changes**. So what prints `{{` is rendered once more and fails: a description or tag
//!   with `{{` cannot be written by Packer at all, see `escape::go_inert`;
//! * strings of block device mappings once more as a check, so they must not print `{{` either.
//!
//! Not in the table, on purpose: credentials (`profile`, `assume_role`, `access_key`,
//! `insecure_skip_tls_verify` …), files of the host (`user_data_file`),
//! existing images' removal (`force_deregister`, `force_delete_snapshot`), roles made for the build
//! (`temporary_iam_instance_profile_policy_document`), programs on the host
//! (`ssh_interface = "session_manager"`), `packer_*`, and everything that only costs money.

use super::{Additions, Communicator, Kind, NestedBlock, PACKER_WITH_PLUGINS, Profile, Table};
use super::{REGION, ZONE, communicator, free, knows, newer, pinned, user_only};
use crate::policy::template::model::{Body, Value};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "amazon-ebs",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name: |source| source.text("ami_name").map(str::to_owned),
    image_tags: "tags",
    image_description: Some("ami_description"),
    complete,
};

/// Canonical, in the commercial, the GovCloud and the China partition, the user's own account, and AWS. Any
/// other image is named by the user, as `source_ami`.
const IMAGE_OWNERS: &[&str] = &["099720109477", "513442679011", "837727238323", "self", "amazon"];

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone.
    pinned("region", Kind::Literal(REGION), "region"),
    pinned("vpc_id", Kind::Word, "vpc_id"),
    pinned("subnet_id", Kind::Word, "subnet_id"),
    user_only("security_group_id", Kind::Word, "security_group_id"),
    pinned(
        "associate_public_ip_address",
        Kind::Bool,
        "associate_public_ip_address",
    ),
    free("availability_zone", Kind::Literal(ZONE)),
    // On what.
    pinned("source_ami", Kind::Word, "source_ami"),
    pinned("instance_type", Kind::Word, "instance_type"),
    // Gives whatever runs in the guest a role in the account.
    user_only("iam_instance_profile", Kind::Word, "iam_instance_profile"),
    free("ssh_username", Kind::Word),
    // The host writes it where it applies.
    free("temporary_security_group_source_public_ip", Kind::True),
    free("user_data", Kind::Script),
    free("ebs_optimized", Kind::Bool),
    free("shutdown_behavior", Kind::OneOf(&["stop", "terminate"])),
    free("run_tags", Kind::ProseMap),
    free("run_volume_tags", Kind::ProseMap),
    // The image.
    free("ami_name", Kind::Word),
    free("ami_description", Kind::Prose),
    free("ami_virtualization_type", Kind::OneOf(&["hvm"])),
    free("ena_support", Kind::Bool),
    free("sriov_support", Kind::Bool),
    newer(free("imds_support", Kind::OneOf(&["v2.0"]))),
    newer(free("deprecate_at", Kind::Word)),
    newer(free(
        "boot_mode",
        Kind::OneOf(&["legacy-bios", "uefi", "uefi-preferred"]),
    )),
    newer(free("tpm_support", Kind::OneOf(&["v2.0"]))),
    pinned("encrypt_boot", Kind::Bool, "encrypt_boot"),
    user_only("kms_key_id", Kind::Word, "kms_key_id"),
    free("tags", Kind::ProseMap),
    free("snapshot_tags", Kind::ProseMap),
    // Where requests go, and so the keys.
    user_only("custom_endpoint_ec2", Kind::Word, "endpoint_url"),
    // Who gets it.
    user_only("ami_regions", Kind::Words, "ami_regions"),
    user_only("ami_users", Kind::Words, "ami_users"),
    user_only("snapshot_users", Kind::Words, "ami_users"),
    user_only("ami_groups", Kind::Words, "ami_groups"),
    user_only("snapshot_groups", Kind::Words, "ami_groups"),
    free("max_retries", Kind::Integer(0, 100)),
];

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: "source_ami_filter",
        table: Table {
            attributes: &[
                free("filters", Kind::WordMap),
                free("owners", Kind::SomeOf(IMAGE_OWNERS)),
                free("most_recent", Kind::Bool),
                newer(free("include_deprecated", Kind::Bool)),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
    NestedBlock {
        name: "launch_block_device_mappings",
        table: DEVICE,
        repeats: true,
        since: None,
    },
    NestedBlock {
        name: "ami_block_device_mappings",
        table: DEVICE,
        repeats: true,
        since: None,
    },
    NestedBlock {
        name: "metadata_options",
        table: Table {
            attributes: &[
                free("http_endpoint", Kind::OneOf(&["enabled"])),
                // Without tokens any forged request from the guest reads the instance's role.
                free("http_tokens", Kind::OneOf(&["required"])),
                free("http_put_response_hop_limit", Kind::Integer(1, 64)),
                free("instance_metadata_tags", Kind::OneOf(&["enabled", "disabled"])),
            ],
            blocks: &[],
        },
        repeats: false,
        since: Some(PACKER_WITH_PLUGINS),
    },
    NestedBlock {
        name: "aws_polling",
        table: Table {
            attributes: &[
                free("delay_seconds", Kind::Integer(1, 120)),
                free("max_attempts", Kind::Integer(1, 1000)),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
];

const DEVICE: Table = Table {
    attributes: &[
        free("device_name", Kind::Word),
        free("delete_on_termination", Kind::Bool),
        pinned("volume_size", Kind::Integer(1, 65_536), "volume_size"),
        free(
            "volume_type",
            Kind::OneOf(&["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"]),
        ),
        // AWS's own limits: 256,000 for io2 Block Express, 2,000 MiB/s for gp3.
        free("iops", Kind::Integer(100, 256_000)),
        free("throughput", Kind::Integer(125, 2_000)),
        pinned("encrypted", Kind::Bool, "encrypt_boot"),
        user_only("kms_key_id", Kind::Word, "kms_key_id"),
        free("no_device", Kind::Bool),
        free("virtual_name", Kind::Word),
    ],
    blocks: &[],
};

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    communicator::complete(source, additions);
    // Packer would take another region from its environment.
    if let Some(region) = text(additions, "region") {
        source.set("region", region.into());
    }
    limit_security_group(source, additions)?;
    if !knows(additions.packer, Some(PACKER_WITH_PLUGINS)) {
        // 1.6.6 does not tag the temporary key; by this name `vm undo` and `vm gc` find it. Newer ones do,
        // and a template that is given to Packer by hand must not use one name twice.
        source.set(
            "temporary_key_pair_name",
            format!("sindri-{}", additions.run_id).as_str().into(),
        );
    }
    if let Some(endpoint) = text(additions, "endpoint_url") {
        source.set("custom_endpoint_ec2", endpoint.into());
        // A private endpoint knows neither AWS's list of regions nor its metadata and token services.
        for skip in [
            "skip_region_validation",
            "skip_metadata_api_check",
            "skip_credential_validation",
        ] {
            source.set(skip, true.into());
        }
        // Newer builders tag image and snapshot in CreateImage itself, which such endpoints may lack (moto
        // 5.2.5 does). The attribute came with plugin 1.3.7. The image's own tags are set afterwards anyway.
        if knows(additions.packer, Some(PACKER_WITH_PLUGINS)) {
            source.set("skip_ami_run_tags", true.into());
        }
    }
    Ok(())
}

/// Without this, Packer's temporary security group opens the machine to 0.0.0.0/0.
fn limit_security_group(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    let connection = additions.connection;
    source
        .attributes
        .retain(|(name, _)| name != "temporary_security_group_source_public_ip");
    if source.get("security_group_id").is_some() {
        return Ok(());
    }
    const CIDRS: &str = "temporary_security_group_source_cidrs";
    if connection.communicator == Communicator::None {
        // Packer makes the group all the same, with a rule for port 0 from everywhere; and the newer
        // one would ask a public web service for its address. Nobody has to reach the machine.
        source.set(CIDRS, Value::List(vec!["127.0.0.1/32".into()]));
    } else if !connection.source_cidrs.is_empty() {
        source.set(CIDRS, connection.source_cidrs.iter().cloned().collect());
    } else if knows(additions.packer, Some(PACKER_WITH_PLUGINS)) {
        source.set("temporary_security_group_source_public_ip", true.into());
    } else {
        return Err(Error::new(
            Code::ConfigMissingKeys,
            "this Packer cannot find its own public address, and would open the build machine to the world",
        )
        .key("providers.packer.build.ssh_source_cidrs")
        .remedy("set it to the ranges that Packer connects from, or use Packer 1.7 or newer"));
    }
    Ok(())
}

fn text<'a>(additions: &'a Additions<'_>, key: &str) -> Option<&'a str> {
    additions.config.get(key).and_then(serde_json::Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of the deny lists in the threat model. Adding one to the table must be a decision.
    #[test]
    fn nothing_that_redirects_publishes_deletes_or_reads_the_host_is_in_the_table() {
        let denied = [
            "insecure_skip_tls_verify",
            "profile",
            "shared_credentials_file",
            "access_key",
            "secret_key",
            "token",
            "mfa_code",
            "decode_authorization_messages",
            "user_data_file",
            "force_deregister",
            "force_delete_snapshot",
            "ami_product_codes",
            "ami_org_arns",
            "ami_ou_arns",
            "ssh_interface",
            "session_manager_port",
            "ssh_host",
            "ssh_private_key_file",
            "ssh_agent_auth",
            "ssh_bastion_host",
            "ssh_proxy_host",
            "ssh_password",
            "ssh_keypair_name",
            "communicator",
            "winrm_host",
            "security_group_ids",
            "temporary_security_group_source_cidrs",
            "skip_region_validation",
            "skip_credential_validation",
            "skip_create_ami",
            "packer_force",
            "region_kms_key_ids",
            "tag",
            "run_tag",
            "snapshot_tag",
            "spot_price",
            "capacity_reservation_id",
            "ssh_disable_agent_forwarding",
            "ssh_clear_authorized_keys",
            "ssh_remote_tunnels",
        ];
        for name in denied {
            assert!(
                !ATTRIBUTES.iter().any(|attribute| attribute.name == name),
                "{name}"
            );
            assert!(!BLOCKS.iter().any(|block| block.name == name), "{name}");
        }
    }
}
