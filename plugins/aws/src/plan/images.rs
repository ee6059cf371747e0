//! Looking for images, and finding an image's copies in other regions.

use serde_json::json;
use sindri_plugin_sdk::contract::{Artifact, Image, ImageState, Outcome, Problem, Resource, Step, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_CACHE_KEY, SINDRI_RUN_ID, value_of};
use sindri_plugin_sdk::{Command, moment};

use super::{Run, ask, exactly, in_region, literally, look, make, tag_list};
use crate::check;
use crate::describe::BUILDER;
use crate::model::{self, Images};

/// Codes for an image that is not there, or not any more.
pub(super) const IMAGE_GONE: &[&str] = &["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"];

/// The newest usable image with this cache key.
pub(super) fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let filters = json!([
            exactly(&tag_filter(SINDRI_CACHE_KEY), cache_key),
            exactly("state", "available")
        ]);
        return ask(own_images()
            .json_flag("filters", filters)
            .step("images", "Look for an image of this content"));
    }
    let now = &run.request.context.now;
    let usable = |image: &model::Image| {
        !image
            .deprecation_time
            .as_deref()
            .is_some_and(|at| moment::is_past(at, now))
    };
    // Filters are the server's business and emulators are lax, so everything is checked again.
    let newest = newest_first(run, "images", usable)?.into_iter().find(|image| {
        image.state == ImageState::Available
            && image.labels.managed
            && image.labels.cache_key.as_deref() == Some(cache_key)
    });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every one of the account whose name starts like this.
pub(super) fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let filter = match name_prefix {
            Some(prefix) => json!({ "Name": "name", "Values": [format!("{}*", literally(prefix))] }),
            None => exactly(&tag_filter(MANAGED_BY), SINDRI),
        };
        let purpose = match name_prefix {
            Some(_) => "List images by name",
            None => "List images tagged by sindri",
        };
        return ask(own_images()
            .json_flag("filters", json!([filter]))
            .step("images", purpose));
    }
    let mut images = newest_first(run, "images", |_| true)?;
    images.retain(|image| match name_prefix {
        Some(prefix) => image.name.starts_with(prefix),
        None => image.labels.managed,
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

/// One image, whoever owns it.
pub(super) fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        let command = look("describe-images")
            .flag("image-ids", id)
            .switch("include-deprecated");
        return ask(command
            .tolerates(IMAGE_GONE.iter().copied())
            .step("image", "Describe the image"));
    }
    let found = described(run, "image", id)?;
    Ok(Turn::Done(Outcome::Image(found.map(|image| {
        image.into_contract(&run.config.region, Vec::new())
    }))))
}

/// The image that Packer's artifact stands for: `region:id`, comma, the next region's. Packer has waited
/// until it is available, so nothing is asked unless some texts have to be mended.
pub(super) fn resolve(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no image on AWS",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    let region = &run.config.region;
    let (own, copies) = parse_artifact(&artifact.artifact_id, region)?;
    if artifact.unwritten_tags.is_empty() && artifact.unwritten_description.is_none() {
        return Ok(Turn::Done(Outcome::Image(Some(model::finished(
            own,
            &artifact.image_name,
            region,
            copies,
        )))));
    }
    check::TAGS.check(&artifact.unwritten_tags)?;
    let mut places = vec![copy_of(&own, region)];
    places.extend(copies.iter().cloned());
    if !run.history.has("finished-0") {
        let describe = |(index, place): (usize, &Resource)| {
            in_region(look("describe-images"), run.config, &place.location)
                .flag("image-ids", place.id.clone())
                .step(format!("finished-{index}"), "Describe the finished image")
        };
        return Ok(Turn::Run(places.iter().enumerate().map(describe).collect()));
    }
    let mut images = Vec::new();
    for (index, place) in places.iter().enumerate() {
        images.push(needed(run, &format!("finished-{index}"), &place.id)?);
    }
    if !run.history.has("mended-0") {
        return Ok(Turn::Run(mend(run, artifact, &places, &images)));
    }
    let image = images.swap_remove(0);
    Ok(Turn::Done(Outcome::Image(Some(
        image.into_contract(region, copies),
    ))))
}

/// Sets the texts that Packer could not write, on the image, its copies and their snapshots.
fn mend(run: &Run<'_>, artifact: &Artifact, places: &[Resource], images: &[model::Image]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (place, image) in places.iter().zip(images) {
        if !artifact.unwritten_tags.is_empty() {
            let mut resources = vec![place.id.clone()];
            resources.extend(image.snapshots());
            let command = in_region(make("create-tags"), run.config, &place.location)
                .flag_values("resources", resources)
                .json_flag("tags", tag_list(&artifact.unwritten_tags));
            steps.push(command.step(
                format!("mended-{}", steps.len()),
                format!("Write the tags of {} that Packer cannot write", place.id),
            ));
        }
        if let Some(description) = &artifact.unwritten_description {
            let command = Command::publish("aws", ["ec2", "modify-image-attribute"]);
            let command = in_region(command, run.config, &place.location)
                .flag("image-id", place.id.clone())
                .json_flag("description", json!({ "Value": description }));
            steps.push(command.step(
                format!("mended-{}", steps.len()),
                format!("Write the description of {} that Packer cannot write", place.id),
            ));
        }
    }
    steps
}

fn parse_artifact(text: &str, region: &str) -> Result<(String, Vec<Resource>), Problem> {
    let unusable = |why: &str| Problem::new("unusable-artifact", format!("Packer's artifact `{text}` {why}"));
    let mut own = None;
    let mut copies = Vec::new();
    for entry in text.split(',') {
        let (location, id) = entry
            .split_once(':')
            .ok_or_else(|| unusable("is not a list of region:id"))?;
        check::image_id(id).map_err(|_| unusable("names no image"))?;
        if location == region {
            own = Some(id.to_owned());
        } else {
            copies.push(copy_of(id, location));
        }
    }
    let own = own.ok_or_else(|| unusable(&format!("has no image in {region}")))?;
    Ok((own, copies))
}

/// Asks for this image of ours and everything about it that later steps need.
pub(super) fn describe_step(id: &str) -> Step {
    look("describe-images")
        .flag("image-ids", id)
        .tolerates(IMAGE_GONE.iter().copied())
        .step("image", "Describe the image")
}

/// The image of a `describe-images` for one id. A deregistered one is an empty list, an unknown one an
/// error; both mean that it is not there.
pub(super) fn described(run: &Run<'_>, step: &str, id: &str) -> Result<Option<model::Image>, Problem> {
    let answer: Option<Images> = run.history.decode_tolerated(step)?;
    Ok(answer.and_then(|answer| answer.images.into_iter().find(|image| image.image_id == id)))
}

/// Like [`described`], for what makes no sense without the image.
pub(super) fn needed(run: &Run<'_>, step: &str, id: &str) -> Result<model::Image, Problem> {
    described(run, step, id)?.ok_or_else(|| missing(id, &run.config.region))
}

fn missing(id: &str, region: &str) -> Problem {
    Problem::new("image-not-found", format!("there is no image {id} in {region}"))
        .remedy("`sindri vm list` shows the images of the region; `--region` chooses another")
}

/// The image's copies in the other configured regions, once these have been asked.
pub(super) enum Copies {
    Ask(Vec<Step>),
    Known(Vec<(String, model::Image)>),
}

/// Copies carry the run id of the build that made them. An image without one has no known copies.
pub(super) fn copies(run: &Run<'_>, image: &model::Image) -> Result<Copies, Problem> {
    let tags = model::tags(&image.tags);
    let Some(run_id) =
        value_of(&tags, SINDRI_RUN_ID).filter(|id| sindri_plugin_sdk::check::run_id(id).is_ok())
    else {
        return Ok(Copies::Known(Vec::new()));
    };
    let regions: Vec<&str> = run.config.other_regions().collect();
    let step_id = |region: &str| format!("copies-{region}");
    if regions.iter().any(|region| !run.history.has(&step_id(region))) {
        let filters = json!([exactly(&tag_filter(SINDRI_RUN_ID), run_id)]);
        let ask = |region: &&str| {
            let command = in_region(own_images(), run.config, region).json_flag("filters", filters.clone());
            command.step(step_id(region), format!("Look for copies in {region}"))
        };
        return Ok(Copies::Ask(regions.iter().map(ask).collect()));
    }
    let mut found = Vec::new();
    for region in regions {
        let images: Images = run.history.decode(&step_id(region))?;
        let same_run =
            |image: &model::Image| value_of(&model::tags(&image.tags), SINDRI_RUN_ID) == Some(run_id);
        found.extend(
            images
                .images
                .into_iter()
                .filter(same_run)
                .map(|image| (region.to_owned(), image)),
        );
    }
    Ok(Copies::Known(found))
}

/// A copy as a resource.
pub(super) fn copy_of(id: &str, location: &str) -> Resource {
    Resource {
        kind: "image".to_owned(),
        id: id.to_owned(),
        location: location.to_owned(),
    }
}

/// `describe-images` of the account's own images.
pub(super) fn own_images() -> Command {
    look("describe-images").flag("owners", "self")
}

/// The name of the filter for a tag.
pub(super) fn tag_filter(key: &str) -> String {
    format!("tag:{key}")
}

fn newest_first(
    run: &Run<'_>,
    step: &str,
    keep: impl Fn(&model::Image) -> bool,
) -> Result<Vec<Image>, Problem> {
    let mut images: Images = run.history.decode(step)?;
    images.images.retain(keep);
    // RFC 3339 in UTC sorts as text; the id decides between images of the same second.
    images
        .images
        .sort_by(|a, b| (&b.creation_date, &b.image_id).cmp(&(&a.creation_date, &a.image_id)));
    Ok(images
        .images
        .into_iter()
        .map(|image| image.into_contract(&run.config.region, Vec::new()))
        .collect())
}
