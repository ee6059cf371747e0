//! Virtual machines.

use serde_json::{Map, Value, json};

use super::disks::gigabytes;
use super::failure::Failure;
use super::link::{self, url};
use super::route::{Call, check_labels};
use super::rules::{check_accounts, check_metadata, check_scheduling};
use super::store::{fingerprint, text};
use super::{Gcp, catalog, schema};
use crate::{Rule, World};

/// What Packer's wrapper of a startup script sets when it is through.
const SCRIPT_STATUS: &str = "startup-script-status";

impl Gcp {
    pub(super) fn insert_instance(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::INSTANCE, world)?;
        check_labels(body.get("labels"), world)?;
        check_metadata(body.get("metadata"), world)?;
        check_scheduling(&body, world)?;
        check_accounts(&body, world)?;
        let path = format!("{}/{}", call.collection, text(&body, "name"));
        self.refuse_taken(&path)?;
        let architecture = self.machine_type(call, &mut body, world)?;
        self.interfaces(call, &mut body, world)?;
        self.instance_disks(call, &path, &mut body, architecture, world)?;
        body.insert("labelFingerprint".to_owned(), fingerprint(0).into());
        for field in ["metadata", "tags"] {
            let part = body.entry(field).or_insert_with(|| json!({}));
            if let Some(part) = part.as_object_mut() {
                part.insert("fingerprint".to_owned(), fingerprint(0).into());
            }
        }
        if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("kind".to_owned(), "compute#metadata".into());
            finish_script(metadata);
        }
        self.store
            .make(&path, body, Some(("PROVISIONING", "RUNNING")), world);
        Ok(self.operations.begin("insert", &path, world))
    }

    /// Checks the type and returns its architecture.
    fn machine_type(
        &self,
        call: &Call<'_>,
        body: &mut Map<String, Value>,
        world: &mut World,
    ) -> Result<&'static str, Failure> {
        let reference = text(body, "machineType").to_owned();
        let prefix = format!("projects/{}/{}/machineTypes/", call.project, call.scope);
        let path = link::path(call.project, &reference);
        let known = path
            .as_deref()
            .and_then(|path| path.strip_prefix(&prefix))
            .and_then(catalog::architecture);
        let (Some(path), Some(architecture)) = (path, known) else {
            let detail = format!("{reference:?} is no machine type of this zone");
            return Err(Failure::invalid(world, "machineType", &detail));
        };
        body.insert("machineType".to_owned(), url(&path).into());
        Ok(architecture)
    }

    /// Checks the networks and gives out addresses.
    fn interfaces(
        &self,
        call: &Call<'_>,
        body: &mut Map<String, Value>,
        world: &mut World,
    ) -> Result<(), Failure> {
        let guest = world.guest();
        let Some(interfaces) = body.get_mut("networkInterfaces").and_then(Value::as_array_mut) else {
            return Ok(());
        };
        if interfaces.is_empty() {
            return Err(Failure::invalid(
                world,
                "networkInterfaces",
                "at least one is wanted",
            ));
        }
        for (index, interface) in interfaces.iter_mut().filter_map(Value::as_object_mut).enumerate() {
            let named: Vec<_> = ["network", "subnetwork"]
                .into_iter()
                .filter(|field| !text(interface, field).is_empty())
                .collect();
            if named.is_empty() {
                return Err(Failure::invalid(
                    world,
                    "networkInterfaces[]",
                    "neither network nor subnetwork",
                ));
            }
            for field in named {
                let full = format!("networkInterfaces[{index}].{field}");
                let network = self.network(call.project, text(interface, field), &full, world)?;
                interface.insert(field.to_owned(), url(&network).into());
            }
            interface.insert("name".to_owned(), format!("nic{index}").into());
            interface.insert("fingerprint".to_owned(), fingerprint(0).into());
            interface.insert("networkIP".to_owned(), guest.private.to_string().into());
            let configurations = interface.get_mut("accessConfigs").and_then(Value::as_array_mut);
            for configuration in configurations
                .into_iter()
                .flatten()
                .filter_map(Value::as_object_mut)
            {
                configuration.insert("natIP".to_owned(), guest.public.to_string().into());
                configuration.insert("networkTier".to_owned(), "PREMIUM".into());
            }
        }
        Ok(())
    }

    /// Makes the disks and checks that they fit the machine.
    fn instance_disks(
        &mut self,
        call: &Call<'_>,
        instance: &str,
        body: &mut Map<String, Value>,
        architecture: &str,
        world: &mut World,
    ) -> Result<(), Failure> {
        let wanted = body
            .get("disks")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        if wanted
            .iter()
            .filter(|disk| disk.get("boot") == Some(&json!(true)))
            .count()
            != 1
        {
            return Err(Failure::invalid(
                world,
                "disks",
                "exactly one boot disk is wanted",
            ));
        }
        let shielded = body.get("shieldedInstanceConfig").cloned();
        let mut disks = Vec::new();
        for (index, disk) in wanted.into_iter().enumerate() {
            let mut disk = catalog::object(disk);
            let parameters = disk
                .remove("initializeParams")
                .map(catalog::object)
                .unwrap_or_default();
            let field = format!("disks[{index}]");
            let boot = disk.get("boot") == Some(&json!(true));
            let path = match (text(&disk, "source"), text(&parameters, "sourceImage")) {
                ("", "") if boot => {
                    return Err(Failure::invalid(world, &field, "a boot disk needs a source"));
                }
                ("", "") => {
                    let size = gigabytes(parameters.get("diskSizeGb")).unwrap_or(10);
                    self.disk_of_instance(call, instance, &parameters, None, size, world)?
                }
                ("", reference) => {
                    let full = format!("{field}.initializeParams");
                    let source = format!("{full}.sourceImage");
                    let (image, least) = self.source_image(call.project, reference, &source, world)?;
                    let asked = parameters.get("diskSizeGb").or_else(|| disk.get("diskSizeGb"));
                    let size = gigabytes(asked).unwrap_or(least);
                    super::disks::disk_size(asked, least, &format!("{full}.diskSizeGb"), world)?;
                    self.check_image(&image, architecture, shielded.as_ref(), world)?;
                    self.disk_of_instance(call, instance, &parameters, Some(&image), size, world)?
                }
                (source, _) => self.attach(call, instance, source, &field, world)?,
            };
            disk.insert("source".to_owned(), url(&path).into());
            disk.insert("index".to_owned(), index.into());
            disk.insert("kind".to_owned(), "compute#attachedDisk".into());
            disk.entry("deviceName")
                .or_insert_with(|| format!("persistent-disk-{index}").into());
            disk.entry("mode").or_insert_with(|| "READ_WRITE".into());
            disk.entry("type").or_insert_with(|| "PERSISTENT".into());
            disk.entry("autoDelete").or_insert_with(|| false.into());
            if let Some(made) = self.store.get(&path) {
                disk.insert("diskSizeGb".to_owned(), made.text("sizeGb").into());
            }
            disks.push(Value::Object(disk));
        }
        body.insert("disks".to_owned(), Value::Array(disks));
        Ok(())
    }

    /// Attaches a disk that is there and free; its path.
    fn attach(
        &mut self,
        call: &Call<'_>,
        instance: &str,
        reference: &str,
        field: &str,
        world: &mut World,
    ) -> Result<String, Failure> {
        let path = link::path(call.project, reference).ok_or_else(|| {
            Failure::invalid(world, field, &format!("{reference:?} is no reference to a disk"))
        })?;
        let disk = self.existing(&path)?;
        if let Some(user) = super::disks::user(&disk.body) {
            return Err(Failure::in_use(&path, &user));
        }
        disk.body.insert("users".to_owned(), json!([url(instance)]));
        Ok(path)
    }

    /// An image of another architecture does not boot; a shielded VM boots only what knows UEFI.
    fn check_image(
        &self,
        path: &str,
        architecture: &str,
        shielded: Option<&Value>,
        world: &mut World,
    ) -> Result<(), Failure> {
        let Some(image) = self.store.get(path) else {
            return Err(Failure::not_found(path));
        };
        let of_image = image.text("architecture");
        if !of_image.is_empty() && of_image != architecture {
            let detail = format!("the machine is {architecture}, the image is {of_image}");
            return Err(Failure::invalid(world, "machineType", &detail));
        }
        let features = image
            .body
            .get("guestOsFeatures")
            .cloned()
            .unwrap_or_else(|| json!([]));
        let flag = |name: &str| shielded.and_then(|config| config.get(name)) == Some(&json!(true));
        let wants = ["enableSecureBoot", "enableVtpm", "enableIntegrityMonitoring"]
            .into_iter()
            .any(flag);
        let uefi = features
            .as_array()
            .is_some_and(|list| list.contains(&json!({"type": "UEFI_COMPATIBLE"})));
        if wants && !uefi {
            let detail = "the image does not boot with UEFI";
            return Err(Failure::invalid(world, "shieldedInstanceConfig", detail));
        }
        if flag("enableIntegrityMonitoring") && !flag("enableVtpm") {
            let detail = "integrity monitoring needs the virtual TPM";
            return Err(Failure::invalid(world, "shieldedInstanceConfig", detail));
        }
        Ok(())
    }

    pub(super) fn delete_instance(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let path = call.path();
        let instance = self.existing(&path)?;
        if instance.body.get("deletionProtection") == Some(&json!(true)) {
            let message =
                "Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'";
            return Err(Failure::new(400, "invalidUsage", message));
        }
        let disks = instance
            .body
            .get("disks")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        self.store.remove(&path);
        for disk in disks.into_iter().map(catalog::object) {
            let Some(disk_path) = link::path(call.project, text(&disk, "source")) else {
                continue;
            };
            self.detach(&disk_path);
            if disk.get("autoDelete") == Some(&json!(true)) {
                self.store.remove(&disk_path);
            }
        }
        Ok(self.operations.begin("delete", &path, world))
    }

    pub(super) fn serial_port(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&["port", "start"], world)?;
        let path = call.path();
        self.existing(&path)?;
        Ok(json!({
            "kind": "compute#serialPortOutput", "contents": "sindri-lab: no kernel has booted here\n",
            "start": "0", "next": "38", "selfLink": url(&format!("{path}/serialPort")),
        }))
    }

    pub(super) fn change_instance(
        &mut self,
        call: &Call<'_>,
        verb: &str,
        world: &mut World,
    ) -> Result<Value, Failure> {
        let path = call.path();
        match verb {
            "setMetadata" => {
                call.only(&[], world)?;
                let body = call.body(&schema::METADATA, world)?;
                check_metadata(Some(&Value::Object(body.clone())), world)?;
                self.replace_part(&path, "metadata", body)?;
            }
            "setTags" => {
                call.only(&[], world)?;
                let body = call.body(&schema::TAGS, world)?;
                self.replace_part(&path, "tags", body)?;
            }
            "stop" => {
                call.only(&["discardLocalSsd"], world)?;
                self.existing(&path)?.change("status", "TERMINATED".into());
            }
            "start" => {
                call.only(&[], world)?;
                let instance = self.existing(&path)?;
                if instance.text("status") != "TERMINATED" {
                    world.violation(Rule::WrongOrder, "the instance is not stopped");
                }
                instance.change("status", "RUNNING".into());
            }
            "setDiskAutoDelete" => {
                call.only(&["autoDelete", "deviceName"], world)?;
                self.set_auto_delete(call, &path, world)?;
            }
            _ => return Err(Failure::unknown_route(call.request, world)),
        }
        Ok(self.operations.begin(verb, &path, world))
    }

    /// Replaces metadata or tags, of which the client has to know the present state.
    fn replace_part(&mut self, path: &str, field: &str, mut part: Map<String, Value>) -> Result<(), Failure> {
        let instance = self.existing(path)?;
        let present = instance
            .body
            .get(field)
            .and_then(|part| part.get("fingerprint"))
            .cloned();
        if part.get("fingerprint").cloned() != present {
            return Err(Failure::stale(field));
        }
        finish_script(&mut part);
        instance.changes += 1;
        part.insert("fingerprint".to_owned(), instance.fingerprint().into());
        instance.body.insert(field.to_owned(), Value::Object(part));
        Ok(())
    }

    fn set_auto_delete(&mut self, call: &Call<'_>, path: &str, world: &mut World) -> Result<(), Failure> {
        let delete = call.request.parameter("autoDelete") == Some("true");
        let device = call.request.parameter("deviceName").unwrap_or_default();
        let instance = self.existing(path)?;
        instance.changes += 1;
        let disks = instance.body.get_mut("disks").and_then(Value::as_array_mut);
        let disk = disks
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
            .find(|disk| text(disk, "deviceName") == device);
        match disk {
            Some(disk) => {
                disk.insert("autoDelete".to_owned(), delete.into());
                Ok(())
            }
            None => Err(Failure::invalid(
                world,
                "deviceName",
                &format!("{device:?} is not attached"),
            )),
        }
    }
}

/// The guest's agent would run the script and report; here nobody does.
fn finish_script(metadata: &mut Map<String, Value>) {
    let items = metadata.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        if text(item, "key") == SCRIPT_STATUS && text(item, "value") == "notdone" {
            item.insert("value".to_owned(), "done".into());
        }
    }
}
