//! System disks and snapshots.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::images::{TAG, snapshots};
use super::rules::check_description;
use super::store::{Item, Kind};
use crate::{Rule, World};

impl Alibaba {
    pub(super) fn system_disk(&self, region: &str, instance: &str) -> Option<&Item> {
        self.store
            .all(Kind::Disk, region)
            .into_iter()
            .find(|disk| disk.text("InstanceId") == instance)
    }

    pub(super) fn describe_disks(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let (tags, ids) = (call.wanted_tags(world)?, call.ids("DiskIds", world)?);
        let found = self.store.look(Kind::Disk, &call.region, |disk| {
            ids.as_ref().is_none_or(|ids| ids.contains(disk.text("DiskId")))
                && call.fits("InstanceId", disk.text("InstanceId"))
                && (["", "all", "system"].contains(&call.text("DiskType")))
                && (call.text("Status") == "All" || call.fits("Status", disk.status()))
                && tags.fit(disk)
        });
        let shown = found.iter().map(|disk| disk.shown(TAG)).collect();
        Ok(call.listed("Disks", "Disk", shown))
    }

    pub(super) fn create_snapshot(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        check_description("Description", call.get("Description"), world)?;
        let tags = call.tags(world)?;
        let (id, _) = self.make_snapshot(call, call.text("DiskId"), tags, world)?;
        Ok(json!({"SnapshotId": id}))
    }

    /// The id and the size in GiB.
    pub(super) fn make_snapshot(
        &mut self,
        call: &Call,
        disk: &str,
        tags: BTreeMap<String, String>,
        world: &mut World,
    ) -> Result<(String, u64), Failure> {
        let found = self.store.get(Kind::Disk, &call.region, disk);
        let found = found.ok_or_else(|| Failure::not_found("InvalidDiskId.NotFound", disk))?;
        let size = found.number("Size");
        let architecture = found.text("Architecture").to_owned();
        let id = Kind::Snapshot.id(world);
        let body = json!({
            "SnapshotId": id, "SnapshotName": call.text("SnapshotName"), "Description": call.text("Description"),
            "SourceDiskId": disk, "SourceDiskSize": size.to_string(), "SourceDiskType": "system",
            "Progress": "0%", "Usage": "none", "SnapshotType": "user", "Encrypted": false,
            "Architecture": architecture,
        });
        let state = Some(("progressing", "accomplished"));
        self.store
            .make(Kind::Snapshot, &call.region, body, tags, state, world);
        Ok((id, size))
    }

    pub(super) fn snapshot(&mut self, call: &Call, id: &str) -> Result<&mut Item, Failure> {
        self.store
            .get_mut(Kind::Snapshot, &call.region, id)
            .ok_or_else(|| Failure::not_found("InvalidSnapshotId.NotFound", id))
    }

    /// By instance they are found through its disk, and so no longer when it is gone.
    pub(super) fn describe_snapshots(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let (tags, ids) = (call.wanted_tags(world)?, call.ids("SnapshotIds", world)?);
        let disk = match call.get("InstanceId") {
            Some(instance) => {
                self.instance(call, instance)?;
                let disk = self.system_disk(&call.region, instance);
                Some(
                    disk.map(|disk| disk.text("DiskId").to_owned())
                        .unwrap_or_default(),
                )
            }
            None => None,
        };
        let found = self.store.look(Kind::Snapshot, &call.region, |snapshot| {
            ids.as_ref()
                .is_none_or(|ids| ids.contains(snapshot.text("SnapshotId")))
                && disk
                    .as_ref()
                    .is_none_or(|disk| snapshot.text("SourceDiskId") == disk)
                && call.fits("DiskId", snapshot.text("SourceDiskId"))
                && call.fits("SnapshotName", snapshot.text("SnapshotName"))
                && (call.text("Status") == "all" || call.fits("Status", snapshot.status()))
                && tags.fit(snapshot)
        });
        let shown = found.iter().map(|snapshot| snapshot.shown(TAG)).collect();
        Ok(call.listed("Snapshots", "Snapshot", shown))
    }

    pub(super) fn delete_snapshot(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = call.text("SnapshotId");
        self.snapshot(call, id)?;
        let images = self.store.all(Kind::Image, &call.region);
        let holder = images
            .iter()
            .find(|image| snapshots(image).iter().any(|snapshot| snapshot == id));
        if let Some(image) = holder {
            let image = image.text("ImageId").to_owned();
            if call.is("Force") {
                world.violation(Rule::WrongOrder, "no force deletes the snapshot of an image");
            }
            return Err(Failure::held("SnapshotCreatedImage", id, &image));
        }
        self.store.remove(Kind::Snapshot, &call.region, id);
        Ok(json!({}))
    }
}
