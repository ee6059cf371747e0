//! Who may use an image, where it is, and how long it is offered.
//!
//! An image on OCI belongs to one compartment in one region, and nothing but a policy says who may use it. Other
//! tenancies and regions get a file of it through Object Storage.

mod copy;

use sindri_plugin_sdk::contract::{
    DeprecateRequest, DeprecationState, Distribution, Outcome, Problem, PublishRequest, ShareRequest, Tag,
    Turn,
};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::with;

use super::images::{DEPRECATED, deprecated_at, describe_step, needed};
use super::{Run, ask, make, tag_map};
use crate::check;
use crate::model;

pub(super) use copy::{copy, delete_object, object_name};

/// What to do by hand where no request does it.
fn export_and_import(image: &str) -> String {
    format!(
        "export it: oci compute image export to-object --image-id {image} --namespace NAMESPACE --bucket-name BUCKET \
         --name sindri.oci --export-format OCI (`oci os ns get` prints the namespace), make a link that expires: oci os \
         preauth-request create --bucket-name BUCKET --name sindri --access-type ObjectRead --object-name sindri.oci \
         --time-expires TIME, and import it there: oci compute image import from-object-uri --uri LINK \
         --compartment-id COMPARTMENT --display-name NAME"
    )
}

pub(super) fn share(share: &ShareRequest) -> Result<Turn, Problem> {
    check::image_id(&share.image_id)?;
    let problem = if share.revoke {
        Problem::new(
            "unsupported",
            "an image on OCI is not shared, so there is nothing to take back",
        )
        .remedy("within the tenancy a policy says who may use it; other tenancies have copies of their own")
    } else {
        Problem::new(
            "unsupported",
            "an image on OCI cannot be shared with other tenancies",
        )
        .remedy(format!(
            "within the tenancy a policy is enough (`allow group NAME to read instance-images in compartment NAME`); \
             for another one {}",
            export_and_import(&share.image_id)
        ))
    };
    Err(problem)
}

pub(super) fn publish(publish: &PublishRequest) -> Result<Turn, Problem> {
    check::image_id(&publish.image_id)?;
    let message = if publish.withdraw {
        "an image on OCI is never public, so there is nothing to withdraw"
    } else {
        "OCI has no public images"
    };
    Err(Problem::new("unsupported", message).remedy(
        "publish it in the Oracle Cloud Marketplace, as a community application for example: \
         https://cloudmarketplace.oracle.com",
    ))
}

/// A tag, for want of anything better: `find-image` heeds it, OCI does not.
pub(super) fn deprecate(run: &Run<'_>, request: &DeprecateRequest) -> Result<Turn, Problem> {
    check::image_id(&request.image_id)?;
    if let Some(replacement) = &request.replacement {
        check::image_id(replacement)?;
    }
    let mark = match request.state {
        DeprecationState::Active => None,
        DeprecationState::Deprecated => Some(mark(run, request)?),
        DeprecationState::Obsolete => {
            return Err(
                Problem::new("unsupported", "OCI cannot forbid the use of an image").remedy(format!(
                    "deprecate it, or delete it: sindri vm delete {}",
                    request.image_id
                )),
            );
        }
    };
    if !run.history.has("image") {
        return ask(describe_step(&request.image_id));
    }
    let image = needed(run, "image", &request.image_id)?;
    if !run.history.has("marked") {
        // An update replaces the whole map.
        let now = model::tags(image.freeform_tags.as_ref());
        let tags = match &mark {
            Some(mark) => with(&now, DEPRECATED, mark),
            None => without(now, DEPRECATED),
        };
        check_count(&tags)?;
        let purpose = match mark {
            Some(_) => "Mark the image as deprecated",
            None => "Offer the image again",
        };
        return ask(make("compute image update")
            .flag("image-id", &request.image_id)
            .json_flag("freeform-tags", tag_map(&tags))
            .switch("force")
            .step("marked", purpose));
    }
    let after: model::Image = model::data(&run.history, "marked")?;
    let after = after.into_contract(run.config.location(), None);
    Ok(Turn::Done(Outcome::Distribution(Distribution {
        deprecated_at: deprecated_at(&after).map(str::to_owned),
        image_id: after.id,
        public: false,
        shared_with: Vec::new(),
        copies: Vec::new(),
    })))
}

fn mark(run: &Run<'_>, request: &DeprecateRequest) -> Result<String, Problem> {
    let at = request.at.as_deref().unwrap_or(&run.request.context.now);
    moment::stamp(at)?;
    Ok(match &request.replacement {
        Some(replacement) => format!("{at} {replacement}"),
        None => at.to_owned(),
    })
}

fn without(mut tags: Vec<Tag>, key: &str) -> Vec<Tag> {
    tags.retain(|tag| tag.key != key);
    tags
}

/// The tags are there already, perhaps made by others, so only their number is looked at.
fn check_count(tags: &[Tag]) -> Result<(), Problem> {
    if tags.len() <= check::MOST_TAGS {
        return Ok(());
    }
    let message = format!(
        "the image has {} free-form tags and cannot have one more, {DEPRECATED}",
        check::MOST_TAGS
    );
    Err(Problem::new("too-many-tags", message).remedy("remove one of its tags first"))
}
