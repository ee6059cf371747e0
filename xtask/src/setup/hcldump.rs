//! A small program around the parser that Packer has.

use anyhow::Result;

use super::Found;
use super::go::Module;
use crate::workspace::Workspace;

pub(super) fn find_or_build(workspace: &Workspace) -> Result<Found> {
    let module = Module::own(workspace, "hcldump", "github.com/hashicorp/hcl/v2")?;
    Ok(Found {
        path: module.find_or_build(workspace)?,
        note: format!("hashicorp/hcl {}", module.version),
    })
}
