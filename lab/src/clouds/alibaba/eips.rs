//! Elastic addresses, which are the lab's one public address of VMs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::network::TAG;
use super::store::{Item, Kind};
use crate::{Rule, World};

const WRONG_STATE: &str = "IncorrectEipStatus";

impl Alibaba {
    pub(super) fn allocate_eip(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let (id, address) = (Kind::Eip.id(world), world.guest().public.to_string());
        let body = json!({
            "AllocationId": id, "IpAddress": address, "RegionId": call.region, "InstanceId": "", "InstanceType": "",
            "Name": call.text("Name"), "Bandwidth": call.get("Bandwidth").unwrap_or("5"), "ChargeType": "PostPaid",
            "InternetChargeType": call.get("InternetChargeType").unwrap_or("PayByBandwidth"),
            "AllocationTime": world.timestamp(),
        });
        let state = Some(("Pending", "Available"));
        self.store
            .make(Kind::Eip, &call.region, body, BTreeMap::new(), state, world);
        Ok(json!({"AllocationId": id, "EipAddress": address}))
    }

    fn eip(&mut self, call: &Call) -> Result<&mut Item, Failure> {
        let id = call.text("AllocationId");
        self.store
            .get_mut(Kind::Eip, &call.region, id)
            .ok_or_else(|| Failure::not_found("InvalidAllocationId.NotFound", id))
    }

    /// Refuses another state than this. Asking is a look as well.
    fn expect_eip(&mut self, call: &Call, wanted: &str, world: &mut World) -> Result<(), Failure> {
        let eip = self.eip(call)?;
        let status = eip.status().to_owned();
        if status == wanted {
            return Ok(());
        }
        eip.look();
        // A client that waits for its turn never has an address that is not taken off, or taken twice. Packer's clean-up
        // takes off what it could not bind, and releases what it could not take off: it reads over the refusals.
        let opposite = [("InUse", "Available"), ("Available", "InUse")].contains(&(wanted, status.as_str()));
        if opposite && !call.packer {
            world.violation(
                Rule::WrongOrder,
                format!("{} is {status}", call.text("AllocationId")),
            );
        }
        Err(Failure::status(WRONG_STATE, call.text("AllocationId"), &status))
    }

    pub(super) fn associate_eip(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.expect_eip(call, "Available", world)?;
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
        let bound = instance
            .body
            .get("EipAddress")
            .is_some_and(|eip| eip.get("AllocationId") != Some(&json!("")));
        if bound {
            return Err(Failure::held(
                "InvalidAssociation.Duplicated",
                id,
                "another address",
            ));
        }
        let eip = self.eip(call)?;
        eip.turn("Associating", "InUse", world);
        eip.change("InstanceId", id);
        eip.change("InstanceType", "EcsInstance");
        let shown = json!({
            "AllocationId": eip.text("AllocationId"), "IpAddress": eip.text("IpAddress"),
            "InternetChargeType": eip.text("InternetChargeType"), "IsSupportUnassociate": true, "Bandwidth": 5,
        });
        self.instance(call, id)?.change("EipAddress", shown);
        Ok(json!({}))
    }

    pub(super) fn unassociate_eip(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.expect_eip(call, "InUse", world)?;
        let bound = self.eip(call)?.text("InstanceId").to_owned();
        if call.get("InstanceId").is_some_and(|id| id != bound) {
            return Err(Failure::not_found(
                "InvalidInstanceId.NotFound",
                call.text("InstanceId"),
            ));
        }
        self.free(&call.region, &bound, world);
        if let Ok(instance) = self.instance(call, &bound) {
            instance.change("EipAddress", no_eip());
        }
        Ok(json!({}))
    }

    /// Takes the address off an instance, as its release does too.
    pub(super) fn free(&mut self, region: &str, instance: &str, world: &World) {
        let bound = self
            .store
            .all(Kind::Eip, region)
            .into_iter()
            .find(|eip| eip.text("InstanceId") == instance)
            .map(|eip| eip.text("AllocationId").to_owned());
        if let Some(eip) = bound.and_then(|id| self.store.get_mut(Kind::Eip, region, &id)) {
            eip.turn("Unassociating", "Available", world);
            eip.change("InstanceId", "");
            eip.change("InstanceType", "");
        }
    }

    pub(super) fn release_eip(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.expect_eip(call, "Available", world)?;
        self.store
            .remove(Kind::Eip, &call.region, call.text("AllocationId"));
        Ok(json!({}))
    }

    pub(super) fn describe_eips(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        let found = self.store.look(Kind::Eip, &call.region, |eip| {
            call.fits("AllocationId", eip.text("AllocationId"))
                && call.fits("EipAddress", eip.text("IpAddress"))
                && call.fits("Status", eip.status())
                && tags.fit(eip)
        });
        let shown = found.iter().map(|eip| eip.shown(TAG)).collect();
        Ok(call.listed("EipAddresses", "EipAddress", shown))
    }
}

/// What an instance without one shows.
pub(super) fn no_eip() -> Value {
    json!({"AllocationId": "", "IpAddress": "", "InternetChargeType": ""})
}
