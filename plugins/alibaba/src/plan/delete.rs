//! Deleting an image with its snapshots and its copies in other regions.

use sindri_plugin_sdk::contract::{Outcome, Problem, Step, Turn};
use sindri_plugin_sdk::removal::{self, Target};
use sindri_plugin_sdk::step_id;

use super::distribute::{accounts_of, change_accounts, read_accounts};
use super::images::{copies, describe_step, described};
use super::removal::{Kind, progress, target};
use super::{Progress, Run, in_region, publish};
use crate::check;
use crate::config::Config;
use crate::model::Image;

/// Snapshots are noted before their image goes: afterwards nothing leads to them. The image itself goes after its
/// copies, because it is what leads to those. What is shared cannot be deleted.
pub(super) fn image(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        return super::ask(describe_step("image", id));
    }
    let mut targets = Vec::new();
    if let Some(image) = described(run, "image", id)? {
        let copies = match copies(run, &image)? {
            Progress::Ask(steps) => return Ok(Turn::Run(steps)),
            Progress::Done(copies) => copies,
        };
        let mut all = copies;
        all.push((run.config.region.clone(), image));
        let steps = unshare(run, &all)?;
        if !steps.is_empty() {
            return Ok(Turn::Run(steps));
        }
        for (region, image) in &all {
            targets.extend(image_targets(run.config, image, region));
        }
    }
    Ok(match progress(&run.history, &targets) {
        removal::Progress::Ask(steps) => Turn::Run(steps),
        removal::Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    })
}

/// First who has them, then taking it away from everybody.
fn unshare(run: &Run<'_>, images: &[(String, Image)]) -> Result<Vec<Step>, Problem> {
    let asked = |(region, image): &(String, Image)| read_accounts(run.config, region, &image.image_id);
    let questions: Vec<Step> = images
        .iter()
        .map(asked)
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !questions.is_empty() {
        return Ok(questions);
    }
    let mut steps = Vec::new();
    for (region, image) in images {
        let id = &image.image_id;
        let accounts = accounts_of(run, region, id)?;
        steps.extend(change_accounts(run.config, region, id, &accounts, false));
        if image.is_public {
            let command = publish("ModifyImageSharePermission")
                .flag("ImageId", id)
                .flag("IsPublic", "false");
            steps.push(in_region(command, run.config, region).step(
                step_id(&["withdraw", region, id]),
                format!("Make {id} in {region} private"),
            ));
        }
    }
    steps.retain(|step| !run.history.has(&step.id));
    Ok(steps)
}

/// The image, then the snapshots it holds.
pub(super) fn image_targets(config: &Config, image: &Image, region: &str) -> Vec<Target> {
    let mut targets = vec![target(config, Kind::Image, &image.image_id, region)];
    let snapshots = image.snapshots();
    targets.extend(
        snapshots
            .iter()
            .map(|snapshot| target(config, Kind::Snapshot, snapshot, region)),
    );
    targets
}
