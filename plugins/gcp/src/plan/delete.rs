//! Deleting an image. Images on Google Cloud hold their own storage and are global, so nothing else goes.

use sindri_plugin_sdk::contract::{Outcome, Problem, Turn};
use sindri_plugin_sdk::removal::Progress;

use super::Run;
use super::removal::{progress, target};
use crate::check;
use crate::model::GLOBAL;

pub(super) fn image(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let name = check::own_image(id, &run.config.project_id)?;
    Ok(match progress(&run.history, &[target("image", &name, GLOBAL)]) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    })
}
