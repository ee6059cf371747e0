//! Every run that has left something, by the tags of what it left.

use sindri_plugin_sdk::contract::{Outcome, Problem, Resource, Step, Turn};
use sindri_plugin_sdk::runs::traces;

use super::{OURS, Run, look_through};
use crate::config::Config;
use crate::model::{self, Instance, Thing};

pub(super) fn find(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("security-groups") {
        return Ok(Turn::Run(searches(run.config)));
    }
    let resource = |kind: &str, id: String| Resource {
        kind: kind.to_owned(),
        id,
        location: run.config.location().to_owned(),
    };
    let mut found = Vec::new();
    for instance in instances(run)? {
        let tags = model::tags(instance.freeform_tags.as_ref());
        found.push((resource("instance", instance.id), tags));
    }
    for group in security_groups(run)? {
        let tags = model::tags(group.freeform_tags.as_ref());
        found.push((resource("network-security-group", group.id), tags));
    }
    Ok(Turn::Done(Outcome::Runs(traces(found))))
}

/// Looks for everything of ours that is temporary or deployed. Boot volumes and network interfaces go with their
/// instance.
pub(super) fn searches(config: &Config) -> Vec<Step> {
    let search = |verb: &str, id: &str, what: &str| {
        look_through(verb, config)
            .flag("query", OURS)
            .step(id, format!("Look for {what} that sindri made"))
    };
    vec![
        search("compute instance list", "instances", "instances"),
        search("network nsg list", "security-groups", "network security groups"),
    ]
}

/// Those that are not going away already. A terminated one stays on the list for a while.
pub(super) fn instances(run: &Run<'_>) -> Result<Vec<Instance>, Problem> {
    let mut found: Vec<Instance> = model::filtered(&run.history, "instances")?;
    found.retain(|instance| !matches!(instance.lifecycle_state.as_str(), "TERMINATING" | "TERMINATED"));
    Ok(found)
}

pub(super) fn security_groups(run: &Run<'_>) -> Result<Vec<Thing>, Problem> {
    let mut found: Vec<Thing> = model::filtered(&run.history, "security-groups")?;
    found.retain(|group| {
        !matches!(
            group.lifecycle_state.as_deref(),
            Some("TERMINATING" | "TERMINATED")
        )
    });
    Ok(found)
}
