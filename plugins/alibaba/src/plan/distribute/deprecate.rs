//! Saying that an image is no longer offered.

use sindri_plugin_sdk::contract::{DeprecateRequest, DeprecationState, Problem, Step, Tag, Turn};
use sindri_plugin_sdk::{moment, step_id};

use super::super::images::{copies, copy_of, describe_step, needed};
use super::super::{Progress, Run, in_region, make, publish, tagged};
use super::{accounts_of, distribution, read_accounts};
use crate::check;
use crate::model::Image;

/// Deprecates at once; Alibaba Cloud knows no date and nothing beyond `Deprecated`.
pub(in crate::plan) fn deprecate(run: &Run<'_>, request: &DeprecateRequest) -> Result<Turn, Problem> {
    let id = request.image_id.as_str();
    check::image_id(id)?;
    let status = status(run, request)?;
    if let Some(replacement) = &request.replacement {
        check::image_id(replacement)?;
    }
    let region = run.config.region.as_str();
    if !run.history.has("image") {
        return Ok(Turn::Run(vec![
            describe_step("image", id),
            read_accounts(run.config, region, id),
        ]));
    }
    let image = needed(run, "image", id)?;
    let accounts = accounts_of(run, region, id)?;
    if status == "Deprecated" && (image.is_public || !accounts.is_empty()) {
        let message = format!("image {id} is shared, and a shared image cannot be deprecated");
        return Err(Problem::new("image-shared", message).remedy("take the shares back first"));
    }
    let copies = match copies(run, &image)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(copies) => copies,
    };
    if !run.history.has("after") {
        let mut steps = Vec::new();
        for (region, copy) in &copies {
            steps.extend(change(run, request, copy, region, status));
        }
        steps.extend(change(run, request, &image, region, status));
        steps.push(describe_step("after", id));
        return Ok(Turn::Run(steps));
    }
    let after = needed(run, "after", id)?;
    let deprecated_at = (after.status == "Deprecated").then(|| run.request.context.now.clone());
    let copies = copies
        .into_iter()
        .map(|(region, copy)| copy_of(&copy.image_id, &region))
        .collect();
    Ok(distribution(&after, accounts, copies, deprecated_at))
}

fn status(run: &Run<'_>, request: &DeprecateRequest) -> Result<&'static str, Problem> {
    if let Some(at) = &request.at {
        moment::stamp(at)?;
        if !moment::is_past(at, &run.request.context.now) {
            let message = "Alibaba Cloud deprecates an image at once and not at a later time";
            return Err(
                Problem::new("unsupported-time", message).remedy("leave the time out, and do it then")
            );
        }
    }
    match request.state {
        DeprecationState::Active => Ok("Available"),
        DeprecationState::Deprecated => Ok("Deprecated"),
        DeprecationState::Obsolete => {
            let message = "Alibaba Cloud cannot forbid instances of an image that is still there";
            Err(Problem::new("unsupported-state", message).remedy("deprecate the image, or delete it"))
        }
    }
}

fn change(run: &Run<'_>, request: &DeprecateRequest, image: &Image, region: &str, status: &str) -> Vec<Step> {
    let id = image.image_id.as_str();
    let mut steps = Vec::new();
    if image.status != status {
        let command = publish("ModifyImageAttribute")
            .flag("ImageId", id)
            .flag("Status", status);
        steps.push(in_region(command, run.config, region).step(
            step_id(&["status", region, id]),
            format!("Make {id} in {region} {status}"),
        ));
    }
    // There is no field for a successor.
    if let Some(replacement) = &request.replacement {
        let tag = Tag {
            key: "SindriReplacement".to_owned(),
            value: replacement.clone(),
        };
        let command = make("TagResources")
            .flag("ResourceType", "image")
            .flag("ResourceId.1", id);
        steps.push(in_region(tagged(command, &[tag]), run.config, region).step(
            step_id(&["successor", region, id]),
            format!("Note the successor of {id} in {region}"),
        ));
    }
    steps
}
