//! `googlecompute`: an image of Compute Engine from the boot disk of a temporary instance.
//!
//! How often Packer renders a string as a Go template (read in packer 1.6.6 and packer-plugin-googlecompute
//! 1.2.7, which agree): every attribute once, when the configuration is decoded, and nothing again when it is
//! used. Labels follow rules of Google's that have no braces.
//!
//! Not in the table, on purpose: credentials (`account_file`, `access_token`, `credentials_file`,
//! `credentials_json`, which makes Packer read any file and send it to any address,
//! `impersonate_service_account`, `vault_gcp_oauth_engine`), other clouds (`universe_domain`:
//! it gets the token), files of the host (`metadata_files`, `startup_script_file`, `image_platform_key` and its
//! like), keys of strangers and scripts from elsewhere in `metadata`, programs on the host (`use_iap`,
//! `iap_hashbang` and `iap_ext`, which write a script and run it), images in other projects
//! (`image_project_id`), and everything that only costs money (`accelerator_*`, `address`, reservations).
//!
//! The builder makes no firewall rule, so there is none to limit.

use serde_json::Value as Json;

use super::{Additions, Form, Kind, NestedBlock, PACKER_WITH_PLUGINS, Profile, Table};
use super::{ZONE, communicator, free, knows, newer, pinned, user_only, with};
use crate::policy::template::model::{Body, Value};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "googlecompute",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name: |source| source.text("image_name").map(str::to_owned),
    image_tags: "image_labels",
    image_description: Some("image_description"),
    complete,
};

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone.
    pinned("project_id", Kind::Literal(PROJECT), "project_id"),
    pinned("zone", Kind::Literal(ZONE), "zone"),
    pinned("network", Kind::Word, "network"),
    pinned("subnetwork", Kind::Word, "subnetwork"),
    user_only("network_project_id", Kind::Word, "network_project_id"),
    // Network tags: they decide which firewall rules hold for the machine.
    pinned("tags", Kind::Words, "network_tags"),
    pinned("omit_external_ip", Kind::Bool, "omit_external_ip"),
    pinned("use_internal_ip", Kind::Bool, "use_internal_ip"),
    // Where requests go, and so the token.
    newer(user_only("custom_endpoints", Kind::WordMap, "endpoint_url")),
    // On what.
    pinned("machine_type", Kind::Word, "machine_type"),
    free("on_host_maintenance", Kind::OneOf(&["MIGRATE", "TERMINATE"])),
    pinned("source_image", Kind::Word, "source_image"),
    free("source_image_family", Kind::Word),
    pinned("source_image_project_id", Kind::Words, "source_image_project_id"),
    free("instance_name", Kind::Word),
    free("disk_name", Kind::Word),
    pinned("disk_size", Kind::Integer(10, 65_536), "disk_size"),
    pinned("disk_type", Kind::Word, "disk_type"),
    pinned("enable_secure_boot", Kind::Bool, "enable_secure_boot"),
    pinned("enable_vtpm", Kind::Bool, "enable_vtpm"),
    pinned(
        "enable_integrity_monitoring",
        Kind::Bool,
        "enable_integrity_monitoring",
    ),
    // Gives whatever runs in the guest a role in the project.
    user_only("service_account_email", Kind::Word, "service_account_email"),
    with("scopes", Kind::SomeOf(SCOPES), "service_account_email"),
    free("disable_default_service_account", Kind::True),
    free("ssh_username", Kind::Word),
    free("labels", Kind::WordMap),
    free("metadata", GUEST_METADATA),
    free("state_timeout", Kind::Word),
    // The image.
    free("image_name", Kind::Word),
    free("image_description", Kind::Script),
    pinned("image_family", Kind::Word, "image_family"),
    pinned("image_storage_locations", Kind::Words, "image_storage_locations"),
    free("image_labels", Kind::WordMap),
    newer(free("image_guest_os_features", Kind::SomeOf(FEATURES))),
    newer(free("image_architecture", Kind::OneOf(&["ARM64", "X86_64"]))),
];

/// What the service account's roles allow, or less. Never a user's mail and files.
const SCOPES: &[&str] = &[
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/logging.write",
    "https://www.googleapis.com/auth/monitoring.write",
];

/// What an image may say of itself.
const FEATURES: &[&str] = &[
    "GVNIC",
    "IDPF",
    "MULTI_IP_SUBNET",
    "SEV_CAPABLE",
    "SEV_LIVE_MIGRATABLE",
    "SEV_LIVE_MIGRATABLE_V2",
    "SEV_SNP_CAPABLE",
    "SUSPEND_RESUME_COMPATIBLE",
    "TDX_CAPABLE",
    "UEFI_COMPATIBLE",
    "VIRTIO_SCSI_MULTIQUEUE",
    "WINDOWS",
];

/// Packer joins it into addresses, and into scripts where there is a tunnel.
const PROJECT: Form = Form {
    name: "the id of a project, such as my-project or example.com:my-project",
    fits: |text| {
        (4..=63).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | ':'))
    },
};

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: "image_encryption_key",
        table: KEY,
        repeats: false,
        since: None,
    },
    NestedBlock {
        name: "disk_encryption_key",
        table: KEY,
        repeats: false,
        since: Some(PACKER_WITH_PLUGINS),
    },
];

/// Without `rawKey`, which is the key itself.
const KEY: Table = Table {
    attributes: &[user_only("kmsKeyName", Kind::Word, "kms_key_name")],
    blocks: &[],
};

/// What every build machine has: keys of the project's other users do not open it, and Packer's own key works
/// where the project asks for OS Login.
const METADATA: &[(&str, &str)] = &[("block-project-ssh-keys", "TRUE"), ("enable-oslogin", "FALSE")];

/// What the machine's own agents act upon.
const GUEST_METADATA: Kind = Kind::Metadata {
    never: &[
        "ssh-keys",
        "sshKeys",
        "windows-keys",
        "enable-oslogin-2fa",
        "enable-oslogin-sk",
        "enable-oslogin-certificates",
        "serial-port-enable",
        "serial-port-logging-enable",
        "startup-script-url",
        "shutdown-script-url",
        "windows-startup-script-url",
        "windows-shutdown-script-url",
        "sysprep-specialize-script-url",
    ],
    code: &[
        "startup-script",
        "shutdown-script",
        "user-data",
        "gce-container-declaration",
        "windows-startup-script-cmd",
        "windows-startup-script-bat",
        "windows-startup-script-ps1",
        "windows-shutdown-script-cmd",
        "windows-shutdown-script-bat",
        "windows-shutdown-script-ps1",
        "sysprep-specialize-script-cmd",
        "sysprep-specialize-script-bat",
        "sysprep-specialize-script-ps1",
    ],
};

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    communicator::complete(source, additions);
    for key in ["project_id", "zone"] {
        if let Some(value) = text(additions, key) {
            source.set(key, value.into());
        }
    }
    let mut entries: Vec<(String, Value)> = match source.get("metadata") {
        Some(Value::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    entries.retain(|(key, _)| !METADATA.iter().any(|(own, _)| own.eq_ignore_ascii_case(key)));
    entries.extend(
        METADATA
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).into())),
    );
    source.set("metadata", Value::Map(entries));
    source.set("use_os_login", false.into());
    if source.get("service_account_email").is_none() {
        // Or the machine gets the project's default one, which may do almost everything.
        source.attributes.retain(|(name, _)| name != "scopes");
        source.set("disable_default_service_account", true.into());
    } else {
        // The builder refuses both.
        source
            .attributes
            .retain(|(name, _)| name != "disable_default_service_account");
    }
    if let Some(endpoint) = text(additions, "endpoint_url") {
        if !knows(additions.packer, Some(PACKER_WITH_PLUGINS)) {
            return Err(Error::new(
                Code::ConfigConflict,
                "this Packer cannot reach Compute Engine at another address",
            )
            .key("providers.packer.gcp.endpoint_url")
            .remedy("use Packer 1.7 or newer with version 1.2.3 of its plugin googlecompute, or leave the key out"));
        }
        let endpoints = [("compute".to_owned(), endpoint.into())];
        source.set("custom_endpoints", Value::Map(endpoints.into_iter().collect()));
    }
    Ok(())
}

fn text<'a>(additions: &'a Additions<'_>, key: &str) -> Option<&'a str> {
    additions.config.get(key).and_then(Json::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of the deny lists in the threat model. Adding one to the table must be a decision.
    #[test]
    fn nothing_that_redirects_publishes_deletes_or_reads_the_host_is_in_the_table() {
        let denied = [
            "access_token",
            "account_file",
            "credentials_file",
            "credentials_json",
            "impersonate_service_account",
            "vault_gcp_oauth_engine",
            "universe_domain",
            "metadata_files",
            "startup_script_file",
            "wrap_startup_script",
            "image_platform_key",
            "image_key_exchange_key",
            "image_signatures_db",
            "image_forbidden_signatures_db",
            "image_project_id",
            "image_licenses",
            "use_iap",
            "iap_hashbang",
            "iap_ext",
            "iap_localhost_port",
            "iap_tunnel_launch_wait",
            "skip_create_image",
            "use_os_login",
            "oslogin_ssh_username",
            "resource_manager_tags",
            "accelerator_type",
            "accelerator_count",
            "address",
            "network_ip",
            "preemptible",
            "delete_at",
            "obsolete_at",
            "region",
            "disk_attachment",
            "node_affinity",
            "reservation_affinity",
            "communicator",
            "ssh_host",
            "ssh_private_key_file",
            "ssh_agent_auth",
            "ssh_bastion_host",
            "ssh_proxy_host",
            "ssh_password",
            "ssh_disable_agent_forwarding",
            "ssh_remote_tunnels",
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
