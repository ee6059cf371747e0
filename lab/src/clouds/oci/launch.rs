//! Launching an instance.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::images::fits;
use super::route::Call;
use super::store::{text, timestamp};
use super::tags::{check_compartment, check_tags};
use super::work::Task;
use super::{Oci, schema, shapes};
use crate::{Reply, Rule, World};

/// Groups of one network interface.
const MOST_GROUPS: usize = 5;
/// Bytes of all metadata together.
const MOST_METADATA: usize = 32_000;

impl Oci {
    pub(super) fn launch(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::LAUNCH, world)?;
        check_compartment(&body)?;
        check_tags(&body, world)?;
        check_metadata(&body, world)?;
        if !call.region.domains.contains(&text(&body, "availabilityDomain")) {
            return Err(Failure::invalid(
                world,
                "availabilityDomain",
                "not one of this region",
            ));
        }
        let shape = text(&body, "shape");
        let shape = shapes::by_name(shape)
            .ok_or_else(|| Failure::invalid(world, "shape", &format!("there is no shape {shape:?}")))?;
        let (ocpus, memory) = shape
            .size_of(body.get("shapeConfig"))
            .map_err(|detail| Failure::invalid(world, "shapeConfig", &detail))?;
        let (image, size) = self.source(call, &body, shape, world)?;
        let mut vnic = self.interface(call, &mut body, world)?;

        body.remove("createVnicDetails");
        // Held until the instance is gone, while its interface goes at once.
        body.insert(
            "x-groups".to_owned(),
            vnic.get("nsgIds").cloned().unwrap_or_default(),
        );
        for field in ["sourceDetails", "imageId"] {
            body.remove(field);
        }
        body.insert("imageId".to_owned(), image.clone().into());
        body.insert(
            "sourceDetails".to_owned(),
            json!({"sourceType": "image", "imageId": image, "bootVolumeSizeInGBs": size}),
        );
        body.insert(
            "shapeConfig".to_owned(),
            json!({"ocpus": ocpus, "memoryInGBs": memory, "gpus": 0, "vcpus": ocpus * 2.0}),
        );
        body.insert("region".to_owned(), call.region.short.into());
        body.insert("launchMode".to_owned(), "PARAVIRTUALIZED".into());
        body.entry("faultDomain")
            .or_insert_with(|| "FAULT-DOMAIN-1".into());
        let compartment = text(&body, "compartmentId").to_owned();
        let domain = text(&body, "availabilityDomain").to_owned();
        let states = ("PROVISIONING", "RUNNING");
        let id = self.store.make("instances", call.region, body, states, world);
        let name = self
            .store
            .get(&id)
            .map(|item| item.text("displayName").to_owned());

        let own = |extra: Value| {
            let mut fields = super::store::object(json!({
                "compartmentId": compartment, "availabilityDomain": domain, "x-instance": id,
            }));
            fields.extend(super::store::object(extra));
            fields
        };
        let volume = own(json!({
            "displayName": format!("{} (Boot Volume)", name.as_deref().unwrap_or_default()), "imageId": image,
            "sizeInGBs": size, "sizeInMBs": size * 1024, "vpusPerGB": 10, "isHydrated": true,
        }));
        let volume = self.store.make(
            "bootVolumes",
            call.region,
            volume,
            ("PROVISIONING", "AVAILABLE"),
            world,
        );
        let attached = ("ATTACHING", "ATTACHED");
        let attachment = own(json!({"instanceId": id, "bootVolumeId": volume}));
        self.store
            .make("bootVolumeAttachments", call.region, attachment, attached, world);

        vnic.entry("displayName")
            .or_insert_with(|| name.unwrap_or_default().into());
        let subnet = text(&vnic, "subnetId").to_owned();
        vnic.extend(own(json!({"isPrimary": true, "macAddress": "02:00:17:00:00:02"})));
        let vnic = self
            .store
            .make("vnics", call.region, vnic, ("PROVISIONING", "AVAILABLE"), world);
        let attachment = own(json!({"instanceId": id, "vnicId": vnic, "subnetId": subnet, "nicIndex": 0}));
        self.store
            .make("vnicAttachments", call.region, attachment, attached, world);

        let task = Task {
            operation: "LaunchInstance",
            compartment: &compartment,
            entity: "instance",
            action: "CREATED",
            target: &id,
            end: "SUCCEEDED",
        };
        let work = self.work.begin(&task, call.region, world);
        Ok(self.shown(&id)?.header("opc-work-request-id", work))
    }

    /// The image to start from, and the size of the boot volume in GB.
    fn source(
        &mut self,
        call: &Call<'_>,
        body: &Map<String, Value>,
        shape: &shapes::Shape,
        world: &mut World,
    ) -> Result<(String, u64), Failure> {
        let details = body.get("sourceDetails");
        let of_details = details
            .and_then(|details| details.get("imageId"))
            .and_then(Value::as_str);
        // The older field has to say the same, if it says anything: `oci` sends both.
        let id = match (of_details, text(body, "imageId")) {
            (Some(id), "") => id.to_owned(),
            (Some(id), other) if id == other => id.to_owned(),
            (None, id) if !id.is_empty() => id.to_owned(),
            (Some(_), _) => return Err(Failure::invalid(world, "imageId", "not that of sourceDetails")),
            (None, _) => return Err(Failure::invalid(world, "sourceDetails", "an image is wanted")),
        };
        self.store.look(&id);
        let image = self.existing(call, "images", &id)?;
        if image.state() != "AVAILABLE" {
            let message = format!("Image {id} is in the state {}", image.state());
            world.violation(Rule::WrongOrder, "a launch from an image that is not available");
            return Err(Failure::incorrect_state(message));
        }
        if !fits(image, shape) {
            let detail = format!("shape {} is not valid for image {id}", shape.name);
            return Err(Failure::invalid(world, "shape", &detail));
        }
        let megabytes = image
            .body
            .get("sizeInMBs")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let least = megabytes.div_ceil(1024).max(50);
        let asked = details
            .and_then(|details| details.get("bootVolumeSizeInGBs"))
            .and_then(Value::as_u64);
        let size = asked.unwrap_or(least);
        if size < least {
            let detail = format!("{size} GB is smaller than the image's {least} GB");
            return Err(Failure::invalid(
                world,
                "sourceDetails.bootVolumeSizeInGBs",
                &detail,
            ));
        }
        Ok((id, size))
    }

    /// The network interface: its subnet, groups and addresses.
    fn interface(
        &mut self,
        call: &Call<'_>,
        body: &mut Map<String, Value>,
        world: &mut World,
    ) -> Result<Map<String, Value>, Failure> {
        let mut vnic = body
            .get("createVnicDetails")
            .cloned()
            .map(super::store::object)
            .unwrap_or_default();
        vnic.retain(|_, value| !value.is_null());
        check_tags(&vnic, world)?;
        let subnet = match (text(&vnic, "subnetId"), text(body, "subnetId")) {
            ("", "") => {
                let detail = "a subnet is wanted, here or in createVnicDetails";
                return Err(Failure::invalid(world, "subnetId", detail));
            }
            ("", subnet) | (subnet, "") => subnet.to_owned(),
            (subnet, other) if subnet == other => subnet.to_owned(),
            _ => {
                return Err(Failure::invalid(
                    world,
                    "subnetId",
                    "not that of createVnicDetails",
                ));
            }
        };
        body.remove("subnetId");
        let found = self.existing(call, "subnets", &subnet)?;
        let vcn = found.text("vcnId").to_owned();
        let private = found.body.get("prohibitPublicIpOnVnic") == Some(&json!(true));
        let public = vnic.remove("assignPublicIp").and_then(|value| value.as_bool());
        if private && public == Some(true) {
            let detail = "the subnet allows no public addresses";
            return Err(Failure::invalid(
                world,
                "createVnicDetails.assignPublicIp",
                detail,
            ));
        }
        let groups = vnic
            .get("nsgIds")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        if groups.len() > MOST_GROUPS {
            return Err(Failure::invalid(
                world,
                "createVnicDetails.nsgIds",
                "more than 5 groups",
            ));
        }
        for group in groups.iter().filter_map(Value::as_str) {
            if self.living(call, "networkSecurityGroups", group)?.text("vcnId") != vcn {
                let detail = format!("{group} is not of the subnet's network");
                return Err(Failure::invalid(world, "createVnicDetails.nsgIds", &detail));
            }
        }
        let guest = world.guest();
        vnic.insert("subnetId".to_owned(), subnet.into());
        vnic.insert("nsgIds".to_owned(), Value::Array(groups));
        vnic.insert("privateIp".to_owned(), guest.private.to_string().into());
        let public = public.unwrap_or(!private).then(|| guest.public.to_string());
        vnic.insert("publicIp".to_owned(), public.into());
        vnic.insert("timeCreated".to_owned(), timestamp(world).into());
        Ok(vnic)
    }
}

/// Size of all metadata, and the one key that is encoded.
fn check_metadata(body: &Map<String, Value>, world: &mut World) -> Result<(), Failure> {
    let Some(metadata) = body.get("metadata").and_then(Value::as_object) else {
        return Ok(());
    };
    let size: usize = metadata
        .iter()
        .map(|(key, value)| key.len() + value.as_str().map_or(0, str::len))
        .sum();
    if size > MOST_METADATA {
        return Err(Failure::invalid(world, "metadata", "more than 32,000 bytes"));
    }
    match metadata.get("user_data").and_then(Value::as_str) {
        Some(data) if !schema::is_base64(data) => {
            Err(Failure::invalid(world, "metadata.user_data", "not base64"))
        }
        _ => Ok(()),
    }
}
