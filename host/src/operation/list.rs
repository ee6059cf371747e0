//! Lists images.

use super::{Planner, Programs, Session, outcome};
use crate::contract::{Image, ImageFilter, Operation};
use crate::error::Result;
use crate::journal::Finish;
use crate::runner::cancel::Cancel;

/// The operation behind `vm list`.
pub fn operation(prefix: Option<&str>) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: prefix.map(Into::into),
    })
}

/// Every image with the prefix, or every image of ours, the newest first.
pub async fn list(session: &Session<'_>, prefix: Option<&str>, cancel: Cancel) -> Result<Vec<Image>> {
    let run = session.begin("list", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel)?;
    let result = planner.execute(operation(prefix)).await.and_then(outcome::images);
    drop(planner);
    let mut images = match result {
        Ok(images) => images,
        Err(error) => {
            run.finish(Finish::Failed, Some(&error))?;
            return Err(error);
        }
    };
    run.discard()?;
    images.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    Ok(images)
}
