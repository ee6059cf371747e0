//! Plans of `az` commands, one file for each kind of thing to do.
//!
//! The host adds subscription and output format to every command. Resources are named by group and name:
//! with `--ids` the tool would take the subscription out of the id.

mod check_build;
mod credentials;
mod delete;
mod deploy;
mod destroy;
mod distribute;
mod find_runs;
mod images;
mod network;
mod resolve;
mod tagging;

use sindri_plugin_sdk::contract::{Operation, PlanRequest, Problem, Step, StepResult, Turn};
use sindri_plugin_sdk::{Command, History};

use crate::config::{Config, Gallery};
use crate::ids::VersionId;

/// The tool's codes for what is not there. Compute, network and resource groups have their own.
const GONE: &[&str] = &[
    "NotFound",
    "ParentResourceNotFound",
    "ResourceGroupNotFound",
    "ResourceNotFound",
];

/// Everything a plan decides from.
struct Run<'a> {
    request: &'a PlanRequest,
    config: &'a Config,
    history: History<'a>,
}

pub(crate) fn plan(request: &PlanRequest, results: &[StepResult]) -> Result<Turn, Problem> {
    sindri_plugin_sdk::check::run_id(&request.context.run_id)?;
    if matches!(request.operation, Operation::CheckCredentials) {
        return credentials::check(&History::new(results));
    }
    let config = Config::parse(&request.config)?;
    let run = Run {
        request,
        config: &config,
        history: History::new(results),
    };
    match &request.operation {
        Operation::CheckCredentials => credentials::check(&run.history),
        Operation::CheckBuild(planned) => check_build::check(&run, planned),
        Operation::FindImage(cache_key) => images::find(&run, cache_key),
        Operation::ListImages(filter) => images::list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => images::show(&run, id),
        Operation::ResolveArtifact(artifact) => resolve::resolve(&run, artifact),
        Operation::DeleteImage(id) => delete::image(&run, id),
        Operation::Deploy(deploy) => deploy::machine(&run, deploy),
        Operation::Destroy(target) => destroy::target(&run, target),
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

/// `az VERB`, which only looks.
fn look(verb: &str) -> Command {
    Command::read("az", verb.split(' '))
}

/// `az VERB`, which makes something.
fn make(verb: &str) -> Command {
    Command::create("az", verb.split(' '))
}

/// `az VERB`, which changes who can see or use something.
fn publish(verb: &str) -> Command {
    Command::publish("az", verb.split(' '))
}

/// What names a definition.
fn of_definition(command: Command, group: &str, gallery: &str, definition: &str) -> Command {
    command
        .flag("resource-group", group)
        .flag("gallery-name", gallery)
        .flag("gallery-image-definition", definition)
}

/// What names a version.
fn of_version(command: Command, id: &VersionId) -> Command {
    of_definition(command, &id.group, &id.gallery, &id.definition).flag("gallery-image-version", &id.version)
}

/// The group of everything temporary that a run makes.
fn group_name(run_id: &str) -> String {
    format!("sindri-{run_id}")
}

impl Run<'_> {
    /// The configured definition with this version.
    fn version(&self, gallery: &Gallery, version: &str) -> VersionId {
        VersionId {
            group: self.config.resource_group.clone(),
            gallery: gallery.gallery_name.clone(),
            definition: gallery.image_name.clone(),
            version: version.to_owned(),
        }
    }
}
