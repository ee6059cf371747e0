//! What the manifest says of one path.

use std::collections::BTreeMap;
use std::fmt;

/// Extended attributes by name: capabilities, access lists and the users' own.
pub type Attributes = BTreeMap<Vec<u8>, Vec<u8>>;

/// A path: who may do what with it, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Permissions with set-id and sticky bits, at most 0o7777.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// What is there.
    pub kind: Kind,
    /// Of files and directories only.
    pub attributes: Attributes,
}

/// What is at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// An ordinary file.
    File {
        /// Bytes.
        size: u64,
        /// Of the content.
        sha256: Sha256Digest,
    },
    /// A symbolic link.
    Link {
        /// Its text.
        target: Vec<u8>,
    },
    /// A character device.
    Character(Device),
    /// A block device.
    Block(Device),
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
}

impl Kind {
    /// The word of mtree(5).
    pub fn name(&self) -> &'static str {
        match self {
            Self::Directory => "dir",
            Self::File { .. } => "file",
            Self::Link { .. } => "link",
            Self::Character(_) => "char",
            Self::Block(_) => "block",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
        }
    }
}

/// Numbers of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Driver.
    pub major: u32,
    /// Device of that driver.
    pub minor: u32,
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sha256Digest(pub [u8; 32]);

/// 64 lower-case hexadecimal digits.
impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
