//! Plans of `oci` commands, one file for each kind of thing to do.
//!
//! The host adds region, output format and profile to every command. Structured values are JSON text, with
//! the API's own camel case on the way in; `oci` prints kebab case.

mod credentials;
mod delete;
mod deploy;
mod destroy;
mod distribute;
mod find_runs;
mod images;
mod preflight;
mod removal;

use serde_json::{Map, Value as Json};
use sindri_plugin_sdk::contract::{Operation, PlanRequest, Problem, Step, StepResult, Tag, Turn};
use sindri_plugin_sdk::{Command, History};

use crate::config::Config;

/// What `oci` says of something that is not there or that the user may not see: it does not tell which.
const NOT_FOUND: &str = "NotAuthorizedOrNotFound";
/// The host's name for a `--wait-for-state` that took too long. The command has printed the last state.
const WAIT_TIMEOUT: &str = "WaitTimeout";
/// Keeps what sindri has made.
const OURS: &str = "data[?\"freeform-tags\".\"ManagedBy\"=='sindri']";

/// Seconds for a plain command. The program takes two to start, and asks again for more than a minute when it hears that
/// the service is busy.
const TIMEOUT: u32 = 150;

/// Everything a plan decides from.
struct Run<'a> {
    request: &'a PlanRequest,
    config: &'a Config,
    history: History<'a>,
}

pub(crate) fn plan(request: &PlanRequest, results: &[StepResult]) -> Result<Turn, Problem> {
    if matches!(request.operation, Operation::CheckCredentials) {
        return credentials::check(request, &History::new(results));
    }
    let config = Config::parse(&request.config)?;
    sindri_plugin_sdk::check::run_id(&request.context.run_id)?;
    let run = Run {
        request,
        config: &config,
        history: History::new(results),
    };
    match &request.operation {
        Operation::CheckCredentials => credentials::check(request, &run.history),
        Operation::CheckBuild(_) => preflight::check(&run),
        Operation::FindImage(cache_key) => images::find(&run, cache_key),
        Operation::ListImages(filter) => images::list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => images::show(&run, id),
        Operation::ResolveArtifact(artifact) => images::resolve(&run, artifact),
        Operation::DeleteImage(id) => delete::image(&run, id),
        Operation::Deploy(deploy) => deploy::instance(&run, deploy),
        Operation::Destroy(target) => destroy::target(&run, target),
        Operation::FindRuns => find_runs::find(&run),
        Operation::Share(share) => distribute::share(share),
        Operation::Publish(publish) => distribute::publish(publish),
        Operation::Copy(copy) => distribute::copy(&run, copy),
        Operation::Deprecate(deprecate) => distribute::deprecate(&run, deprecate),
    }
}

/// One step, which is often a whole turn.
fn ask(step: Step) -> Result<Turn, Problem> {
    Ok(Turn::Run(vec![step]))
}

/// `oci …`, which only looks. The words are separated by spaces.
fn look(verb: &str) -> Command {
    Command::read("oci", verb.split(' ')).timeout(TIMEOUT)
}

/// `oci …`, which makes something.
fn make(verb: &str) -> Command {
    Command::create("oci", verb.split(' ')).timeout(TIMEOUT)
}

/// `oci … list` of the whole compartment, every page of it.
fn look_through(verb: &str, config: &Config) -> Command {
    look(verb)
        .flag("compartment-id", &config.compartment_ocid)
        .switch("all")
        .timeout(300)
}

/// Free-form tags as OCI's JSON wants them.
fn tag_map(tags: &[Tag]) -> Json {
    let members: Map<String, Json> = tags
        .iter()
        .map(|tag| (tag.key.clone(), Json::from(tag.value.clone())))
        .collect();
    Json::Object(members)
}

/// What the run calls its own things; the id in it lets people see whose they are.
fn resource_name(run_id: &str) -> String {
    format!("sindri-{run_id}")
}
