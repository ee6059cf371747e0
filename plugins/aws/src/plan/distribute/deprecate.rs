//! Saying from when an image is no longer offered.

use serde_json::json;
use sindri_plugin_sdk::contract::{DeprecateRequest, DeprecationState, Problem, Step, Turn};
use sindri_plugin_sdk::{Command, moment};

use super::super::images::{Copies, copies, copy_of, needed};
use super::super::{Run, in_region, look, make};
use super::{distribution, read_permissions};
use crate::check;
use crate::model::Image;

/// Says from when an image is no longer offered, and to whom it is offered instead.
pub(in crate::plan) fn deprecate(run: &Run<'_>, request: &DeprecateRequest) -> Result<Turn, Problem> {
    check::image_id(&request.image_id)?;
    let at = deprecation_time(run, request)?;
    if let Some(replacement) = &request.replacement {
        check::image_id(replacement)?;
    }
    if !run.history.has("image") {
        return Ok(Turn::Run(vec![
            describe_even_disabled(&request.image_id, "image"),
            read_permissions(&request.image_id),
        ]));
    }
    let image = needed(run, "image", &request.image_id)?;
    let copies = match copies(run, &image)? {
        Copies::Ask(steps) => return Ok(Turn::Run(steps)),
        Copies::Known(copies) => copies,
    };
    if !run.history.has("after") {
        let mut steps = Vec::new();
        for (region, copy) in &copies {
            steps.extend(change_state(run, request, copy, region, &at));
        }
        steps.extend(change_state(run, request, &image, &run.config.region, &at));
        steps.push(describe_even_disabled(&request.image_id, "after"));
        return Ok(Turn::Run(steps));
    }
    let after = needed(run, "after", &request.image_id)?;
    let copies = copies
        .into_iter()
        .map(|(region, copy)| copy_of(&copy.image_id, &region))
        .collect();
    distribution(run, &after, copies)
}

/// AWS takes no time that has passed. Five minutes are enough for the commands to get there.
fn deprecation_time(run: &Run<'_>, request: &DeprecateRequest) -> Result<String, Problem> {
    match &request.at {
        Some(at) => moment::stamp(at).map(|_| at.clone()),
        None => {
            let now = &run.request.context.now;
            moment::plus_minutes(now, 5).ok_or_else(|| moment::unusable(now))
        }
    }
}

fn describe_even_disabled(id: &str, step: &str) -> Step {
    look("describe-images")
        .flag("image-ids", id)
        .switch("include-deprecated")
        .switch("include-disabled")
        .step(step, "Describe the image")
}

fn change_state(
    run: &Run<'_>,
    request: &DeprecateRequest,
    image: &Image,
    region: &str,
    at: &str,
) -> Vec<Step> {
    let id = &image.image_id;
    let command = |verb: &str| {
        in_region(Command::publish("aws", ["ec2", verb]), run.config, region).flag("image-id", id)
    };
    let disabled = image.state == "disabled";
    let enable = || {
        command("enable-image").step(
            format!("enable-{region}-{id}"),
            format!("Allow instances of {id} again"),
        )
    };
    let mut steps = Vec::new();
    match request.state {
        DeprecationState::Active => {
            steps.extend(disabled.then(enable));
            steps.push(
                command("disable-image-deprecation")
                    .step(format!("offer-{region}-{id}"), format!("Offer {id} again")),
            );
        }
        DeprecationState::Deprecated => {
            steps.extend(disabled.then(enable));
            let command = command("enable-image-deprecation").flag("deprecate-at", at);
            steps.push(command.step(
                format!("deprecate-{region}-{id}"),
                format!("Deprecate {id} from {at}"),
            ));
        }
        DeprecationState::Obsolete if disabled => {}
        DeprecationState::Obsolete => {
            steps.push(command("disable-image").step(
                format!("disable-{region}-{id}"),
                format!("Allow no more instances of {id}"),
            ));
        }
    }
    // EC2 has no field for a successor.
    if let Some(replacement) = &request.replacement {
        let tags = json!([{ "Key": "SindriReplacement", "Value": replacement }]);
        let command = in_region(make("create-tags"), run.config, region)
            .flag("resources", id)
            .json_flag("tags", tags);
        steps.push(command.step(
            format!("successor-{region}-{id}"),
            format!("Note the successor of {id}"),
        ));
    }
    steps
}
