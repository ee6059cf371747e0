//! Plans: every operation, against tools that print whatever they like.

use std::sync::Arc;

use super::answers::{ANSWERS, Answer};
use super::samples::Section;
use super::{Rule, Suite, context};
use crate::contract::{
    Artifact, Command, CommandRequest, CopyRequest, DeployRequest, DeprecateRequest, DeprecationState,
    DestroyTarget, ImageFilter, InterruptedRun, Operation, Outcome, PlanRequest, PlannedImage, Principal,
    PublishRequest, ShareRequest, StepResult, StepStatus, Tag, Turn,
};
use crate::error::Code;
use crate::operation::TURNS;
use crate::operation::place::Place;
use crate::operation::turn::{self, Work};
use crate::policy::grants::Grants;
use crate::policy::grants::item::Item;

/// What a careless caller or a hostile manifest may pass for an id.
const IDS: &[&str] = &[
    "",
    "x",
    "--help",
    "@/etc/passwd",
    "file:///etc/passwd",
    "../../etc/passwd",
    "a b;$(id)\n\u{1b}[2J",
    "*",
    "\u{e9}\u{202e}",
];

pub(super) fn check(suite: &mut Suite<'_>, sections: &[Section]) {
    let plain = plain();
    let strange: Vec<Operation> = IDS.iter().flat_map(|id| about(id)).collect();
    for section in sections {
        let place = Place::of(&suite.info.config_schema, &section.values);
        for operation in &plain {
            for answer in ANSWERS {
                drive(suite, section, &place, operation, *answer, Caller::Careful);
            }
            strange_histories(suite, section, operation);
        }
        for operation in &strange {
            for answer in [Answer::Prints(""), Answer::Prints("{}"), Answer::Fails(None)] {
                drive(suite, section, &place, operation, answer, Caller::Careless);
            }
        }
    }
}

/// Who chose what the operation is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// The policy has no reason to refuse a value.
    Careful,
    /// The plugin may leave it to the policy to refuse the caller's value.
    Careless,
}

fn drive(
    suite: &mut Suite<'_>,
    section: &Section,
    place: &Place,
    operation: &Operation,
    answer: Answer,
    caller: Caller,
) {
    let what = name(operation);
    let request = request(section, operation);
    let mut history: Vec<StepResult> = Vec::new();
    for _ in 0..TURNS {
        let call = suite.twice(&what, |plugin| plugin.plan(request.clone(), history.clone()));
        let steps = match call {
            Some(Ok(Turn::Run(steps))) => steps,
            Some(Ok(Turn::Done(outcome))) => return ended(suite, &what, operation, &outcome),
            Some(Err(_)) | None => return,
        };
        let granted = Grants::all(Arc::clone(&suite.info));
        let checked = match turn::check(steps, &history, &granted, &place.placement()) {
            Ok(checked) => checked,
            Err(error) if caller == Caller::Careless && error.code() == Code::ArgvValue => return,
            Err(error) => return suite.find(Rule::Command, format!("{what}: {error}")),
        };
        for step in checked {
            let (result, goes_on) = match step.work {
                Work::Wait(_) => (waited(&step.id), true),
                Work::Command(command, _) => {
                    suite.used(Item::Command(as_requested(&command)));
                    #[cfg(test)]
                    if caller == Caller::Careful {
                        super::tests::reads_back(suite, &command);
                        super::tests::is_permitted(suite, operation, &as_requested(&command));
                    }
                    answer.to(&step.id, &command)
                }
            };
            if !goes_on {
                return;
            }
            history.push(result);
        }
    }
    suite.find(Rule::Outcome, format!("{what}: no end after {TURNS} turns"));
}

/// A command the way it was requested: `N` for the number in the name of a flag.
fn as_requested(command: &Command) -> CommandRequest {
    let part = |part: &str| match part.parse::<u8>() {
        Ok(_) => "N".to_owned(),
        Err(_) => part.to_owned(),
    };
    let name = |name: &str| name.split('.').map(part).collect::<Vec<_>>().join(".");
    CommandRequest {
        tool: command.tool.clone(),
        verb: command.verb.clone(),
        flags: command.flags.iter().map(|flag| name(&flag.name)).collect(),
        effect: command.effect,
    }
}

fn waited(id: &str) -> StepResult {
    StepResult {
        step_id: id.to_owned(),
        status: StepStatus::Waited,
        stdout: String::new(),
        error_code: None,
    }
}

/// Results of steps that nobody asked for, twice the same one, and many.
fn strange_histories(suite: &mut Suite<'_>, section: &Section, operation: &Operation) {
    let request = request(section, operation);
    let foreign = |id: &str| StepResult {
        stdout: "{}".to_owned(),
        status: StepStatus::Exited(-1),
        ..waited(id)
    };
    let many: Vec<_> = (0..5000)
        .map(|number| foreign(&format!("step-{number}")))
        .collect();
    for history in [
        vec![foreign("no-such-step")],
        vec![foreign(""), foreign("")],
        many,
    ] {
        let what = format!("{} with a strange history", name(operation));
        suite.twice(&what, |plugin| plugin.plan(request.clone(), history.clone()));
    }
}

fn ended(suite: &mut Suite<'_>, what: &str, operation: &Operation, outcome: &Outcome) {
    let fits = match operation {
        Operation::CheckCredentials => matches!(outcome, Outcome::Identity(_)),
        Operation::CheckBuild(_) => matches!(outcome, Outcome::Ready(_)),
        Operation::FindImage(_) | Operation::ShowImage(_) | Operation::ResolveArtifact(_) => {
            matches!(outcome, Outcome::Image(_))
        }
        Operation::ListImages(_) => matches!(outcome, Outcome::Images(_)),
        Operation::DeleteImage(_) | Operation::Destroy(_) => matches!(outcome, Outcome::Removal(_)),
        Operation::Deploy(_) => matches!(outcome, Outcome::Instance(_)),
        Operation::FindRuns => matches!(outcome, Outcome::Runs(_)),
        Operation::Share(_) | Operation::Publish(_) | Operation::Copy(_) | Operation::Deprecate(_) => {
            matches!(outcome, Outcome::Distribution(_))
        }
    };
    if !fits {
        suite.find(
            Rule::Outcome,
            format!("{what}: it ended with the outcome of another operation"),
        );
    }
}

fn request(section: &Section, operation: &Operation) -> PlanRequest {
    PlanRequest {
        context: context(None),
        config: section.json(),
        operation: operation.clone(),
    }
}

/// The operation without what it is about.
fn name(operation: &Operation) -> String {
    let text = format!("{operation:?}");
    text.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

fn plain() -> Vec<Operation> {
    vec![
        Operation::CheckCredentials,
        Operation::FindRuns,
        Operation::FindImage("0123456789abcdef".repeat(4)),
        Operation::ListImages(ImageFilter { name_prefix: None }),
        Operation::CheckBuild(PlannedImage {
            name: "sindri-dev-20261122093005".to_owned(),
            architecture: None,
        }),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: "abcdef012345".to_owned(),
            image_name: Some("sindri-dev-20261122093005".to_owned()),
        })),
    ]
}

/// Everything that is about something with an id.
fn about(id: &str) -> Vec<Operation> {
    let text = || id.to_owned();
    let image_id = text;
    vec![
        Operation::FindImage(text()),
        Operation::ListImages(ImageFilter {
            name_prefix: Some(text()),
        }),
        Operation::CheckBuild(PlannedImage {
            name: text(),
            architecture: None,
        }),
        Operation::ShowImage(text()),
        Operation::ResolveArtifact(Artifact {
            builder_type: text(),
            artifact_id: text(),
            image_name: text(),
            unwritten_tags: vec![Tag::new("note", "{{x}}")],
            unwritten_description: Some("{{x}}".to_owned()),
        }),
        Operation::DeleteImage(text()),
        Operation::Deploy(DeployRequest {
            image_id: image_id(),
            name: "sindri-dev-abcdef012345".to_owned(),
            ssh_source: "203.0.113.7/32".to_owned(),
            tags: vec![
                Tag::new("ManagedBy", "sindri"),
                Tag::new("SindriRunId", "abcdef012345"),
            ],
        }),
        Operation::Destroy(DestroyTarget::Instance(text())),
        Operation::Destroy(DestroyTarget::Run(InterruptedRun {
            run_id: text(),
            image_name: Some(text()),
        })),
        Operation::Share(ShareRequest {
            image_id: image_id(),
            principals: vec![Principal::Account(text()), Principal::User(text())],
            revoke: false,
        }),
        Operation::Publish(PublishRequest {
            image_id: image_id(),
            withdraw: false,
        }),
        Operation::Copy(CopyRequest {
            image_id: image_id(),
            locations: vec![text()],
        }),
        Operation::Deprecate(DeprecateRequest {
            image_id: image_id(),
            state: DeprecationState::Deprecated,
            at: Some(text()),
            replacement: Some(text()),
        }),
    ]
}
