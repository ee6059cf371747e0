//! Deleting an image with its snapshots and its copies in other regions.

use serde_json::json;
use sindri_plugin_sdk::contract::{Outcome, Problem, Turn};
use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI};

use super::images::{Copies, copies, describe_step, described, tag_filter};
use super::removal::{progress, target};
use super::{Run, exactly, look};
use crate::check;
use crate::model::{Image, Snapshots};

/// Snapshots are noted before their image goes: afterwards nothing leads to them but their description.
/// The image itself goes after its copies, because it is what leads to those.
pub(super) fn image(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        // AWS writes the image's id into the description, so a deletion that was interrupted after the
        // image can be finished.
        let filters = json!([
            exactly(&tag_filter(MANAGED_BY), SINDRI),
            { "Name": "description", "Values": [format!("*{id}*")] },
        ]);
        let snapshots = look("describe-snapshots")
            .flag("owner-ids", "self")
            .json_flag("filters", filters);
        return Ok(Turn::Run(vec![
            describe_step(id),
            snapshots.step("snapshots", "Look for snapshots of the image"),
        ]));
    }
    let own_region = run.config.region.as_str();
    let mut targets = Vec::new();
    let mut noted = Vec::new();
    if let Some(image) = described(run, "image", id)? {
        check_protection(&image)?;
        match copies(run, &image)? {
            Copies::Ask(steps) => return Ok(Turn::Run(steps)),
            Copies::Known(copies) => {
                for (region, copy) in copies {
                    targets.extend(image_targets(&copy, &region, own_region));
                }
            }
        }
        noted = image.snapshots();
        targets.extend(image_targets(&image, own_region, own_region));
    }
    let orphans: Snapshots = run.history.decode("snapshots")?;
    for snapshot in orphans
        .snapshots
        .into_iter()
        .filter(|snapshot| !noted.contains(&snapshot.snapshot_id))
    {
        targets.push(target("snapshot", &snapshot.snapshot_id, own_region, own_region));
    }
    Ok(match progress(&run.history, &targets) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    })
}

/// The image, then the snapshots it holds.
pub(super) fn image_targets(image: &Image, region: &str, own_region: &str) -> Vec<Target> {
    let mut targets = vec![target("image", &image.image_id, region, own_region)];
    targets.extend(
        image
            .snapshots()
            .iter()
            .map(|snapshot| target("snapshot", snapshot, region, own_region)),
    );
    targets
}

fn check_protection(image: &Image) -> Result<(), Problem> {
    match image.deregistration_protection.as_deref() {
        None | Some("disabled") => Ok(()),
        Some(state) => {
            let message = format!("image {} is protected against deletion ({state})", image.image_id);
            Err(Problem::new("deregistration-protected", message).remedy(format!(
                "aws ec2 disable-image-deregistration-protection --image-id {}; with a cool-down it takes effect after 24 hours",
                image.image_id
            )))
        }
    }
}
