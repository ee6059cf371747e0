//! Elastic addresses of a build. Packer gives them neither a name nor a tag: only the instance that one is bound to leads
//! to it.

use sindri_plugin_sdk::contract::{Leftover, Problem, Resource, Step};
use sindri_plugin_sdk::{Command, moment, step_id, wait};

use super::list::{self, Search};
use super::poll::{Watch, until};
use super::removal::Kind;
use super::{Progress, Run};
use crate::model::{Eip, Instance};

/// Seconds between looks, and how many: two minutes.
const PAUSE: u32 = 5;
const LOOKS: u32 = 24;
/// Within so many minutes of its instance Packer has its address or has given up: it waits one minute for the
/// instance to be made and asks for the address for half a minute.
const WAITED: u32 = 5;

/// Elastic addresses that Packer bound to its instances, with those. `deploy` makes none: one on a deployed instance is
/// the user's.
pub(super) fn bound(instances: &[Instance]) -> Vec<(String, String)> {
    instances
        .iter()
        .filter(|instance| instance.is_packers())
        .filter_map(|instance| Some((instance.eip()?.to_owned(), instance.instance_id.clone())))
        .collect()
}

/// Takes the elastic addresses off. They have no name and no tag: only the instance leads to them, so it goes after
/// them.
pub(super) fn released(run: &Run<'_>, eips: &[(String, String)]) -> Result<Progress<()>, Problem> {
    let mut steps = Vec::new();
    for (eip, instance) in eips {
        steps.extend(take_off(run, eip, instance));
    }
    if !steps.is_empty() {
        return Ok(Progress::Ask(steps));
    }
    for (eip, _) in eips {
        let command = Command::read("aliyun", ["vpc", "DescribeEipAddresses"])
            .flag("AllocationId", eip)
            .tolerates_any_failure();
        let watch = Watch {
            id: &step_id(&["free", eip]),
            purpose: &format!("Wait until {eip} is free"),
            command,
            every: PAUSE,
            looks: LOOKS,
        };
        let free = |step: &str| {
            let found: Vec<Eip> = list::items(&run.history, step, list::EIPS)?;
            Ok(found.iter().all(|eip| eip.status == "Available").then_some(()))
        };
        // One that stays bound is tried all the same and becomes a leftover.
        if let Progress::Ask(more) = until(run, &watch, free)? {
            steps.extend(more);
        }
    }
    Ok(if steps.is_empty() {
        Progress::Done(())
    } else {
        Progress::Ask(steps)
    })
}

/// The next attempt to take an elastic address off. While it is still being put on, as when Packer was cut off just
/// then, that is refused.
fn take_off(run: &Run<'_>, eip: &str, instance: &str) -> Vec<Step> {
    /// With the pauses between them half a minute: one that is off already is refused with the same code.
    const ATTEMPTS: u32 = 6;
    let purpose = format!("Take the elastic address {eip} off {instance}");
    for attempt in 1..=ATTEMPTS {
        let id = step_id(&["unassociate", eip, &attempt.to_string()]);
        if !run.history.has(&id) {
            let command = Command::destroy("aliyun", ["vpc", "UnassociateEipAddress"])
                .flag("AllocationId", eip)
                .flag("InstanceId", instance)
                .flag("InstanceType", "EcsInstance")
                .tolerates_any_failure();
            let mut steps = vec![command.step(&id, &purpose)];
            if attempt > 1 {
                steps.insert(0, wait(format!("{id}-pause"), &purpose, PAUSE));
            }
            return steps;
        }
        let busy = ["IncorrectEipStatus", "TaskConflict"];
        if !run
            .history
            .error_code(&id)
            .is_some_and(|code| busy.contains(&code))
        {
            break;
        }
    }
    Vec::new()
}

/// What is known of an address that a build may have allocated and never bound.
struct Awaited {
    from: String,
    until: Option<String>,
    /// Megabits per second.
    bandwidth: i64,
}

/// Addresses that Packer may have allocated and not yet bound when it was cut off, or whose answer never came. That
/// nobody has named or bound them and that they are as the build would have made them is no proof of whose they are:
/// another build may have been cut off in the same minutes. They are told, with what releases them, and not touched.
pub(super) fn unbound(
    run: &Run<'_>,
    instances: &[Instance],
    by_the_build_itself: bool,
) -> Result<Progress<Vec<Leftover>>, Problem> {
    let mut awaited: Vec<Awaited> = instances
        .iter()
        .filter(|instance| instance.is_packers() && instance.waits_for_address())
        .filter_map(Awaited::by)
        .collect();
    if instances.is_empty() && by_the_build_itself {
        awaited.extend(Awaited::by_this_build(run));
    }
    if awaited.is_empty() {
        return Ok(Progress::Done(Vec::new()));
    }
    let search = Search::new(
        "unbound-addresses",
        "Look for elastic addresses that are bound to nothing",
        Command::read("aliyun", ["vpc", "DescribeEipAddresses"]),
        list::EIPS,
    );
    if let Progress::Ask(steps) = list::search(&run.history, [&search])? {
        return Ok(Progress::Ask(steps));
    }
    let found: Vec<Eip> = search.found(&run.history)?;
    let alike = found
        .iter()
        .filter(|eip| awaited.iter().any(|awaited| awaited.could_be(eip)));
    Ok(Progress::Done(alike.map(|eip| told(run, eip)).collect()))
}

impl Awaited {
    /// By an instance that has none.
    fn by(instance: &Instance) -> Option<Self> {
        let from = instance.created_utc()?;
        Some(Self {
            until: Some(moment::plus_minutes(&from, WAITED)?),
            from,
            bandwidth: instance.internet_max_bandwidth_out,
        })
    }

    /// By the build that cleans up after itself, whose instance Packer has removed. Who cleans up later does not know
    /// when that build ran.
    fn by_this_build(run: &Run<'_>) -> Option<Self> {
        let bandwidth = i64::from(run.config.internet_max_bandwidth_out);
        (bandwidth > 0).then_some(Self {
            from: moment::utc(&run.request.context.now)?,
            until: None,
            bandwidth,
        })
    }

    fn could_be(&self, eip: &Eip) -> bool {
        let Some(allocated) = moment::utc(&eip.allocation_time) else {
            return false;
        };
        // The times are all of the same form, and compare as text.
        let in_time = self.from <= allocated && self.until.as_ref().is_none_or(|until| allocated <= *until);
        eip.is_nobodys() && eip.bandwidth == self.bandwidth.to_string() && in_time
    }
}

fn told(run: &Run<'_>, eip: &Eip) -> Leftover {
    let id = &eip.allocation_id;
    let region = &run.config.region;
    Leftover {
        resource: Resource {
            kind: Kind::Eip.name().to_owned(),
            id: id.clone(),
            location: region.clone(),
        },
        reason: format!(
            "Packer may have allocated it just before it failed or was cut off, and nothing proves it; if it is nobody \
             else's: aliyun vpc ReleaseEipAddress --AllocationId {id} --region {region}"
        ),
    }
}
