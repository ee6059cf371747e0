//! Looking again until something is as it should be.

use sindri_plugin_sdk::contract::Problem;
use sindri_plugin_sdk::{Command, wait};

use super::{Progress, Run};

/// What to look at, and for how long.
pub(super) struct Watch<'a> {
    /// Begins the ids of the steps.
    pub(super) id: &'a str,
    /// What the user reads, for example `Wait until the VPC can be used`.
    pub(super) purpose: &'a str,
    /// Looks.
    pub(super) command: Command,
    /// Seconds between looks.
    pub(super) every: u32,
    /// How often.
    pub(super) looks: u32,
}

/// Looks until `judge` gives something. `Done(None)` when it never does.
///
/// `judge` gets the id of a step that succeeded; a look that fails in a way that the command tolerates counts as
/// one that saw nothing.
pub(super) fn until<T>(
    run: &Run<'_>,
    watch: &Watch<'_>,
    judge: impl Fn(&str) -> Result<Option<T>, Problem>,
) -> Result<Progress<Option<T>>, Problem> {
    for number in 1..=watch.looks {
        let id = format!("{}-{number}", watch.id);
        if !run.history.has(&id) {
            let mut steps = vec![watch.command.clone().step(&id, watch.purpose)];
            if number > 1 {
                steps.insert(0, wait(format!("{id}-pause"), watch.purpose, watch.every));
            }
            return Ok(Progress::Ask(steps));
        }
        if run.history.succeeded(&id)
            && let Some(seen) = judge(&id)?
        {
            return Ok(Progress::Done(Some(seen)));
        }
    }
    Ok(Progress::Done(None))
}
