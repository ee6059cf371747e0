//! What a manifest leaves out, and says so in its head.

use std::collections::BTreeSet;

/// What the kernel mounts, what a running system fills, and what the first boot writes. An attacker may hide there:
/// the list is short, printed, and part of the digest.
pub const STANDARD: &[&str] = &[
    // Mounted by the kernel or emptied at boot.
    "dev",
    "proc",
    "run",
    "sys",
    "tmp",
    "var/tmp",
    // Written while the build itself still runs.
    "var/log",
    // Written by the first boot: identity of the machine, cloud-init's state, the network's names.
    "etc/hostname",
    "etc/hosts",
    "etc/machine-id",
    "etc/resolv.conf",
    "etc/ssh/ssh_host_ecdsa_key",
    "etc/ssh/ssh_host_ecdsa_key.pub",
    "etc/ssh/ssh_host_ed25519_key",
    "etc/ssh/ssh_host_ed25519_key.pub",
    "etc/ssh/ssh_host_rsa_key",
    "etc/ssh/ssh_host_rsa_key.pub",
    "var/lib/cloud",
    "var/lib/systemd/random-seed",
];

/// Paths that a manifest does not cover, each with everything below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions(BTreeSet<Vec<u8>>);

impl Exclusions {
    /// The standard ones.
    pub fn standard() -> Self {
        Self(STANDARD.iter().map(|path| path.as_bytes().to_vec()).collect())
    }

    /// Adds a path relative to the root. False for a text that no path in a manifest has, and that would therefore
    /// exclude nothing: empty, with empty parts, with `.` or `..`.
    #[must_use]
    pub fn add(&mut self, path: &[u8]) -> bool {
        let is_path = path
            .split(|byte| *byte == b'/')
            .all(|part| !matches!(part, b"" | b"." | b"..") && !part.contains(&0));
        if is_path {
            self.0.insert(path.to_vec());
        }
        is_path
    }

    /// Whether exactly this path is left out; what lies below it is never looked at.
    pub fn has(&self, path: &[u8]) -> bool {
        self.0.contains(path)
    }

    /// Whether the path or one above it is left out.
    pub fn cover(&self, path: &[u8]) -> bool {
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        self.has(path)
            || ends
                .filter_map(|(end, _)| path.get(..end))
                .any(|above| self.has(above))
    }

    /// In the order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
}
