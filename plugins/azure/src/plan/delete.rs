//! Deleting an image, and what the same build left in the other place: Packer before 1.7 publishes to a
//! gallery by way of a managed image.

use sindri_plugin_sdk::contract::{Outcome, Problem, Turn};
use sindri_plugin_sdk::removal::{Progress, Target, progress};
use sindri_plugin_sdk::tags::labels;
use sindri_plugin_sdk::{Command, moment};

use super::images::{Described, Found, describe, described, found, searches};
use super::{GONE, Run, of_version};
use crate::ids::ImageId;
use crate::model::{self, Version};

/// Seconds that the deletion of a version with its replicas may take.
const TIMEOUT: u32 = 1800;

pub(super) fn image(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let parsed = ImageId::parse(id, &run.config.subscription_id)?;
    let gallery = run.config.gallery.is_some();
    if !run.history.has("image") {
        let mut steps = describe(&parsed);
        if gallery {
            steps.extend(searches(run));
        }
        return Ok(Turn::Run(steps));
    }
    let mut targets = Vec::new();
    if let Some(image) = described(run, &parsed)? {
        let tags = match &image {
            Described::Managed(image) => &image.tags,
            Described::Version(_, version, _) => &version.tags,
        };
        let owner = labels(&model::tags(tags));
        if let Some(run_id) = owner.run_id.filter(|_| owner.managed && gallery) {
            targets.extend(of_run(run, found(run)?, &run_id, id)?);
        }
        if let Described::Version(_, version, _) = &image {
            check_protection(run, version)?;
        }
        let location = match &image {
            Described::Managed(image) => &image.location,
            Described::Version(_, version, _) => &version.location,
        };
        targets.push(target(&parsed, id, &model::region(location)));
    }
    Ok(match progress(&run.history, &targets, 10) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    })
}

/// The images of a run, except this one.
pub(super) fn of_run(
    run: &Run<'_>,
    found: Found,
    run_id: &str,
    except: &str,
) -> Result<Vec<Target>, Problem> {
    let managed = found
        .managed
        .into_iter()
        .map(|image| (image.id, image.location, image.tags));
    let versions = found
        .versions
        .into_iter()
        .map(|version| (version.id, version.location, version.tags));
    let mut targets = Vec::new();
    for (id, location, tags) in managed.chain(versions) {
        let owner = labels(&model::tags(&tags));
        let ours = owner.managed && owner.run_id.as_deref() == Some(run_id);
        if ours && !id.eq_ignore_ascii_case(except) {
            let parsed = ImageId::parse(&id, &run.config.subscription_id)?;
            targets.push(target(&parsed, &id, &model::region(&location)));
        }
    }
    Ok(targets)
}

fn target(parsed: &ImageId, id: &str, location: &str) -> Target {
    let command = |verb: &str| Command::destroy("az", verb.split(' ')).timeout(TIMEOUT);
    let command = match parsed {
        ImageId::Managed { group, name } => command("image delete")
            .flag("resource-group", group)
            .flag("name", name),
        ImageId::Version(version) => of_version(command("sig image-version delete"), version),
    };
    // While it is still being replicated.
    Target::new("image", id, location, command)
        .gone(GONE)
        .held(&["Conflict", "AnotherOperationInProgress"], 6)
}

fn check_protection(run: &Run<'_>, version: &Version) -> Result<(), Problem> {
    let protected = version
        .safety_profile
        .as_ref()
        .is_some_and(|safety| safety.block_deletion_before_end_of_life == Some(true));
    let end = version.publishing().end_of_life_date;
    match end.filter(|end| protected && !moment::is_past(end, &run.request.context.now)) {
        None => Ok(()),
        Some(end) => {
            let message = format!("image {} is protected against deletion until {end}", version.id);
            Err(Problem::new("deletion-protected", message).remedy(
                "az sig image-version update --block-deletion-before-end-of-life false, with the names in the id",
            ))
        }
    }
}
