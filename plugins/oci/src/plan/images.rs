//! Looking for images.

use sindri_plugin_sdk::contract::{Artifact, Image, ImageState, Outcome, Problem, Step, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, value_of, with};
use sindri_plugin_sdk::{Command, moment};

use super::{NOT_FOUND, Run, ask, look, look_through, make, tag_map};
use crate::check;
use crate::describe::BUILDER;
use crate::model::{self, Compatibility};

/// Says from when an image is no longer offered, and what to use instead: a time, and an OCID after a space. OCI
/// has no such notion, and ten tags at most, so it is one.
pub(super) const DEPRECATED: &str = "SindriDeprecated";
/// Platform images belong to no compartment, and there are hundreds of them on every list.
const CUSTOM: &str = "data[?\"compartment-id\"]";

/// The newest usable image with this cache key.
pub(super) fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        return ask(custom_images(run)
            .flag("lifecycle-state", "AVAILABLE")
            .step("images", "Look for an image of this content"));
    }
    let now = &run.request.context.now;
    let newest = newest_first(run)?.into_iter().find(|image| {
        image.state == ImageState::Available
            && image.labels.managed
            && image.labels.cache_key.as_deref() == Some(cache_key)
            && !deprecated_at(image).is_some_and(|at| moment::is_past(at, now))
    });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every custom one of the compartment whose name starts like this: OCI's own filter takes
/// whole names only.
pub(super) fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let purpose = match name_prefix {
            Some(_) => "List images by name",
            None => "List images tagged by sindri",
        };
        return ask(custom_images(run).step("images", purpose));
    }
    let mut images = newest_first(run)?;
    images.retain(|image| {
        // A deleted image stays on the list for a while.
        image.state != ImageState::Deregistered
            && match name_prefix {
                Some(prefix) => image.name.starts_with(prefix),
                None => image.labels.managed,
            }
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

/// One image, whoever owns it, with the processor that only its list of shapes tells.
pub(super) fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        let shapes = look("compute image-shape-compatibility-entry list")
            .flag("image-id", id)
            .switch("all")
            .tolerates_any_failure();
        return Ok(Turn::Run(vec![
            describe_step(id),
            shapes.step("shapes", "Ask on which shapes it starts"),
        ]));
    }
    let shapes: Option<Vec<Compatibility>> = model::tolerated_list(&run.history, "shapes")?;
    let architecture = shapes.as_deref().and_then(model::architecture_of);
    let found = described(run, "image")?;
    Ok(Turn::Done(Outcome::Image(found.map(|image| {
        image.into_contract(run.config.location(), architecture)
    }))))
}

/// The image that Packer's artifact stands for: its OCID. Packer has waited until it is available, so nothing is asked
/// unless some tags have to be mended.
pub(super) fn resolve(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no image on OCI",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    let id = &artifact.artifact_id;
    check::image_id(id).map_err(|_| {
        Problem::new(
            "unusable-artifact",
            format!("Packer's artifact `{id}` is no image"),
        )
    })?;
    if artifact.unwritten_tags.is_empty() {
        let image = finished(id, &artifact.image_name, run.config.location());
        return Ok(Turn::Done(Outcome::Image(Some(image))));
    }
    if !run.history.has("image") {
        return ask(describe_step(id));
    }
    let image = needed(run, "image", id)?;
    if !run.history.has("mended") {
        let mut tags = model::tags(image.freeform_tags.as_ref());
        for tag in &artifact.unwritten_tags {
            tags = with(&tags, &tag.key, &tag.value);
        }
        check::TAGS.check(&tags)?;
        return ask(make("compute image update")
            .flag("image-id", id)
            .json_flag("freeform-tags", tag_map(&tags))
            .switch("force")
            .step("mended", "Write the tags that Packer cannot write"));
    }
    let mended: model::Image = model::data(&run.history, "mended")?;
    Ok(Turn::Done(Outcome::Image(Some(
        mended.into_contract(run.config.location(), None),
    ))))
}

/// An image of ours that Packer has just finished, as far as that is known without asking.
fn finished(id: &str, name: &str, location: &str) -> Image {
    let ours = model::FreeformTags::from([(MANAGED_BY.to_owned(), SINDRI.to_owned())]);
    let image = model::Image {
        id: id.to_owned(),
        display_name: Some(name.to_owned()),
        lifecycle_state: "AVAILABLE".to_owned(),
        compartment_id: Some(String::new()),
        time_created: None,
        size_in_mbs: None,
        freeform_tags: Some(ours),
    };
    Image {
        tags: Vec::new(),
        ..image.into_contract(location, None)
    }
}

/// Asks for this image.
pub(super) fn describe_step(id: &str) -> Step {
    look("compute image get")
        .flag("image-id", id)
        .tolerates([NOT_FOUND])
        .step("image", "Describe the image")
}

/// The image of a `compute image get`. A deleted one can be read for a while, and is not there.
pub(super) fn described(run: &Run<'_>, step: &str) -> Result<Option<model::Image>, Problem> {
    let image: Option<model::Image> = model::tolerated(&run.history, step)?;
    Ok(image.filter(|image| image.lifecycle_state != "DELETED"))
}

/// Like [`described`], for what makes no sense without the image.
pub(super) fn needed(run: &Run<'_>, step: &str, id: &str) -> Result<model::Image, Problem> {
    described(run, step)?.ok_or_else(|| {
        let message = format!("there is no image {id}, or it may not be read");
        Problem::new("image-not-found", message)
            .remedy("`sindri vm list` shows the images of the compartment; `--region` chooses another region")
    })
}

/// When the image was or will be deprecated.
pub(super) fn deprecated_at(image: &Image) -> Option<&str> {
    value_of(&image.tags, DEPRECATED).map(|value| value.split(' ').next().unwrap_or(value))
}

fn custom_images(run: &Run<'_>) -> Command {
    look_through("compute image list", run.config).flag("query", CUSTOM)
}

fn newest_first(run: &Run<'_>) -> Result<Vec<Image>, Problem> {
    let images: Vec<model::Image> = model::filtered(&run.history, "images")?;
    let mut images: Vec<Image> = images
        .into_iter()
        .filter(|image| image.compartment_id.is_some())
        .map(|image| image.into_contract(run.config.location(), None))
        .collect();
    // Times in UTC sort as text; the id decides between images of the same second.
    images.sort_by(|a, b| (&b.created_at, &b.id).cmp(&(&a.created_at, &a.id)));
    Ok(images)
}
