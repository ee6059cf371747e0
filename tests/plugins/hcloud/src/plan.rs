//! Plans of `hcloud` commands. The token, which names the project, comes from the environment that the user grants.

use serde::de::DeserializeOwned;
use sindri_plugin_sdk::contract::{
    Artifact, DestroyTarget, Identity, ImageState, Operation, Outcome, PlanRequest, Problem, Removal,
    Resource, RunPurpose, RunTrace, Step, StepResult, Turn,
};
use sindri_plugin_sdk::removal::{Progress, Target, progress};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_CACHE_KEY};
use sindri_plugin_sdk::{Command, History, check, names};

use crate::config::Config;
use crate::describe::{BUILDER, TOOL};
use crate::labels::selector;
use crate::model::{self, Image, Server};

/// Codes of the API for what is not there (any more).
const GONE: &[&str] = &["not_found"];
/// Codes for what something else still works on, how often to try again, and the seconds between.
const HELD: &[&str] = &["locked", "conflict"];
const ATTEMPTS: u32 = 6;
const PAUSE: u32 = 10;

struct Run<'a> {
    config: Config,
    history: History<'a>,
}

pub(crate) fn plan(request: &PlanRequest, results: &[StepResult]) -> Result<Turn, Problem> {
    check::run_id(&request.context.run_id)?;
    let run = Run {
        config: sindri_plugin_sdk::config::parse(&request.config)?,
        history: History::new(results),
    };
    match &request.operation {
        Operation::CheckCredentials => credentials(&run),
        Operation::CheckBuild(_) => Ok(Turn::Done(Outcome::Ready(Vec::new()))),
        Operation::FindImage(cache_key) => find(&run, cache_key),
        Operation::ListImages(filter) => list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => show(&run, id),
        Operation::ResolveArtifact(artifact) => resolve(&run, artifact),
        Operation::DeleteImage(id) => delete(&run, id),
        Operation::FindRuns => find_runs(&run),
        Operation::Destroy(DestroyTarget::Run(left)) => destroy(&run, &left.run_id),
        Operation::Destroy(DestroyTarget::Instance(_)) | Operation::Deploy(_) => Err(unsupported(
            "this plugin deploys no servers",
            "create a server from the snapshot with `hcloud server create`",
        )),
        Operation::Share(_) | Operation::Publish(_) | Operation::Copy(_) | Operation::Deprecate(_) => {
            Err(unsupported(
                "a snapshot of Hetzner Cloud belongs to its project alone",
                "build the image in the other project as well",
            ))
        }
    }
}

fn unsupported(message: &str, remedy: &str) -> Problem {
    Problem::new("unsupported-operation", message).remedy(remedy)
}

fn look(resource: &str) -> Command {
    Command::read(TOOL, [resource, "list"]).flag("output", "json")
}

fn ask(step: Step) -> Result<Turn, Problem> {
    Ok(Turn::Run(vec![step]))
}

/// The API has no word for whose a token is: it belongs to one project.
fn credentials(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("locations") {
        return ask(look("location").step("locations", "Ask Hetzner Cloud whether it takes the token"));
    }
    run.history.json("locations")?;
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: "the project of the API token".to_owned(),
        principal: "HCLOUD_TOKEN".to_owned(),
    })))
}

fn snapshots() -> Command {
    look("image").flag("type", "snapshot")
}

/// The newest usable image with this cache key.
fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let wanted = format!(
            "{},{}",
            selector(MANAGED_BY, SINDRI)?,
            selector(SINDRI_CACHE_KEY, cache_key)?
        );
        return ask(snapshots()
            .flag("selector", wanted)
            .step("images", "Look for an image of this content"));
    }
    let newest = newest_first(run)?
        .into_iter()
        .map(|image| image.into_contract(&run.config.location))
        .find(|image| {
            image.state == ImageState::Available
                && image.labels.managed
                && image.labels.cache_key.as_deref() == Some(cache_key)
        });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every snapshot of the project whose name starts like this.
fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        return ask(match name_prefix {
            Some(_) => snapshots().step("images", "List the snapshots of the project"),
            None => snapshots()
                .flag("selector", selector(MANAGED_BY, SINDRI)?)
                .step("images", "List snapshots labelled by sindri"),
        });
    }
    let mut images: Vec<_> = newest_first(run)?
        .into_iter()
        .map(|image| image.into_contract(&run.config.location))
        .collect();
    images.retain(|image| match name_prefix {
        Some(prefix) => image.name.starts_with(prefix),
        None => image.labels.managed,
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        return ask(snapshots().step("images", "List the snapshots of the project"));
    }
    let wanted = number(id)?;
    let found = newest_first(run)?.into_iter().find(|image| image.id == wanted);
    Ok(Turn::Done(Outcome::Image(
        found.map(|image| image.into_contract(&run.config.location)),
    )))
}

/// Packer's artifact is the snapshot's number. Packer has waited until it is there.
fn resolve(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no snapshot",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    number(&artifact.artifact_id)?;
    show(run, &artifact.artifact_id)
}

fn delete(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let wanted = number(id)?;
    if !run.history.has("images") {
        return ask(snapshots().step("images", "List the snapshots of the project"));
    }
    let Some(image) = newest_first(run)?.into_iter().find(|image| image.id == wanted) else {
        return Ok(Turn::Done(Outcome::Removal(Removal {
            removed: Vec::new(),
            leftovers: Vec::new(),
        })));
    };
    if image.is_protected() {
        let message = format!("snapshot {id} is protected against deletion");
        return Err(Problem::new("deletion-protected", message)
            .remedy(format!("hcloud image disable-protection {id} delete")));
    }
    Ok(remove(run, &[target(run, "image", image.id)]))
}

/// Servers that a build has left, by their names: older Packers give them no labels.
fn find_runs(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("servers") {
        return ask(look("server").step("servers", "Look for servers that builds have left"));
    }
    let servers: Vec<Server> = entries(run, "servers")?;
    let traces = servers.iter().filter_map(|server| {
        Some(RunTrace {
            run_id: names::run_of(&server.name)?.to_owned(),
            purpose: RunPurpose::Build,
            started: model::utc(&server.created),
            resources: vec![Resource {
                kind: "server".to_owned(),
                id: server.id.to_string(),
                location: run.config.location.clone(),
            }],
        })
    });
    Ok(Turn::Done(Outcome::Runs(traces.collect())))
}

fn destroy(run: &Run<'_>, run_id: &str) -> Result<Turn, Problem> {
    check::run_id(run_id)?;
    if !run.history.has("servers") {
        return ask(look("server").step("servers", "Look for servers of the run"));
    }
    let servers: Vec<Server> = entries(run, "servers")?;
    let targets: Vec<Target> = servers
        .iter()
        .filter(|server| names::run_of(&server.name) == Some(run_id))
        .map(|server| target(run, "server", server.id))
        .collect();
    Ok(remove(run, &targets))
}

fn target(run: &Run<'_>, kind: &str, id: u64) -> Target {
    let id = id.to_string();
    let command = Command::destroy(TOOL, [kind, "delete"])
        .positional(&id)
        .timeout(300);
    Target::new(kind, &id, &run.config.location, command)
        .gone(GONE)
        .held(HELD, ATTEMPTS)
}

fn remove(run: &Run<'_>, targets: &[Target]) -> Turn {
    match progress(&run.history, targets, PAUSE) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    }
}

/// A list that is empty is printed as `null`.
fn entries<T: DeserializeOwned>(run: &Run<'_>, step: &str) -> Result<Vec<T>, Problem> {
    Ok(run.history.decode::<Option<Vec<T>>>(step)?.unwrap_or_default())
}

fn newest_first(run: &Run<'_>) -> Result<Vec<Image>, Problem> {
    let mut images: Vec<Image> = entries(run, "images")?;
    // Numbers grow with time.
    images.sort_by_key(|image| std::cmp::Reverse(image.id));
    Ok(images)
}

fn number(id: &str) -> Result<u64, Problem> {
    let plain = !id.starts_with('0') && id.bytes().all(|byte| byte.is_ascii_digit());
    id.parse().ok().filter(|_| plain).ok_or_else(|| {
        Problem::new(
            "unusable-image-id",
            format!("`{id}` is not the number of a snapshot"),
        )
    })
}
