//! What a turn of a plan may hold. Checked as a whole before anything of it runs.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::contract::{Action, Command, CommandRequest, Effect, Step, StepResult};
use crate::error::{Code, Error, Result};
use crate::journal::audit::{Fact, Grant, RefusedStep};
use crate::policy::argv::{self, Argv, Placement};
use crate::policy::grants::Grants;
use crate::policy::{redact, tools};

/// Steps of one turn.
const STEPS: usize = 200;
/// The longest wait in seconds. Longer ones are several turns, so that Ctrl-C is seen and progress shown.
const WAIT: u32 = 60;

/// Turns of one operation. A plan that polls every 10 s ends within half an hour.
pub(crate) const TURNS: usize = 200;
/// How long an operation may go on, and how long it may plan to wait. Turns alone do not limit that: each may hold two
/// hundred waits of a minute. The longest of the bundled plans, copies of an image to other regions, waits three hours.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// What one operation has left of turns and time.
pub(crate) struct Budget {
    turns: usize,
    waiting: Duration,
    begun: Instant,
}

impl Budget {
    /// All of it.
    pub(crate) fn new() -> Self {
        Self {
            turns: TURNS,
            waiting: LONGEST,
            begun: Instant::now(),
        }
    }

    /// Takes a turn, before the plugin is asked for it.
    pub(crate) fn take_turn(&mut self) -> Result<()> {
        self.turns = self
            .turns
            .checked_sub(1)
            .ok_or_else(|| endless(&format!("within {TURNS} turns")))?;
        self.check_time()
    }

    /// Takes the time that the steps want to wait.
    pub(crate) fn take_waits(&mut self, steps: &[Checked]) -> Result<()> {
        let waits = steps.iter().map(|step| match step.work {
            Work::Wait(seconds) => Duration::from_secs(u64::from(seconds)),
            Work::Command(..) => Duration::ZERO,
        });
        self.waiting = self
            .waiting
            .checked_sub(waits.sum())
            .ok_or_else(|| endless("within the hours that a plan may wait"))?;
        Ok(())
    }

    /// Before each step.
    pub(crate) fn check_time(&self) -> Result<()> {
        if self.begun.elapsed() > LONGEST {
            return Err(endless(&format!("within {} hours", LONGEST.as_secs() / 3600)));
        }
        Ok(())
    }
}

fn endless(how: &str) -> Error {
    Error::new(Code::RunTurns, format!("the plan did not end {how}"))
        .remedy("report this to the plugin's author, with the run's journal")
}

/// A step that the policy let pass.
pub(crate) struct Checked {
    pub(crate) id: String,
    pub(crate) purpose: String,
    pub(crate) work: Work,
}

pub(crate) enum Work {
    /// Seconds.
    Wait(u32),
    Command(Box<Command>, Argv),
}

/// All of a turn's steps, or why none of them may run.
pub(crate) fn check(
    steps: Vec<Step>,
    history: &[StepResult],
    granted: &Grants,
    placement: &Placement<'_>,
) -> Result<Vec<Checked>> {
    if steps.is_empty() || steps.len() > STEPS {
        return Err(wrong(format!(
            "the plugin returned {} steps; a turn has 1 to {STEPS}",
            steps.len()
        )));
    }
    let mut ids: HashSet<String> = history.iter().map(|result| result.step_id.clone()).collect();
    steps
        .into_iter()
        .map(|step| {
            if !is_step_id(&step.id) {
                return Err(wrong(format!(
                    "`{}` is no id of a step",
                    step.id.escape_default()
                )));
            }
            if !ids.insert(step.id.clone()) {
                return Err(wrong(format!(
                    "the step id `{}` stands twice in the plan",
                    step.id
                )));
            }
            let work = work(step.action, granted, placement)
                .map_err(|error| error.detail(format!("step `{}`", step.id)))?;
            Ok(Checked {
                id: step.id,
                purpose: redact::neutralise(&step.purpose).into_owned(),
                work,
            })
        })
        .collect()
}

/// What the steps change, in words; empty when they only read and wait.
pub(crate) fn changes(steps: &[Checked]) -> Vec<String> {
    let change = |step: &Checked| match &step.work {
        Work::Command(command, _) if command.effect != Effect::Read => Some(step.purpose.clone()),
        Work::Command(..) | Work::Wait(_) => None,
    };
    steps.iter().filter_map(change).collect()
}

/// That a command may run, and why.
pub(crate) fn allowance(
    step: &str,
    purpose: &str,
    command: &Command,
    argv: &Argv,
    granted: &[CommandRequest],
) -> Fact {
    Fact::CommandAllowed {
        step: step.to_owned(),
        purpose: purpose.to_owned(),
        argv: argv.words(),
        grant: Grant::of(command, granted),
    }
}

/// That none of these may run, and why.
pub(crate) fn refusal(steps: &[Step], error: &Error) -> Fact {
    Fact::CommandRefused {
        code: error.code().as_str().to_owned(),
        message: error.message().to_owned(),
        details: error.details().to_vec(),
        steps: RefusedStep::of(steps),
    }
}

fn work(action: Action, granted: &Grants, placement: &Placement<'_>) -> Result<Work> {
    match action {
        Action::Wait(seconds) if seconds <= WAIT => Ok(Work::Wait(seconds)),
        Action::Wait(seconds) => Err(wrong(format!("a wait of {seconds} s is longer than {WAIT}"))),
        Action::Command(command) => {
            let profile = tools::profile(&command.tool)?;
            let argv = argv::render(&command, granted.commands(), &profile, placement)
                .map_err(|error| granted.explain_command(error, &command))?;
            Ok(Work::Command(Box::new(command), argv))
        }
    }
}

fn wrong(what: String) -> Error {
    Error::new(Code::PluginReturn, what)
}

fn is_step_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(id: &str, seconds: u32) -> Step {
        Step {
            id: id.to_owned(),
            purpose: "Wait".to_owned(),
            action: Action::Wait(seconds),
        }
    }

    fn nobody() -> std::sync::Arc<crate::contract::ProviderInfo> {
        std::sync::Arc::new(crate::contract::ProviderInfo {
            id: String::new(),
            title: String::new(),
            version: String::new(),
            aliases: Vec::new(),
            tools: Vec::new(),
            requests: crate::contract::Requests::default(),
            config_schema: String::new(),
        })
    }

    fn refused(steps: Vec<Step>) -> String {
        let placement = Placement {
            default: "",
            allowed: &[],
        };
        match check(steps, &[], &Grants::all(nobody()), &placement) {
            Ok(_) => panic!("it was let pass"),
            Err(error) => {
                assert_eq!(error.code(), Code::PluginReturn);
                error.message().to_owned()
            }
        }
    }

    #[test]
    fn a_turn_without_an_end_to_its_steps_or_waits_is_refused() {
        assert!(refused(Vec::new()).contains("0 steps"));
        assert!(refused((0..201).map(|n| wait(&format!("s{n}"), 1)).collect()).contains("201 steps"));
        assert!(refused(vec![wait("long", 61)]).contains("61"));
    }

    #[test]
    fn ids_are_ids_and_stand_once() {
        assert!(refused(vec![wait("a", 1), wait("a", 1)]).contains("twice"));
        let long = "x".repeat(65);
        for id in ["", "A", "../x", "a/b", "a b", "\u{1b}[2J", &long] {
            assert!(refused(vec![wait(id, 1)]).contains("no id"), "{id}");
        }
    }

    #[test]
    fn a_plan_that_only_waits_ends_although_each_of_its_turns_is_allowed() {
        let turn = || -> Vec<Checked> {
            let wait = |n| Checked {
                id: format!("s{n}"),
                purpose: String::new(),
                work: Work::Wait(WAIT),
            };
            (0..STEPS).map(wait).collect()
        };
        let mut budget = Budget::new();
        assert!(budget.take_waits(&turn()).is_ok(), "more than three hours");
        assert_eq!(budget.take_waits(&turn()).unwrap_err().code(), Code::RunTurns);
        let mut budget = Budget::new();
        assert!((0..TURNS).all(|_| budget.take_turn().is_ok()));
        assert_eq!(budget.take_turn().unwrap_err().code(), Code::RunTurns);
    }
}
