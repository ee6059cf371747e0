//! Managed images, and disks and snapshots that are made of others.

use serde_json::{Value, json};

use super::failure::Failure;
use super::id::Id;
use super::network::{set, text};
use super::resources::resolve;
use super::{Azure, kinds};
use crate::{Rule, World};

impl Azure {
    pub(super) fn prepare_image(
        &mut self,
        id: &Id,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        if self.store.get(&id.to_string()).is_some() {
            let message = "Changing property 'sourceVirtualMachine' is not allowed.";
            return Err(Failure::new(409, "PropertyChangeNotAllowed", message));
        }
        let source = text(body, "/properties/sourceVirtualMachine/id").to_owned();
        if source.is_empty() {
            return self.prepare_image_of_disk(id, body, world);
        }
        let machine = resolve(self, id, &source, kinds::VM, world)?;
        let Some(machine) = self.store.get(&machine) else {
            return Err(Failure::not_found(&source));
        };
        if !machine.generalized {
            world.violation(Rule::WrongOrder, "an image of a VM that was not generalized");
            let message = "Before creating an image, the virtual machine must be generalized.";
            return Err(Failure::not_allowed(message));
        }
        if machine.location() != text(body, "/location") {
            return Err(Failure::invalid(
                world,
                "location",
                "an image is made in the region of its VM",
            ));
        }
        if machine.text("securityProfile.securityType") == "TrustedLaunch" {
            let message = "A managed image of a Trusted Launch VM is not supported: use a gallery.";
            return Err(Failure::not_allowed(message));
        }
        let disk = machine
            .property("storageProfile.osDisk")
            .cloned()
            .unwrap_or_default();
        let made = self.store.get(text(&disk, "/managedDisk/id"));
        let generation = made.map_or("V1", |disk| disk.text("hyperVGeneration")).to_owned();
        let asked = text(body, "/properties/hyperVGeneration");
        if !asked.is_empty() && asked != generation {
            let detail = format!("the VM is {generation}");
            return Err(Failure::invalid(world, "hyperVGeneration", &detail));
        }
        let size = made
            .and_then(|disk| disk.property("diskSizeGB"))
            .cloned()
            .unwrap_or_else(|| json!(30));
        let resilient = body
            .pointer("/properties/storageProfile/zoneResilient")
            .cloned()
            .unwrap_or_else(|| json!(false));
        set(body, "/properties", "hyperVGeneration", generation.into());
        set(
            body,
            "/properties",
            "storageProfile",
            json!({
                "osDisk": {
                    "osType": "Linux", "osState": "Generalized", "diskSizeGB": size, "caching": "ReadWrite",
                    "managedDisk": {"id": text(&disk, "/managedDisk/id")}, "storageAccountType": "Standard_LRS",
                },
                "dataDisks": [], "zoneResilient": resilient,
            }),
        );
        Ok(())
    }

    fn prepare_image_of_disk(&self, id: &Id, body: &mut Value, world: &mut World) -> Result<(), Failure> {
        const AT: &str = "/properties/storageProfile/osDisk";
        if text(body, &format!("{AT}/osType")).is_empty() || text(body, &format!("{AT}/osState")).is_empty() {
            return Err(Failure::invalid(
                world,
                "storageProfile.osDisk",
                "osType and osState are required without a VM",
            ));
        }
        let disk = text(body, &format!("{AT}/managedDisk/id")).to_owned();
        let snapshot = text(body, &format!("{AT}/snapshot/id")).to_owned();
        match (disk.as_str(), snapshot.as_str()) {
            ("", "") => Err(Failure::invalid(
                world,
                "storageProfile.osDisk",
                "a disk or a snapshot is wanted",
            )),
            (disk, "") => resolve(self, id, disk, kinds::DISK, world).map(drop),
            ("", snapshot) => resolve(self, id, snapshot, kinds::SNAPSHOT, world).map(drop),
            _ => Err(Failure::invalid(
                world,
                "storageProfile.osDisk",
                "either a disk or a snapshot is wanted",
            )),
        }
    }

    /// A disk or a snapshot: empty, or of another disk, snapshot or image.
    pub(super) fn prepare_copy(&self, id: &Id, body: &mut Value, world: &mut World) -> Result<(), Failure> {
        const AT: &str = "/properties/creationData";
        let option = text(body, &format!("{AT}/createOption")).to_owned();
        let source = text(body, &format!("{AT}/sourceResourceId")).to_owned();
        let uri = text(body, &format!("{AT}/sourceUri")).to_owned();
        match (option.as_str(), source.as_str()) {
            ("Copy", "") if uri.is_empty() => Err(Failure::invalid(
                world,
                "creationData.sourceResourceId",
                "required for a copy",
            )),
            ("Copy", source) if !source.is_empty() => {
                let found = Id::parse(source).and_then(|id| self.store.get(&id.to_string()));
                let Some(found) =
                    found.filter(|item| matches!(item.kind.as_str(), kinds::DISK | kinds::SNAPSHOT))
                else {
                    return Err(Failure::dangling(world, &id.to_string(), source));
                };
                let size = found.property("diskSizeGB").cloned().unwrap_or_else(|| json!(30));
                set(body, "/properties", "diskSizeGB", size);
                Ok(())
            }
            ("Empty", "") if body.pointer("/properties/diskSizeGB").is_none() => Err(Failure::invalid(
                world,
                "diskSizeGB",
                "required for an empty disk",
            )),
            _ => Ok(()),
        }
    }
}
