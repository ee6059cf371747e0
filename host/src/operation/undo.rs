//! Removes what an interrupted run left behind.

use std::time::Duration;

use super::{Planner, Programs, Session, destroy, outcome};
use crate::contract::{DestroyTarget, InterruptedRun, Operation, Removal};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::{Event, State, Story};
use crate::runner::cancel::Cancel;
use crate::runner::orphan;

/// How long Packer may take to clean up by itself before it is killed.
const PACKER_GRACE: Duration = Duration::from_secs(300);

/// The operation behind `vm undo`.
pub fn operation(story: &Story) -> Operation {
    // A finished image is a result, not a leftover.
    let image_name = if story.image.is_none() {
        story.image_name.clone()
    } else {
        None
    };
    Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: story.id.clone(),
        image_name,
    }))
}

/// Whether there is something to undo.
pub fn check(story: &Story) -> Result<()> {
    match story.state {
        State::Interrupted => Ok(()),
        State::Active => Err(
            Error::new(Code::RunActive, format!("run {} is still going on", story.id))
                .remedy("press Ctrl-C where it runs; it cleans up by itself"),
        ),
        State::Succeeded | State::Failed | State::Undone => Err(Error::new(
            Code::UsageArgument,
            format!("run {} was not interrupted", story.id),
        )
        .remedy("remove an instance with `sindri vm destroy`, an image with `sindri vm delete`")),
    }
}

/// Ends Packer if it still runs, then removes everything that carries the run's id.
pub async fn undo(session: &Session<'_>, story: &Story, cancel: Cancel) -> Result<Removal> {
    check(story)?;
    if let Some((pid, start_ticks)) = story.packer {
        session.app.console.step("Wait for Packer to end");
        orphan::end(pid, start_ticks, PACKER_GRACE).await;
    }
    let run = session.reopen(story)?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel)?;
    let removal =
        outcome::removal(planner.execute(operation(story)).await?).and_then(destroy::without_leftovers)?;
    run.record(Event::Removed {
        removal: removal.clone(),
    })?;
    let keys = super::deploy::key_files(&story.directory);
    let forgotten = keys
        .into_iter()
        .filter(|key| files::remove(key).is_ok())
        .collect();
    run.record(Event::Undone { forgotten })?;
    Ok(removal)
}
