//! Custom images and the provider's own.

use serde_json::{Value, json};

use super::call::Call;
use super::failure::Failure;
use super::rules::{check_description, check_name};
use super::store::{Item, Kind};
use super::{ACCOUNT, Alibaba};
use crate::{Rule, World};

/// What the ECS calls key and value of a tag in answers.
pub(super) const TAG: (&str, &str) = ("TagKey", "TagValue");

impl Alibaba {
    pub(super) fn describe_images(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        let states: Vec<_> = call.get("Status").unwrap_or("Available").split(',').collect();
        let ids: Vec<_> = call
            .get("ImageId")
            .into_iter()
            .flat_map(|ids| ids.split(','))
            .collect();
        let snapshot = call.get("SnapshotId");
        // A state is what it was before somebody looked: the filter decides first, then time passes.
        self.store.look(Kind::Image, &call.region, |image| {
            ids.is_empty() || ids.contains(&image.text("ImageId"))
        });
        let region = call.region.clone();
        let images = self.store.all(Kind::Image, &region);
        let found = images.into_iter().filter(|image| {
            (ids.is_empty() || ids.contains(&image.text("ImageId")))
                && states.contains(&image.status())
                && call.fits("ImageName", image.text("ImageName"))
                && call.fits("ImageOwnerAlias", image.text("ImageOwnerAlias"))
                && call.fits("ImageFamily", image.text("ImageFamily"))
                && call.fits("Architecture", image.text("Architecture"))
                && call.fits("OSType", image.text("OSType"))
                && call
                    .get("IsPublic")
                    .is_none_or(|_| call.is("IsPublic") == image.is("IsPublic"))
                && call
                    .get("Usage")
                    .is_none_or(|usage| (usage == "instance") == self.is_used(&region, image))
                && snapshot.is_none_or(|snapshot| snapshots(image).iter().any(|id| id == snapshot))
                && tags.fit(image)
        });
        let shown = found.map(|image| image.shown(TAG)).collect();
        Ok(call.listed("Images", "Image", shown))
    }

    pub(super) fn describe_image_from_family(
        &mut self,
        call: &Call,
        _: &mut World,
    ) -> Result<Value, Failure> {
        let newest = self.newest_of_family(&call.region, call.text("ImageFamily"));
        Ok(json!({"Image": newest.map_or_else(|| json!({}), |image| image.shown(TAG))}))
    }

    /// The newest usable image of a family.
    pub(super) fn newest_of_family(&self, region: &str, family: &str) -> Option<&Item> {
        self.store
            .all(Kind::Image, region)
            .into_iter()
            .find(|image| image.text("ImageFamily") == family && image.status() == "Available")
    }

    pub(super) fn create_image(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = Kind::Image.id(world);
        let name = call.get("ImageName").unwrap_or(&id);
        check_name(Kind::Image, name, world)?;
        check_description("Description", call.get("Description"), world)?;
        self.refuse_taken_image(&call.region, name)?;
        let tags = call.tags(world)?;
        let (snapshot, size, architecture) = match (call.get("InstanceId"), call.get("SnapshotId")) {
            (Some(instance), None) => self.image_of_instance(call, instance, world)?,
            (None, Some(snapshot)) => self.image_of_snapshot(call, snapshot, world)?,
            _ => {
                return Err(Failure::invalid(
                    world,
                    "InstanceId",
                    "exactly one of InstanceId and SnapshotId is wanted",
                ));
            }
        };
        let body = own_image(
            &id,
            name,
            &snapshot,
            size,
            call.get("Architecture").unwrap_or(&architecture),
        );
        let image = self.store.make(
            Kind::Image,
            &call.region,
            body,
            tags,
            Some(("Creating", "Available")),
            world,
        );
        for field in ["Description", "ImageFamily", "ImageVersion", "BootMode"] {
            image.body.insert(field.to_owned(), call.text(field).into());
        }
        Ok(json!({"ImageId": id}))
    }

    /// Makes the snapshot of the system disk, as the API does.
    fn image_of_instance(
        &mut self,
        call: &Call,
        id: &str,
        world: &mut World,
    ) -> Result<(String, u64, String), Failure> {
        let instance = self.instance(call, id)?;
        let status = instance.status().to_owned();
        if !["Running", "Stopped"].contains(&status.as_str()) {
            world.violation(Rule::WrongOrder, format!("an image of {id}, which is {status}"));
            instance.look();
            return Err(Failure::status("IncorrectInstanceStatus", id, &status));
        }
        let architecture = instance.text("Architecture").to_owned();
        let disk = self
            .system_disk(&call.region, id)
            .map(|disk| disk.text("DiskId").to_owned());
        let disk = disk.ok_or_else(|| Failure::not_found("InvalidDiskId.NotFound", id))?;
        let (snapshot, size) = self.make_snapshot(call, &disk, Default::default(), world)?;
        Ok((snapshot, size, architecture))
    }

    fn image_of_snapshot(
        &mut self,
        call: &Call,
        id: &str,
        world: &mut World,
    ) -> Result<(String, u64, String), Failure> {
        let snapshot = self.snapshot(call, id)?;
        if snapshot.status() != "accomplished" {
            world.violation(
                Rule::WrongOrder,
                format!("an image of {id}, which is not accomplished"),
            );
            snapshot.look();
            return Err(Failure::status("IncorrectSnapshotStatus", id, "progressing"));
        }
        if snapshot.text("SourceDiskType") != "system" {
            return Err(Failure::wrong(
                world,
                "InvalidSnapshotId.NotSystem",
                &format!("{id} is no snapshot of a system disk"),
            ));
        }
        let size = snapshot.text("SourceDiskSize").parse().unwrap_or_default();
        Ok((id.to_owned(), size, snapshot.text("Architecture").to_owned()))
    }

    pub(super) fn refuse_taken_image(&self, region: &str, name: &str) -> Result<(), Failure> {
        let images = self.store.all(Kind::Image, region);
        let taken = images
            .iter()
            .any(|image| image.text("ImageName") == name && image.text("ImageOwnerAlias") == "self");
        if taken {
            let message = format!("The specified image name {name:?} is already used.");
            return Err(Failure::new(400, "InvalidImageName.Duplicated", message));
        }
        Ok(())
    }

    /// An image of the user's own.
    pub(super) fn own(&mut self, call: &Call, id: &str) -> Result<&mut Item, Failure> {
        self.store
            .get_mut(Kind::Image, &call.region, id)
            .filter(|image| image.text("ImageOwnerAlias") == "self")
            .ok_or_else(|| Failure::not_found("InvalidImageId.NotFound", id))
    }

    /// One that is not there is no error.
    pub(super) fn delete_image(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let (region, id) = (call.region.as_str(), call.text("ImageId"));
        let Some(image) = self.store.get_mut(Kind::Image, region, id) else {
            return Ok(json!({}));
        };
        if image.text("ImageOwnerAlias") != "self" {
            world.violation(Rule::WrongValue, format!("{id} is not the user's own image"));
            return Err(Failure::not_found("InvalidImageId.NotFound", id));
        }
        if image.is("IsCopied") && image.status() == "Creating" {
            image.look();
            return Err(Failure::held(
                "OperationDenied.ImageCopying",
                id,
                "a copy under way",
            ));
        }
        if image.is("IsPublic") || !image.hidden.is_empty() {
            return Err(Failure::held("ImageUseShared", id, "it is shared"));
        }
        let image = image.clone();
        if self.is_used(region, &image) && !call.is("Force") {
            return Err(Failure::held("ImageUsingByInstance", id, "an instance"));
        }
        self.store.remove(Kind::Image, region, id);
        Ok(json!({}))
    }

    fn is_used(&self, region: &str, image: &Item) -> bool {
        let instances = self.store.all(Kind::Instance, region);
        instances
            .iter()
            .any(|instance| instance.text("ImageId") == image.text("ImageId"))
    }

    pub(super) fn modify_image(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = call.text("ImageId");
        check_description("Description", call.get("Description"), world)?;
        if let Some(name) = call.get("ImageName") {
            check_name(Kind::Image, name, world)?;
            self.refuse_taken_image(&call.region, name)?;
        }
        let image = self.own(call, id)?;
        let (status, shared) = (
            image.status().to_owned(),
            image.is("IsPublic") || !image.hidden.is_empty(),
        );
        if let Some(wanted) = call.get("Status") {
            if !["Available", "Deprecated"].contains(&status.as_str()) {
                image.look();
                return Err(Failure::status("IncorrectImageStatus", id, &status));
            }
            if wanted == "Deprecated" && shared {
                world.violation(
                    Rule::WrongOrder,
                    format!("{id} is shared and cannot be deprecated"),
                );
                return Err(Failure::held("ImageUseShared", id, "it is shared"));
            }
        }
        for field in ["Status", "Description", "ImageName", "ImageFamily"] {
            if let Some(value) = call.get(field) {
                image.change(field, value);
            }
        }
        Ok(json!({}))
    }
}

/// The snapshots of an image.
pub(super) fn snapshots(image: &Item) -> Vec<String> {
    let mappings = image
        .body
        .get("DiskDeviceMappings")
        .and_then(|mappings| mappings.get("DiskDeviceMapping"))
        .and_then(Value::as_array);
    mappings
        .into_iter()
        .flatten()
        .filter_map(|mapping| Some(mapping.get("SnapshotId")?.as_str()?.to_owned()))
        .collect()
}

/// An image of the user's own with one disk.
pub(super) fn own_image(id: &str, name: &str, snapshot: &str, size: u64, architecture: &str) -> Value {
    json!({
        "ImageId": id, "ImageName": name, "ImageOwnerAlias": "self", "ImageOwnerId": ACCOUNT, "Size": size,
        "Architecture": architecture, "Progress": "0%", "Description": "", "ImageFamily": "", "ImageVersion": "",
        "OSType": "linux", "OSName": "Ubuntu 24.04", "OSNameEn": "Ubuntu 24.04", "Platform": "Ubuntu",
        "IsPublic": false, "IsCopied": false, "IsSelfShared": "", "IsSubscribed": false, "ProductCode": "",
        "IsSupportCloudinit": true, "IsSupportIoOptimized": true, "Usage": "none", "BootMode": "",
        "ResourceGroupId": "",
        "DiskDeviceMappings": {"DiskDeviceMapping": [{
            "Device": "/dev/xvda", "Type": "system", "Format": "", "Size": size.to_string(), "SnapshotId": snapshot,
            "Progress": "100%",
        }]},
    })
}
