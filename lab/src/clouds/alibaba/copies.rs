//! Copies of images in other regions.

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::catalog;
use super::failure::Failure;
use super::images::{own_image, snapshots};
use super::rules::{check_description, check_name};
use super::store::Kind;
use crate::{Rule, World};

impl Alibaba {
    pub(super) fn copy_image(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = call.text("ImageId");
        let destination = call.get("DestinationRegionId").unwrap_or(&call.region);
        if !catalog::is_region(destination) {
            return Err(Failure::not_found(
                "InvalidDestinationRegionId.NotFound",
                destination,
            ));
        }
        if destination == call.region && !call.is("Encrypted") {
            return Err(Failure::invalid(
                world,
                "DestinationRegionId",
                "the same region, and not to be encrypted",
            ));
        }
        let tags = call.tags(world)?;
        let source = self.own(call, id)?;
        if source.status() != "Available" {
            let status = source.status().to_owned();
            world.violation(Rule::WrongOrder, format!("a copy of {id}, which is {status}"));
            source.look();
            return Err(Failure::status("IncorrectImageStatus", id, &status));
        }
        let (size, architecture) = (source.number("Size"), source.text("Architecture").to_owned());
        let copy = Kind::Image.id(world);
        let name = call.get("DestinationImageName").unwrap_or(&copy);
        check_name(Kind::Image, name, world)?;
        check_description(
            "DestinationDescription",
            call.get("DestinationDescription"),
            world,
        )?;
        self.refuse_taken_image(destination, name)?;
        let snapshot = Kind::Snapshot.id(world);
        let body = json!({
            "SnapshotId": snapshot, "SnapshotName": "", "SourceDiskId": "", "SourceDiskSize": size.to_string(),
            "SourceDiskType": "system", "Progress": "0%", "Architecture": architecture, "Description": "",
        });
        let state = Some(("progressing", "accomplished"));
        self.store.make(
            Kind::Snapshot,
            destination,
            body,
            Default::default(),
            state,
            world,
        );
        let body = own_image(&copy, name, &snapshot, size, &architecture);
        let state = Some(("Creating", "Available"));
        let image = self
            .store
            .make(Kind::Image, destination, body, tags, state, world);
        image.body.insert("IsCopied".to_owned(), true.into());
        let description = call.text("DestinationDescription");
        image.body.insert("Description".to_owned(), description.into());
        Ok(json!({"ImageId": copy}))
    }

    /// Ends a copy that is under way, and removes what there is of it.
    pub(super) fn cancel_copy(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = call.text("ImageId");
        let image = self.own(call, id)?;
        if !image.is("IsCopied") || image.status() != "Creating" {
            world.violation(Rule::WrongOrder, format!("{id} is no copy under way"));
            return Err(Failure::status("IncorrectImageStatus", id, image.status()));
        }
        let snapshots = snapshots(image);
        self.store.remove(Kind::Image, &call.region, id);
        for snapshot in snapshots {
            self.store.remove(Kind::Snapshot, &call.region, &snapshot);
        }
        Ok(json!({}))
    }
}
