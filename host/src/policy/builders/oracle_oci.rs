//! `oracle-oci`: a custom image from a temporary instance.
//!
//! How often Packer renders a string as a Go template (read in packer 1.6.6 and packer-plugin-oracle 1.1.2, which
//! agree): every attribute, maps and nested blocks included, exactly once, when the configuration is decoded; nothing
//! again when it is used. Tags are `ProseMap` all the same: their text is shown to people, and what Packer gets with a
//! word joiner is mended after the build.
//!
//! The builder makes nothing but the instance, whose boot volume and network interface go with it. Its SSH key never
//! leaves the machine: it goes into the metadata.
//!
//! Not in the table, on purpose: who logs in (`access_cfg_file`, `key`, `key_file`, `pass_phrase`,
//! `security_token_file`, `use_instance_principals`, `user_ocid` …: all set by `complete`, from the configuration alone),
//! files of the host (`user_data_file`), `ssh_authorized_keys` in `metadata` (it takes the place of Packer's own key),
//! other compartments (`image_compartment_ocid`), defined tags (policies grant rights by them) and `skip_create_image`.

use super::{Additions, Kind, NestedBlock, PACKER_WITH_PLUGINS, Profile, Table};
use super::{REGION, communicator, free, knows, newer, pinned, user_only};
use crate::policy::template::model::{Block, Body};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "oracle-oci",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name: |source| source.text("image_name").map(str::to_owned),
    image_tags: "tags",
    // Images on OCI have none.
    image_description: None,
    complete,
};

const NO_LEGACY_METADATA: &str = "instance_options_are_legacy_imds_endpoints_disabled";
const VNIC: &str = "create_vnic_details";

/// User data has an attribute of its own.
const METADATA: Kind = Kind::Metadata {
    never: &["ssh_authorized_keys", "user_data"],
    code: &[],
};

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone. A region becomes part of a host name.
    pinned("region", Kind::Literal(REGION), "region"),
    pinned("compartment_ocid", Kind::Word, "compartment_ocid"),
    pinned("availability_domain", Kind::Word, "availability_domain"),
    pinned("subnet_ocid", Kind::Word, "subnet_ocid"),
    pinned("use_private_ip", Kind::Bool, "use_private_ip"),
    // On what.
    pinned("base_image_ocid", Kind::Word, "base_image_ocid"),
    pinned("shape", Kind::Word, "shape"),
    pinned("disk_size", Kind::Integer(50, 16_384), "boot_volume_size_gb"),
    newer(free(NO_LEGACY_METADATA, Kind::Bool)),
    free("ssh_username", Kind::Word),
    free("user_data", Kind::Script),
    free("metadata", METADATA),
    free("instance_name", Kind::Word),
    free("instance_tags", Kind::ProseMap),
    // The image.
    free("image_name", Kind::Word),
    free(
        "image_launch_mode",
        Kind::OneOf(&["NATIVE", "EMULATED", "PARAVIRTUALIZED", "CUSTOM"]),
    ),
    newer(free(
        "nic_attachment_type",
        Kind::OneOf(&["VFIO", "E1000", "PARAVIRTUALIZED"]),
    )),
    free("tags", Kind::ProseMap),
];

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: "shape_config",
        table: Table {
            attributes: &[
                pinned("ocpus", Kind::Integer(1, 512), "shape_config.ocpus"),
                pinned(
                    "memory_in_gbs",
                    Kind::Integer(1, 8192),
                    "shape_config.memory_in_gbs",
                ),
            ],
            blocks: &[],
        },
        repeats: false,
        since: Some(PACKER_WITH_PLUGINS),
    },
    NestedBlock {
        name: "base_image_filter",
        table: Table {
            attributes: &[
                pinned("compartment_id", Kind::Word, "compartment_ocid"),
                pinned("shape", Kind::Word, "shape"),
                free("operating_system", Kind::OneOf(&["Canonical Ubuntu"])),
                free("operating_system_version", Kind::Word),
                free("display_name", Kind::Word),
                free("display_name_search", Kind::Word),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
    NestedBlock {
        name: VNIC,
        table: Table {
            attributes: &[
                free("assign_public_ip", Kind::Bool),
                free("display_name", Kind::Word),
                user_only("nsg_ids", Kind::Words, "nsg_ocids"),
                free("tags", Kind::ProseMap),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
];

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    communicator::complete(source, additions);
    if source.get(NO_LEGACY_METADATA).is_some() {
        source.set(NO_LEGACY_METADATA, true.into());
    }
    choose_address(source, additions);
    log_in(source, additions)
}

/// A machine that is reached by its private address gets no public one, whatever the subnet would give it.
fn choose_address(source: &mut Body, additions: &Additions<'_>) {
    let private = additions
        .config
        .get("use_private_ip")
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false);
    source.set("use_private_ip", private.into());
    let public = (!private).into();
    match source.blocks.iter_mut().find(|block| block.name == VNIC) {
        Some(vnic) => vnic.body.set("assign_public_ip", public),
        None => source
            .blocks
            .push(Block::new(VNIC, [("assign_public_ip", public)])),
    }
}

/// Keys of the configuration, and the attributes by which the builder logs in. It reads no variable of the environment:
/// what is not set here it takes from `~/.oci/config`. None of them is a secret: keys stay in their files.
const LOGIN: &[(&str, &str)] = &[
    ("region", "region"),
    ("config_file", "access_cfg_file"),
    ("profile", "access_cfg_file_account"),
    ("tenancy_ocid", "tenancy_ocid"),
    ("user_ocid", "user_ocid"),
    ("fingerprint", "fingerprint"),
    ("key_file", "key_file"),
];

fn log_in(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    match text(additions, "auth") {
        Some("instance_principal") => {
            // Its region is the instance's own, and the builder refuses every other attribute of these.
            source
                .attributes
                .retain(|(name, _)| LOGIN.iter().all(|(_, attribute)| attribute != name));
            source.set("use_instance_principals", true.into());
            return Ok(());
        }
        // The token stands in the profile; the builder finds it there by itself.
        Some("security_token") if !knows(additions.packer, Some(PACKER_WITH_PLUGINS)) => {
            return Err(Error::new(
                Code::ConfigConflict,
                "this Packer cannot log in to OCI with a session token",
            )
            .key("providers.packer.oci.auth")
            .remedy("use an API key, or Packer 1.7 or newer"));
        }
        Some(_) | None => {}
    }
    for (key, attribute) in LOGIN {
        if let Some(value) = text(additions, key) {
            source.set(attribute, value.into());
        }
    }
    Ok(())
}

fn text<'a>(additions: &'a Additions<'_>, key: &str) -> Option<&'a str> {
    additions.config.get(key).and_then(serde_json::Value::as_str)
}

#[cfg(test)]
#[path = "oracle_oci/tests.rs"]
mod tests;
