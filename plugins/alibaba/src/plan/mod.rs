//! Plans of `aliyun` commands, one file for each kind of thing to do.
//!
//! The host adds the region and the profile to every command. The CLI's own waiters give up after 600 seconds
//! and cannot be combined with the rest, so plans look again by themselves.

mod addresses;
mod check_build;
mod credentials;
mod delete;
mod deploy;
mod destroy;
mod distribute;
mod find_runs;
mod images;
mod list;
mod poll;
mod removal;
mod resolve;
mod unfinished;
mod zones;

use sindri_plugin_sdk::contract::{Operation, PlanRequest, Problem, Step, StepResult, Tag, Turn};
use sindri_plugin_sdk::{Command, History};

use crate::config::Config;

/// Everything a plan decides from.
struct Run<'a> {
    request: &'a PlanRequest,
    config: &'a Config,
    history: History<'a>,
}

/// What a part of a plan comes to.
enum Progress<T> {
    /// These steps first.
    Ask(Vec<Step>),
    /// Known.
    Done(T),
}

pub(crate) fn plan(request: &PlanRequest, results: &[StepResult]) -> Result<Turn, Problem> {
    let config = Config::parse(&request.config)?;
    sindri_plugin_sdk::check::run_id(&request.context.run_id)?;
    let run = Run {
        request,
        config: &config,
        history: History::new(results),
    };
    match &request.operation {
        Operation::CheckCredentials => credentials::check(&run),
        Operation::CheckBuild(_) => check_build::check(&run),
        Operation::FindImage(cache_key) => images::find(&run, cache_key),
        Operation::ListImages(filter) => images::list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => images::show(&run, id),
        Operation::ResolveArtifact(artifact) => resolve::image(&run, artifact),
        Operation::DeleteImage(id) => delete::image(&run, id),
        Operation::Deploy(deploy) => deploy::instance(&run, deploy),
        Operation::Destroy(target) => destroy::everything(&run, target),
        Operation::FindRuns => find_runs::find(&run),
        Operation::Share(share) => distribute::share(&run, share),
        Operation::Publish(publish) => distribute::publish(&run, publish),
        Operation::Copy(copy) => distribute::copy(&run, copy),
        Operation::Deprecate(deprecate) => distribute::deprecate(&run, deprecate),
    }
}

/// One step, which is often a whole turn.
fn ask(step: Step) -> Result<Turn, Problem> {
    Ok(Turn::Run(vec![step]))
}

/// `aliyun ecs ACTION`, which only looks.
fn look(action: &str) -> Command {
    Command::read("aliyun", ["ecs", action])
}

/// `aliyun ecs ACTION`, which makes something.
fn make(action: &str) -> Command {
    Command::create("aliyun", ["ecs", action])
}

/// `aliyun ecs ACTION`, which changes who can use something.
fn publish(action: &str) -> Command {
    Command::publish("aliyun", ["ecs", action])
}

/// Acts in this region; the build's own needs no mention.
fn in_region(command: Command, config: &Config, region: &str) -> Command {
    if region == config.region {
        command
    } else {
        command.at(region)
    }
}

/// `--NAME.1 … --NAME.2 …`
fn numbered<'a>(command: Command, name: &str, values: impl IntoIterator<Item = &'a str>) -> Command {
    (1..).zip(values).fold(command, |command, (number, value)| {
        command.flag(&format!("{name}.{number}"), value)
    })
}

/// `--Tag.1.Key … --Tag.1.Value …`; a value that is not given is empty.
fn tagged(command: Command, tags: &[Tag]) -> Command {
    (1..).zip(tags).fold(command, |command, (number, tag)| {
        let value = Some(tag.value.as_str()).filter(|value| !value.is_empty());
        command
            .flag(&format!("Tag.{number}.Key"), &tag.key)
            .optional_flag(&format!("Tag.{number}.Value"), value)
    })
}

/// A search for one tag.
fn with_tag(command: Command, key: &str, value: &str) -> Command {
    command.flag("Tag.1.Key", key).flag("Tag.1.Value", value)
}

/// Ids as a parameter that is a JSON list in a text.
fn id_list<'a>(ids: impl IntoIterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(ids).to_string()
}
