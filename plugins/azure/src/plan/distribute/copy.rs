//! Replicas of a version in other regions. They keep its id.

use sindri_plugin_sdk::contract::{CopyRequest, Problem, Turn};

use super::super::images::{missing, show_gallery, show_version};
use super::super::{Run, make, of_version};
use super::{distribution, version_of};
use crate::model::{self, Gallery, TargetRegion, Version};

/// An hour, the longest a command may take: a replica of a large image in a far region takes half of it.
const TIMEOUT: u32 = 3600;

/// Adds regions to the version and waits until it is there.
pub(in crate::plan) fn copy(run: &Run<'_>, request: &CopyRequest) -> Result<Turn, Problem> {
    let id = &request.image_id;
    let version = version_of(run, id, "copied to another region")?;
    if request.locations.is_empty() {
        return Err(Problem::new(
            "missing-location",
            "no region is named to copy the image to",
        ));
    }
    for location in &request.locations {
        check_region(location)?;
    }
    if !run.history.has("image") {
        return Ok(Turn::Run(vec![
            show_version(&version, "image"),
            show_gallery(&version.group, &version.gallery),
        ]));
    }
    let found: Option<Version> = run.history.decode_tolerated("image")?;
    let found = found.ok_or_else(|| missing(id))?;
    let gallery: Option<Gallery> = run.history.decode_tolerated("gallery")?;
    let gallery = gallery.ok_or_else(|| missing(id))?;
    let there = found.regions();
    let mut new: Vec<String> = Vec::new();
    for location in &request.locations {
        let region = model::region(location);
        if !there.contains(&region) && !new.contains(&region) {
            new.push(region);
        }
    }
    if new.is_empty() {
        return distribution(id, &found, &gallery);
    }
    if !run.history.has("after") {
        let mut targets = kept(&found)?;
        let purpose = format!("Replicate the image to {}", new.join(", "));
        targets.extend(new);
        let command = of_version(make("sig image-version update"), &version)
            .flag_values("target-regions", targets)
            .timeout(TIMEOUT);
        return Ok(Turn::Run(vec![
            command.step("replicate", purpose),
            show_version(&version, "after"),
        ]));
    }
    let after: Option<Version> = run.history.decode_tolerated("after")?;
    distribution(id, &after.ok_or_else(|| missing(id))?, &gallery)
}

/// The command replaces the whole list, so everything that is there is named again, as
/// `region=replicas=type`.
fn kept(version: &Version) -> Result<Vec<String>, Problem> {
    let targets = version.publishing().target_regions.unwrap_or_default();
    targets.iter().map(argument).collect()
}

fn argument(target: &TargetRegion) -> Result<String, Problem> {
    if target.encryption.as_ref().is_some_and(|keys| !keys.is_null()) {
        let message = format!(
            "the replica in {} is encrypted with a key of your own, which `az` would drop",
            target.name
        );
        return Err(Problem::new("encrypted-replica", message)
            .remedy("add the region with its key by hand: az sig image-version update --add publishingProfile.targetRegions"));
    }
    let mut text = model::region(&target.name);
    if let Some(count) = target.regional_replica_count {
        text.push_str(&format!("={count}"));
    }
    if let Some(kind) = &target.storage_account_type {
        text.push('=');
        text.push_str(kind);
    }
    Ok(text)
}

fn check_region(name: &str) -> Result<(), Problem> {
    let lawful = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric());
    if lawful {
        Ok(())
    } else {
        Err(Problem::new(
            "unusable-location",
            format!("`{name}` is not the name of a region, such as westeurope"),
        ))
    }
}
