//! Looking for images.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Artifact, ImageState, Outcome, Problem, Step, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_CACHE_KEY};

use super::{Run, ask, look, make, tagged};
use crate::check;
use crate::describe::BUILDER;
use crate::labels::RULES;
use crate::model::{self, Image};

/// Code for an image that is not there.
pub(super) const GONE: &[&str] = &["notFound"];

/// The newest usable image with this cache key.
pub(super) fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let filter = format!(
            "{} AND {}",
            tagged(MANAGED_BY, SINDRI)?,
            tagged(SINDRI_CACHE_KEY, cache_key)?
        );
        return ask(own_images()
            .flag("filter", filter)
            .step("images", "Look for an image of this content"));
    }
    let now = &run.request.context.now;
    // Filters are the server's business and emulators are lax, so everything is checked again.
    let newest = newest_first(run, |image| image.is_offered(now))?
        .into_iter()
        .map(Image::into_contract)
        .find(|image| {
            image.state == ImageState::Available
                && image.labels.managed
                && image.labels.cache_key.as_deref() == Some(cache_key)
        });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every one of the project whose name starts like this.
pub(super) fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let (filter, purpose) = match name_prefix {
            None => (tagged(MANAGED_BY, SINDRI)?, "List images labelled by sindri"),
            // No image has such a name, and the text would mean something in a filter.
            Some(prefix) if !is_prefix(prefix) => return Ok(Turn::Done(Outcome::Images(Vec::new()))),
            Some(prefix) => (format!("name~^{prefix}"), "List images by name"),
        };
        let command = own_images().switch("show-deprecated").flag("filter", filter);
        return ask(command.step("images", purpose));
    }
    let mut images: Vec<_> = newest_first(run, |_| true)?
        .into_iter()
        .map(Image::into_contract)
        .collect();
    images.retain(|image| match name_prefix {
        Some(prefix) => image.name.starts_with(prefix),
        None => image.labels.managed,
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

/// The beginning of a name; what it ends in does not matter.
fn is_prefix(text: &str) -> bool {
    text.is_empty() || check::is_name(text.trim_end_matches('-'))
}

/// One image.
pub(super) fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let name = check::own_image(id, &run.config.project_id)?;
    if !run.history.has("image") {
        return ask(describe_step(&name));
    }
    let found = described(run, "image")?;
    Ok(Turn::Done(Outcome::Image(found.map(Image::into_contract))))
}

/// The image that Packer's artifact stands for, which is a name alone. Packer has waited until it is there,
/// so nothing is asked unless some texts have to be mended.
pub(super) fn resolve(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no image on Google Cloud",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    let name = &artifact.artifact_id;
    if !check::is_name(name) {
        let message = format!("Packer's artifact `{name}` names no image");
        return Err(Problem::new("unusable-artifact", message));
    }
    let unwritten = &artifact.unwritten_tags;
    if (unwritten.is_empty() && artifact.unwritten_description.is_none()) || run.history.has("mended") {
        return Ok(Turn::Done(Outcome::Image(Some(model::finished(name)))));
    }
    let labels = (!unwritten.is_empty())
        .then(|| RULES.write(unwritten).map(|labels| pairs(&labels)))
        .transpose()?;
    let command = make("images", "update")
        .positional(name)
        .optional_flag("update-labels", labels)
        .optional_flag("description", artifact.unwritten_description.as_deref());
    ask(command
        .timeout(CHANGE_TIMEOUT)
        .step("mended", "Write the texts of the image that Packer cannot write"))
}

/// `k=v,k=v`. Keys and values of labels hold neither `=` nor `,`.
pub(super) fn pairs(labels: &std::collections::BTreeMap<String, String>) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(",")
}

/// gcloud waits for what it changes.
pub(super) const CHANGE_TIMEOUT: u32 = 600;

/// Asks for one image of the project.
pub(super) fn describe_step(name: &str) -> Step {
    look("images", "describe")
        .positional(name)
        .tolerates(GONE.iter().copied())
        .step("image", "Describe the image")
}

/// The image of a [`describe_step`], if it is there.
pub(super) fn described(run: &Run<'_>, step: &str) -> Result<Option<Image>, Problem> {
    run.history.decode_tolerated(step)
}

/// Like [`described`], for what makes no sense without the image.
pub(super) fn needed(run: &Run<'_>, step: &str, name: &str) -> Result<Image, Problem> {
    described(run, step)?.ok_or_else(|| {
        let project = &run.config.project_id;
        Problem::new(
            "image-not-found",
            format!("there is no image {name} in project {project}"),
        )
        .remedy("`sindri vm list` shows the images of the project; project_id chooses another")
    })
}

/// `gcloud compute images list` of the project's own images. Without the switch Google's are there too.
pub(super) fn own_images() -> Command {
    look("images", "list").switch("no-standard-images")
}

fn newest_first(run: &Run<'_>, keep: impl Fn(&Image) -> bool) -> Result<Vec<Image>, Problem> {
    let mut images: Vec<Image> = run.history.decode("images")?;
    images.retain(keep);
    // The name decides between images of the same second.
    images.sort_by_cached_key(|image| std::cmp::Reverse((image.created_at(), image.name.clone())));
    Ok(images)
}
