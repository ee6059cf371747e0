//! Network security groups and their rules.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::list;
use super::route::Call;
use super::store::{Item, text, timestamp};
use super::tags::{check_compartment, check_tags};
use super::{Oci, schema};
use crate::{Reply, World};

const KIND: &str = "networkSecurityGroups";
/// Rules that one request adds or removes.
const MOST_AT_ONCE: usize = 25;
/// Rules of one group.
const MOST: usize = 120;

impl Oci {
    pub(super) fn create_group(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::CREATE_GROUP, world)?;
        check_compartment(&body)?;
        check_tags(&body, world)?;
        self.existing(call, "vcns", text(&body, "vcnId"))?;
        let states = ("PROVISIONING", "AVAILABLE");
        let id = self.store.make(KIND, call.region, body, states, world);
        self.shown(&id)
    }

    pub(super) fn update_group(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::UPDATE_GROUP, world)?;
        check_tags(&body, world)?;
        let group = self.existing(call, KIND, id)?;
        call.check_etag(group)?;
        group.changes += 1;
        group.body.extend(body);
        self.shown(id)
    }

    /// A group is in use until the instances of its interfaces are gone altogether. Every attempt is a look at
    /// them: nothing else may ask for them any more.
    pub(super) fn delete_group(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let group = self.existing(call, KIND, id)?;
        call.check_etag(group)?;
        let users = self.users(call, id);
        for instance in users {
            let state = self.store.look(&instance).map(Item::state).unwrap_or_default();
            if state != "TERMINATED" {
                let message = format!("The network security group {id} has a VNIC of {instance} ({state})");
                return Err(Failure::incorrect_state(message));
            }
        }
        self.store.remove(id);
        Ok(Reply::empty(204))
    }

    /// The instances that a group holds, also those that are going away.
    fn users(&self, call: &Call<'_>, group: &str) -> Vec<String> {
        let is_member = |item: &Item| {
            let groups = item.body.get("x-groups").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.contains(&json!(group)))
        };
        self.store
            .all("instances", call.region)
            .filter(|(_, item)| is_member(item))
            .map(|(id, _)| id.to_owned())
            .collect()
    }

    pub(super) fn vnics_of_group(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        list::PARTS.check(call, world)?;
        self.existing(call, KIND, id)?;
        let vnics = self.store.all("vnics", call.region).filter(|(_, vnic)| {
            let groups = vnic.body.get("nsgIds").and_then(Value::as_array);
            groups.is_some_and(|groups| groups.contains(&json!(id)))
        });
        let vnics: Vec<_> = vnics
            .map(|(vnic, item)| json!({"vnicId": vnic, "resourceId": item.text("x-instance")}))
            .collect();
        list::page(call, &vnics, world)
    }

    pub(super) fn rules(&mut self, call: &Call<'_>, id: &str, world: &mut World) -> Result<Reply, Failure> {
        list::RULES.check(call, world)?;
        let wanted = call.request.parameter("direction");
        let mut rules = self.existing(call, KIND, id)?.rules.clone();
        rules.retain(|rule| wanted.is_none_or(|wanted| rule.get("direction") == Some(&json!(wanted))));
        list::page(call, &rules, world)
    }

    pub(super) fn add_rules(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::ADD_RULES, world)?;
        let Some(Value::Array(rules)) = body.remove("securityRules") else {
            return Err(Failure::invalid(world, "securityRules", "is no list"));
        };
        let present = self.existing(call, KIND, id)?.rules.len();
        if rules.len() > MOST_AT_ONCE || present + rules.len() > MOST {
            return Err(Failure::invalid(world, "securityRules", "too many rules"));
        }
        let mut added = Vec::new();
        for rule in rules.into_iter().map(super::store::object) {
            added.push(complete(rule, world)?);
        }
        let group = self.existing(call, KIND, id)?;
        group.changes += 1;
        group.rules.extend(added.clone());
        Ok(Reply::json(200, &json!({"securityRules": added})))
    }

    pub(super) fn remove_rules(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::REMOVE_RULES, world)?;
        let ids = body.get("securityRuleIds").and_then(Value::as_array).cloned();
        let group = self.existing(call, KIND, id)?;
        for rule in ids.into_iter().flatten() {
            let before = group.rules.len();
            group.rules.retain(|present| present.get("id") != Some(&rule));
            if group.rules.len() == before {
                return Err(Failure::not_found(&format!("security rule {rule}")));
            }
        }
        group.changes += 1;
        Ok(Reply::empty(204))
    }
}

/// A rule with what the API adds, if its parts go together.
fn complete(mut rule: Map<String, Value>, world: &mut World) -> Result<Value, Failure> {
    rule.retain(|_, value| !value.is_null());
    let (end, kind, other) = match text(&rule, "direction") {
        "INGRESS" => ("source", "sourceType", "destination"),
        _ => ("destination", "destinationType", "source"),
    };
    let mut invalid = |field: &str, detail: &str| Err(Failure::invalid(world, field, detail));
    if rule.contains_key(other) {
        return invalid(other, "does not belong to a rule of this direction");
    }
    let place = text(&rule, end);
    match text(&rule, kind) {
        "" | "CIDR_BLOCK" if !is_network(place) => {
            return invalid(end, &format!("{place:?} is no range of addresses"));
        }
        "NETWORK_SECURITY_GROUP" if !place.starts_with("ocid1.networksecuritygroup.") => {
            return invalid(end, &format!("{place:?} is no network security group"));
        }
        _ => {}
    }
    for (field, number) in [("tcpOptions", "6"), ("udpOptions", "17"), ("icmpOptions", "1")] {
        let both_versions = field == "icmpOptions" && text(&rule, "protocol") == "58";
        if rule.contains_key(field) && text(&rule, "protocol") != number && !both_versions {
            return invalid(field, "belongs to another protocol");
        }
    }
    for ports in ["tcpOptions", "udpOptions"] {
        let range = rule
            .get(ports)
            .and_then(|ports| ports.get("destinationPortRange"));
        let bound = |name: &str| range.and_then(|range| range.get(name)).and_then(Value::as_i64);
        if bound("min") > bound("max") {
            return invalid(ports, "the first port is above the last");
        }
    }
    rule.insert("id".to_owned(), format!("{:06X}", world.serial()).into());
    rule.insert("isValid".to_owned(), true.into());
    rule.entry("isStateless").or_insert_with(|| false.into());
    rule.insert("timeCreated".to_owned(), timestamp(world).into());
    Ok(Value::Object(rule))
}

/// Whether this is a range whose address has no bits beyond its prefix, as OCI demands.
fn is_network(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    let (Ok(address), Ok(bits)) = (address.parse(), bits.parse::<u32>()) else {
        return false;
    };
    let (value, width) = match address {
        std::net::IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        std::net::IpAddr::V6(address) => (u128::from(address), 128),
    };
    bits <= width
        && (bits == 0 && value == 0 || bits > 0 && value.trailing_zeros().min(width) >= width - bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_no_bits_beyond_its_prefix() {
        for good in [
            "192.0.2.1/32",
            "192.0.2.0/24",
            "0.0.0.0/0",
            "2001:db8::/32",
            "::/0",
            "::1/128",
        ] {
            assert!(is_network(good), "{good}");
        }
        for bad in [
            "192.0.2.1/24",
            "192.0.2.1",
            "192.0.2.0/33",
            "2001:db8::1/32",
            "1.0.0.0/0",
            "x/8",
        ] {
            assert!(!is_network(bad), "{bad}");
        }
    }
}
