//! Copying an image to other regions.

use sindri_plugin_sdk::contract::{CopyRequest, Problem, Tag, Turn};
use sindri_plugin_sdk::step_id;

use super::super::images::{copy_of, describe, describe_step, needed, own_images};
use super::super::list;
use super::super::poll::{Watch, until};
use super::super::{Progress, Run, in_region, make, tagged};
use super::{accounts_of, distribution, read_accounts};
use crate::check;
use crate::model::{Created, Image};

/// Seconds between looks at a copy, and how many: an hour.
const COPY_PAUSE: u32 = 60;
const COPY_LOOKS: u32 = 60;

/// Copies the image to other regions and waits until the copies can be used.
pub(in crate::plan) fn copy(run: &Run<'_>, request: &CopyRequest) -> Result<Turn, Problem> {
    let id = request.image_id.as_str();
    check::image_id(id)?;
    let own_region = run.config.region.as_str();
    let others = |region: &&str| *region != own_region;
    let regions: Vec<&str> = request
        .locations
        .iter()
        .map(String::as_str)
        .filter(others)
        .collect();
    if regions.is_empty() {
        let message = "no region is named to copy the image to, other than its own";
        return Err(Problem::new("missing-location", message));
    }
    if !run.history.has("image") {
        return Ok(Turn::Run(vec![
            describe_step("image", id),
            read_accounts(run.config, own_region, id),
        ]));
    }
    let image = needed(run, "image", id)?;
    if image.status != "Available" {
        let message = format!("image {id} is {} and cannot be copied", image.status);
        return Err(Problem::new("image-not-available", message));
    }
    let mut steps = Vec::new();
    let mut found = Vec::new();
    for region in regions {
        match copy_to(run, &image, region)? {
            Progress::Ask(more) => steps.extend(more),
            Progress::Done(copy) => found.push(copy_of(&copy.image_id, region)),
        }
    }
    if steps.is_empty() {
        Ok(distribution(
            &image,
            accounts_of(run, own_region, id)?,
            found,
            None,
        ))
    } else {
        Ok(Turn::Run(steps))
    }
}

/// The next steps for one region. All regions take the same step in the same turn.
fn copy_to(run: &Run<'_>, image: &Image, region: &str) -> Result<Progress<Image>, Problem> {
    let there = step_id(&["there", region]);
    if !run.history.has(&there) {
        let command = own_images()
            .flag("ImageName", &image.image_name)
            .flag("Status", "Available");
        return Ok(Progress::Ask(vec![
            in_region(command, run.config, region)
                .step(there, format!("Look whether {region} has the image already")),
        ]));
    }
    let existing: Vec<Image> = list::items(&run.history, &there, list::IMAGES)?;
    if let Some(existing) = existing
        .into_iter()
        .find(|other| other.image_name == image.image_name && other.status == "Available")
    {
        return Ok(Progress::Done(existing));
    }
    let begun = step_id(&["copy", region]);
    if !run.history.has(&begun) {
        let tags = portable_tags(image);
        check::TAGS.check(&tags)?;
        let description = Some(image.description.as_str()).filter(|text| is_plain(text));
        let command = make("CopyImage")
            .flag("ImageId", &image.image_id)
            .flag("DestinationRegionId", region)
            .flag("DestinationImageName", &image.image_name)
            .optional_flag("DestinationDescription", description)
            .flag("ClientToken", format!("{}-{region}", run.request.context.run_id));
        let step = tagged(command, &tags).timeout(120);
        return Ok(Progress::Ask(vec![
            step.step(begun, format!("Copy the image to {region}")),
        ]));
    }
    copied(run, region, &run.history.decode::<Created>(&begun)?.id)
}

/// Waits until a copy can be used.
pub(in crate::plan) fn copied(run: &Run<'_>, region: &str, id: &str) -> Result<Progress<Image>, Problem> {
    let watch = Watch {
        id: &step_id(&["copied", region]),
        purpose: &format!("Wait for the copy {id} in {region}"),
        command: in_region(describe(id), run.config, region),
        every: COPY_PAUSE,
        looks: COPY_LOOKS,
    };
    let seen = until(run, &watch, |step| {
        let images: Vec<Image> = list::items(&run.history, step, list::IMAGES)?;
        let copy = images.into_iter().find(|image| image.image_id == id);
        match copy {
            Some(copy) if copy.status == "Available" => Ok(Some(copy)),
            Some(copy) if ["CreateFailed", "UnAvailable"].contains(&copy.status.as_str()) => {
                let message = format!("the copy {id} in {region} is {}", copy.status);
                Err(Problem::new("copy-failed", message))
            }
            Some(_) | None => Ok(None),
        }
    })?;
    match seen {
        Progress::Ask(steps) => Ok(Progress::Ask(steps)),
        Progress::Done(Some(copy)) => Ok(Progress::Done(copy)),
        Progress::Done(None) => {
            let message = format!("the copy {id} in {region} is not finished after an hour");
            Err(Problem::new("copy-timeout", message))
        }
    }
}

/// Tags that a copy can have: those of Alibaba Cloud itself are not ours to set.
pub(in crate::plan) fn portable_tags(image: &Image) -> Vec<Tag> {
    let ours = |tag: &Tag| !tag.key.starts_with("acs:") && !tag.key.starts_with("aliyun");
    image
        .tags
        .clone()
        .into_contract()
        .into_iter()
        .filter(ours)
        .collect()
}

/// Whether a text that the cloud stores can be a flag's value. What cannot is left out rather than changed.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.trim_start().starts_with('-') && !text.chars().any(char::is_control)
}
