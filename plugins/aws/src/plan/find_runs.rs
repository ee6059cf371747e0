//! Every run that has left something, by the tags of what it left.

use serde_json::json;
use sindri_plugin_sdk::contract::{Outcome, Problem, Resource, Step, Turn};
use sindri_plugin_sdk::runs::traces;
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI};

use super::images::tag_filter;
use super::{Run, exactly, look};
use crate::model::{self, KeyPairs, Reservations, SecurityGroups, Tag, Volumes};

pub(super) fn find(run: &Run<'_>) -> Result<Turn, Problem> {
    let missing: Vec<Step> = searches()
        .into_iter()
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let mut found: Vec<(&str, String, Vec<Tag>)> = Vec::new();
    let instances = run.history.decode::<Reservations>("instances")?.instances();
    for instance in instances {
        if instance.state.name != "terminated" {
            found.push(("instance", instance.instance_id, instance.tags));
        }
    }
    let groups: SecurityGroups = run.history.decode("security-groups")?;
    for group in groups.security_groups {
        found.push(("security-group", group.group_id, group.tags));
    }
    let keys: KeyPairs = run.history.decode("key-pairs")?;
    for key in keys.key_pairs {
        found.push(("key-pair", key.key_name, key.tags));
    }
    let volumes: Volumes = run.history.decode("volumes")?;
    for volume in volumes.volumes {
        found.push(("volume", volume.volume_id, volume.tags));
    }
    let located = found.into_iter().map(|(kind, id, tags)| {
        let resource = Resource {
            kind: kind.to_owned(),
            id,
            location: run.config.region.clone(),
        };
        (resource, model::tags(&tags))
    });
    Ok(Turn::Done(Outcome::Runs(traces(located))))
}

/// Independent of each other, hence one turn.
fn searches() -> Vec<Step> {
    let filters = json!([exactly(&tag_filter(MANAGED_BY), SINDRI)]);
    [
        ("describe-instances", "instances", "instances"),
        ("describe-key-pairs", "key-pairs", "key pairs"),
        ("describe-security-groups", "security-groups", "security groups"),
        ("describe-volumes", "volumes", "volumes"),
    ]
    .into_iter()
    .map(|(verb, id, what)| {
        look(verb)
            .json_flag("filters", filters.clone())
            .step(id, format!("Look for {what} that sindri made"))
    })
    .collect()
}
