//! Removing everything that a run left behind: an instance that `deploy` made, or an interrupted build.

use sindri_plugin_sdk::contract::{DestroyTarget, Leftover, Outcome, Problem, Removal, Resource, Turn};
use sindri_plugin_sdk::removal::{self, Target};
use sindri_plugin_sdk::tags::SINDRI_RUN_ID;
use sindri_plugin_sdk::{Command, step_id};

use super::delete::image_targets;
use super::list::{self, Search};
use super::poll::{Watch, until};
use super::removal::{Kind, progress, target};
use super::{Progress, Run, addresses, ask, id_list, images, look, unfinished, with_tag};
use crate::check;
use crate::mark;
use crate::model::{Image, Instance, KeyPair, SecurityGroup, VSwitch, Vpc};

/// Seconds between looks, and how many: two minutes.
const PAUSE: u32 = 5;
const LOOKS: u32 = 24;

pub(super) fn everything(run: &Run<'_>, target: &DestroyTarget) -> Result<Turn, Problem> {
    match target {
        DestroyTarget::Run(interrupted) => {
            leftovers_of(run, &interrupted.run_id, interrupted.image_name.as_deref())
        }
        DestroyTarget::Instance(id) => instance(run, id),
    }
}

/// Only the instance's marks say whose it is and which run made the rest.
fn instance(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::instance_id(id)?;
    if !run.history.has("instance") {
        let command = look("DescribeInstances").flag("InstanceIds", id_list([id]));
        return ask(command.step("instance", "Describe the instance"));
    }
    let found: Vec<Instance> = list::items(&run.history, "instance", list::INSTANCES)?;
    let Some(instance) = found.into_iter().find(|instance| instance.instance_id == id) else {
        let nothing = Removal {
            removed: Vec::new(),
            leftovers: Vec::new(),
        };
        return Ok(Turn::Done(Outcome::Removal(nothing)));
    };
    match mark::owner(&instance.marks()) {
        Some(run_id) => leftovers_of(run, &run_id, None),
        None => Err(Problem::new(
            "not-ours",
            format!("instance {id} does not carry the tags of an instance that sindri made"),
        )
        .remedy(format!(
            "if it is to go nevertheless: aliyun ecs DeleteInstance --InstanceId {id} --Force true"
        ))),
    }
}

/// What is left of a run.
struct Found {
    instances: Vec<Instance>,
    keys: Vec<String>,
    groups: Vec<String>,
    vswitches: Vec<String>,
    vpcs: Vec<String>,
    /// Region and image.
    images: Vec<(String, Image)>,
}

fn leftovers_of(run: &Run<'_>, run_id: &str, image_name: Option<&str>) -> Result<Turn, Problem> {
    sindri_plugin_sdk::check::run_id(run_id)?;
    let found = match found(run, run_id, image_name)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(found) => found,
    };
    // Whoever deploys brings a key; a build's is Packer's own.
    let context = &run.request.context;
    let by_the_build_itself = context.run_id == run_id && context.ssh_public_key.is_none();
    let unbound = match addresses::unbound(run, &found.instances, by_the_build_itself)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(unbound) => unbound,
    };
    let eips = addresses::bound(&found.instances);
    if let Progress::Ask(steps) = addresses::released(run, &eips)? {
        return Ok(Turn::Run(steps));
    }
    let mut targets: Vec<Target> = eips
        .iter()
        .map(|(eip, _)| target(run.config, Kind::Eip, eip, &run.config.region))
        .collect();
    match unfinished::targets(run, &found.instances)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(unfinished) => targets.extend(unfinished),
    }
    // All that only an instance leads to goes before it.
    if let removal::Progress::Ask(steps) = progress(&run.history, &targets) {
        return Ok(Turn::Run(steps));
    }
    targets.extend(others(run, &found));
    match progress(&run.history, &targets) {
        removal::Progress::Ask(steps) => Ok(Turn::Run(steps)),
        removal::Progress::Done(mut removal) => {
            removal.leftovers.extend(unbound);
            confirmed(run, without_repetition(removal))
        }
    }
}

/// First what has a mark of its own, then what is inside the run's own VPC.
fn found(run: &Run<'_>, run_id: &str, image_name: Option<&str>) -> Result<Progress<Found>, Problem> {
    let searches = searches(run_id);
    let mut steps = match list::search(&run.history, searches.all())? {
        Progress::Ask(steps) => steps,
        Progress::Done(()) => Vec::new(),
    };
    let images = match image_name.map(|name| images::named(run, name)).transpose()? {
        Some(Progress::Ask(more)) => {
            steps.extend(more);
            Vec::new()
        }
        Some(Progress::Done(images)) => images,
        None => Vec::new(),
    };
    if !steps.is_empty() {
        return Ok(Progress::Ask(steps));
    }
    let ours = |owner: Option<String>| owner.as_deref() == Some(run_id);
    let history = &run.history;
    let mut instances: Vec<Instance> = searches.tagged.found(history)?;
    instances.extend(searches.named.found::<Instance>(history)?);
    instances.retain(|instance| ours(mark::owner(&instance.marks())));
    instances.sort_by(|a, b| a.instance_id.cmp(&b.instance_id));
    instances.dedup_by(|a, b| a.instance_id == b.instance_id);
    let mut keys: Vec<KeyPair> = searches.keys.found(history)?;
    keys.retain(|key| ours(mark::owner(&key.marks())));
    let mut groups: Vec<SecurityGroup> = searches.groups.found(history)?;
    groups.retain(|group| ours(mark::owner(&group.marks())));
    let mut vpcs: Vec<Vpc> = searches.vpcs.found(history)?;
    vpcs.retain(|vpc| ours(mark::owner(&vpc.marks())));

    let inside: Vec<(Search, Search)> = vpcs.iter().map(|vpc| inside(&vpc.vpc_id)).collect();
    let (mut vswitches, mut missing) = (Vec::new(), Vec::new());
    for (switches, members) in &inside {
        let more = [switches.missing(history)?, members.missing(history)?].concat();
        if more.is_empty() {
            vswitches.extend(switches.found::<VSwitch>(history)?);
            // Packer 1.6.6 gives its group no name. In a VPC of ours one without a name is that.
            let unnamed = |group: &SecurityGroup| group.security_group_name.is_empty();
            groups.extend(
                members
                    .found::<SecurityGroup>(history)?
                    .into_iter()
                    .filter(unnamed),
            );
        }
        missing.extend(more);
    }
    if !missing.is_empty() {
        return Ok(Progress::Ask(missing));
    }
    let vswitches = vswitches
        .into_iter()
        .filter(|vswitch: &VSwitch| mark::run_of(&vswitch.vswitch_name) == Some(run_id));
    Ok(Progress::Done(Found {
        keys: sorted(keys.into_iter().map(|key| key.key_pair_name)),
        groups: sorted(groups.into_iter().map(|group| group.security_group_id)),
        vswitches: sorted(vswitches.map(|vswitch| vswitch.vswitch_id)),
        vpcs: sorted(vpcs.into_iter().map(|vpc| vpc.vpc_id)),
        instances,
        images,
    }))
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

struct Searches {
    tagged: Search,
    named: Search,
    keys: Search,
    groups: Search,
    vpcs: Search,
}

impl Searches {
    fn all(&self) -> [&Search; 5] {
        [&self.tagged, &self.named, &self.keys, &self.groups, &self.vpcs]
    }
}

fn searches(run_id: &str) -> Searches {
    let name = mark::name(run_id);
    let purpose = |what: &str| format!("Look for {what} of run {run_id}");
    let instances = || look("DescribeInstances");
    let vpcs = Command::read("aliyun", ["vpc", "DescribeVpcs"]).flag("VpcName", &name);
    Searches {
        tagged: Search::new(
            "instances",
            purpose("instances"),
            with_tag(instances(), SINDRI_RUN_ID, run_id),
            list::INSTANCES,
        ),
        // Packer 1.6.6 tags no instance.
        named: Search::new(
            "named-instances",
            purpose("instances by name"),
            instances().flag("InstanceName", &name),
            list::INSTANCES,
        ),
        keys: Search::new(
            "key-pairs",
            purpose("key pairs"),
            look("DescribeKeyPairs").flag("KeyPairName", &name),
            list::KEY_PAIRS,
        ),
        groups: Search::new(
            "security-groups",
            purpose("security groups"),
            look("DescribeSecurityGroups").flag("SecurityGroupName", &name),
            list::SECURITY_GROUPS,
        ),
        vpcs: Search::new("vpcs", purpose("VPCs"), vpcs, list::VPCS),
    }
}

/// vSwitches and groups of a VPC of the run's own.
fn inside(vpc: &str) -> (Search, Search) {
    let vswitches = Command::read("aliyun", ["vpc", "DescribeVSwitches"]).flag("VpcId", vpc);
    let groups = look("DescribeSecurityGroups").flag("VpcId", vpc);
    (
        Search::new(
            step_id(&["vswitches", vpc]),
            format!("Look for vSwitches in {vpc}"),
            vswitches,
            list::VSWITCHES,
        ),
        Search::new(
            step_id(&["groups", vpc]),
            format!("Look for security groups in {vpc}"),
            groups,
            list::SECURITY_GROUPS,
        ),
    )
}

/// In the order in which they can go.
fn others(run: &Run<'_>, found: &Found) -> Vec<Target> {
    let region = run.config.region.as_str();
    let one = |kind: Kind, id: &str| target(run.config, kind, id, region);
    let instances = found.instances.iter();
    let mut targets: Vec<Target> = instances
        .map(|instance| one(Kind::Instance, &instance.instance_id))
        .collect();
    for (region, image) in &found.images {
        targets.extend(image_targets(run.config, image, region));
    }
    for (kind, ids) in [
        (Kind::KeyPair, &found.keys),
        (Kind::SecurityGroup, &found.groups),
        (Kind::VSwitch, &found.vswitches),
        (Kind::Vpc, &found.vpcs),
    ] {
        targets.extend(ids.iter().map(|id| one(kind, id)));
    }
    targets
}

/// An unfinished image is found by its name and by its instance.
fn without_repetition(mut removal: Removal) -> Removal {
    let mut seen = Vec::new();
    let mut is_new = |resource: &Resource| {
        let new = !seen.contains(resource);
        if new {
            seen.push(resource.clone());
        }
        new
    };
    removal.removed.retain(&mut is_new);
    removal.leftovers.retain(|leftover| is_new(&leftover.resource));
    removal
}

/// An instance counts as removed when it is not there any more, not when that was asked for.
fn confirmed(run: &Run<'_>, mut removal: Removal) -> Result<Turn, Problem> {
    let is_instance = |resource: &Resource| resource.kind == Kind::Instance.name();
    let asked: Vec<String> = removal
        .removed
        .iter()
        .filter(|resource| is_instance(resource))
        .map(|resource| resource.id.clone())
        .collect();
    if asked.is_empty() {
        return Ok(Turn::Done(Outcome::Removal(removal)));
    }
    let ids = id_list(asked.iter().map(String::as_str));
    let watch = Watch {
        id: "gone",
        purpose: "Wait until the instances are gone",
        command: look("DescribeInstances")
            .flag("InstanceIds", ids)
            .tolerates_any_failure(),
        every: PAUSE,
        looks: LOOKS,
    };
    let seen = until(run, &watch, |step| {
        let left: Vec<Instance> = list::items(&run.history, step, list::INSTANCES)?;
        Ok(left
            .iter()
            .all(|instance| !asked.contains(&instance.instance_id))
            .then_some(()))
    })?;
    match seen {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(Some(())) => {}
        Progress::Done(None) => {
            let (unsure, removed) = removal.removed.into_iter().partition(is_instance);
            removal.removed = removed;
            let unsure: Vec<Resource> = unsure;
            removal
                .leftovers
                .extend(unsure.into_iter().map(|resource| Leftover {
                    resource,
                    reason: "still there two minutes after it was deleted".to_owned(),
                }));
        }
    }
    Ok(Turn::Done(Outcome::Removal(removal)))
}
