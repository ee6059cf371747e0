//! An image that a subcommand may change.

use super::{Planner, outcome};
use crate::contract::{Image, Operation};
use crate::error::{Code, Error, Result};

/// The image of that id. One without our mark of ownership is refused unless `force`; `verb` says in the error what
/// was to be done with it.
pub(super) async fn image(planner: &Planner<'_>, id: &str, force: bool, verb: &str) -> Result<Image> {
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
        .remedy(format!("give --force to {verb} it all the same")));
    }
    Ok(image)
}
