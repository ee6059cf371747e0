//! Virtual machines.

use serde_json::{Value, json};

use super::failure::Failure;
use super::id::Id;
use super::network::{set, text};
use super::resources::resolve;
use super::route::Call;
use super::rules::{check_login, check_source};
use super::store::Item;
use super::{Azure, catalog, kinds};
use crate::{Owner, Reply, Rule, World};

/// What a VM is to be made of.
pub(super) struct Source {
    /// `V1` or `V2`.
    pub(super) generation: String,
    /// `x64` or `Arm64`; empty if the image does not say.
    pub(super) architecture: String,
    /// Whether it starts with Trusted Launch: a managed image never does.
    pub(super) trusted: bool,
    /// Of the disk, in GB.
    pub(super) size: u64,
}

impl Azure {
    pub(super) fn prepare_machine(
        &mut self,
        id: &Id,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        let size = text(body, "/properties/hardwareProfile/vmSize").to_owned();
        let Some((architecture, second)) = catalog::size(&size) else {
            let message = format!("The value {size} provided for the VM size is not valid.");
            world.violation(
                Rule::WrongValue,
                format!("vmSize: {size:?} is no size of this region"),
            );
            return Err(Failure::new(400, "InvalidParameter", message));
        };
        let source = self.source(id, body, world)?;
        check_source(&source, architecture, second, body, world)?;
        check_login(body, world)?;
        self.take_interfaces(id, body, world)?;
        self.make_disks(id, body, &source);
        let number = world.uuid();
        set(body, "/properties", "vmId", number.into());
        set(body, "/properties", "timeCreated", world.timestamp().into());
        // What comes in is never shown again.
        for secret in ["adminPassword", "customData"] {
            if let Some(profile) = body
                .pointer_mut("/properties/osProfile")
                .and_then(Value::as_object_mut)
            {
                profile.remove(secret);
            }
        }
        Ok(())
    }

    /// Of a VM that is there only tags and identity change here.
    pub(super) fn update_machine(&mut self, id: &Id, body: &Value) -> Result<(), Failure> {
        let item = self
            .store
            .get_mut(&id.to_string())
            .ok_or_else(|| Failure::not_found(&id.to_string()))?;
        item.changes += 1;
        for field in ["tags", "identity"] {
            if let Some(value) = body.get(field) {
                item.body.insert(field.to_owned(), value.clone());
            }
        }
        Ok(())
    }

    fn source(&self, id: &Id, body: &Value, world: &mut World) -> Result<Source, Failure> {
        const AT: &str = "/properties/storageProfile/imageReference";
        let part = |name: &str| text(body, &format!("{AT}/{name}"));
        let reference = part("id");
        if reference.is_empty() {
            let image = catalog::marketplace(part("publisher"), part("offer"), part("sku"), part("version"));
            let Some(image) = image else {
                let name = format!(
                    "{}:{}:{}:{}",
                    part("publisher"),
                    part("offer"),
                    part("sku"),
                    part("version")
                );
                world.violation(Rule::WrongValue, format!("imageReference: there is no {name}"));
                let message = format!("The platform image '{name}' is not available.");
                return Err(Failure::new(404, "PlatformImageNotFound", message));
            };
            return Ok(Source {
                generation: image.generation.to_owned(),
                architecture: image.architecture.to_owned(),
                trusted: image.generation == "V2",
                size: 30,
            });
        }
        let image = Id::parse(reference).and_then(|image| self.store.get(&image.to_string()));
        let Some(image) = image else {
            return Err(Failure::dangling(world, &id.to_string(), reference));
        };
        if image.kind == kinds::IMAGE {
            if image.location() != text(body, "/location") {
                let detail = "a managed image starts VMs only in its own region";
                return Err(Failure::invalid(world, "imageReference.id", detail));
            }
            return Ok(Source {
                generation: image.text("hyperVGeneration").to_owned(),
                architecture: String::new(),
                trusted: false,
                size: 30,
            });
        }
        let definition = match image.kind.as_str() {
            kinds::VERSION => Id::parse(&image.id).and_then(|id| id.parent()),
            kinds::DEFINITION if self.store.parts(&image.id, kinds::VERSION).next().is_some() => {
                Id::parse(&image.id)
            }
            _ => None,
        };
        let definition = definition.and_then(|id| self.store.get(&id.to_string()));
        let Some(definition) = definition else {
            return Err(Failure::dangling(world, &id.to_string(), reference));
        };
        let or = |value: &str, other: &str| {
            if value.is_empty() {
                other.to_owned()
            } else {
                value.to_owned()
            }
        };
        Ok(Source {
            generation: or(definition.text("hyperVGeneration"), "V1"),
            architecture: or(definition.text("architecture"), "x64"),
            trusted: super::galleries::takes_trusted(definition),
            size: 30,
        })
    }

    fn take_interfaces(&mut self, id: &Id, body: &Value, world: &mut World) -> Result<(), Failure> {
        let list = body
            .pointer("/properties/networkProfile/networkInterfaces")
            .and_then(Value::as_array);
        let wanted: Vec<_> = list
            .into_iter()
            .flatten()
            .map(|item| text(item, "/id").to_owned())
            .collect();
        if wanted.is_empty() {
            return Err(Failure::invalid(
                world,
                "networkInterfaces",
                "at least one is wanted",
            ));
        }
        for reference in wanted {
            let interface = resolve(self, id, &reference, kinds::INTERFACE, world)?;
            let Some(item) = self.store.get_mut(&interface) else {
                continue;
            };
            let other = item.text("virtualMachine.id");
            if !other.is_empty() && !other.eq_ignore_ascii_case(&id.to_string()) {
                let message = format!("Network Interface {interface} is used by existing resource {other}.");
                return Err(Failure::new(400, "NicInUse", message));
            }
            item.set("virtualMachine", json!({"id": id.to_string()}));
        }
        Ok(())
    }

    /// A managed disk for the system and one for each data disk that is not there yet.
    fn make_disks(&mut self, id: &Id, body: &mut Value, source: &Source) {
        let location = text(body, "/location").to_owned();
        let tags = body.get("tags").cloned().unwrap_or_else(|| json!({}));
        let count = body
            .pointer("/properties/storageProfile/dataDisks")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let mut places = vec![(
            "/properties/storageProfile/osDisk".to_owned(),
            format!("{}_OsDisk_1", id.name()),
        )];
        places.extend((0..count).map(|index| {
            (
                format!("/properties/storageProfile/dataDisks/{index}"),
                format!("{}_disk{}", id.name(), index + 2),
            )
        }));
        for (place, standard) in places {
            if !text(body, &format!("{place}/managedDisk/id")).is_empty() {
                continue;
            }
            let given = text(body, &format!("{place}/name"));
            let name = if given.is_empty() {
                standard
            } else {
                given.to_owned()
            };
            let Some(disk) = Id::new(&id.group, kinds::DISK, &name) else {
                continue;
            };
            let kind = text(body, &format!("{place}/managedDisk/storageAccountType"));
            let kind = if kind.is_empty() { "Standard_LRS" } else { kind }.to_owned();
            let system = place.ends_with("osDisk");
            let size = body
                .pointer(&format!("{place}/diskSizeGB"))
                .cloned()
                .unwrap_or_else(|| json!(source.size));
            let option = if system { "FromImage" } else { "Empty" };
            let mut properties = json!({
                "creationData": {"createOption": option}, "diskSizeGB": size, "diskState": "Attached",
                "provisioningState": "Succeeded",
            });
            if system {
                set(&mut properties, "", "osType", "Linux".into());
                set(
                    &mut properties,
                    "",
                    "hyperVGeneration",
                    source.generation.clone().into(),
                );
            }
            let made = json!({
                "location": location, "tags": tags, "sku": {"name": kind}, "managedBy": id.to_string(),
                "properties": properties,
            });
            self.store.put(&disk, catalog::object(made), Owner::Client);
            set(body, &place, "name", name.into());
            set(
                body,
                &place,
                "managedDisk",
                json!({"id": disk.to_string(), "storageAccountType": kind}),
            );
            if system {
                set(body, &place, "osType", "Linux".into());
            }
        }
    }

    /// What went with a VM goes; the rest is free.
    pub(super) fn release_machine(&mut self, machine: &Item) {
        let list = |path: &str| {
            machine
                .property(path)
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let mut disks = list("storageProfile.dataDisks");
        disks.extend(machine.property("storageProfile.osDisk").cloned());
        for disk in disks {
            let id = text(&disk, "/managedDisk/id");
            if text(&disk, "/deleteOption") == "Delete" {
                self.store.remove(id);
            } else if let Some(item) = self.store.get_mut(id) {
                item.body.remove("managedBy");
                item.set("diskState", "Unattached".into());
            }
        }
        for interface in list("networkProfile.networkInterfaces") {
            let id = text(&interface, "/id");
            if text(&interface, "/properties/deleteOption") == "Delete" {
                if let Some(removed) = self.store.remove(id) {
                    self.release_interface(&removed);
                }
            } else if let Some(item) = self.store.get_mut(id) {
                item.unset("virtualMachine");
            }
        }
    }

    pub(super) fn act(
        &mut self,
        id: &Id,
        verb: &str,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        self.existing(id)?;
        match id.kind().as_str() {
            kind if kind.eq_ignore_ascii_case(kinds::VM) => self.act_on_machine(id, verb, call, world),
            kind if kind.eq_ignore_ascii_case(kinds::GALLERY) && verb == "share" => {
                self.share_gallery(id, call, world)
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn act_on_machine(
        &mut self,
        id: &Id,
        verb: &str,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        match (verb, call.request.parameter("hibernate")) {
            (_, None) | ("deallocate", Some("false")) => {}
            _ => return Err(Failure::invalid(world, "hibernate", "not a machine that can")),
        }
        let Some(machine) = self.store.get_mut(&id.to_string()) else {
            return Err(Failure::not_found(&id.to_string()));
        };
        machine.changes += 1;
        match verb {
            "deallocate" => machine.power = "deallocated",
            "powerOff" => machine.power = "stopped",
            "start" | "restart" => {
                if machine.generalized {
                    world.violation(Rule::WrongOrder, "a generalized VM never starts again");
                    return Err(Failure::not_allowed(
                        "The VM is generalized and cannot be started.",
                    ));
                }
                machine.power = "running";
            }
            "generalize" => {
                if machine.power == "running" {
                    world.violation(Rule::WrongOrder, "generalize while the VM runs");
                    return Err(Failure::not_allowed(
                        "The VM must be stopped before it is generalized.",
                    ));
                }
                machine.generalized = true;
                return Ok(Reply::empty(200));
            }
            _ => return Err(Failure::unknown_route(call.request, world)),
        }
        Ok(self
            .operations
            .begin(Reply::empty(202), Ok(()), call.version, world))
    }

    pub(super) fn instance_view(&self, id: &Id) -> Result<Reply, Failure> {
        let machine = self.existing(id)?;
        Ok(Reply::json(200, &instance_view(machine)))
    }
}

pub(super) fn instance_view(machine: &Item) -> Value {
    let status = |code: String, text: String| json!({"code": code, "level": "Info", "displayStatus": text});
    let mut statuses = vec![
        status(
            "ProvisioningState/succeeded".to_owned(),
            "Provisioning succeeded".to_owned(),
        ),
        status(
            format!("PowerState/{}", machine.power),
            format!("VM {}", machine.power),
        ),
    ];
    if machine.generalized {
        statuses.push(status(
            "OSState/generalized".to_owned(),
            "VM generalized".to_owned(),
        ));
    }
    json!({"statuses": statuses, "hyperVGeneration": "V2", "osName": "ubuntu", "osVersion": "24.04"})
}
