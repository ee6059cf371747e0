//! Readers of the evidence of images that are not ours.

use anyhow::Result;

use super::{Found, python};
use crate::workspace::Workspace;

/// The Python that can import in-toto's, the envelope's and CycloneDX's own packages.
pub(super) fn checkers(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace
        .root
        .join("tools/python/in-toto-attestation-requirements.txt");
    python::program(workspace, "python", "in-toto-attestation", &requirements)
}
