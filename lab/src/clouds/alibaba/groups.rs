//! Security groups and their rules.

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::images::TAG;
use super::rules::{check_description, check_name, check_range};
use super::store::{Item, Kind};
use crate::World;

impl Alibaba {
    pub(super) fn create_group(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        if let Some(name) = call.get("SecurityGroupName") {
            check_name(Kind::SecurityGroup, name, world)?;
        }
        check_description("Description", call.get("Description"), world)?;
        let tags = call.tags(world)?;
        self.available_vpc(call)?;
        let id = Kind::SecurityGroup.id(world);
        let body = json!({
            "SecurityGroupId": id, "SecurityGroupName": call.text("SecurityGroupName"),
            "VpcId": call.text("VpcId"), "Description": call.text("Description"),
            "SecurityGroupType": call.get("SecurityGroupType").unwrap_or("normal"), "ServiceManaged": false,
        });
        self.store
            .make(Kind::SecurityGroup, &call.region, body, tags, None, world);
        Ok(json!({"SecurityGroupId": id}))
    }

    pub(super) fn group(&mut self, call: &Call) -> Result<&mut Item, Failure> {
        let id = call.text("SecurityGroupId");
        self.store
            .get_mut(Kind::SecurityGroup, &call.region, id)
            .ok_or_else(|| Failure::not_found("InvalidSecurityGroupId.NotFound", id))
    }

    pub(super) fn describe_groups(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        // Unlike others, the name is no pattern.
        let exact = |parameter: &str, value: &str| call.get(parameter).is_none_or(|wanted| wanted == value);
        let found = self.store.look(Kind::SecurityGroup, &call.region, |group| {
            exact("SecurityGroupId", group.text("SecurityGroupId"))
                && exact("SecurityGroupName", group.text("SecurityGroupName"))
                && exact("VpcId", group.text("VpcId"))
                && tags.fit(group)
        });
        let shown = found.iter().map(|group| group.shown(TAG)).collect();
        Ok(call.listed("SecurityGroups", "SecurityGroup", shown))
    }

    /// A rule that is there already is no error, and stays one.
    pub(super) fn authorize_group(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.group(call)?;
        for parameter in ["SourceCidrIp", "DestCidrIp"] {
            if let Some(range) = call.get(parameter) {
                check_range(parameter, range, world)?;
            }
        }
        let protocol = call.text("IpProtocol").to_ascii_uppercase();
        check_ports(&protocol, call.text("PortRange"), world)?;
        let rule = [
            call.text("Action"),
            &protocol,
            call.text("PortRange"),
            call.text("SourceCidrIp"),
            call.text("DestCidrIp"),
        ]
        .join(" ");
        let group = self.group(call)?;
        if !group.hidden.contains(&rule) {
            group.hidden.push(rule);
            group.changes += 1;
        }
        Ok(json!({}))
    }

    pub(super) fn delete_group(&mut self, call: &Call, _: &mut World) -> Result<Value, Failure> {
        self.group(call)?;
        let id = call.text("SecurityGroupId");
        if self.is_held(&call.region, id) {
            return Err(Failure::held("DependencyViolation", id, "a network interface"));
        }
        self.store.remove(Kind::SecurityGroup, &call.region, id);
        Ok(json!({}))
    }

    /// Whether an instance, or what is left of one, holds the group or the vSwitch.
    pub(super) fn is_held(&mut self, region: &str, id: &str) -> bool {
        let instances = self.store.all(Kind::Instance, region);
        if instances
            .iter()
            .any(|instance| instance.text("VSwitchId") == id || in_group(instance, id))
        {
            return true;
        }
        let mut held = false;
        for (group, vswitch, looks) in &mut self.interfaces {
            if (group == id || vswitch == id) && *looks > 0 {
                *looks -= 1;
                held = true;
            }
        }
        held
    }
}

fn in_group(instance: &Item, id: &str) -> bool {
    let groups = instance
        .body
        .get("SecurityGroupIds")
        .and_then(|groups| groups.get("SecurityGroupId"))
        .and_then(Value::as_array);
    groups.is_some_and(|groups| groups.iter().any(|group| group == id))
}

/// `22/22`; all ports are `-1/-1`, which only TCP and UDP have not.
fn check_ports(protocol: &str, range: &str, world: &mut World) -> Result<(), Failure> {
    let port = |text: &str| text.parse().ok().filter(|port: &u32| (1..=65535).contains(port));
    let fits = match protocol {
        "TCP" | "UDP" => range
            .split_once('/')
            .and_then(|(first, last)| Some((port(first)?, port(last)?)))
            .is_some_and(|(first, last)| first <= last),
        _ => range == "-1/-1",
    };
    if fits {
        return Ok(());
    }
    let detail = format!("{range:?} are no ports of {protocol}");
    Err(Failure::wrong(world, "InvalidPortRange.Malformed", &detail))
}
