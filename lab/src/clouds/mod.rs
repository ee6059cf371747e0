//! The clouds. Each has a folder of its own and shares nothing with the others but [`World`].

pub mod alibaba;
pub mod azure;
pub mod gcp;
pub mod oci;
pub mod rsa;

use std::io;
use std::path::Path;

use crate::{Reply, Request, Resource, World};

/// An emulated cloud: its hosts, its state, its answers.
///
/// Requests come one at a time, so no cloud needs a lock. What takes time in the real one (a VM that starts, an
/// image that is copied) takes a fixed number of **polls** here, never seconds: the same calls have the same
/// results.
pub trait Cloud: Send {
    /// For example `gcp`.
    fn name(&self) -> &'static str;

    /// Whether this host (lower case, without port) is one of its own.
    fn serves(&self, host: &str) -> bool;

    /// Answers a request to one of its hosts. Whatever the API does not describe is refused as the real cloud
    /// would, and told to the `world` as a violation.
    fn answer(&mut self, request: &Request, world: &mut World) -> Reply;

    /// An error in the cloud's own form, for faults on purpose.
    fn error(&self, status: u16, code: &str, message: &str) -> Reply;

    /// Writes the credentials and settings of a user of this cloud below `directory` (which exists, and
    /// belongs to this cloud alone) and says which variables point clients to them.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>>;

    /// Everything there is, also what was there from the beginning, in a stable order.
    fn resources(&self) -> Vec<Resource>;

    /// Adds so many resources of somebody else in the same account: named and shaped like those that an
    /// interrupted build leaves behind, but not ours. They belong to [`crate::Owner::Stranger`].
    fn plant_decoys(&mut self, count: usize, world: &mut World);
}

/// All clouds, as they are at the beginning.
pub(crate) fn all() -> Vec<Box<dyn Cloud>> {
    vec![
        Box::new(alibaba::Alibaba::new()),
        Box::new(azure::Azure::new()),
        Box::new(gcp::Gcp::new()),
        Box::new(oci::Oci::new()),
    ]
}
