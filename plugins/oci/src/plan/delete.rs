//! Deleting an image with the capability schema that belongs to it and its copies in other regions.

use sindri_plugin_sdk::contract::{Problem, Step, Turn};
use sindri_plugin_sdk::removal::Target;
use sindri_plugin_sdk::step_id;
use sindri_plugin_sdk::tags::labels;

use super::images::{describe_step, described};
use super::{OURS, Run, look, look_through, removal};
use crate::check;
use crate::model::{self, FreeformTags, Image, Thing};

/// An image on OCI owns its storage. The schema is looked for by the image's id, so a deletion that was interrupted
/// can be finished.
pub(super) fn image(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        return Ok(Turn::Run(vec![
            describe_step(id),
            schemas_step("schemas".to_owned(), id),
        ]));
    }
    let mut targets = Vec::new();
    let image = described(run, "image")?;
    // The image itself goes after its copies, because it is what leads to those.
    if let Some(image) = &image {
        match copies(run, image)? {
            Copies::Ask(steps) => return Ok(Turn::Run(steps)),
            Copies::Known(copies) => {
                targets.extend(
                    copies
                        .iter()
                        .map(|(region, id)| removal::copied_image(id, region)),
                );
            }
        }
    }
    targets.extend(schemas(run, "schemas")?);
    if image.is_some() {
        targets.push(removal::image(id, run.config.location()));
    }
    Ok(removal::progress(run, &targets))
}

enum Copies {
    Ask(Vec<Step>),
    /// Region and id.
    Known(Vec<(String, String)>),
}

/// Copies carry the run id of the build that made their original, and its name.
fn copies(run: &Run<'_>, image: &Image) -> Result<Copies, Problem> {
    let labels = labels(&model::tags(image.freeform_tags.as_ref()));
    let Some(run_id) = labels.run_id.filter(|_| labels.managed) else {
        return Ok(Copies::Known(Vec::new()));
    };
    let step = |region: &str| step_id(&["copies", region]);
    if run
        .config
        .other_regions()
        .any(|region| !run.history.has(&step(region)))
    {
        let ask = |region: &str| {
            look_through("compute image list", run.config)
                .flag("query", OURS)
                .at(region)
                .step(step(region), format!("Look for copies in {region}"))
        };
        return Ok(Copies::Ask(run.config.other_regions().map(ask).collect()));
    }
    let mut found = Vec::new();
    for region in run.config.other_regions() {
        let images: Vec<Image> = model::filtered(&run.history, &step(region))?;
        let same = images.into_iter().filter(|other| {
            other.name() == image.name()
                && other.lifecycle_state != "DELETED"
                && is_of_run(other.freeform_tags.as_ref(), &run_id)
        });
        found.extend(same.map(|copy| (region.to_owned(), copy.id)));
    }
    Ok(Copies::Known(found))
}

/// Whether these are the tags of something that this run of ours made.
pub(super) fn is_of_run(tags: Option<&FreeformTags>, run_id: &str) -> bool {
    let labels = labels(&model::tags(tags));
    labels.managed && labels.run_id.as_deref() == Some(run_id)
}

/// Looks for the capability schemas of an image.
pub(super) fn schemas_step(step: String, image: &str) -> Step {
    look("compute image-capability-schema list")
        .flag("image-id", image)
        .switch("all")
        // Needs a permission of its own, and goes with the image if it comes to that.
        .tolerates_any_failure()
        .step(step, "Look for the image's capability schema")
}

/// What `schemas_step` has found.
pub(super) fn schemas(run: &Run<'_>, step: &str) -> Result<Vec<Target>, Problem> {
    let found: Option<Vec<Thing>> = model::tolerated_list(&run.history, step)?;
    Ok(found
        .into_iter()
        .flatten()
        .map(|schema| removal::capability_schema(&schema.id, run.config.location()))
        .collect())
}
