//! Evidence of an image that is bound to what is on its disk: a manifest of the root file system, the list of its
//! packages, and one signed statement of both and of what went in.
//!
//! docs/security/evidence.md says what that proves and what it does not.

mod attestation;
mod compare;
pub mod dsse;
mod folder;
pub mod manifest;
pub mod sbom;
pub mod statement;

pub use attestation::{Image, Parts, attest};
pub use compare::{Difference, What, compare, differences};
pub use folder::{ATTESTATION, Evidence, Folder, STATEMENT};
