//! `azure-arm`: a managed image or a version in a compute gallery, from a temporary machine in a temporary
//! resource group.
//!
//! Packer renders every attribute exactly once as a Go template, when the configuration is decoded, keys and
//! values of `azure_tags` as well (read in packer 1.6.6 and packer-plugin-azure 2.6.3, which agree: no
//! attribute is excluded there and none is rendered later). So a tag may hold any text.
//!
//! Not in the table, on purpose: credentials and clouds (`client_*`, `oidc_*`, `tenant_id`,
//! `use_azure_cli_auth`, `cloud_environment_name`, `metadata_host`), files of the host (`user_data_file`,
//! `custom_data_file`), groups and vaults that exist (`build_resource_group_name`, `build_key_vault_name`),
//! rights for the machine (`user_assigned_managed_identities`), other people's images
//! (`shared_image_gallery`, `image_url`, `custom_managed_image_name`), disks that nobody removes
//! (`keep_os_disk`, snapshots), Windows' `custom_script`, and `async_resourcegroup_delete`, which ends before
//! the clean-up does.

use super::{Additions, Communicator, Kind, NestedBlock, PACKER_WITH_PLUGINS, Profile, Table};
use super::{Form, communicator, free, knows, newer, pinned, user_only};
use crate::policy::template::model::{Body, Value};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "azure-arm",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name,
    image_tags: "azure_tags",
    image_description: None,
    complete,
};

const DESTINATION: &str = "shared_image_gallery_destination";

/// Azure takes `westeurope` and `West Europe`.
const LOCATION: Form = Form {
    name: "a location such as westeurope",
    fits: |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
    },
};

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone.
    pinned("location", Kind::Literal(LOCATION), "location"),
    user_only("virtual_network_name", Kind::Word, "virtual_network_name"),
    user_only(
        "virtual_network_subnet_name",
        Kind::Word,
        "virtual_network_subnet_name",
    ),
    user_only(
        "virtual_network_resource_group_name",
        Kind::Word,
        "virtual_network_resource_group_name",
    ),
    user_only(
        "private_virtual_network_with_public_ip",
        Kind::Bool,
        "private_virtual_network_with_public_ip",
    ),
    // Packer refuses a group that exists, so no name takes anything from anybody.
    free("temp_resource_group_name", Kind::Word),
    // On what.
    pinned("vm_size", Kind::Word, "vm_size"),
    free("os_type", Kind::OneOf(&["Linux", "Windows"])),
    // Those who make the systems, not those who sell on the marketplace.
    free(
        "image_publisher",
        Kind::OneOf(&["Canonical", "Debian", "MicrosoftWindowsServer", "RedHat", "SUSE"]),
    ),
    free("image_offer", Kind::Word),
    free("image_sku", Kind::Word),
    free("image_version", Kind::Word),
    free("ssh_username", Kind::Word),
    newer(free("user_data", Kind::Word)),
    newer(free("custom_data", Kind::Word)),
    pinned("os_disk_size_gb", Kind::Integer(1, 4095), "os_disk_size_gb"),
    // No key of the configuration: to be reviewed, not to be built.
    pinned(
        "disk_additional_size",
        Kind::Integers(1, 4095),
        "disk_additional_size",
    ),
    pinned(
        "managed_image_storage_account_type",
        Kind::OneOf(&["Standard_LRS", "StandardSSD_LRS", "Premium_LRS"]),
        "storage_account_type",
    ),
    free(
        "disk_caching_type",
        Kind::OneOf(&["None", "ReadOnly", "ReadWrite"]),
    ),
    newer(free("disk_controller_type", Kind::OneOf(&["SCSI", "NVMe"]))),
    newer(free("security_type", Kind::OneOf(&["TrustedLaunch"]))),
    newer(free("secure_boot_enabled", Kind::Bool)),
    newer(free("vtpm_enabled", Kind::Bool)),
    // The image.
    free("managed_image_name", Kind::Word),
    pinned("managed_image_resource_group_name", Kind::Word, "resource_group"),
    free("azure_tags", Kind::ScriptMap),
];

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: DESTINATION,
        table: Table {
            attributes: &[
                user_only("subscription", Kind::Word, "subscription_id"),
                user_only("resource_group", Kind::Word, "resource_group"),
                user_only("gallery_name", Kind::Word, "gallery.gallery_name"),
                user_only("image_name", Kind::Word, "gallery.image_name"),
                // Made of the time unless the user has set it.
                free("image_version", Kind::Word),
                user_only("replication_regions", Kind::Words, "gallery.replication_regions"),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
    NestedBlock {
        name: "spot",
        table: Table {
            attributes: &[
                user_only(
                    "eviction_policy",
                    Kind::OneOf(&["Delete", "Deallocate"]),
                    "spot.eviction_policy",
                ),
                user_only("max_price", Kind::Word, "spot.max_price"),
            ],
            blocks: &[],
        },
        repeats: false,
        since: Some(PACKER_WITH_PLUGINS),
    },
];

/// The name of the managed image; without one what names the version, which has no name of its own.
fn image_name(source: &Body) -> Option<String> {
    if let Some(name) = source.text("managed_image_name") {
        return Some(name.to_owned());
    }
    let gallery = source.blocks.iter().find(|block| block.name == DESTINATION)?;
    let definition = gallery.body.text("image_name")?;
    let version = gallery.body.text("image_version")?;
    Some(format!("{definition}/{version}"))
}

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    if additions.connection.communicator == Communicator::None {
        let message = "the builder azure-arm always waits for SSH and cannot build without a connection";
        return Err(Error::new(Code::ConfigValue, message)
            .key("providers.packer.build.communicator")
            .remedy("set it to ssh"));
    }
    communicator::complete(source, additions);
    keep_security(source, additions)?;
    // Of `az login`. With nothing set Packer would take the rights of the machine that it runs on.
    source.set("use_azure_cli_auth", true.into());
    // To 1.6.6 it means to wait for a person with a browser (run); with the login of `az` it takes that one's
    // default subscription whatever is set. The plugin looks whether that is the configured one.
    if knows(additions.packer, Some(PACKER_WITH_PLUGINS))
        && let Some(subscription) = text(additions, "subscription_id")
    {
        source.set("subscription_id", subscription.into());
    }
    limit_security_group(source, additions)
}

/// A plugin may ask for more than the user, not for less.
fn keep_security(source: &Body, additions: &Additions<'_>) -> Result<()> {
    let wanted = [
        ("security_type", Value::from("TrustedLaunch")),
        ("secure_boot_enabled", true.into()),
        ("vtpm_enabled", true.into()),
    ];
    for (key, value) in wanted {
        let configured = match additions.config.get(key) {
            Some(serde_json::Value::Bool(configured)) => Value::Bool(*configured),
            Some(serde_json::Value::String(configured)) => Value::Text(configured.clone()),
            _ => continue,
        };
        if configured == value && source.get(key) != Some(&value) {
            let message = format!("the configuration sets `{key}`, and the template leaves it out");
            return Err(
                Error::new(Code::TemplatePinned, message).key(format!("providers.packer.azure.{key}"))
            );
        }
    }
    Ok(())
}

/// Without a list, Packer's temporary security group opens the machine to everybody. In a network of the
/// user's it makes no group, and refuses the list.
fn limit_security_group(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    if source.get("virtual_network_name").is_some() {
        return Ok(());
    }
    let cidrs = &additions.connection.source_cidrs;
    if cidrs.is_empty() {
        return Err(Error::new(
            Code::ConfigMissingKeys,
            "Packer cannot find its own public address on Azure, and would open the build machine to the world",
        )
        .key("providers.packer.build.ssh_source_cidrs")
        .remedy("set it to the ranges that Packer connects from, or build in a network of your own (virtual_network_name)"));
    }
    source.set("allowed_inbound_ip_addresses", cidrs.iter().cloned().collect());
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
            "cloud_environment_name",
            "metadata_host",
            "client_id",
            "client_secret",
            "client_cert_path",
            "client_cert_password",
            "client_jwt",
            "object_id",
            "tenant_id",
            "subscription_id",
            "use_azure_cli_auth",
            "oidc_request_url",
            "oidc_request_token",
            "user_data_file",
            "custom_data_file",
            "custom_script",
            "user_assigned_managed_identities",
            "build_resource_group_name",
            "build_key_vault_name",
            "resource_group_name",
            "storage_account",
            "capture_container_name",
            "shared_image_gallery",
            "image_url",
            "custom_managed_image_name",
            "custom_managed_image_resource_group_name",
            "managed_image_os_disk_snapshot_name",
            "managed_image_data_disk_snapshot_prefix",
            "keep_os_disk",
            "skip_create_image",
            "async_resourcegroup_delete",
            "boot_diag_storage_account",
            "disk_encryption_set_id",
            "plan_info",
            "azure_tag",
            "allowed_inbound_ip_addresses",
            "public_ip_sku",
            "communicator",
            "ssh_host",
            "ssh_password",
            "ssh_private_key_file",
            "ssh_agent_auth",
            "ssh_bastion_host",
            "ssh_proxy_host",
            "ssh_remote_tunnels",
            "ssh_disable_agent_forwarding",
            "ssh_clear_authorized_keys",
            "winrm_host",
            "packer_force",
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
