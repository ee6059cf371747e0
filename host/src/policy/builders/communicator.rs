//! What all builders share: how Packer reaches the build machine. Nothing of it is the plugin's, because
//! `ssh_host`, bastions, proxies, tunnels, keys and agents all redirect scripts and secrets.

use super::{Additions, Communicator, PACKER_WITH_PLUGINS, knows};
use crate::policy::template::model::{Body, Value};

/// Sets the communicator's attributes.
pub(super) fn complete(source: &mut Body, additions: &Additions<'_>) {
    let connection = additions.connection;
    match connection.communicator {
        Communicator::None => {
            source.attributes.retain(|(name, _)| name != "ssh_username");
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
            }
        }
    }
}
