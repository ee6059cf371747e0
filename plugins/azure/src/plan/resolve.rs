//! Packer's artifact as an image.

use sindri_plugin_sdk::contract::{Artifact, Image, Outcome, Problem, Tag, Turn};

use super::{Run, ask, tagging};
use crate::check::DESCRIPTION;
use crate::describe::BUILDER;
use crate::ids::ImageId;
use crate::model::finished;

/// The id of a version in a gallery or of a managed image. Packer has waited until it can be used, so
/// nothing is asked unless some texts have to be mended.
pub(super) fn resolve(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no image on Azure",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    let id = &artifact.artifact_id;
    let parsed = ImageId::parse(id, &run.config.subscription_id).map_err(|problem| {
        Problem::new(
            "unusable-artifact",
            format!("Packer's artifact names no image: {}", problem.message),
        )
    })?;
    let mut tags = artifact.unwritten_tags.clone();
    tags.extend(artifact.unwritten_description.as_ref().map(|text| Tag {
        key: DESCRIPTION.to_owned(),
        value: text.clone(),
    }));
    if !tags.is_empty() && !run.history.has("mended") {
        let command = tagging::set(id, &tags)?;
        return ask(command.step("mended", "Write the tags that Packer cannot write"));
    }
    let name = match &parsed {
        ImageId::Managed { name, .. } => name.clone(),
        ImageId::Version(version) => version.name(),
    };
    let image = finished(id, &name, &run.config.location, run.config.architecture());
    let copies = match (&parsed, &run.config.gallery) {
        (ImageId::Version(_), Some(gallery)) => gallery.replication_regions.as_slice(),
        _ => &[],
    };
    let copies = copies
        .iter()
        .filter(|region| **region != run.config.location)
        .map(|region| sindri_plugin_sdk::contract::Resource {
            kind: "image".to_owned(),
            id: id.clone(),
            location: region.clone(),
        })
        .collect();
    Ok(Turn::Done(Outcome::Image(Some(Image { copies, ..image }))))
}
