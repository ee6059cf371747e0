//! `alicloud-ecs`: a custom image from a temporary ECS instance.
//!
//! Every string, description, tag and user data included, is rendered as a Go template exactly once, when the
//! configuration is decoded (read in packer 1.6.6 and packer-plugin-alicloud 1.1.2, which agree).
//!
//! The builder's security group opens every port of every protocol to 0.0.0.0/0, and no attribute limits it. So where
//! the user names no group of their own, the machine gets a firewall of its own through cloud-init, before sshd is up.
//!
//! Not in the table, on purpose: credentials and endpoints (`access_key`, `profile`, `ram_role_name`,
//! `custom_endpoint_ecs`, `skip_region_validation` …), files of the host (`user_data_file`), existing images'
//! removal (`image_force_delete*`), a role for the guest (`ecs_ram_role_name`), other people's shares
//! (`image_unshare_account`), `packer_*`, and `image_encrypted`: 1.1.2 then puts the tags on a temporary image that
//! it deletes, and the encrypted one has none.

use std::net::IpAddr;

use super::{Additions, Communicator, Kind, NestedBlock, Profile, Table};
use super::{REGION, ZONE, communicator, free, newer, pinned, user_only, with};
use crate::policy::template::model::{Body, Value};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "alicloud-ecs",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name: |source| source.text("image_name").map(str::to_owned),
    image_tags: "tags",
    image_description: Some("image_description"),
    complete,
};

/// Alibaba Cloud's own.
const IMAGE_FAMILIES: &[&str] = &["acs:ubuntu_24_04_x64", "acs:ubuntu_24_04_arm64"];

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone.
    pinned("region", Kind::Literal(REGION), "region"),
    pinned("zone_id", Kind::Literal(ZONE), "zone_id"),
    pinned("vpc_id", Kind::Word, "vpc_id"),
    pinned("vswitch_id", Kind::Word, "vswitch_id"),
    user_only("security_group_id", Kind::Word, "security_group_id"),
    pinned(
        "associate_public_ip_address",
        Kind::Bool,
        "associate_public_ip_address",
    ),
    pinned(
        "internet_charge_type",
        Kind::OneOf(&["PayByTraffic", "PayByBandwidth"]),
        "internet_charge_type",
    ),
    pinned(
        "internet_max_bandwidth_out",
        Kind::Integer(1, 100),
        "internet_max_bandwidth_out",
    ),
    free("ssh_private_ip", Kind::Bool),
    // Names by which everything is found again.
    free("vpc_name", Kind::Word),
    free("vswitch_name", Kind::Word),
    free("security_group_name", Kind::Word),
    free("instance_name", Kind::Word),
    free("temporary_key_pair_name", Kind::Word),
    newer(free("run_tags", Kind::ProseMap)),
    // On what. The image is looked at once more in `complete`.
    free("source_image", Kind::Word),
    newer(free("image_family", Kind::OneOf(IMAGE_FAMILIES))),
    pinned("instance_type", Kind::Word, "instance_type"),
    free("ssh_username", Kind::Word),
    free("user_data", Kind::Script),
    free("io_optimized", Kind::Bool),
    free("force_stop_instance", Kind::Bool),
    newer(free(
        "security_enhancement_strategy",
        Kind::OneOf(&["Active", "Deactive"]),
    )),
    // The image.
    free("image_name", Kind::Word),
    free("image_description", Kind::Script),
    free("image_version", Kind::Word),
    free("image_ignore_data_disks", Kind::Bool),
    newer(free(
        "boot_mode",
        Kind::OneOf(&["BIOS", "UEFI", "UEFI-Preferred"]),
    )),
    free("tags", Kind::ProseMap),
    free("wait_snapshot_ready_timeout", Kind::Integer(60, 86_400)),
    newer(free(
        "wait_copying_image_ready_timeout",
        Kind::Integer(60, 86_400),
    )),
    // Who gets it.
    user_only("image_copy_regions", Kind::Words, "image_copy_regions"),
    with("image_copy_names", Kind::Words, "image_copy_regions"),
    user_only("image_share_account", Kind::Words, "image_share_accounts"),
];

/// Of data disks, which cost money and belong to no image of the host's.
const DATA_DISKS: &str = "image_disk_mappings";

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: DATA_DISKS,
        table: Table {
            attributes: &[
                free("disk_name", Kind::Word),
                free("disk_description", Kind::Word),
                free("disk_device", Kind::Word),
                free("disk_delete_with_instance", Kind::Bool),
                free(
                    "disk_category",
                    Kind::OneOf(&["cloud", "cloud_efficiency", "cloud_essd", "cloud_ssd"]),
                ),
                free("disk_size", Kind::Integer(5, 2048)),
            ],
            blocks: &[],
        },
        repeats: true,
        since: None,
    },
    NestedBlock {
        name: "system_disk_mapping",
        table: Table {
            attributes: &[
                free("disk_name", Kind::Word),
                free("disk_description", Kind::Word),
                pinned("disk_category", Kind::Word, "system_disk_category"),
                pinned("disk_size", Kind::Integer(20, 2048), "system_disk_size_gb"),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
];

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    communicator::complete(source, additions);
    // Packer would take another region from its environment.
    if let Some(region) = text(additions, "region") {
        source.set("region", region.into());
    }
    check_source_image(source, additions)?;
    if source.blocks.iter().any(|block| block.name == DATA_DISKS) {
        let message = "the host builds images of one disk";
        return Err(Error::new(Code::TemplateBlock, message)
            .key(DATA_DISKS)
            .remedy("leave the block out"));
    }
    if source.get("security_group_id").is_none() {
        if source.get("user_data").is_some() {
            let message =
                "the machine's user data is the host's firewall, because no security group is configured";
            return Err(Error::new(Code::TemplateValue, message)
                .key("user_data")
                .remedy("leave it out, or set `security_group_id` in the configuration"));
        }
        let user_data = firewall(additions)?;
        source.set("user_data", Value::RenderedOnce(user_data));
    }
    Ok(())
}

/// The user's own choice, or a system image of Alibaba Cloud, whose ids nobody else can have.
fn check_source_image(source: &Body, additions: &Additions<'_>) -> Result<()> {
    let Some(image) = source.text("source_image") else {
        return Ok(());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_system = image
        .strip_suffix(".vhd")
        .is_some_and(|name| name.starts_with("ubuntu_24_04_") && name.chars().all(plain));
    if is_system || text(additions, "source_image") == Some(image) {
        return Ok(());
    }
    let message = format!("only the user chooses to build from an image such as {image:?}");
    Err(Error::new(Code::TemplatePinned, message).remedy("set `source_image` in the configuration"))
}

/// `#cloud-config` that lets nothing in but SSH, from the configured ranges where there are any. At every boot and
/// before sshd; a machine that cannot have the firewall goes off and the build fails.
///
/// The rules are the running kernel's and no part of the image; the host's clean-up removes cloud-init's copy.
fn firewall(additions: &Additions<'_>) -> Result<String> {
    let mut rules = vec![
        "ct state established,related accept".to_owned(),
        "iifname lo accept".to_owned(),
        "meta l4proto { icmp, ipv6-icmp } accept".to_owned(),
        "udp dport { 68, 546 } accept".to_owned(),
    ];
    rules.extend(ssh_rules(additions)?);
    // Declared before it is deleted, so that deleting never fails.
    let ruleset = format!(
        "table inet sindri\ndelete table inet sindri\ntable inet sindri {{\nchain input {{\n\
         type filter hook input priority -10; policy drop;\n{}\n}}\n}}\n",
        rules.join("\n")
    );
    let script = format!("nft -f - <<'END' || poweroff\n{ruleset}END\n");
    let config = serde_json::json!({ "bootcmd": [["sh", "-c", script]] });
    Ok(format!("#cloud-config\n{config}\n"))
}

fn ssh_rules(additions: &Additions<'_>) -> Result<Vec<String>> {
    let connection = additions.connection;
    if connection.communicator == Communicator::None {
        return Ok(Vec::new());
    }
    if connection.source_cidrs.is_empty() {
        return Ok(vec!["tcp dport 22 accept".to_owned()]);
    }
    connection
        .source_cidrs
        .iter()
        .map(|range| {
            let family = family(range)?;
            Ok(format!("{family} saddr {range} tcp dport 22 accept"))
        })
        .collect()
}

/// What nftables calls the family of a range. Nothing else than a range gets into the rules.
fn family(range: &str) -> Result<&'static str> {
    let (address, prefix) = range.split_once('/').unwrap_or((range, "32"));
    let prefix: Option<u8> = prefix.parse().ok().filter(|length| *length <= 128);
    match (address.parse::<IpAddr>(), prefix) {
        (Ok(IpAddr::V4(_)), Some(length)) if length <= 32 => Ok("ip"),
        (Ok(IpAddr::V6(_)), Some(_)) => Ok("ip6"),
        (Ok(_) | Err(_), _) => Err(Error::new(
            Code::ConfigValue,
            format!("{range:?} is not an address range"),
        )
        .key("providers.packer.build.ssh_source_cidrs")),
    }
}

fn text<'a>(additions: &'a Additions<'_>, key: &str) -> Option<&'a str> {
    additions.config.get(key).and_then(serde_json::Value::as_str)
}

#[cfg(test)]
#[path = "alicloud_ecs/tests.rs"]
mod tests;
