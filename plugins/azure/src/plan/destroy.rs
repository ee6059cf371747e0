//! Removing everything that a run left behind: a machine that `deploy` made, or an interrupted build.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Outcome, Problem, Removal, Turn};
use sindri_plugin_sdk::removal::{Progress, Target, progress};
use sindri_plugin_sdk::tags::labels;

use super::delete::of_run;
use super::images::{found, searches};
use super::{GONE, Run, ask, group_name, look};
use crate::ids::MachineId;
use crate::model::{self, Group};

/// A group takes a few minutes: disks, cards and addresses go after their machine.
const TIMEOUT: u32 = 1800;

pub(super) fn target(run: &Run<'_>, target: &DestroyTarget) -> Result<Turn, Problem> {
    match target {
        DestroyTarget::Instance(id) => machine(run, id),
        DestroyTarget::Run(interrupted) => leftovers_of(run, interrupted),
    }
}

/// The run that made this group: its tags and its name have to agree. A name alone proves nothing.
pub(super) fn owner(group: &Group) -> Option<String> {
    let labels = labels(&model::tags(&group.tags));
    let run_id = labels.run_id.filter(|_| labels.managed)?;
    let lawful = sindri_plugin_sdk::check::run_id(&run_id).is_ok();
    (lawful && group.name.eq_ignore_ascii_case(&group_name(&run_id))).then_some(run_id)
}

fn machine(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let group = MachineId::parse(id, &run.config.subscription_id)?.group;
    if !run.history.has("group") {
        return ask(show_group(&group));
    }
    let Some(found) = run.history.decode_tolerated::<Group>("group")? else {
        return Ok(Turn::Done(Outcome::Removal(Removal {
            removed: Vec::new(),
            leftovers: Vec::new(),
        })));
    };
    if owner(&found).is_none() {
        return Err(Problem::new(
            "not-ours",
            format!("the resource group of {id} does not carry the tags of a run of sindri"),
        )
        .remedy(format!("if it is to go nevertheless: az vm delete --ids {id}")));
    }
    Ok(finish(run, &[group_target(&found)]))
}

fn leftovers_of(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Turn, Problem> {
    let run_id = interrupted.run_id.as_str();
    sindri_plugin_sdk::check::run_id(run_id)?;
    let unfinished = interrupted.image_name.is_some();
    if !run.history.has("group") {
        let mut steps = vec![show_group(&group_name(run_id))];
        if unfinished {
            steps.extend(searches(run));
        }
        return Ok(Turn::Run(steps));
    }
    let mut targets = Vec::new();
    if let Some(group) = run.history.decode_tolerated::<Group>("group")? {
        if owner(&group).as_deref() != Some(run_id) {
            return Err(Problem::new(
                "not-ours",
                format!(
                    "the resource group {} does not carry the tags of run {run_id}",
                    group.name
                ),
            ));
        }
        targets.push(group_target(&group));
    }
    if unfinished {
        // Whatever became of the name: the image carries the run's id from the start.
        targets.extend(of_run(run, found(run)?, run_id, "")?);
    }
    Ok(finish(run, &targets))
}

fn show_group(name: &str) -> sindri_plugin_sdk::contract::Step {
    look("group show")
        .flag("name", name)
        .tolerates(GONE.iter().copied())
        .step("group", format!("Read whose the resource group {name} is"))
}

fn group_target(group: &Group) -> Target {
    let command = Command::destroy("az", ["group", "delete"])
        .flag("name", &group.name)
        .switch("yes")
        .timeout(TIMEOUT);
    let location = model::region(group.location.as_deref().unwrap_or_default());
    // A build that was stopped a moment ago may still be putting things into it.
    Target::new("resource-group", &group.name, &location, command)
        .gone(GONE)
        .held(
            &[
                "Conflict",
                "ResourceGroupBeingDeleted",
                "ResourceGroupDeletionBlocked",
                "ResourceGroupDeletionTimeout",
            ],
            4,
        )
}

fn finish(run: &Run<'_>, targets: &[Target]) -> Turn {
    match progress(&run.history, targets, 30) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    }
}
