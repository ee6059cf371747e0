//! Deleting an image with the capability schema that belongs to it.

use sindri_plugin_sdk::contract::{Problem, Step, Turn};
use sindri_plugin_sdk::removal::Target;

use super::images::{describe_step, described};
use super::{Run, look, removal};
use crate::check;
use crate::model::{self, Thing};

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
    let mut targets = schemas(run, "schemas")?;
    if described(run, "image")?.is_some() {
        targets.push(removal::image(id, run.config.location()));
    }
    Ok(removal::progress(run, &targets))
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
