//! Changing the tags of something that exists. Only the named ones change.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Problem, Tag};

use super::make;
use crate::check;

/// Sets these tags and leaves the others.
pub(super) fn set(id: &str, tags: &[Tag]) -> Result<Command, Problem> {
    change(id, "Merge", tags)
}

/// Takes these tags away. Azure wants their values as well.
pub(super) fn remove(id: &str, tags: &[Tag]) -> Result<Command, Problem> {
    change(id, "Delete", tags)
}

fn change(id: &str, operation: &str, tags: &[Tag]) -> Result<Command, Problem> {
    Ok(make("tag update")
        .flag("resource-id", id)
        .flag("operation", operation)
        .flag_values("tags", check::tag_arguments(tags)?))
}
