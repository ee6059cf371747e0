//! Every run that has left something. Whatever a run makes is in a group of its own, so that the groups
//! say it all.

use sindri_plugin_sdk::contract::{Outcome, Problem, Resource, Tag, Turn};
use sindri_plugin_sdk::runs::traces;
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_PURPOSE, value_of, with};

use super::destroy::owner;
use super::{Run, ask, look};
use crate::model::{self, Group};

pub(super) fn find(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("groups") {
        let command = look("group list").flag("tag", format!("{MANAGED_BY}={SINDRI}"));
        return ask(command.step("groups", "Look for resource groups that sindri made"));
    }
    let groups: Vec<Group> = run.history.decode("groups")?;
    let found = groups.into_iter().filter_map(|group| {
        owner(&group)?;
        let tags = purposeful(model::tags(&group.tags));
        let resource = Resource {
            kind: "resource-group".to_owned(),
            id: group.name,
            location: model::region(&group.location.unwrap_or_default()),
        };
        Some((resource, tags))
    });
    Ok(Turn::Done(Outcome::Runs(traces(found))))
}

/// Packer gives its group the tags of the image, which say nothing of the purpose; those of a deployed
/// machine do.
fn purposeful(tags: Vec<Tag>) -> Vec<Tag> {
    match value_of(&tags, SINDRI_PURPOSE) {
        Some(_) => tags,
        None => with(&tags, SINDRI_PURPOSE, "build"),
    }
}
