//! Saying from when an image is no longer offered. Azure only says so: it goes on starting machines.

use sindri_plugin_sdk::contract::{
    DeprecateRequest, DeprecationState, Distribution, Outcome, Problem, Step, Tag, Turn,
};
use sindri_plugin_sdk::moment;

use super::super::images::{Described, describe, described, missing, show_gallery};
use super::super::{Run, of_version, publish, tagging};
use super::distribution;
use crate::ids::{ImageId, VersionId};
use crate::model::{DEPRECATED_AT, Gallery, ManagedImage, Version};

/// Names the image to use instead.
const REPLACEMENT: &str = "SindriReplacement";

/// A version has an end of life; a managed image gets a tag in place of one.
pub(in crate::plan) fn deprecate(run: &Run<'_>, request: &DeprecateRequest) -> Result<Turn, Problem> {
    let id = &request.image_id;
    let parsed = ImageId::parse(id, &run.config.subscription_id)?;
    let change = change(run, request)?;
    if let Some(replacement) = &request.replacement {
        ImageId::parse(replacement, &run.config.subscription_id)?;
    }
    if !run.history.has("image") {
        let mut steps = describe(&parsed);
        if let ImageId::Version(version) = &parsed {
            steps.push(show_gallery(&version.group, &version.gallery));
        }
        return Ok(Turn::Run(steps));
    }
    let described = described(run, &parsed)?.ok_or_else(|| missing(id))?;
    if !run.history.has("after") {
        let mut steps = match &described {
            Described::Version(version, ..) => vec![end_of_life(version, &change)],
            Described::Managed(image) => tag(id, image, &change)?,
        };
        if let Some(replacement) = &request.replacement {
            let tags = [text_tag(REPLACEMENT, replacement)];
            steps.push(tagging::set(id, &tags)?.step("successor", "Note the successor of the image"));
        }
        steps.extend(describe(&parsed).into_iter().take(1).map(|step| Step {
            id: "after".to_owned(),
            ..step
        }));
        return Ok(Turn::Run(steps));
    }
    if matches!(described, Described::Managed(_)) {
        let after: Option<ManagedImage> = run.history.decode_tolerated("after")?;
        return Ok(Turn::Done(Outcome::Distribution(Distribution {
            image_id: id.clone(),
            public: false,
            shared_with: Vec::new(),
            copies: Vec::new(),
            deprecated_at: after.ok_or_else(|| missing(id))?.deprecated_at(),
        })));
    }
    let after: Option<Version> = run.history.decode_tolerated("after")?;
    let gallery: Option<Gallery> = run.history.decode_tolerated("gallery")?;
    let (after, gallery) = after.zip(gallery).ok_or_else(|| missing(id))?;
    distribution(id, &after, &gallery)
}

enum Change {
    Offer,
    Deprecate(String),
}

fn change(run: &Run<'_>, request: &DeprecateRequest) -> Result<Change, Problem> {
    match request.state {
        DeprecationState::Active => Ok(Change::Offer),
        DeprecationState::Deprecated => {
            let at = request.at.as_deref().unwrap_or(&run.request.context.now);
            moment::stamp(at)?;
            Ok(Change::Deprecate(at.to_owned()))
        }
        DeprecationState::Obsolete => Err(Problem::new(
            "unsupported-state",
            "Azure cannot keep anybody from starting machines of an image",
        )
        .remedy("deprecate it, or delete it with `sindri vm delete`")),
    }
}

fn end_of_life(version: &VersionId, change: &Change) -> Step {
    let (at, excluded, purpose) = match change {
        Change::Offer => ("null", "false", "Offer the image again".to_owned()),
        Change::Deprecate(at) => (at.as_str(), "true", format!("Deprecate the image from {at}")),
    };
    of_version(publish("sig image-version update"), version)
        .flag_values(
            "set",
            [
                format!("publishingProfile.endOfLifeDate={at}"),
                format!("publishingProfile.excludeFromLatest={excluded}"),
            ],
        )
        .timeout(1800)
        .step("end-of-life", purpose)
}

fn tag(id: &str, image: &ManagedImage, change: &Change) -> Result<Vec<Step>, Problem> {
    match (change, image.deprecated_at()) {
        (Change::Offer, None) => Ok(Vec::new()),
        (Change::Offer, Some(at)) => {
            let tags = [text_tag(DEPRECATED_AT, &at)];
            Ok(vec![
                tagging::remove(id, &tags)?.step("end-of-life", "Offer the image again"),
            ])
        }
        (Change::Deprecate(at), _) => {
            let tags = [text_tag(DEPRECATED_AT, at)];
            Ok(vec![
                tagging::set(id, &tags)?.step("end-of-life", format!("Deprecate the image from {at}")),
            ])
        }
    }
}

fn text_tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}
