//! The image that Packer's artifact stands for: `region:id`, comma, the next region's.

use sindri_plugin_sdk::contract::{Artifact, Outcome, Problem, Resource, Step, Tag, Turn};
use sindri_plugin_sdk::step_id;
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, value_of};

use super::distribute::{change_accounts, copied, portable_tags};
use super::images::{copy_of, describe_step, needed};
use super::{Progress, Run, in_region, make, numbered, publish, tagged};
use crate::check;
use crate::describe::BUILDER;
use crate::model;

/// Packer has waited until the image is available, so nothing is asked without a reason: copies, which Packer
/// neither waits for nor tags, and texts that it cannot write.
pub(super) fn image(run: &Run<'_>, artifact: &Artifact) -> Result<Turn, Problem> {
    if artifact.builder_type != BUILDER {
        let message = format!(
            "an artifact of the builder `{}` is no image on Alibaba Cloud",
            artifact.builder_type
        );
        return Err(Problem::new("foreign-artifact", message));
    }
    let region = run.config.region.as_str();
    let (id, copies) = parse(&artifact.artifact_id, region)?;
    if copies.is_empty() && artifact.unwritten_tags.is_empty() && artifact.unwritten_description.is_none() {
        let image = model::finished(id, &artifact.image_name, region);
        return Ok(Turn::Done(Outcome::Image(Some(image))));
    }
    check::TAGS.check(&artifact.unwritten_tags)?;
    if let Some(description) = &artifact.unwritten_description {
        check::description(description)?;
    }
    if !run.history.has("finished") {
        return super::ask(describe_step("finished", &id));
    }
    let own = needed(run, "finished", &id)?;
    let copies = match arrived(run, copies)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(copies) => copies,
    };
    let tags = all_tags(&own, &artifact.unwritten_tags)?;
    let steps: Vec<Step> = finish(run, artifact, &own, &copies, &tags)
        .into_iter()
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !steps.is_empty() {
        return Ok(Turn::Run(steps));
    }
    let copies = copies
        .iter()
        .map(|(region, copy)| copy_of(&copy.image_id, region))
        .collect();
    Ok(Turn::Done(Outcome::Image(Some(
        own.into_contract(region, copies),
    ))))
}

/// Waits for all copies at once.
fn arrived(run: &Run<'_>, copies: Vec<Resource>) -> Result<Progress<Vec<(String, model::Image)>>, Problem> {
    let mut steps = Vec::new();
    let mut found = Vec::new();
    for Resource { id, location, .. } in copies {
        match copied(run, &location, &id)? {
            Progress::Ask(more) => steps.extend(more),
            Progress::Done(copy) => found.push((location, copy)),
        }
    }
    Ok(if steps.is_empty() {
        Progress::Done(found)
    } else {
        Progress::Ask(steps)
    })
}

/// The image's tags as they should be. Copies get theirs from here, and an image that does not say whose it is would
/// never be found again.
fn all_tags(own: &model::Image, unwritten: &[Tag]) -> Result<Vec<Tag>, Problem> {
    let written = portable_tags(own);
    let is_unwritten = |tag: &Tag| unwritten.iter().any(|other| other.key == tag.key);
    let mut tags: Vec<Tag> = written.into_iter().filter(|tag| !is_unwritten(tag)).collect();
    tags.extend(unwritten.iter().cloned());
    if value_of(&tags, MANAGED_BY) != Some(SINDRI) {
        let message = format!(
            "image {} does not carry the tags that Packer was to set",
            own.image_id
        );
        return Err(Problem::new("untagged-image", message));
    }
    check::TAGS.check(&tags)?;
    Ok(tags)
}

/// Tags of the copies and what Packer could not write, then the accounts that may use them all.
fn finish(
    run: &Run<'_>,
    artifact: &Artifact,
    own: &model::Image,
    copies: &[(String, model::Image)],
    tags: &[Tag],
) -> Vec<Step> {
    let region = run.config.region.as_str();
    let mut steps = Vec::new();
    if !artifact.unwritten_tags.is_empty() {
        steps.extend(tag_image(run, region, own, &artifact.unwritten_tags));
    }
    for (region, copy) in copies {
        steps.extend(tag_image(run, region, copy, tags));
    }
    let places = copies
        .iter()
        .map(|(region, copy)| (region.as_str(), copy.image_id.as_str()))
        .chain(std::iter::once((region, own.image_id.as_str())));
    for (region, id) in places {
        if let Some(description) = &artifact.unwritten_description {
            let command = publish("ModifyImageAttribute")
                .flag("ImageId", id)
                .flag("Description", description);
            steps.push(in_region(command, run.config, region).step(
                step_id(&["describe", region, id]),
                format!("Write the description of {id} that Packer cannot write"),
            ));
        }
        if !copies.is_empty() {
            let accounts = &run.config.image_share_accounts;
            steps.extend(change_accounts(run.config, region, id, accounts, true));
        }
    }
    steps
}

/// Tags an image and its snapshots.
fn tag_image(run: &Run<'_>, region: &str, image: &model::Image, tags: &[Tag]) -> Vec<Step> {
    let snapshots = image.snapshots();
    let kinds = [("image", vec![image.image_id.clone()]), ("snapshot", snapshots)];
    let step = |(kind, ids): (&str, Vec<String>)| {
        let command = make("TagResources").flag("ResourceType", kind);
        let command = numbered(command, "ResourceId", ids.iter().map(String::as_str));
        in_region(tagged(command, tags), run.config, region).step(
            step_id(&["tag", kind, region, &image.image_id]),
            format!("Tag the {kind} of {} in {region}", image.image_id),
        )
    };
    kinds
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(step)
        .collect()
}

fn parse(text: &str, region: &str) -> Result<(String, Vec<Resource>), Problem> {
    let unusable = |why: &str| Problem::new("unusable-artifact", format!("Packer's artifact `{text}` {why}"));
    let mut own = None;
    let mut copies = Vec::new();
    for entry in text.split(',') {
        let (location, id) = entry
            .split_once(':')
            .ok_or_else(|| unusable("is not a list of region:id"))?;
        check::image_id(id).map_err(|_| unusable("names no image"))?;
        if location == region {
            own = Some(id.to_owned());
        } else {
            copies.push(copy_of(id, location));
        }
    }
    let own = own.ok_or_else(|| unusable(&format!("has no image in {region}")))?;
    Ok((own, copies))
}
