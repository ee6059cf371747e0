//! Who may use an image, where it is, and how long it is offered.
//!
//! Launch permissions and deprecation belong to each region's image, so every change is made on the
//! copies in the other configured regions as well.

mod copy;
mod deprecate;
mod permit;

use sindri_plugin_sdk::contract::{Distribution, Outcome, Principal, Problem, Resource, Step, Turn};

use super::{Run, look};
use crate::model::{Image, ImageAttribute};

pub(super) use copy::copy;
pub(super) use deprecate::deprecate;
pub(super) use permit::{publish, share};

fn read_permissions(id: &str) -> Step {
    look("describe-image-attribute")
        .flag("image-id", id)
        .flag("attribute", "launchPermission")
        .step("permissions", "Read who may use the image now")
}

fn distribution(run: &Run<'_>, image: &Image, copies: Vec<Resource>) -> Result<Turn, Problem> {
    let attribute: ImageAttribute = run.history.decode("permissions")?;
    let mut public = false;
    let mut shared_with = Vec::new();
    for permission in attribute.launch_permissions {
        public |= permission.group.as_deref() == Some("all");
        shared_with.extend(permission.user_id.map(Principal::Account));
        shared_with.extend(permission.organization_arn.map(Principal::Organization));
        shared_with.extend(permission.organizational_unit_arn.map(Principal::Organization));
    }
    Ok(Turn::Done(Outcome::Distribution(Distribution {
        image_id: image.image_id.clone(),
        public,
        shared_with,
        copies,
        deprecated_at: image.deprecation_time.clone(),
    })))
}
