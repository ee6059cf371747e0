//! Instances.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::catalog;
use super::eips::no_eip;
use super::failure::Failure;
use super::images::TAG;
use super::rules::{check_description, check_name};
use super::store::{Item, Kind};
use crate::{Rule, World};

/// Of user data, before base64.
const MOST_USER_DATA: usize = 32 << 10;

/// What an instance is made of, checked.
struct Parts {
    image: String,
    /// GiB.
    size: u64,
    architecture: &'static str,
    zone: String,
    vpc: String,
    /// Whoever may log in.
    keys: Vec<String>,
}

impl Alibaba {
    pub(super) fn instance(&mut self, call: &Call, id: &str) -> Result<&mut Item, Failure> {
        self.store
            .get_mut(Kind::Instance, &call.region, id)
            .ok_or_else(|| Failure::not_found("InvalidInstanceId.NotFound", id))
    }

    /// `CreateInstance` makes one that is off and has no address, `RunInstances` some that run.
    pub(super) fn make_instances(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let parts = self.parts(call, world)?;
        let tags = call.tags(world)?;
        let runs = call.text("Action") == "RunInstances";
        let state = if runs {
            ("Starting", "Running")
        } else {
            ("Pending", "Stopped")
        };
        for key in &parts.keys {
            world.authorize(key);
        }
        let mut ids = Vec::new();
        for _ in 0..call.number("Amount").unwrap_or(1) {
            let id = Kind::Instance.id(world);
            let body = described(call, &id, &parts, runs, world);
            self.store.make(
                Kind::Instance,
                &call.region,
                body,
                tags.clone(),
                Some(state),
                world,
            );
            let disk = json!({
                "DiskId": Kind::Disk.id(world), "DiskName": call.text("SystemDisk.DiskName"), "InstanceId": id,
                "Type": "system", "Category": call.text("SystemDisk.Category"), "Size": parts.size,
                "RegionId": call.region, "ZoneId": parts.zone, "Device": "/dev/xvda", "ImageId": parts.image,
                "DeleteWithInstance": true, "Architecture": parts.architecture, "Status": "In_use",
            });
            self.store
                .make(Kind::Disk, &call.region, disk, Default::default(), None, world);
            ids.push(id);
        }
        Ok(if runs {
            json!({"InstanceIdSets": {"InstanceIdSet": ids}})
        } else {
            json!({"InstanceId": ids.first()})
        })
    }

    fn parts(&mut self, call: &Call, world: &mut World) -> Result<Parts, Failure> {
        if let Some(name) = call.get("InstanceName") {
            check_name(Kind::Instance, name, world)?;
        }
        check_description("Description", call.get("Description"), world)?;
        let image = self.source_image(call, world)?;
        let id = call.text("VSwitchId");
        let vswitch = self.store.get_mut(Kind::VSwitch, &call.region, id);
        let vswitch = vswitch.ok_or_else(|| Failure::not_found("InvalidVSwitchId.NotFound", id))?;
        let (zone, vpc, status) = (
            vswitch.text("ZoneId").to_owned(),
            vswitch.text("VpcId").to_owned(),
            vswitch.status().to_owned(),
        );
        if status != "Available" {
            vswitch.look();
            return Err(Failure::status("IncorrectVSwitchStatus", id, &status));
        }
        if call.get("ZoneId").is_some_and(|wanted| wanted != zone) {
            return Err(Failure::invalid(world, "ZoneId", "not the zone of the vSwitch"));
        }
        if self.group(call)?.text("VpcId") != vpc {
            let detail = "the security group is not in the VPC of the vSwitch";
            return Err(Failure::wrong(
                world,
                "InvalidSecurityGroupId.VPCMismatch",
                detail,
            ));
        }
        let kind = call.text("InstanceType");
        let Some(architecture) = catalog::architecture(&call.region, &zone, kind) else {
            let detail = format!("{zone} has no instances of type {kind:?}");
            return Err(Failure::wrong(
                world,
                "InvalidInstanceType.ValueNotSupported",
                &detail,
            ));
        };
        if image.text("Architecture") != architecture {
            let detail = format!("{kind} is {architecture}, the image is not");
            return Err(Failure::wrong(world, "ImageNotSupportInstanceType", &detail));
        }
        let category = call.get("SystemDisk.Category").unwrap_or("cloud_essd");
        if !catalog::has_category(&call.region, &zone, category) {
            let detail = format!("{zone} has no disks of category {category:?}");
            return Err(Failure::wrong(
                world,
                "InvalidSystemDiskCategory.ValueNotSupported",
                &detail,
            ));
        }
        if call.get("SystemDisk.PerformanceLevel").is_some() && category != "cloud_essd" {
            let detail = format!("a disk of category {category} has no performance level");
            return Err(Failure::wrong(
                world,
                "InvalidParameter.PerformanceLevel",
                &detail,
            ));
        }
        let least = image.number("Size");
        let size = call.number("SystemDisk.Size").unwrap_or(least.max(40));
        if size < least {
            let detail = format!("the disk has {size} GiB, the image {least}");
            return Err(Failure::wrong(
                world,
                "InvalidSystemDiskSize.LessThanImageSize",
                &detail,
            ));
        }
        Ok(Parts {
            image: image.text("ImageId").to_owned(),
            size,
            architecture,
            zone,
            vpc,
            keys: self.keys(call, world)?,
        })
    }

    fn source_image(&mut self, call: &Call, world: &mut World) -> Result<Item, Failure> {
        let image = match (call.get("ImageId"), call.get("ImageFamily")) {
            (Some(id), None) => self.store.get(Kind::Image, &call.region, id),
            (None, Some(family)) => self.newest_of_family(&call.region, family),
            _ => {
                let detail = "exactly one of ImageId and ImageFamily is wanted";
                return Err(Failure::invalid(world, "ImageId", detail));
            }
        };
        let id = call.get("ImageId").unwrap_or(call.text("ImageFamily"));
        let image = image.ok_or_else(|| Failure::not_found("InvalidImageId.NotFound", id))?;
        if !["Available", "Deprecated"].contains(&image.status()) {
            world.violation(
                Rule::WrongOrder,
                format!("an instance of {id}, which is {}", image.status()),
            );
            return Err(Failure::status("IncorrectImageStatus", id, image.status()));
        }
        Ok(image.clone())
    }

    /// Keys in user data, as cloud-init would find them, and that of the key pair.
    fn keys(&self, call: &Call, world: &mut World) -> Result<Vec<String>, Failure> {
        let mut keys = Vec::new();
        if let Some(name) = call.get("KeyPairName") {
            keys.push(self.public_key(call, name)?);
        }
        if let Some(encoded) = call.get("UserData") {
            let plain = STANDARD.decode(encoded).map_err(|_| {
                Failure::wrong(
                    world,
                    "InvalidUserData.Base64FormatInvalid",
                    "the user data is not base64",
                )
            })?;
            if plain.len() > MOST_USER_DATA {
                let detail = "the user data is longer than 32 KiB";
                return Err(Failure::wrong(world, "InvalidUserData.SizeExceeded", detail));
            }
            keys.push(String::from_utf8_lossy(&plain).into_owned());
        }
        Ok(keys)
    }

    pub(super) fn describe_instances(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let (tags, ids) = (call.wanted_tags(world)?, call.ids("InstanceIds", world)?);
        let vpc = |instance: &Item| {
            let attributes = instance.body.get("VpcAttributes");
            let field = attributes.and_then(|attributes| attributes.get("VpcId"));
            field.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let found = self.store.look(Kind::Instance, &call.region, |instance| {
            ids.as_ref()
                .is_none_or(|ids| ids.contains(instance.text("InstanceId")))
                && call.fits("InstanceName", instance.text("InstanceName"))
                && call.fits("Status", instance.status())
                && call.fits("VpcId", &vpc(instance))
                && call.fits("VSwitchId", instance.text("VSwitchId"))
                && tags.fit(instance)
        });
        let shown = found.iter().map(|instance| instance.shown(TAG)).collect();
        Ok(call.listed("Instances", "Instance", shown))
    }

    /// Refuses another state than this. Asking is a look as well.
    fn expect(&mut self, call: &Call, wanted: &str, world: &mut World) -> Result<&mut Item, Failure> {
        let id = call.text("InstanceId");
        let instance = self.instance(call, id)?;
        let status = instance.status().to_owned();
        if status != wanted {
            world.violation(Rule::WrongOrder, format!("{id} is {status} and not {wanted}"));
            instance.look();
            return Err(Failure::status("IncorrectInstanceStatus", id, &status));
        }
        Ok(instance)
    }

    pub(super) fn start_instance(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let instance = self.expect(call, "Stopped", world)?;
        instance.turn("Starting", "Running", world);
        Ok(json!({}))
    }

    pub(super) fn stop_instance(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let instance = self.expect(call, "Running", world)?;
        instance.turn("Stopping", "Stopped", world);
        Ok(json!({}))
    }

    /// All or none.
    pub(super) fn delete_instances(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let mut ids: Vec<String> = call.list("InstanceId").into_iter().map(str::to_owned).collect();
        ids.extend(call.get("InstanceId").map(str::to_owned));
        for id in &ids {
            let instance = self.instance(call, id)?;
            let status = instance.status().to_owned();
            if status == "Pending" {
                instance.look();
                return Err(Failure::status(
                    "IncorrectInstanceStatus.Initializing",
                    id,
                    &status,
                ));
            }
            if status != "Stopped" && !call.is("Force") {
                instance.look();
                return Err(Failure::status("IncorrectInstanceStatus", id, &status));
            }
        }
        for id in ids {
            self.release(&call.region, &id, world);
        }
        Ok(json!({}))
    }

    /// The disk goes with the instance; its address is free again, its interface stays for a while.
    fn release(&mut self, region: &str, id: &str, world: &World) {
        self.free(region, id, world);
        if let Some(disk) = self
            .system_disk(region, id)
            .map(|disk| disk.text("DiskId").to_owned())
        {
            self.store.remove(Kind::Disk, region, &disk);
        }
        if let Some(instance) = self.store.remove(Kind::Instance, region, id) {
            let group = instance
                .body
                .get("SecurityGroupIds")
                .and_then(|groups| groups.pointer("/SecurityGroupId/0"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let vswitch = instance.text("VSwitchId").to_owned();
            self.interfaces.push((group, vswitch, world.delay()));
        }
    }

    pub(super) fn allocate_public_address(
        &mut self,
        call: &Call,
        world: &mut World,
    ) -> Result<Value, Failure> {
        let id = call.text("InstanceId");
        let instance = self.instance(call, id)?;
        let status = instance.status().to_owned();
        if !["Running", "Stopped"].contains(&status.as_str()) {
            world.violation(
                Rule::WrongOrder,
                format!("an address for {id}, which is {status}"),
            );
            return Err(Failure::status("IncorrectInstanceStatus", id, &status));
        }
        if instance.number("InternetMaxBandwidthOut") == 0 {
            let detail = format!("{id} has no bandwidth to the internet");
            return Err(Failure::wrong(world, "InvalidParameter.Bandwidth", &detail));
        }
        let address = world.guest().public.to_string();
        instance.change("PublicIpAddress", json!({"IpAddress": [address]}));
        Ok(json!({"IpAddress": address}))
    }
}

fn described(call: &Call, id: &str, parts: &Parts, runs: bool, world: &World) -> Value {
    let guest = world.guest();
    let bandwidth = call.number("InternetMaxBandwidthOut").unwrap_or(0);
    let public: Vec<_> = (runs && bandwidth > 0)
        .then(|| guest.public.to_string())
        .into_iter()
        .collect();
    let (processors, memory) = catalog::size(call.text("InstanceType"));
    json!({
        "InstanceId": id, "InstanceName": call.get("InstanceName").unwrap_or(id), "HostName": id,
        "Description": call.text("Description"), "ImageId": parts.image,
        "InstanceType": call.text("InstanceType"), "Architecture": parts.architecture,
        "Cpu": processors, "CPU": processors, "Memory": memory,
        "RegionId": call.region, "ZoneId": parts.zone, "VSwitchId": call.text("VSwitchId"),
        "InstanceNetworkType": "vpc", "InstanceChargeType": "PostPaid", "OSType": "linux", "OSName": "Ubuntu 24.04",
        "InternetChargeType": call.get("InternetChargeType").unwrap_or("PayByTraffic"),
        "InternetMaxBandwidthOut": bandwidth, "InternetMaxBandwidthIn": -1,
        "KeyPairName": call.text("KeyPairName"), "IoOptimized": true,
        "SpotStrategy": call.get("SpotStrategy").unwrap_or("NoSpot"),
        "MetadataOptions": {
            "HttpEndpoint": call.text("HttpEndpoint"), "HttpTokens": call.text("HttpTokens"),
            "HttpPutResponseHopLimit": 0,
        },
        "SecurityGroupIds": {"SecurityGroupId": [call.text("SecurityGroupId")]},
        "PublicIpAddress": {"IpAddress": public}, "InnerIpAddress": {"IpAddress": []}, "EipAddress": no_eip(),
        "VpcAttributes": {
            "VpcId": parts.vpc, "VSwitchId": call.text("VSwitchId"), "NatIpAddress": "",
            "PrivateIpAddress": {"IpAddress": [guest.private.to_string()]},
        },
    })
}
