//! Removing things that depend on each other, some of which a cloud lets go only after a while.

use crate::contract::{Leftover, Removal, Resource, Step, StepStatus};
use crate::{Command, History, step_id, wait};

/// One thing to remove.
#[derive(Clone, Debug)]
#[must_use]
pub struct Target {
    resource: Resource,
    command: Command,
    purpose: String,
    gone: &'static [&'static str],
    held: &'static [&'static str],
    attempts: u32,
    then: Option<Step>,
}

impl Target {
    /// `command` removes it. Any failure of the command belongs to the plan: one thing that stays must not
    /// keep the rest from going. It ends up among the leftovers, with the tool's own code as the reason.
    pub fn new(kind: &str, id: &str, location: &str, command: Command) -> Self {
        let purpose = format!("Remove {} {id}", kind.replace('-', " "));
        Self {
            resource: Resource {
                kind: kind.to_owned(),
                id: id.to_owned(),
                location: location.to_owned(),
            },
            command: command.tolerates_any_failure(),
            purpose,
            gone: &[],
            held: &[],
            attempts: 1,
            then: None,
        }
    }

    /// Codes that say that it is gone already.
    pub fn gone(mut self, codes: &'static [&'static str]) -> Self {
        self.gone = codes;
        self
    }

    /// Codes that say that something still holds it, and how often to try until it counts as a leftover.
    pub fn held(mut self, codes: &'static [&'static str], attempts: u32) -> Self {
        (self.held, self.attempts) = (codes, attempts.max(1));
        self
    }

    /// This step comes right after the first attempt.
    pub fn then(mut self, step: Step) -> Self {
        self.then = Some(step);
        self
    }

    fn step_id(&self, attempt: u32) -> String {
        let Resource { kind, id, location } = &self.resource;
        step_id(&["remove", kind, location, id, &attempt.to_string()])
    }

    fn fate(&self, history: &History<'_>) -> Fate {
        for attempt in 1..=self.attempts {
            let id = self.step_id(attempt);
            let Some(result) = history.get(&id) else {
                return Fate::Try(attempt);
            };
            if history.succeeded(&id) {
                return Fate::Removed;
            }
            let code = result.error_code.as_deref().unwrap_or_default();
            if self.gone.contains(&code) {
                return Fate::Gone;
            }
            if !self.held.contains(&code) || attempt == self.attempts {
                return Fate::Stays(reason(&result.status, code));
            }
        }
        Fate::Gone
    }
}

enum Fate {
    Try(u32),
    Removed,
    Gone,
    Stays(String),
}

fn reason(status: &StepStatus, code: &str) -> String {
    match status {
        StepStatus::TimedOut => "the command took too long".to_owned(),
        StepStatus::Exited(_) | StepStatus::Waited if code.is_empty() => "the command failed".to_owned(),
        StepStatus::Exited(_) | StepStatus::Waited => format!("the cloud refuses: {code}"),
    }
}

/// What to do next, or what became of everything.
#[derive(Debug)]
pub enum Progress {
    /// These steps first.
    Ask(Vec<Step>),
    /// Nothing is left to try.
    Done(Removal),
}

/// All targets in this order, then those again that something still held, after a pause of so many
/// seconds.
pub fn progress(history: &History<'_>, targets: &[Target], pause_seconds: u32) -> Progress {
    let mut steps = Vec::new();
    let mut removal = Removal {
        removed: Vec::new(),
        leftovers: Vec::new(),
    };
    let mut pause = None;
    for target in targets {
        match target.fate(history) {
            Fate::Try(attempt) => {
                if attempt > 1 {
                    pause = pause.max(Some(attempt));
                }
                let command = target.command.clone();
                steps.push(command.step(target.step_id(attempt), &target.purpose));
                steps.extend(target.then.clone().filter(|_| attempt == 1));
            }
            Fate::Removed => removal.removed.push(target.resource.clone()),
            Fate::Gone => {}
            Fate::Stays(reason) => removal.leftovers.push(Leftover {
                resource: target.resource.clone(),
                reason,
            }),
        }
    }
    if steps.is_empty() {
        return Progress::Done(removal);
    }
    if let Some(attempt) = pause {
        // A plan that removes in stages comes here several times.
        let id = (attempt..)
            .map(|number| format!("pause-{number}"))
            .find(|id| !history.has(id))
            .unwrap_or_default();
        let purpose = "Wait until the cloud lets go of what is in use";
        steps.insert(0, wait(id, purpose, pause_seconds));
    }
    Progress::Ask(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{failed, silent};

    fn group() -> Target {
        let command = Command::destroy("cloud", ["group", "delete"]).flag("id", "g");
        Target::new("group", "g", "here", command)
            .gone(&["NotFound"])
            .held(&["InUse"], 2)
    }

    fn asked(progress: Progress) -> Vec<Step> {
        match progress {
            Progress::Ask(steps) => steps,
            Progress::Done(removal) => panic!("{removal:?}"),
        }
    }

    #[test]
    fn what_is_held_is_tried_again_after_a_pause_and_then_left() {
        let first = asked(progress(&History::new(&[]), &[group()], 10));
        let mut results = vec![failed(&first[0], "InUse")];
        let second = asked(progress(&History::new(&results), &[group()], 10));
        assert_eq!(second[0].id, "pause-2");
        results.extend([silent(&second[0]), failed(&second[1], "InUse")]);
        let Progress::Done(removal) = progress(&History::new(&results), &[group()], 10) else {
            panic!()
        };
        assert_eq!(removal.leftovers[0].reason, "the cloud refuses: InUse");
        assert!(removal.removed.is_empty());
    }

    #[test]
    fn stages_do_not_share_their_pauses() {
        let other = || {
            let command = Command::destroy("cloud", ["disk", "delete"]).flag("id", "d");
            Target::new("disk", "d", "here", command).held(&["InUse"], 2)
        };
        let first = asked(progress(&History::new(&[]), &[group()], 10));
        let mut results = vec![failed(&first[0], "InUse")];
        let second = asked(progress(&History::new(&results), &[group()], 10));
        results.extend([silent(&second[0]), silent(&second[1])]);
        let stage = asked(progress(&History::new(&results), &[group(), other()], 10));
        results.push(failed(&stage[0], "InUse"));
        let retry = asked(progress(&History::new(&results), &[group(), other()], 10));
        assert_eq!(retry[0].id, "pause-3", "no id of a step stands twice");
    }

    #[test]
    fn what_is_gone_already_is_neither_removed_nor_left() {
        let first = asked(progress(&History::new(&[]), &[group()], 10));
        let results = [failed(&first[0], "NotFound")];
        let Progress::Done(removal) = progress(&History::new(&results), &[group()], 10) else {
            panic!()
        };
        assert!(removal.removed.is_empty() && removal.leftovers.is_empty());
    }
}
