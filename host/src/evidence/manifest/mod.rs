//! What is in a root file system, as text of one form only: the same content gives the same bytes, and one digest
//! stands for all of it.
//!
//! The form is mtree(5) with full paths, one line each, in the order of the paths' bytes, and the keywords in a fixed
//! order, so that `bsdtar` and other readers of mtree read it too. Times are not in it: they change without the
//! content.

mod entry;
mod exclusions;
mod hash;
mod text;
mod walk;

use std::collections::BTreeMap;
use std::path::Path;

pub use entry::{Attributes, Device, Entry, Kind, Sha256Digest};
pub use exclusions::{Exclusions, STANDARD};
pub(super) use text::encode;
pub(super) use walk::read_beneath;

use crate::digest;
use crate::error::Result;

/// Name of the manifest in a folder of evidence.
pub const FILE: &str = "root.mtree";

/// Every path of a root file system that is not excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    exclusions: Exclusions,
    /// By path relative to the root, without a leading `/`; the root itself is the empty path.
    entries: BTreeMap<Vec<u8>, Entry>,
}

impl Manifest {
    /// Reads everything below `root`, links not followed, files by two threads.
    pub fn of_root(root: &Path, exclusions: Exclusions) -> Result<Self> {
        let entries = walk::walk(root, &exclusions)?;
        Ok(Self { exclusions, entries })
    }

    /// Reads the text of a manifest. Only the very bytes that [`Self::to_bytes`] writes are one.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        text::parse(bytes)
    }

    /// The text.
    pub fn to_bytes(&self) -> Vec<u8> {
        text::write(self)
    }

    /// SHA-256 of the text, hexadecimal.
    pub fn digest(&self) -> String {
        digest::sha256(&self.to_bytes())
    }

    /// What was left out.
    pub fn exclusions(&self) -> &Exclusions {
        &self.exclusions
    }

    /// Paths and what is there, in the order of the text.
    pub fn entries(&self) -> &BTreeMap<Vec<u8>, Entry> {
        &self.entries
    }
}

#[cfg(test)]
mod tests;
