//! Deletes an image.

use super::{Planner, Programs, Session, outcome, owned};
use crate::contract::{Image, Operation, Removal};
use crate::error::Result;
use crate::journal::{Event, Finish};
use crate::runner::cancel::Cancel;

/// Looks the image up, asks `confirm`, and deletes it with everything that belongs to it. An image
/// without our mark of ownership is refused unless `force`.
pub async fn delete(
    session: &Session<'_>,
    id: &str,
    force: bool,
    cancel: Cancel,
    confirm: impl FnOnce(&Image) -> Result<()>,
) -> Result<Removal> {
    let run = session.begin("delete", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel)?;
    let result = delete_with(&planner, id, force, confirm).await;
    match &result {
        Ok(removal) => {
            run.record(Event::Removed {
                removal: removal.clone(),
            })?;
            run.finish(Finish::Succeeded, None)?;
        }
        Err(error) => run.finish(Finish::Failed, Some(error))?,
    }
    result
}

async fn delete_with(
    planner: &Planner<'_>,
    id: &str,
    force: bool,
    confirm: impl FnOnce(&Image) -> Result<()>,
) -> Result<Removal> {
    let image = owned::image(planner, id, force, "delete").await?;
    confirm(&image)?;
    outcome::removal(planner.execute(Operation::DeleteImage(id.to_owned())).await?)
}
