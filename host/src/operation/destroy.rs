//! Removes an instance and everything that `deploy` made for it.

use super::{Planner, Programs, Session, outcome};
use crate::contract::{DestroyTarget, Operation, Removal};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::{self, Event, Finish, Story};
use crate::runner::cancel::Cancel;

/// The operation behind `vm destroy`.
pub fn operation(instance: &str) -> Operation {
    Operation::Destroy(DestroyTarget::Instance(instance.to_owned()))
}

/// Removes the instance. What could not be removed is an error that names it.
pub async fn destroy(session: &Session<'_>, instance: &str, cancel: Cancel) -> Result<Removal> {
    let run = session.begin("destroy", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel)?;
    let result = match planner.execute(operation(instance)).await {
        Ok(outcome) => outcome::removal(outcome)
            .and_then(without_leftovers)
            .and_then(|removal| something(removal, instance)),
        Err(error) => Err(error),
    };
    match &result {
        Ok(removal) => {
            run.record(Event::Removed {
                removal: removal.clone(),
            })?;
            run.finish(Finish::Succeeded, None)?;
            forget(session, instance);
        }
        Err(error) => run.finish(Finish::Failed, Some(error))?,
    }
    result
}

/// A plugin that finds nothing to remove is right; whoever mistyped an id or a region must not read "done".
fn something(removal: Removal, instance: &str) -> Result<Removal> {
    if !removal.removed.is_empty() {
        return Ok(removal);
    }
    Err(Error::new(
        Code::InstanceNotFound,
        format!("there is no instance `{instance}` here, and nothing of it is left"),
    )
    .remedy("list the deployments with `sindri vm runs`; give --region if it is in another one"))
}

/// Turns leftovers into an error that names every one of them.
pub(super) fn without_leftovers(removal: Removal) -> Result<Removal> {
    if removal.leftovers.is_empty() {
        return Ok(removal);
    }
    let mut error = Error::new(
        Code::Leftovers,
        format!("{} resources could not be removed", removal.leftovers.len()),
    );
    for leftover in &removal.leftovers {
        let resource = &leftover.resource;
        error = error.detail(format!(
            "{} {} ({}): {}",
            resource.kind, resource.id, resource.location, leftover.reason
        ));
    }
    Err(error.remedy("run the same command again; what is gone stays gone"))
}

/// Marks the run that made the instance, and removes its private key: it opens nothing any more.
fn forget(session: &Session<'_>, instance: &str) {
    let environment = &session.app.environment;
    let Ok(stories) = journal::stories(environment) else {
        return;
    };
    for story in stories {
        if story.instance.as_ref().is_none_or(|made| made.id != instance) {
            continue;
        }
        forget_run(session, &story);
    }
}

/// Marks a run whose resources are gone, and removes its private key.
pub(super) fn forget_run(session: &Session<'_>, story: &Story) {
    let Ok(run) = session.reopen(story) else {
        return;
    };
    let forgotten = super::deploy::key_files(&story.directory)
        .into_iter()
        .filter(|key| files::remove(key).is_ok())
        .collect();
    let _ = run.record(Event::Undone { forgotten });
}
