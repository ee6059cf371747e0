//! What a plan answers, and what became of it.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{Effect, Outcome};

#[allow(clippy::large_enum_variant)] // one at a time
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    #[component(name = "run")]
    Run(Vec<Step>),
    #[component(name = "done")]
    Done(Outcome),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Step {
    pub id: String,
    pub purpose: String,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    #[component(name = "command")]
    Command(Command),
    /// Seconds.
    #[component(name = "wait")]
    Wait(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Command {
    pub tool: String,
    pub verb: Vec<String>,
    pub flags: Vec<Flag>,
    pub positionals: Vec<String>,
    pub location: Option<String>,
    pub effect: Effect,
    #[component(name = "timeout-seconds")]
    pub timeout_seconds: u32,
    pub tolerates: Tolerance,
    #[component(name = "secret-output")]
    pub secret_output: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Flag {
    pub name: String,
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    #[component(name = "text")]
    Text(String),
    /// Content of a file that the host writes.
    #[component(name = "file")]
    File(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Tolerance {
    #[component(name = "nothing")]
    Nothing,
    #[component(name = "errors")]
    Errors(Vec<String>),
    #[component(name = "any-failure")]
    AnyFailure,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct StepResult {
    #[component(name = "step-id")]
    pub step_id: String,
    pub status: StepStatus,
    pub stdout: String,
    #[component(name = "error-code")]
    pub error_code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    #[component(name = "exited")]
    Exited(i32),
    #[component(name = "timed-out")]
    TimedOut,
    #[component(name = "waited")]
    Waited,
}
