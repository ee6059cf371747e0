//! Schemas of what images can do. Packer's plugin makes one for every image, out of the global one.

use serde_json::{Value, json};

use super::failure::Failure;
use super::list;
use super::route::Call;
use super::store::text;
use super::tags::{check_compartment, check_tags};
use super::{Oci, schema};
use crate::{Reply, World};

const GLOBAL: &str = "ocid1.computeglobalimgcapschema.oc1.phx.aaaaaaaasindrilabglobal";
const VERSION: &str = "5a1d0000-0000-4000-8000-00000000c0de";
const MADE: &str = "2026-01-01T00:00:00.000Z";

impl Oci {
    pub(super) fn global_schemas(
        call: &Call<'_>,
        rest: &[&str],
        world: &mut World,
    ) -> Result<Reply, Failure> {
        match rest {
            [] => {
                list::SCHEMAS.check(call, world)?;
                let schema = json!({
                    "id": GLOBAL, "displayName": "OCI.ComputeGlobalImageCapabilitySchema", "timeCreated": MADE,
                    "compartmentId": null, "currentVersionName": VERSION,
                });
                list::page(call, &[schema], world)
            }
            [GLOBAL, "versions", VERSION] => {
                call.only(&[], world)?;
                Ok(Reply::json(200, &global_version()))
            }
            [id, ..] => Err(Failure::not_found(id)),
        }
    }

    pub(super) fn create_schema(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::CREATE_SCHEMA, world)?;
        check_compartment(&body)?;
        check_tags(&body, world)?;
        check_data(body.get("schemaData"), world)?;
        if text(&body, "computeGlobalImageCapabilitySchemaVersionName") != VERSION {
            return Err(Failure::not_found("that version of the global schema"));
        }
        let image = text(&body, "imageId").to_owned();
        self.living(call, "images", &image)?;
        let kind = "computeImageCapabilitySchemas";
        if !self.store.with(kind, call.region, "imageId", &image).is_empty() {
            let message = format!("Image {image} has a capability schema already");
            return Err(Failure::new(409, "Conflict", message));
        }
        body.insert("computeGlobalImageCapabilitySchemaId".to_owned(), GLOBAL.into());
        let id = self
            .store
            .make(kind, call.region, body, ("ACTIVE", "ACTIVE"), world);
        let item = self.existing(call, kind, &id)?;
        Ok(item.reply())
    }

    pub(super) fn update_schema(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::UPDATE_SCHEMA, world)?;
        check_tags(&body, world)?;
        check_data(body.get("schemaData"), world)?;
        let item = self.existing(call, "computeImageCapabilitySchemas", id)?;
        call.check_etag(item)?;
        item.changes += 1;
        item.body.extend(body);
        Ok(item.reply())
    }

    pub(super) fn delete_schema(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let item = self.existing(call, "computeImageCapabilitySchemas", id)?;
        call.check_etag(item)?;
        self.store.remove(id);
        Ok(Reply::empty(204))
    }
}

fn descriptor(values: &[&str], default: &str) -> Value {
    json!({"descriptorType": "enumstring", "source": "GLOBAL", "values": values, "defaultValue": default})
}

fn global_version() -> Value {
    json!({
        "name": VERSION, "computeGlobalImageCapabilitySchemaId": GLOBAL, "displayName": VERSION,
        "timeCreated": MADE,
        "schemaData": {
            "Compute.Firmware": descriptor(&["BIOS", "UEFI_64"], "UEFI_64"),
            "Compute.LaunchMode": descriptor(
                &["NATIVE", "EMULATED", "PARAVIRTUALIZED", "CUSTOM"],
                "PARAVIRTUALIZED",
            ),
            "Network.AttachmentType": descriptor(&["E1000", "VFIO", "PARAVIRTUALIZED"], "PARAVIRTUALIZED"),
            "Storage.BootVolumeType": descriptor(&["ISCSI", "SCSI", "IDE", "PARAVIRTUALIZED"], "PARAVIRTUALIZED"),
            "Storage.Iscsi.MultipathDeviceSupported": {
                "descriptorType": "boolean", "source": "GLOBAL", "defaultValue": false,
            },
        },
    })
}

/// Only names of the global schema, and values that it has.
fn check_data(data: Option<&Value>, world: &mut World) -> Result<(), Failure> {
    let global = global_version();
    for (name, descriptor) in data.and_then(Value::as_object).into_iter().flatten() {
        let known = global.get("schemaData").and_then(|data| data.get(name));
        let Some(known) = known else {
            let detail = format!("the global schema has no {name:?}");
            return Err(Failure::invalid(world, "schemaData", &detail));
        };
        let values = known.get("values").and_then(Value::as_array);
        let wanted = descriptor.get("defaultValue").filter(|value| !value.is_null());
        if let (Some(values), Some(wanted)) = (values, wanted)
            && !values.contains(wanted)
        {
            let detail = format!("{wanted} is no value of {name}");
            return Err(Failure::invalid(world, "schemaData", &detail));
        }
    }
    Ok(())
}
