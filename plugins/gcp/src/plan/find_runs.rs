//! Every run that has left something: instances by their labels, disks and firewall rules, which carry
//! none, by their names.

use sindri_plugin_sdk::contract::{Outcome, Problem, Resource, Tag, Turn};
use sindri_plugin_sdk::runs::traces;
use sindri_plugin_sdk::tags::{BUILD_DATE, MANAGED_BY, SINDRI, SINDRI_PURPOSE, SINDRI_RUN_ID, with};
use sindri_plugin_sdk::{moment, names};

use super::{Run, look, tagged};
use crate::model::{self, Disk, Firewall, GLOBAL, Instance, last, resource};

/// Only lists; the names are judged afterwards.
pub(super) const OUR_NAMES: &str = "name~^sindri-";

pub(super) fn find(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("firewall-rules") {
        return Ok(Turn::Run(vec![
            look("instances", "list")
                .flag("filter", tagged(MANAGED_BY, SINDRI)?)
                .step("instances", "Look for instances that sindri made"),
            look("disks", "list")
                .flag("filter", OUR_NAMES)
                .step("disks", "Look for disks that sindri made"),
            look("firewall-rules", "list")
                .flag("filter", OUR_NAMES)
                .step("firewall-rules", "Look for firewall rules that sindri made"),
        ]));
    }
    let mut found: Vec<(Resource, Vec<Tag>)> = Vec::new();
    for instance in run.history.decode::<Vec<Instance>>("instances")? {
        let place = resource("instance", &instance.name, instance.zone());
        found.push((place, model::tags(&instance.labels)));
    }
    for disk in run.history.decode::<Vec<Disk>>("disks")? {
        let zone = last(disk.zone.as_deref().unwrap_or_default()).to_owned();
        // A disk of a deployed instance has its name as well, and goes with it; alone it is Packer's.
        let deployed = found.iter().any(|(resource, _)| resource.id == disk.name);
        let purpose = (!deployed).then_some("build");
        found.extend(named(
            "disk",
            &disk.name,
            &zone,
            disk.creation_timestamp.as_deref(),
            purpose,
        ));
    }
    for rule in run.history.decode::<Vec<Firewall>>("firewall-rules")? {
        let made = rule.creation_timestamp.as_deref();
        found.extend(named("firewall-rule", &rule.name, GLOBAL, made, Some("deploy")));
    }
    Ok(Turn::Done(Outcome::Runs(traces(found))))
}

/// What carries a run's name, with the tags that it would have if it could have any.
fn named(
    kind: &str,
    name: &str,
    location: &str,
    made: Option<&str>,
    purpose: Option<&str>,
) -> Option<(Resource, Vec<Tag>)> {
    let run_id = names::run_of(name)?;
    let mut tags = with(&with(&[], MANAGED_BY, SINDRI), SINDRI_RUN_ID, run_id);
    if let Some(purpose) = purpose {
        tags = with(&tags, SINDRI_PURPOSE, purpose);
    }
    if let Some(made) = made.and_then(moment::utc) {
        tags = with(&tags, BUILD_DATE, &made);
    }
    Some((resource(kind, name, location), tags))
}
