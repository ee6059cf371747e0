//! Who may use an image, and how long it is offered.

mod deprecate;
mod permit;

use sindri_plugin_sdk::contract::{CopyRequest, Distribution, Outcome, Principal, Problem, Turn};

use sindri_plugin_sdk::moment;

use super::{Run, look};
use crate::model::{Image, Policy};

pub(super) use deprecate::deprecate;
pub(super) use permit::{publish, share};

/// Lets others start instances of an image, and nothing else.
const ROLE: &str = "roles/compute.imageUser";
/// Everybody who has logged in to Google. Google refuses `allUsers` for images.
const EVERYBODY: &str = "allAuthenticatedUsers";

/// Images are global.
pub(super) fn copy(_: &Run<'_>, _: &CopyRequest) -> Result<Turn, Problem> {
    Err(Problem::new(
        "unsupported-operation",
        "an image on Google Cloud can be used in every region: there is nothing to copy",
    )
    .key("image_storage_locations")
    .remedy("image_storage_locations says where the next image is stored"))
}

fn read_policy(name: &str) -> sindri_plugin_sdk::contract::Step {
    look("images", "get-iam-policy")
        .positional(name)
        .step("policy", "Read who may use the image")
}

/// What holds as the policy says it, which was read last.
fn distribution(image: &Image, policy: &Policy) -> Turn {
    let mut public = false;
    let mut shared_with = Vec::new();
    let members = policy
        .bindings
        .iter()
        .filter(|binding| binding.role == ROLE)
        .flat_map(|binding| &binding.members);
    for member in members {
        match member.split_once(':') {
            _ if member == EVERYBODY => public = true,
            Some(("domain", domain)) => shared_with.push(Principal::Organization(domain.to_owned())),
            Some(("user" | "serviceAccount", email)) => shared_with.push(Principal::User(email.to_owned())),
            // Groups, and what Google invents next, under the name by which they are shared with.
            _ => shared_with.push(Principal::User(member.clone())),
        }
    }
    Turn::Done(Outcome::Distribution(Distribution {
        image_id: image.name.clone(),
        public,
        shared_with,
        copies: Vec::new(),
        deprecated_at: image
            .deprecated
            .as_ref()
            .and_then(|deprecated| deprecated.deprecated.as_deref())
            .and_then(moment::utc),
    }))
}
