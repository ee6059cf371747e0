//! Who may use an image, where it is, and how long it is offered.
//!
//! Only versions in a gallery can be shared, published and copied. The gallery as a whole is what is shared:
//! everything in it, not one image.

mod copy;
mod deprecate;
mod permit;

use sindri_plugin_sdk::contract::{Distribution, Outcome, Principal, Problem, Turn};

use super::Run;
use crate::ids::{ImageId, VersionId};
use crate::model::{Gallery, Version};

pub(super) use copy::copy;
pub(super) use deprecate::deprecate;
pub(super) use permit::{publish, share};

/// The version, or why that cannot be done with a managed image.
fn version_of(run: &Run<'_>, id: &str, what: &str) -> Result<VersionId, Problem> {
    match ImageId::parse(id, &run.config.subscription_id)? {
        ImageId::Version(version) => Ok(version),
        ImageId::Managed { name, .. } => Err(Problem::new(
            "unsupported-for-managed-image",
            format!("{name} is a managed image, and these cannot be {what}"),
        )
        .key("gallery")
        .remedy("set gallery and build the image again")),
    }
}

fn distribution(id: &str, version: &Version, gallery: &Gallery) -> Result<Turn, Problem> {
    let sharing = gallery.sharing_profile.as_ref();
    let groups = sharing
        .and_then(|sharing| sharing.groups.as_deref())
        .unwrap_or(&[]);
    let mut shared_with = Vec::new();
    for group in groups {
        let ids = group.ids.iter().flatten().cloned();
        match group.kind.as_deref() {
            Some("Subscriptions") => shared_with.extend(ids.map(Principal::Account)),
            Some("AADTenants") => shared_with.extend(ids.map(Principal::Organization)),
            Some(_) | None => {}
        }
    }
    Ok(Turn::Done(Outcome::Distribution(Distribution {
        image_id: id.to_owned(),
        public: gallery.is_public(),
        shared_with,
        copies: version.copies(),
        deprecated_at: version.publishing().end_of_life_date,
    })))
}
