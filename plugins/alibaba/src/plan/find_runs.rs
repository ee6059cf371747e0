//! Every run that has left something, by the tags and the names of what it left.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Outcome, Problem, Resource, RunPurpose, Tag, Turn};
use sindri_plugin_sdk::runs::traces;
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_PURPOSE, purpose, with};

use super::list::{self, Search};
use super::removal::Kind;
use super::{Progress, Run, look, with_tag};
use crate::mark;
use crate::model::{Instance, KeyPair, SecurityGroup, Vpc};

/// vSwitches stand inside of VPCs of the same run and are not looked for.
pub(super) fn find(run: &Run<'_>) -> Result<Turn, Problem> {
    let [tagged, named, keys, groups, vpcs] = searches();
    if let Progress::Ask(steps) = list::search(&run.history, [&tagged, &named, &keys, &groups, &vpcs])? {
        return Ok(Turn::Run(steps));
    }
    let history = &run.history;
    let mut instances: Vec<Instance> = tagged.found(history)?;
    instances.extend(named.found::<Instance>(history)?);
    instances.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    instances.dedup_by(|a, b| a.instance_id == b.instance_id);

    let mut found: Vec<(Kind, String, Vec<Tag>)> = Vec::new();
    for instance in instances {
        found.push((Kind::Instance, instance.instance_id.clone(), instance.marks()));
    }
    for key in keys.found::<KeyPair>(history)? {
        // Only builds make key pairs.
        found.push((Kind::KeyPair, key.key_pair_name.clone(), built(key.marks())));
    }
    for group in groups.found::<SecurityGroup>(history)? {
        found.push((
            Kind::SecurityGroup,
            group.security_group_id.clone(),
            group.marks(),
        ));
    }
    for vpc in vpcs.found::<Vpc>(history)? {
        found.push((Kind::Vpc, vpc.vpc_id.clone(), vpc.marks()));
    }
    let located = found.into_iter().map(|(kind, id, tags)| {
        let resource = Resource {
            kind: kind.name().to_owned(),
            id,
            location: run.config.region.clone(),
        };
        (resource, tags)
    });
    // A run id that is none would become a pattern in the next search.
    let lawful = located.filter(|(_, tags)| {
        mark::owner(tags).is_some_and(|id| sindri_plugin_sdk::check::run_id(&id).is_ok())
    });
    Ok(Turn::Done(Outcome::Runs(traces(lawful))))
}

fn built(tags: Vec<Tag>) -> Vec<Tag> {
    match purpose(&tags) {
        RunPurpose::Unknown => with(&tags, SINDRI_PURPOSE, "build"),
        RunPurpose::Build | RunPurpose::Deploy => tags,
    }
}

/// Independent of each other, hence one turn. Groups and VPCs have no search by the beginning of a name.
fn searches() -> [Search; 5] {
    let search = |id: &str, what: &str, command: Command, shape| {
        Search::new(id, format!("Look for {what} that sindri made"), command, shape)
    };
    let instances = || look("DescribeInstances");
    [
        search(
            "instances",
            "instances",
            with_tag(instances(), MANAGED_BY, SINDRI),
            list::INSTANCES,
        ),
        search(
            "named-instances",
            "instances by name",
            instances().flag("InstanceName", mark::pattern()),
            list::INSTANCES,
        ),
        search(
            "key-pairs",
            "key pairs",
            look("DescribeKeyPairs").flag("KeyPairName", mark::pattern()),
            list::KEY_PAIRS,
        ),
        search(
            "security-groups",
            "security groups",
            look("DescribeSecurityGroups"),
            list::SECURITY_GROUPS,
        ),
        search(
            "vpcs",
            "VPCs",
            Command::read("aliyun", ["vpc", "DescribeVpcs"]),
            list::VPCS,
        ),
    ]
}
