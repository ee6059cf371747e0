//! Networks, interfaces, addresses and security groups.

use serde_json::{Value, json};

use super::failure::Failure;
use super::id::Id;
use super::resources::{finish_part, resolve};
use super::store::Item;
use super::{Azure, kinds};
use crate::World;

impl Azure {
    pub(super) fn prepare_address(&self, body: &mut Value, world: &mut World) -> Result<(), Failure> {
        let sku = text(body, "/sku/name").to_owned();
        let dynamic = text(body, "/properties/publicIPAllocationMethod") == "Dynamic";
        let basic = matches!(sku.as_str(), "" | "Basic");
        // Retired on 31 March 2025; an API version of before then takes none for Basic.
        if basic && !world.old_clients() {
            world.violation(
                crate::Rule::WrongValue,
                "sku.name: Basic addresses were retired in 2025",
            );
            let message = "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.";
            return Err(Failure::new(
                400,
                "IPv4BasicSkuPublicIpCountLimitReached",
                message,
            ));
        }
        if !basic && dynamic {
            let detail = "an address of the SKU Standard must be Static";
            return Err(Failure::invalid(world, "publicIPAllocationMethod", detail));
        }
        let label = text(body, "/properties/dnsSettings/domainNameLabel").to_owned();
        let location = text(body, "/location").to_owned();
        let address = world.guest().public.to_string();
        set(
            body,
            "",
            "sku",
            json!({"name": if basic { "Basic" } else { &sku }, "tier": "Regional"}),
        );
        set(body, "/properties", "ipAddress", address.into());
        set(body, "/properties", "publicIPAddressVersion", "IPv4".into());
        if !label.is_empty() {
            let name = format!("{label}.{location}.cloudapp.azure.com");
            set(body, "/properties/dnsSettings", "fqdn", name.into());
        }
        Ok(())
    }

    pub(super) fn prepare_interface(
        &mut self,
        id: &Id,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        let private = world.guest().private.to_string();
        let count = body
            .pointer("/properties/ipConfigurations")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        if count == 0 {
            return Err(Failure::invalid(
                world,
                "ipConfigurations",
                "at least one is wanted",
            ));
        }
        let group = text(body, "/properties/networkSecurityGroup/id").to_owned();
        if !group.is_empty() {
            let group = resolve(self, id, &group, kinds::SECURITY_GROUP, world)?;
            set(body, "/properties/networkSecurityGroup", "id", group.into());
        }
        for index in 0..count {
            let base = format!("/properties/ipConfigurations/{index}");
            let name = text(body, &format!("{base}/name")).to_owned();
            let subnet = text(body, &format!("{base}/properties/subnet/id")).to_owned();
            self.check_subnet_reference(id, &subnet, world)?;
            let address = text(body, &format!("{base}/properties/publicIPAddress/id")).to_owned();
            if !address.is_empty() {
                let address = resolve(self, id, &address, kinds::ADDRESS, world)?;
                let own = format!("{id}/ipConfigurations/{name}");
                self.take_address(&address, &own)?;
                set(
                    body,
                    &format!("{base}/properties/publicIPAddress"),
                    "id",
                    address.into(),
                );
            }
            set(body, &base, "id", format!("{id}/ipConfigurations/{name}").into());
            for (field, value) in [
                ("privateIPAddress", json!(private)),
                ("privateIPAddressVersion", json!("IPv4")),
                ("primary", json!(index == 0)),
                ("provisioningState", json!("Succeeded")),
            ] {
                set(body, &format!("{base}/properties"), field, value);
            }
        }
        set(body, "/properties", "macAddress", "00-0D-3A-00-00-01".into());
        Ok(())
    }

    fn check_subnet_reference(&self, from: &Id, subnet: &str, world: &mut World) -> Result<(), Failure> {
        let found = Id::parse(subnet)
            .filter(|id| id.kind().eq_ignore_ascii_case(kinds::SUBNET))
            .is_some_and(|id| {
                let network = id
                    .parent()
                    .and_then(|network| self.store.get(&network.to_string()));
                let subnets = network
                    .and_then(|network| network.property("subnets"))
                    .and_then(Value::as_array);
                subnets
                    .into_iter()
                    .flatten()
                    .any(|subnet| text(subnet, "/name").eq_ignore_ascii_case(id.name()))
            });
        if found {
            Ok(())
        } else {
            Err(Failure::dangling(world, &from.to_string(), subnet))
        }
    }

    /// An address belongs to one interface.
    fn take_address(&mut self, address: &str, user: &str) -> Result<(), Failure> {
        let Some(item) = self.store.get_mut(address) else {
            return Err(Failure::not_found(address));
        };
        let other = item.text("ipConfiguration.id");
        if !other.is_empty() && !other.eq_ignore_ascii_case(user) {
            let message = format!("Resource {address} is already allocated to resource {other}.");
            return Err(Failure::new(400, "PublicIPAddressInUse", message));
        }
        item.set("ipConfiguration", json!({"id": user}));
        Ok(())
    }

    /// Lets go of the addresses of an interface; those that go with it are removed.
    pub(super) fn release_interface(&mut self, interface: &Item) {
        let configurations = interface
            .property("ipConfigurations")
            .and_then(Value::as_array)
            .cloned();
        for configuration in configurations.into_iter().flatten() {
            let address = text(&configuration, "/properties/publicIPAddress/id");
            let deletion = text(
                &configuration,
                "/properties/publicIPAddress/properties/deleteOption",
            );
            if deletion == "Delete" {
                self.store.remove(address);
            } else if let Some(item) = self.store.get_mut(address) {
                item.unset("ipConfiguration");
            }
        }
    }

    pub(super) fn prepare_network(
        &self,
        id: &Id,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        let subnets = body
            .pointer("/properties/subnets")
            .and_then(Value::as_array)
            .cloned();
        let mut subnets = subnets.unwrap_or_default();
        for subnet in &mut subnets {
            self.check_subnet(subnet, world)?;
            let name = text(subnet, "/name").to_owned();
            finish_part(subnet, &name, &format!("{id}/subnets/{name}"));
        }
        set(body, "/properties", "subnets", Value::Array(subnets));
        Ok(())
    }

    pub(super) fn check_subnet(&self, subnet: &Value, world: &mut World) -> Result<(), Failure> {
        let alone = text(subnet, "/properties/addressPrefix");
        if alone.is_empty() && subnet.pointer("/properties/addressPrefixes").is_none() {
            return Err(Failure::invalid(
                world,
                "subnets[].properties.addressPrefix",
                "missing",
            ));
        }
        let group = text(subnet, "/properties/networkSecurityGroup/id");
        if !group.is_empty()
            && self
                .store
                .get(group)
                .is_none_or(|item| item.kind != kinds::SECURITY_GROUP)
        {
            return Err(Failure::dangling(world, text(subnet, "/name"), group));
        }
        Ok(())
    }
}

pub(super) fn prepare_security_group(id: &Id, body: &mut Value, world: &mut World) -> Result<(), Failure> {
    let rules = body
        .pointer("/properties/securityRules")
        .and_then(Value::as_array)
        .cloned();
    let mut rules = rules.unwrap_or_default();
    for rule in &mut rules {
        let name = text(rule, "/name").to_owned();
        finish_part(rule, &name, &format!("{id}/securityRules/{name}"));
    }
    check_priorities(&rules, world)?;
    if let Some(fields) = body.as_object_mut() {
        fields.entry("properties").or_insert_with(|| json!({}));
    }
    set(body, "/properties", "securityRules", Value::Array(rules));
    set(body, "/properties", "defaultSecurityRules", json!([]));
    Ok(())
}

/// Two rules of one direction never have the same priority, and each has sources and destinations.
pub(super) fn check_priorities(rules: &[Value], world: &mut World) -> Result<(), Failure> {
    let mut taken = Vec::new();
    for rule in rules {
        let name = text(rule, "/name").to_owned();
        let place = (
            text(rule, "/properties/direction"),
            rule.pointer("/properties/priority").and_then(Value::as_u64),
        );
        if taken.contains(&place) {
            let message =
                format!("Security rule {name} conflicts with another one: the same priority and direction.");
            return Err(Failure::new(400, "SecurityRuleConflict", message));
        }
        taken.push(place);
        for (one, many) in [
            ("sourcePortRange", "sourcePortRanges"),
            ("destinationPortRange", "destinationPortRanges"),
            ("sourceAddressPrefix", "sourceAddressPrefixes"),
            ("destinationAddressPrefix", "destinationAddressPrefixes"),
        ] {
            let filled = |field: &str| match rule.pointer(&format!("/properties/{field}")) {
                Some(Value::Array(items)) => !items.is_empty(),
                Some(Value::String(text)) => !text.is_empty(),
                _ => false,
            };
            if filled(one) == filled(many) {
                let detail = format!("either {one} or {many} is wanted");
                return Err(Failure::invalid(
                    world,
                    &format!("securityRules[{name}].properties"),
                    &detail,
                ));
            }
        }
    }
    Ok(())
}

/// A text at a JSON pointer; empty if there is none.
pub(super) fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Sets a field of the object at a JSON pointer.
pub(super) fn set(body: &mut Value, pointer: &str, field: &str, value: Value) {
    if let Some(fields) = body.pointer_mut(pointer).and_then(Value::as_object_mut) {
        fields.insert(field.to_owned(), value);
    }
}
