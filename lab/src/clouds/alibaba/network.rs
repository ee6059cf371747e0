//! VPCs and vSwitches.

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::catalog;
use super::failure::Failure;
use super::rules::{check_description, check_name, check_range};
use super::store::{Item, Kind};
use crate::{Rule, World};

/// What the VPC product calls key and value of a tag in answers.
pub(super) const TAG: (&str, &str) = ("Key", "Value");

impl Alibaba {
    pub(super) fn create_vpc(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        if let Some(name) = call.get("VpcName") {
            check_name(Kind::Vpc, name, world)?;
        }
        check_description("Description", call.get("Description"), world)?;
        let range = call.get("CidrBlock").unwrap_or("172.16.0.0/12");
        check_private("CidrBlock", range, 8, 28, world)?;
        let tags = call.tags(world)?;
        let id = Kind::Vpc.id(world);
        let body = json!({
            "VpcId": id, "VpcName": call.text("VpcName"), "CidrBlock": range, "RegionId": call.region,
            "Description": call.text("Description"), "IsDefault": false,
        });
        let state = Some(("Pending", "Available"));
        self.store.make(Kind::Vpc, &call.region, body, tags, state, world);
        Ok(json!({"VpcId": id, "RouteTableId": format!("vtb-{id}"), "VRouterId": format!("vrt-{id}")}))
    }

    pub(super) fn describe_vpcs(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        let ids: Vec<_> = call
            .get("VpcId")
            .into_iter()
            .flat_map(|ids| ids.split(','))
            .collect();
        let found = self.store.look(Kind::Vpc, &call.region, |vpc| {
            (ids.is_empty() || ids.contains(&vpc.text("VpcId")))
                && call.get("VpcName").is_none_or(|name| name == vpc.text("VpcName"))
                && call
                    .get("IsDefault")
                    .is_none_or(|_| call.is("IsDefault") == vpc.is("IsDefault"))
                && tags.fit(vpc)
        });
        let shown = found.iter().map(|vpc| vpc.shown(TAG)).collect();
        Ok(call.listed("Vpcs", "Vpc", shown))
    }

    fn vpc(&mut self, call: &Call) -> Result<&mut Item, Failure> {
        let id = call.text("VpcId");
        self.store
            .get_mut(Kind::Vpc, &call.region, id)
            .ok_or_else(|| Failure::not_found("InvalidVpcId.NotFound", id))
    }

    /// The VPC of the call, once things can be made in it.
    pub(super) fn available_vpc(&mut self, call: &Call) -> Result<&Item, Failure> {
        let vpc = self.vpc(call)?;
        let status = vpc.status().to_owned();
        if status != "Available" {
            vpc.look();
            return Err(Failure::status("IncorrectVpcStatus", call.text("VpcId"), &status));
        }
        Ok(vpc)
    }

    pub(super) fn delete_vpc(&mut self, call: &Call, _: &mut World) -> Result<Value, Failure> {
        self.available_vpc(call)?;
        let id = call.text("VpcId");
        for (kind, code) in [
            (Kind::VSwitch, "DependencyViolation.VSwitch"),
            (Kind::SecurityGroup, "DependencyViolation.SecurityGroup"),
        ] {
            let inside = self.store.all(kind, &call.region);
            if inside.iter().any(|item| item.text("VpcId") == id) {
                return Err(Failure::held(code, id, kind.name()));
            }
        }
        self.store.remove(Kind::Vpc, &call.region, id);
        Ok(json!({}))
    }

    pub(super) fn create_vswitch(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        if let Some(name) = call.get("VSwitchName") {
            check_name(Kind::VSwitch, name, world)?;
        }
        check_description("Description", call.get("Description"), world)?;
        let zone = call.text("ZoneId");
        if !catalog::is_zone(&call.region, zone) {
            world.violation(
                Rule::WrongValue,
                format!("ZoneId: {} has no zone {zone}", call.region),
            );
            return Err(Failure::not_found("InvalidZoneId.NotFound", zone));
        }
        let range = call.text("CidrBlock");
        check_private("CidrBlock", range, 16, 29, world)?;
        let tags = call.tags(world)?;
        let whole = self.available_vpc(call)?.text("CidrBlock").to_owned();
        if !contains(&whole, range) {
            let detail = format!("{range} is not inside of {whole}");
            return Err(Failure::wrong(world, "InvalidCidrBlock.Malformed", &detail));
        }
        let vpc = call.text("VpcId");
        let overlaps = |other: &&Item| {
            let other_range = other.text("CidrBlock");
            other.text("VpcId") == vpc && (contains(other_range, range) || contains(range, other_range))
        };
        if self.store.all(Kind::VSwitch, &call.region).iter().any(overlaps) {
            let detail = format!("{range} overlaps with another vSwitch");
            return Err(Failure::wrong(world, "InvalidCidrBlock.Overlapped", &detail));
        }
        let id = Kind::VSwitch.id(world);
        let body = json!({
            "VSwitchId": id, "VSwitchName": call.text("VSwitchName"), "VpcId": vpc, "ZoneId": zone,
            "CidrBlock": range, "AvailableIpAddressCount": 252, "IsDefault": false,
            "Description": call.text("Description"),
        });
        let state = Some(("Pending", "Available"));
        self.store
            .make(Kind::VSwitch, &call.region, body, tags, state, world);
        Ok(json!({"VSwitchId": id}))
    }

    pub(super) fn describe_vswitches(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        let exact = |parameter: &str, value: &str| call.get(parameter).is_none_or(|wanted| wanted == value);
        let found = self.store.look(Kind::VSwitch, &call.region, |vswitch| {
            exact("VpcId", vswitch.text("VpcId"))
                && exact("VSwitchId", vswitch.text("VSwitchId"))
                && exact("VSwitchName", vswitch.text("VSwitchName"))
                && exact("ZoneId", vswitch.text("ZoneId"))
                && tags.fit(vswitch)
        });
        let shown = found.iter().map(|vswitch| vswitch.shown(TAG)).collect();
        Ok(call.listed("VSwitches", "VSwitch", shown))
    }

    pub(super) fn delete_vswitch(&mut self, call: &Call, _: &mut World) -> Result<Value, Failure> {
        let id = call.text("VSwitchId");
        let vswitch = self.store.get_mut(Kind::VSwitch, &call.region, id);
        let vswitch = vswitch.ok_or_else(|| Failure::not_found("InvalidVSwitchId.NotFound", id))?;
        let status = vswitch.status().to_owned();
        if status != "Available" {
            vswitch.look();
            return Err(Failure::status("IncorrectVSwitchStatus", id, &status));
        }
        if self.is_held(&call.region, id) {
            return Err(Failure::held("DependencyViolation", id, "a network interface"));
        }
        self.store.remove(Kind::VSwitch, &call.region, id);
        Ok(json!({}))
    }
}

/// First address and length.
fn range(text: &str) -> Option<(u32, u32)> {
    let (address, length) = text.split_once('/')?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
    Some((address.into(), length))
}

fn contains(whole: &str, part: &str) -> bool {
    let (Some((start, length)), Some((inside, longer))) = (range(whole), range(part)) else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
    longer >= length && inside & mask == start & mask
}

/// Refuses a range that is not private or not of such a length.
fn check_private(
    parameter: &str,
    text: &str,
    least: u32,
    most: u32,
    world: &mut World,
) -> Result<(), Failure> {
    check_range(parameter, text, world)?;
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let fits = range(text).is_some_and(|(_, length)| (least..=most).contains(&length));
    if fits && private.iter().any(|whole| contains(whole, text)) {
        return Ok(());
    }
    let detail = format!("{text:?} is not private, or not of /{least} to /{most}");
    Err(Failure::wrong(world, "InvalidCidrBlock.Malformed", &detail))
}
