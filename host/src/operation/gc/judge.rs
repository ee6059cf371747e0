//! Whether a run's remains may go.

use std::time::Duration;

use serde::Serialize;

use crate::contract::RunPurpose;
use crate::journal::{State, Story};

/// What the user allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Younger runs stay. Zero lets runs go whose age nobody knows, too.
    pub(crate) older_than: Duration,
    /// Instances that were deployed and are in use go, too.
    pub(crate) deployed: bool,
}

/// What this machine knows of a run.
pub(super) enum Known {
    /// It ran here.
    Here(Box<Story>),
    /// It ran here, and its journal cannot be read.
    Unreadable,
    /// It ran elsewhere, or its journal is gone.
    Elsewhere,
}

/// What is to be done with a run's remains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "why")]
pub(crate) enum Verdict {
    /// They go.
    Remove(Cause),
    /// They stay.
    Keep(Obstacle),
}

/// Why they may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// Its journal says so, and nobody works on it.
    Interrupted,
    /// Its journal says that it is over, and something of it is still there.
    Leftover,
    /// A build that this machine knows nothing of.
    Elsewhere,
    /// A deployment, or what may be one, that the user gave up.
    Deployed,
}

/// Why they stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Obstacle {
    /// Somebody works on it right now.
    Active,
    /// It began too recently: on another machine it may still be going on.
    Young,
    /// Nobody knows when it began.
    Ageless,
    /// It is deployed, or may be.
    InUse,
    /// Its journal on this machine cannot be read.
    Unreadable,
}

impl Verdict {
    /// In words.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Remove(Cause::Interrupted) => "the run was interrupted",
            Self::Remove(Cause::Leftover) => "the run is over and has left this",
            Self::Remove(Cause::Elsewhere) => "a build of another machine",
            Self::Remove(Cause::Deployed) => "deployed, and --deployed was given",
            Self::Keep(Obstacle::Active) => "the run is going on",
            Self::Keep(Obstacle::Young) => "younger than --older-than",
            Self::Keep(Obstacle::Ageless) => "of unknown age; --older-than 0s takes it",
            Self::Keep(Obstacle::InUse) => "deployed, or may be; --deployed takes it",
            Self::Keep(Obstacle::Unreadable) => "its journal on this machine cannot be read",
        }
    }
}

/// Decides. Whoever goes on is never touched, whatever the user allows.
pub(super) fn verdict(known: &Known, traced: RunPurpose, age: Option<Duration>, rules: Rules) -> Verdict {
    let cause = match known {
        Known::Unreadable => return Verdict::Keep(Obstacle::Unreadable),
        Known::Here(story) => match story.state {
            State::Active => return Verdict::Keep(Obstacle::Active),
            State::Interrupted => Cause::Interrupted,
            State::Succeeded if purpose(story, traced) == RunPurpose::Deploy => Cause::Deployed,
            State::Succeeded | State::Failed | State::Undone => Cause::Leftover,
        },
        Known::Elsewhere => match traced {
            RunPurpose::Build => Cause::Elsewhere,
            // What does not say what it is for may be somebody's machine.
            RunPurpose::Deploy | RunPurpose::Unknown => Cause::Deployed,
        },
    };
    if cause == Cause::Deployed && !rules.deployed {
        return Verdict::Keep(Obstacle::InUse);
    }
    match age {
        Some(age) if age < rules.older_than => Verdict::Keep(Obstacle::Young),
        None if !rules.older_than.is_zero() => Verdict::Keep(Obstacle::Ageless),
        Some(_) | None => Verdict::Remove(cause),
    }
}

/// What a run of this machine was for: what is deployed by either account counts as deployed.
pub(super) fn purpose(story: &Story, traced: RunPurpose) -> RunPurpose {
    match (story.command.as_str(), traced) {
        ("deploy", _) | (_, RunPurpose::Deploy) => RunPurpose::Deploy,
        ("build", _) | (_, RunPurpose::Build) => RunPurpose::Build,
        (_, RunPurpose::Unknown) => RunPurpose::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const DAY: Rules = Rules {
        older_than: Duration::from_secs(24 * 3600),
        deployed: false,
    };
    const ANY_AGE: Rules = Rules {
        older_than: Duration::ZERO,
        deployed: false,
    };
    const EVERYTHING: Rules = Rules {
        older_than: Duration::ZERO,
        deployed: true,
    };
    const OLD: Option<Duration> = Some(Duration::from_secs(48 * 3600));

    fn here(command: &str, state: State) -> Known {
        Known::Here(Box::new(Story {
            id: "abcdef234567".to_owned(),
            started: "2026-11-22T09:30:05Z".to_owned(),
            command: command.to_owned(),
            cloud: "aws".to_owned(),
            state,
            image_name: None,
            image: None,
            instance: None,
            config: serde_json::Value::Null,
            packer: None,
            made: true,
            process: None,
            directory: "/runs/abcdef234567".into(),
        }))
    }

    fn keep(obstacle: Obstacle) -> Verdict {
        Verdict::Keep(obstacle)
    }

    fn remove(cause: Cause) -> Verdict {
        Verdict::Remove(cause)
    }

    /// The bug that would end somebody's build.
    #[test]
    fn a_run_that_is_going_on_is_never_touched() {
        for command in ["build", "deploy"] {
            for traced in [RunPurpose::Build, RunPurpose::Deploy, RunPurpose::Unknown] {
                let known = here(command, State::Active);
                assert_eq!(verdict(&known, traced, OLD, EVERYTHING), keep(Obstacle::Active));
            }
        }
        assert_eq!(
            verdict(&Known::Unreadable, RunPurpose::Build, OLD, EVERYTHING),
            keep(Obstacle::Unreadable)
        );
    }

    #[test]
    fn runs_of_this_machine() {
        use RunPurpose::{Build, Deploy, Unknown};
        use State::{Failed, Interrupted, Succeeded, Undone};
        for (command, state, traced, rules, expected) in [
            ("build", Interrupted, Build, DAY, remove(Cause::Interrupted)),
            ("deploy", Interrupted, Deploy, DAY, remove(Cause::Interrupted)),
            ("deploy", Interrupted, Unknown, DAY, remove(Cause::Interrupted)),
            ("build", Succeeded, Build, DAY, remove(Cause::Leftover)),
            ("build", Failed, Build, DAY, remove(Cause::Leftover)),
            ("deploy", Failed, Deploy, DAY, remove(Cause::Leftover)),
            ("deploy", Undone, Deploy, DAY, remove(Cause::Leftover)),
            ("deploy", Succeeded, Deploy, DAY, keep(Obstacle::InUse)),
            ("deploy", Succeeded, Unknown, DAY, keep(Obstacle::InUse)),
            // Journal and tags disagree: the careful one counts.
            ("build", Succeeded, Deploy, DAY, keep(Obstacle::InUse)),
            ("deploy", Succeeded, Build, ANY_AGE, keep(Obstacle::InUse)),
            ("deploy", Succeeded, Deploy, EVERYTHING, remove(Cause::Deployed)),
        ] {
            let known = here(command, state);
            assert_eq!(
                verdict(&known, traced, OLD, rules),
                expected,
                "{command} {state:?} {traced:?}"
            );
        }
    }

    #[test]
    fn runs_of_other_machines_are_builds_or_may_be_in_use() {
        let judged = |traced, rules| verdict(&Known::Elsewhere, traced, OLD, rules);
        assert_eq!(judged(RunPurpose::Build, DAY), remove(Cause::Elsewhere));
        for traced in [RunPurpose::Deploy, RunPurpose::Unknown] {
            assert_eq!(judged(traced, ANY_AGE), keep(Obstacle::InUse));
            assert_eq!(judged(traced, EVERYTHING), remove(Cause::Deployed));
        }
    }

    #[test]
    fn the_age_guard_holds_for_everything_and_ends_with_zero() {
        let interrupted = here("build", State::Interrupted);
        for known in [&interrupted, &Known::Elsewhere] {
            let judged = |age, rules| verdict(known, RunPurpose::Build, age, rules);
            assert_eq!(judged(Some(HOUR), DAY), keep(Obstacle::Young));
            assert_eq!(judged(None, DAY), keep(Obstacle::Ageless));
            assert!(matches!(judged(Some(DAY.older_than), DAY), Verdict::Remove(_)));
            assert!(matches!(
                judged(Some(Duration::ZERO), ANY_AGE),
                Verdict::Remove(_)
            ));
            assert!(matches!(judged(None, ANY_AGE), Verdict::Remove(_)));
        }
    }
}
