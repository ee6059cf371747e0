//! Finds what interrupted runs left behind, on this machine and on others, and removes it.
//!
//! Two witnesses: the journals of this machine know what was interrupted, and the plugin finds by their
//! tags what runs have left in the account. What neither proves to be ours is not even looked at.

mod judge;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use judge::Cause;
pub(crate) use judge::{Rules, Verdict};

use super::{Planner, Programs, Session, destroy, outcome, together, undo};
use crate::contract::{DestroyTarget, InterruptedRun, Operation, Removal, Resource, RunPurpose, RunTrace};
use crate::error::{Error, Result};
use crate::journal::{self, Event, Finish, State, Story};
use crate::runner::cancel::Cancel;
use judge::Known;

/// Runs that are removed at the same time: most of it is waiting for the cloud.
const AT_ONCE: usize = 4;

/// A run that has left something, or may have.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) run_id: String,
    /// What it was for, as far as journal or tags say.
    pub(crate) purpose: RunPurpose,
    /// When it began, RFC 3339.
    pub(crate) started: Option<String>,
    /// How long ago that is.
    pub(crate) age: Option<Duration>,
    /// What this machine's journal says of it.
    pub(crate) story: Option<Story>,
    /// What its tags show; what cannot be tagged comes to light when the run is removed.
    pub(crate) resources: Vec<Resource>,
    /// What is to be done.
    pub(crate) verdict: Verdict,
}

/// What becomes of the runs that were found.
pub(crate) type Removals = BTreeMap<String, Result<Removal>>;

/// Looks only.
pub(crate) async fn look(session: &Session<'_>, rules: Rules, cancel: &Cancel) -> Result<Vec<Found>> {
    let traces = traces(session, cancel).await?;
    // Read after the account: a run of this machine that has left a trace has had its journal before.
    let environment = &session.app.environment;
    let cloud = &session.plugin.identity().id;
    let mut stories: BTreeMap<String, Story> = journal::stories(environment)?
        .into_iter()
        .filter(|story| story.cloud == *cloud)
        .map(|story| (story.id.clone(), story))
        .collect();
    let mut found = Vec::new();
    let mut strange = 0;
    for trace in traces {
        if !is_run_id(&trace.run_id) {
            strange += 1;
            continue;
        }
        let known = match stories.remove(&trace.run_id) {
            Some(story) => Known::Here(Box::new(story)),
            None if journal::exists(environment, &trace.run_id)? => Known::Unreadable,
            None => Known::Elsewhere,
        };
        found.push(weigh(trace, known, rules));
    }
    if strange > 0 {
        session.app.console.notice(&format!(
            "{strange} runs have ids that sindri does not give; they are left alone"
        ));
    }
    let interrupted = stories
        .into_values()
        .filter(|story| story.state == State::Interrupted);
    found.extend(interrupted.map(|story| {
        let trace = RunTrace {
            run_id: story.id.clone(),
            purpose: RunPurpose::Unknown,
            started: None,
            resources: Vec::new(),
        };
        weigh(trace, Known::Here(Box::new(story)), rules)
    }));
    found.sort_by(|one, other| (&one.started, &one.run_id).cmp(&(&other.started, &other.run_id)));
    Ok(found)
}

/// The plugin's answer; reading leaves no run behind.
async fn traces(session: &Session<'_>, cancel: &Cancel) -> Result<Vec<RunTrace>> {
    let run = session.begin("gc", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel.clone())?;
    let result = planner.execute(Operation::FindRuns).await.and_then(outcome::runs);
    drop(planner);
    match result {
        Ok(traces) => {
            run.discard()?;
            Ok(traces)
        }
        Err(error) => {
            run.finish(Finish::Failed, Some(&error))?;
            Err(error)
        }
    }
}

fn weigh(trace: RunTrace, known: Known, rules: Rules) -> Found {
    let (started, purpose) = match &known {
        Known::Here(story) => (Some(story.started.clone()), judge::purpose(story, trace.purpose)),
        Known::Elsewhere | Known::Unreadable => (trace.started, trace.purpose),
    };
    let age = started.as_deref().and_then(journal::since);
    let verdict = judge::verdict(&known, trace.purpose, age, rules);
    let story = match known {
        Known::Here(story) => Some(*story),
        Known::Elsewhere | Known::Unreadable => None,
    };
    Found {
        run_id: trace.run_id,
        purpose,
        started,
        age,
        story,
        resources: trace.resources,
        verdict,
    }
}

/// As `Run` makes them. Tags are text that anybody with access to the account can write.
fn is_run_id(id: &str) -> bool {
    id.len() == 12
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// Removes every run that is to go, each for itself: one that fails does not keep the others.
pub(crate) async fn remove(session: &Session<'_>, found: &[Found], cancel: &Cancel) -> Removals {
    let waiting = RefCell::new(
        found
            .iter()
            .filter(|found| matches!(found.verdict, Verdict::Remove(_))),
    );
    let removals = RefCell::new(Removals::new());
    let work = async || {
        loop {
            let Some(next) = waiting.borrow_mut().next() else {
                break;
            };
            let result = remove_one(session, next, cancel)
                .await
                .map_err(|error| error.detail(format!("run {}", next.run_id)));
            removals.borrow_mut().insert(next.run_id.clone(), result);
        }
    };
    together((0..AT_ONCE).map(|_| work())).await;
    removals.into_inner()
}

async fn remove_one(session: &Session<'_>, found: &Found, cancel: &Cancel) -> Result<Removal> {
    match &found.story {
        // With the configuration that the run had: its region, its endpoint, its image.
        Some(story) if story.state == State::Interrupted => {
            let own = Session::of_story(session.app, story)?;
            undo::undo(&own, story, cancel.clone()).await
        }
        story => {
            let removal = remove_traces(session, &found.run_id, cancel).await?;
            if let (Verdict::Remove(Cause::Deployed), Some(story)) = (found.verdict, story) {
                destroy::forget_run(session, story);
            }
            Ok(removal)
        }
    }
}

/// A run that is over or that this machine does not know; an image of it is a result. Written down in a
/// journal of its own.
async fn remove_traces(session: &Session<'_>, run_id: &str, cancel: &Cancel) -> Result<Removal> {
    let run = session.begin("gc", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel.clone())?;
    let operation = Operation::Destroy(DestroyTarget::Run(InterruptedRun {
        run_id: run_id.to_owned(),
        image_name: None,
    }));
    let result = match planner.execute(operation).await {
        Ok(outcome) => outcome::removal(outcome).and_then(destroy::without_leftovers),
        Err(error) => Err(error),
    };
    match &result {
        Ok(removal) => {
            run.record(Event::Removed {
                removal: removal.clone(),
            })?;
            run.finish(Finish::Succeeded, None)?;
        }
        Err(error) => run.finish(Finish::Failed, Some(error))?,
    }
    result
}

/// Whether anything is to be removed.
pub(crate) fn has_work(found: &[Found]) -> bool {
    found
        .iter()
        .any(|found| matches!(found.verdict, Verdict::Remove(_)))
}

/// Errors of those that failed.
pub(crate) fn failures(removals: &Removals) -> impl Iterator<Item = (&str, &Error)> {
    removals
        .iter()
        .filter_map(|(id, result)| Some((id.as_str(), result.as_ref().err()?)))
}

#[cfg(test)]
mod tests {
    use super::is_run_id;

    #[test]
    fn an_id_that_sindri_never_gives_is_nobodys() {
        assert!(is_run_id("abcdef234567"));
        for id in [
            "",
            "../../../../x",
            "abcdef23456*",
            "ABCDEF234567",
            "abcdef2345678",
        ] {
            assert!(!is_run_id(id), "{id}");
        }
    }
}
