//! Deletes an image.

use super::{Planner, Programs, Session, outcome};
use crate::contract::{Image, Operation, Removal};
use crate::error::{Code, Error, Result};
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
    let image =
        outcome::image(planner.execute(Operation::ShowImage(id.to_owned())).await?)?.ok_or_else(|| {
            Error::new(Code::ImageNotFound, format!("there is no image `{id}` here"))
                .remedy("list the images with `sindri vm list`; give --region if it is in another one")
        })?;
    if !image.labels.managed && !force {
        return Err(Error::new(
            Code::ImageForeign,
            format!("the image `{id}` was not made by sindri"),
        )
        .detail(format!(
            "its name is `{}`, and it has no tag ManagedBy=sindri",
            image.name
        ))
        .remedy("give --force to delete it all the same"));
    }
    confirm(&image)?;
    outcome::removal(planner.execute(Operation::DeleteImage(id.to_owned())).await?)
}
