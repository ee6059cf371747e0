//! Saying from when an image is no longer offered.

use sindri_plugin_sdk::contract::{DeprecateRequest, DeprecationState, Problem, Turn};
use sindri_plugin_sdk::{Command, moment};

use super::super::images::{CHANGE_TIMEOUT, describe_step, needed};
use super::super::{Run, ask, look};
use super::{distribution, read_policy};
use crate::check;

/// Says from when an image is no longer offered, and what is offered instead.
pub(in crate::plan) fn deprecate(run: &Run<'_>, request: &DeprecateRequest) -> Result<Turn, Problem> {
    let project = &run.config.project_id;
    let name = check::own_image(&request.image_id, project)?;
    let later = later(run, request)?;
    let replacement = request
        .replacement
        .as_deref()
        .map(|id| check::own_image(id, project))
        .transpose()?;
    if !run.history.has("image") {
        return ask(describe_step(&name));
    }
    needed(run, "image", &name)?;
    if !run.history.has("policy") {
        let state = match request.state {
            DeprecationState::Active => "ACTIVE",
            // Google keeps the time and leaves the state; whoever asks for the image sees both.
            DeprecationState::Deprecated | DeprecationState::Obsolete if later.is_some() => "ACTIVE",
            DeprecationState::Deprecated => "DEPRECATED",
            DeprecationState::Obsolete => "OBSOLETE",
        };
        let on = match request.state {
            DeprecationState::Obsolete => "obsolete-on",
            DeprecationState::Active | DeprecationState::Deprecated => "deprecate-on",
        };
        let command = Command::publish("gcloud", ["compute", "images", "deprecate"])
            .positional(&name)
            .flag("state", state)
            .optional_flag(on, later)
            .optional_flag("replacement", replacement)
            .timeout(CHANGE_TIMEOUT);
        let after = look("images", "describe").positional(&name);
        return Ok(Turn::Run(vec![
            command.step(
                "deprecate",
                format!("Mark {name} as {}", state.to_ascii_lowercase()),
            ),
            after.step("after", "Describe the image again"),
            read_policy(&name),
        ]));
    }
    let after = needed(run, "after", &name)?;
    Ok(distribution(&after, &run.history.decode("policy")?))
}

/// The time, if it is still to come. What has passed takes effect at once.
fn later(run: &Run<'_>, request: &DeprecateRequest) -> Result<Option<String>, Problem> {
    let Some(at) = &request.at else { return Ok(None) };
    moment::stamp(at)?;
    let future = !moment::is_past(at, &run.request.context.now);
    Ok((future && request.state != DeprecationState::Active).then(|| at.clone()))
}
