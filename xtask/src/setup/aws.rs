//! The AWS command line: the user's own when it works, else one from PyPI.

use anyhow::Result;

use super::{Found, python};
use crate::probe;
use crate::workspace::Workspace;

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if let Some((path, (major, minor, patch))) = probe::on_path(workspace, "aws") {
        return Ok(Found {
            path,
            note: format!("aws {major}.{minor}.{patch} on PATH"),
        });
    }
    let requirements = workspace.root.join("tools/python/awscli-requirements.txt");
    python::program(workspace, "aws", "awscli", &requirements)
}
