//! Driving a plugin's plans without a host: feed results, get the outcome, and learn of everything a
//! host would refuse. Not part of the component.

pub mod coverage;
mod driven;
pub mod template;
mod tool;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::command::requested_as;
use crate::contract::{
    Action, BuildRequest, Command, CommandRequest, Context, DeployRequest, ImageSpec, Outcome, PlanRequest,
    Problem, Step, StepResult, StepStatus, Turn, Value,
};
use crate::step_id::is_step_id;
use crate::{Provider, tags};

pub use driven::{
    distribution, flag, has_flag, json_flag, located, optional_flag, problem, removal, removed, turns, with,
};
pub use tool::Tool;

/// More turns than any honest plan needs.
const MOST_TURNS: usize = 100;

/// What a plan did on its way to the end.
#[derive(Debug)]
pub struct Driven {
    /// The steps of each turn.
    pub turns: Vec<Vec<Step>>,
    /// How it ended.
    pub result: Result<Outcome, Problem>,
}

impl Driven {
    /// All steps in the order in which they ran.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.turns.iter().flatten()
    }

    /// All commands in the order in which they ran.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.steps().filter_map(|step| match &step.action {
            Action::Command(command) => Some(command),
            Action::Wait(_) => None,
        })
    }

    /// The command of this step.
    pub fn command(&self, id: &str) -> Option<&Command> {
        self.steps()
            .find(|step| step.id == id)
            .and_then(|step| match &step.action {
                Action::Command(command) => Some(command),
                Action::Wait(_) => None,
            })
    }
}

/// Answers a plan until it is done. `answer` plays the tool; its `Err` says that the plan went wrong,
/// for example because it asked for something that nobody expected.
///
/// Every turn is asked for twice and has to be the same; step ids have to be ids and unique, times in range.
/// A failure that the command does not tolerate ends the run, as it does in the host.
pub fn drive<P: Provider>(
    request: &PlanRequest,
    mut answer: impl FnMut(&Step, &Command) -> Result<StepResult, String>,
) -> Result<Driven, String> {
    let mut history: Vec<StepResult> = Vec::new();
    let mut turns = Vec::new();
    let mut ids = BTreeSet::new();
    for _ in 0..MOST_TURNS {
        let turn = P::plan(request, &history);
        if format!("{turn:?}") != format!("{:?}", P::plan(request, &history)) {
            return Err("two calls with the same history gave different answers".to_owned());
        }
        let steps = match turn {
            Ok(Turn::Done(outcome)) => {
                return Ok(Driven {
                    turns,
                    result: Ok(outcome),
                });
            }
            Err(problem) => {
                return Ok(Driven {
                    turns,
                    result: Err(problem),
                });
            }
            Ok(Turn::Run(steps)) if steps.is_empty() => {
                return Err("a turn without steps never ends".to_owned());
            }
            Ok(Turn::Run(steps)) => steps,
        };
        turns.push(steps.clone());
        for step in steps {
            if !is_step_id(&step.id) {
                return Err(format!("`{}` is no id of a step", step.id));
            }
            if !ids.insert(step.id.clone()) {
                return Err(format!("step id `{}` is used twice", step.id));
            }
            let result = match &step.action {
                Action::Wait(seconds) if *seconds == 0 || *seconds > 60 => {
                    return Err(format!("step `{}` waits {seconds} seconds", step.id));
                }
                Action::Wait(_) => StepResult {
                    step_id: step.id.clone(),
                    status: StepStatus::Waited,
                    stdout: String::new(),
                    error_code: None,
                },
                Action::Command(command) => {
                    check(&step, command)?;
                    let result = answer(&step, command)?;
                    if !tolerated(command, &result) {
                        return Err(format!(
                            "step `{}` failed and that is not tolerated: {result:?}",
                            step.id
                        ));
                    }
                    result
                }
            };
            history.push(result);
        }
    }
    Err(format!("not done after {MOST_TURNS} turns"))
}

fn check(step: &Step, command: &Command) -> Result<(), String> {
    let id = &step.id;
    if !(1..=3600).contains(&command.timeout_seconds) {
        return Err(format!(
            "step `{id}`: timeout of {} seconds",
            command.timeout_seconds
        ));
    }
    if step.purpose.is_empty() {
        return Err(format!("step `{id}` has no purpose"));
    }
    let mut names = BTreeSet::new();
    for flag in &command.flags {
        if !names.insert(&flag.name) {
            return Err(format!("step `{id}`: flag `{}` twice", flag.name));
        }
        for value in &flag.values {
            if matches!(value, Value::Text(text) if text.starts_with('-') || text.is_empty()) {
                return Err(format!(
                    "step `{id}`: the value of `{}` is empty or could become a flag",
                    flag.name
                ));
            }
        }
    }
    Ok(())
}

fn tolerated(command: &Command, result: &StepResult) -> bool {
    use crate::contract::Tolerance;
    match (&result.status, &command.tolerates) {
        (StepStatus::Exited(0) | StepStatus::Waited, _) | (_, Tolerance::AnyFailure) => true,
        (StepStatus::Exited(_), Tolerance::Errors(codes)) => result
            .error_code
            .as_ref()
            .is_some_and(|code| codes.contains(code)),
        (StepStatus::TimedOut, Tolerance::Errors(_)) | (_, Tolerance::Nothing) => false,
    }
}

/// A command that succeeded and printed this JSON.
pub fn printed(step: &Step, output: &Json) -> StepResult {
    StepResult {
        step_id: step.id.clone(),
        status: StepStatus::Exited(0),
        stdout: output.to_string(),
        error_code: None,
    }
}

/// A command that succeeded and printed nothing.
pub fn silent(step: &Step) -> StepResult {
    StepResult {
        step_id: step.id.clone(),
        status: StepStatus::Exited(0),
        stdout: String::new(),
        error_code: None,
    }
}

/// A command that failed with the tool's own code.
pub fn failed(step: &Step, code: &str) -> StepResult {
    StepResult {
        step_id: step.id.clone(),
        status: StepStatus::Exited(254),
        stdout: String::new(),
        error_code: Some(code.to_owned()),
    }
}

/// Whether a request covers the command: tool, verb, every flag, and the very same effect.
pub fn covers(request: &CommandRequest, command: &Command) -> bool {
    request.tool == command.tool
        && request.verb == command.verb
        && request.effect == command.effect
        && command
            .flags
            .iter()
            .all(|flag| request.flags.contains(&requested_as(&flag.name)))
}

/// The configuration section with the schema's defaults filled in, as the host hands it over.
pub fn section(schema: &str, overrides: &Json) -> Result<String, String> {
    let schema: Json = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    let properties = schema
        .get("properties")
        .and_then(Json::as_object)
        .ok_or("the schema has no properties")?;
    let mut section: Map<String, Json> = properties
        .iter()
        .filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())))
        .collect();
    for (name, value) in overrides.as_object().ok_or("the overrides are not an object")? {
        if !properties.contains_key(name) {
            return Err(format!("the schema has no `{name}`"));
        }
        section.insert(name.clone(), value.clone());
    }
    Ok(Json::Object(section).to_string())
}

/// A context with fixed values.
pub fn context() -> Context {
    Context {
        run_id: "abcdef012345".to_owned(),
        now: "2026-11-22T09:30:05Z".to_owned(),
        packer_version: None,
        ssh_public_key: Some(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampl sindri"
                .to_owned(),
        ),
    }
}

/// The host's own tags for the fixed context.
pub fn host_tags() -> Vec<crate::contract::Tag> {
    let pairs = [
        (tags::NAME, "sindri-dev"),
        (tags::MANAGED_BY, tags::SINDRI),
        (tags::SINDRI_VERSION, "3.0.0"),
        (tags::SINDRI_PROFILE, "minimal"),
        (tags::SINDRI_CACHE_KEY, "0123456789abcdef"),
        (tags::SINDRI_RUN_ID, "abcdef012345"),
        (tags::BUILD_DATE, "2026-11-22"),
    ];
    pairs
        .into_iter()
        .map(|(key, value)| crate::contract::Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        })
        .collect()
}

/// A build with the host's own tags; what it makes for a while carries those that say whose it is.
pub fn build_request(config: String) -> BuildRequest {
    let of_run = [tags::NAME, tags::MANAGED_BY, tags::SINDRI_RUN_ID];
    let run_tags = host_tags()
        .into_iter()
        .filter(|tag| of_run.contains(&tag.key.as_str()))
        .collect();
    BuildRequest {
        context: context(),
        image: ImageSpec {
            name: "sindri-dev".to_owned(),
            description: "Sindri development image".to_owned(),
            architecture: None,
            tags: host_tags(),
            run_tags,
        },
        config,
    }
}

/// A machine from this image that one address may reach.
pub fn deploy_request(image_id: &str, name: &str) -> DeployRequest {
    DeployRequest {
        image_id: image_id.to_owned(),
        name: name.to_owned(),
        ssh_source: "203.0.113.7/32".to_owned(),
        tags: host_tags(),
    }
}
