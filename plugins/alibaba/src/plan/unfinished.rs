//! Images and snapshots of a build that was cut off while it made its image.
//!
//! Packer tags both only when the image is finished, which takes minutes; until then nothing but its instance leads to
//! them.

use sindri_plugin_sdk::contract::Problem;
use sindri_plugin_sdk::removal::Target;
use sindri_plugin_sdk::step_id;

use super::images::{ANY_STATUS, own_images};
use super::list::{self, Search};
use super::removal::{Kind, target};
use super::{Progress, Run, look};
use crate::mark;
use crate::model::{Image, Instance, Snapshot};

/// What of that is to be removed: images before the snapshots that hold them.
pub(super) fn targets(run: &Run<'_>, instances: &[Instance]) -> Result<Progress<Vec<Target>>, Problem> {
    let history = &run.history;
    let of_instances: Vec<Search> = instances
        .iter()
        .filter(|instance| instance.is_packers())
        .map(|instance| snapshots_of(&instance.instance_id))
        .collect();
    if let Progress::Ask(steps) = list::search(history, &of_instances)? {
        return Ok(Progress::Ask(steps));
    }
    let mut snapshots: Vec<Snapshot> = Vec::new();
    for search in &of_instances {
        snapshots.extend(search.found::<Snapshot>(history)?);
    }
    let of_snapshots: Vec<Search> = snapshots
        .iter()
        .map(|snapshot| images_of(&snapshot.snapshot_id))
        .collect();
    if let Progress::Ask(steps) = list::search(history, &of_snapshots)? {
        return Ok(Progress::Ask(steps));
    }
    let one = |kind: Kind, id: &str| target(run.config, kind, id, &run.config.region);
    let mut targets = Vec::new();
    for (snapshot, search) in snapshots.iter().zip(&of_snapshots) {
        let images: Vec<Image> = search.found(history)?;
        // One with tags is finished, and stays with its snapshot.
        if images.iter().any(is_tagged) {
            continue;
        }
        targets.extend(images.iter().map(|image| one(Kind::Image, &image.image_id)));
        targets.push(one(Kind::Snapshot, &snapshot.snapshot_id));
    }
    Ok(Progress::Done(targets))
}

fn is_tagged(image: &Image) -> bool {
    mark::owner(&image.tags.clone().into_contract()).is_some()
}

fn snapshots_of(instance: &str) -> Search {
    Search::new(
        step_id(&["snapshots", instance]),
        format!("Look for snapshots of {instance}"),
        look("DescribeSnapshots").flag("InstanceId", instance),
        list::SNAPSHOTS,
    )
}

fn images_of(snapshot: &str) -> Search {
    let command = own_images()
        .flag("SnapshotId", snapshot)
        .flag("Status", ANY_STATUS);
    Search::new(
        step_id(&["images", snapshot]),
        format!("Look for images of {snapshot}"),
        command,
        list::IMAGES,
    )
}
