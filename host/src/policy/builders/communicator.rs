//! What all builders share: how Packer reaches the build machine. Nothing of it is the plugin's, because
//! `ssh_host`, bastions, proxies, tunnels, keys and agents all redirect scripts and secrets.

use super::{Additions, Attribute, Communicator, Form, Kind, PACKER_WITH_PLUGINS, free, knows};
use crate::policy::template::model::{Body, Value};

/// Patience, at most: what a hanging build may cost.
const TWO_HOURS: u32 = 7200;

/// What a template may say. None of it names a machine, a key, a password or a proxy, and what makes the
/// connection weaker has no value but the safe one.
pub(super) const ATTRIBUTES: &[Attribute] = &[
    free("communicator", Kind::Literal(COMMUNICATOR)),
    free("ssh_port", Kind::Integer(1, 65_535)),
    free("ssh_timeout", Kind::Duration(TWO_HOURS)),
    free("ssh_pty", Kind::Bool),
    free("ssh_handshake_attempts", Kind::Integer(1, 1000)),
    free("ssh_keep_alive_interval", Kind::Duration(TWO_HOURS)),
    free("ssh_read_write_timeout", Kind::Duration(TWO_HOURS)),
    free("ssh_clear_authorized_keys", Kind::True),
    free("ssh_disable_agent_forwarding", Kind::True),
    free("pause_before_connecting", Kind::Duration(TWO_HOURS)),
    free(
        "temporary_key_pair_type",
        Kind::OneOf(&["ecdsa", "ed25519", "rsa"]),
    ),
    free("temporary_key_pair_bits", Kind::Integer(256, 16_384)),
    free("winrm_username", Kind::Word),
    free("winrm_timeout", Kind::Duration(TWO_HOURS)),
    free("winrm_use_ssl", Kind::Bool),
    free("winrm_use_ntlm", Kind::Bool),
    free("winrm_port", Kind::Integer(1, 65_535)),
];

const COMMUNICATOR: Form = Form {
    name: "ssh or winrm",
    fits: |word| matches!(word, "ssh" | "winrm"),
};

/// Sets the communicator's attributes.
pub(super) fn complete(source: &mut Body, additions: &Additions<'_>) {
    let connection = additions.connection;
    // The key is the host's choice too; of these it says nothing.
    source
        .attributes
        .retain(|(name, _)| !name.starts_with("winrm_") && name != "temporary_key_pair_bits");
    match connection.communicator {
        Communicator::None => {
            source.attributes.retain(|(name, _)| {
                !ATTRIBUTES.iter().any(|known| known.name == name) && name != "ssh_username"
            });
            source.set("communicator", "none".into());
        }
        Communicator::Ssh => {
            source.set("communicator", "ssh".into());
            if let Some(host) = &connection.host {
                source.set("ssh_host", host.as_str().into());
            }
            if let Some(port) = connection.port {
                source.set("ssh_port", Value::Integer(port.into()));
            }
            source.set("ssh_timeout", connection.timeout.as_str().into());
            // Without it the temporary key still opens every machine made from the image.
            source.set("ssh_clear_authorized_keys", true.into());
            // Packer forwards the host's agent into the guest unless told not to.
            source.set("ssh_disable_agent_forwarding", true.into());
            // Packer 1.6.6 knows the attribute but AWS's builder there ignores it.
            if knows(additions.packer, Some(PACKER_WITH_PLUGINS)) {
                source.set("temporary_key_pair_type", "ed25519".into());
            } else {
                source
                    .attributes
                    .retain(|(name, _)| name != "temporary_key_pair_type");
            }
        }
    }
}
