//! Copying an image to other regions.

use serde_json::json;
use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{CopyRequest, Problem, Step, Turn};
use sindri_plugin_sdk::tags::MANAGED_BY;

use super::super::destroy::WAIT_TIMEOUT;
use super::super::images::{copy_of, described, needed, own_images};
use super::super::{Run, exactly, in_region, look, make, tag_list};
use super::{distribution, read_permissions};
use crate::check;
use crate::model::{self, Copied, Image, Images};

/// How often a copy is waited for; each wait takes ten minutes at most.
const COPY_WAITS: u32 = 6;

/// Copies the image to other regions and waits until the copies can be used.
pub(in crate::plan) fn copy(run: &Run<'_>, request: &CopyRequest) -> Result<Turn, Problem> {
    check::image_id(&request.image_id)?;
    let regions: Vec<&str> = request
        .locations
        .iter()
        .map(String::as_str)
        .filter(|region| *region != run.config.region)
        .collect();
    if regions.is_empty() {
        return Err(Problem::new(
            "missing-location",
            "no region is named to copy the image to, other than its own",
        ));
    }
    if !run.history.has("image") {
        let describe = look("describe-images")
            .flag("image-ids", &request.image_id)
            .step("image", "Describe the image");
        return Ok(Turn::Run(vec![describe, read_permissions(&request.image_id)]));
    }
    let image = needed(run, "image", &request.image_id)?;
    let mut steps = Vec::new();
    let mut found = Vec::new();
    for region in regions {
        match copy_to(run, &image, region)? {
            Arrival::Ask(more) => steps.extend(more),
            Arrival::Done(id) => found.push(copy_of(&id, region)),
        }
    }
    if steps.is_empty() {
        distribution(run, &image, found)
    } else {
        Ok(Turn::Run(steps))
    }
}

enum Arrival {
    Ask(Vec<Step>),
    Done(String),
}

/// The next steps for one region. All regions take the same step in the same turn.
fn copy_to(run: &Run<'_>, image: &Image, region: &str) -> Result<Arrival, Problem> {
    let history = &run.history;
    let there = format!("there-{region}");
    if !history.has(&there) {
        let command = in_region(own_images(), run.config, region)
            .json_flag("filters", json!([exactly("name", &image.name)]));
        return Ok(Arrival::Ask(vec![
            command.step(there, format!("Look whether {region} has the image already")),
        ]));
    }
    let existing: Images = history.decode(&there)?;
    if let Some(existing) = existing
        .images
        .into_iter()
        .find(|other| other.name == image.name && other.state == "available")
    {
        return Ok(Arrival::Done(existing.image_id));
    }
    let copied = format!("copy-{region}");
    if !history.has(&copied) {
        let command = in_region(make("copy-image"), run.config, region)
            .flag("source-image-id", &image.image_id)
            .flag("source-region", &run.config.region)
            .flag("name", &image.name)
            .optional_flag(
                "description",
                Some(image.description.as_str()).filter(|text| is_plain(text)),
            )
            .switch("copy-image-tags")
            .flag("client-token", format!("{}-{region}", run.request.context.run_id));
        return Ok(Arrival::Ask(vec![
            command.step(copied, format!("Copy the image to {region}")),
        ]));
    }
    let id = history.decode::<Copied>(&copied)?.image_id;
    for attempt in 1..=COPY_WAITS {
        let waited = format!("wait-{region}-{attempt}");
        let state = format!("state-{region}-{attempt}");
        if !history.has(&waited) {
            let wait = Command::read("aws", ["ec2", "wait", "image-available"]).flag("image-ids", &id);
            let wait = in_region(wait, run.config, region)
                .timeout(WAIT_TIMEOUT)
                .tolerates_any_failure();
            let describe = in_region(look("describe-images"), run.config, region).flag("image-ids", &id);
            return Ok(Arrival::Ask(vec![
                wait.step(waited, format!("Wait for the copy in {region}")),
                describe.step(state, format!("Look at the copy in {region}")),
            ]));
        }
        let Some(copy) = described(run, &state, &id)? else {
            continue;
        };
        match copy.state.as_str() {
            "available" => return tag_snapshots(run, image, &copy, region),
            "pending" => {}
            other => {
                return Err(Problem::new(
                    "copy-failed",
                    format!("the copy {id} in {region} is {other}"),
                ));
            }
        }
    }
    Err(Problem::new(
        "copy-timeout",
        format!("the copy {id} in {region} is not finished after an hour"),
    ))
}

/// `copy-image-tags` leaves the snapshots without tags, so that nobody would know whose they are.
fn tag_snapshots(run: &Run<'_>, image: &Image, copy: &Image, region: &str) -> Result<Arrival, Problem> {
    let step = format!("tag-{region}");
    let tags: Vec<_> = model::tags(&image.tags)
        .into_iter()
        .filter(|tag| !tag.key.starts_with("aws:"))
        .collect();
    if run.history.has(&step) || tags.iter().all(|tag| tag.key != MANAGED_BY) {
        return Ok(Arrival::Done(copy.image_id.clone()));
    }
    let resources = std::iter::once(copy.image_id.clone()).chain(copy.snapshots());
    let command = in_region(make("create-tags"), run.config, region)
        .flag_values("resources", resources)
        .json_flag("tags", tag_list(&tags));
    Ok(Arrival::Ask(vec![command.step(
        step,
        format!("Tag the copy in {region} and its snapshots"),
    )]))
}

/// Whether a text that AWS stores can be a flag's value. What cannot is left out rather than changed.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(['-', '@', '~'])
        && !text.contains("://")
        && !text.chars().any(char::is_control)
}
