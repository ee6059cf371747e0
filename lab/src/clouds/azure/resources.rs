//! What all resources have in common: made with PUT, changed with PATCH, shown, listed, deleted.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::groups::{check_location, check_tags};
use super::id::Id;
use super::kinds::{self, Kind};
use super::route::Call;
use super::store::Item;
use super::{Azure, schema};
use crate::{Owner, Reply, World};

impl Azure {
    pub(super) fn get(&self, id: &Id, call: &Call<'_>) -> Result<Reply, Failure> {
        if let Some(part) = Part::of(id) {
            let parent = self.existing(&part.parent)?;
            let found = part
                .find(parent)
                .ok_or_else(|| Failure::not_found(&id.to_string()))?;
            return Ok(Reply::json(200, found));
        }
        let item = self.existing(id)?;
        let mut body = Value::Object(item.body.clone());
        if item.kind == kinds::VM
            && call
                .request
                .parameter("$expand")
                .is_some_and(|what| what.eq_ignore_ascii_case("instanceView"))
            && let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut)
        {
            properties.insert("instanceView".to_owned(), super::compute::instance_view(item));
        }
        Ok(Reply::json(200, &body))
    }

    pub(super) fn put(
        &mut self,
        id: &Id,
        kind: &'static Kind,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let body = call.body(kind.shape, world)?;
        if let Some(part) = Part::of(id) {
            return self.put_part(id, &part, body, world);
        }
        let there = self.store.get(&id.to_string()).is_some();
        self.create(id, kind, body, world)?;
        let mut shown = Value::Object(self.existing(id)?.body.clone());
        let status = if there { 200 } else { 201 };
        if !kind.slow {
            return Ok(Reply::json(status, &shown));
        }
        if let Some(properties) = shown.get_mut("properties").and_then(Value::as_object_mut) {
            let state = if there { "Updating" } else { "Creating" };
            properties.insert("provisioningState".to_owned(), state.into());
        }
        Ok(self
            .operations
            .begin(Reply::json(status, &shown), Ok(()), call.version, world))
    }

    /// Makes a resource, or replaces one. The body fits the kind's shape.
    pub(super) fn create(
        &mut self,
        id: &Id,
        kind: &Kind,
        mut body: Map<String, Value>,
        world: &mut World,
    ) -> Result<(), Failure> {
        let (form, fits) = kind.form;
        if !fits(id.name()) {
            return Err(Failure::invalid(
                world,
                "name",
                &format!("{:?} is not {form}", id.name()),
            ));
        }
        check_tags(body.get("tags"), world)?;
        let given = body.get("location").and_then(Value::as_str).unwrap_or_default();
        let location = check_location(given, world)?;
        if self
            .store
            .get(&id.to_string())
            .is_some_and(|older| older.location() != location)
        {
            let message = format!("The resource '{}' already exists in another location.", id.name());
            return Err(Failure::new(409, "InvalidResourceLocation", message));
        }
        if let Some(parent) = id.parent() {
            self.existing(&parent).map_err(|_| {
                let message = format!(
                    "Can not perform requested operation on nested resource. Parent resource '{}' not found.",
                    parent.name()
                );
                Failure::new(404, "ParentResourceNotFound", message)
            })?;
        }
        body.insert("location".to_owned(), location.into());
        let mut body = Value::Object(body);
        let there = self.store.get(&id.to_string()).is_some();
        match kind.name {
            kinds::VM if there => return self.update_machine(id, &body),
            kinds::VM => self.prepare_machine(id, &mut body, world)?,
            kinds::INTERFACE => self.prepare_interface(id, &mut body, world)?,
            kinds::ADDRESS => self.prepare_address(&mut body, world)?,
            kinds::NETWORK => self.prepare_network(id, &mut body, world)?,
            kinds::SECURITY_GROUP => super::network::prepare_security_group(id, &mut body, world)?,
            kinds::DISK | kinds::SNAPSHOT => self.prepare_copy(id, &mut body, world)?,
            kinds::IMAGE => self.prepare_image(id, &mut body, world)?,
            kinds::VERSION => self.prepare_version(id, &mut body, world)?,
            kinds::GALLERY | kinds::DEFINITION => self.prepare_gallery(id, kind.name, &mut body, world)?,
            _ => {}
        }
        let body = super::catalog::object(body);
        let item = self.store.put(id, body, Owner::Client);
        item.set("provisioningState", "Succeeded".into());
        Ok(())
    }

    /// Tags for all; for gallery versions and galleries the whole of what a PUT takes.
    pub(super) fn patch(
        &mut self,
        id: &Id,
        kind: &'static Kind,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let body = call.body(&schema::TAGS_PATCH, world)?;
        check_tags(body.get("tags"), world)?;
        self.existing(id)?;
        if let Some(item) = self.store.get_mut(&id.to_string()) {
            item.changes += 1;
            if let Some(tags) = body.get("tags") {
                item.body.insert("tags".to_owned(), tags.clone());
            }
        }
        let reply = Reply::json(200, &Value::Object(self.existing(id)?.body.clone()));
        if kind.slow {
            return Ok(self.operations.begin(reply, Ok(()), call.version, world));
        }
        Ok(reply)
    }

    /// A resource that is not there is a success: 204.
    pub(super) fn delete(
        &mut self,
        id: &Id,
        kind: &'static Kind,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        if let Some(part) = Part::of(id) {
            return self.delete_part(id, &part, call, world);
        }
        let Some(item) = self.store.get(&id.to_string()) else {
            return Ok(Reply::empty(204));
        };
        self.refuse_in_use(item, kind)?;
        let removed = self.store.remove(&id.to_string());
        if let Some(removed) = removed {
            match kind.name {
                kinds::VM => self.release_machine(&removed),
                kinds::INTERFACE => self.release_interface(&removed),
                _ => {}
            }
        }
        Ok(self
            .operations
            .begin(Reply::empty(202), Ok(()), call.version, world))
    }

    /// What others depend on stays.
    fn refuse_in_use(&self, item: &Item, kind: &Kind) -> Result<(), Failure> {
        let user = |kind: &'static str| {
            self.store
                .referring(kind, &item.id)
                .next()
                .map(|user| user.id.clone())
        };
        let part = |kind: &'static str| {
            self.store
                .parts(&item.id, kind)
                .next()
                .map(|part| part.id.clone())
        };
        let (code, user) = match kind.name {
            kinds::DISK => ("OperationNotAllowed", user(kinds::VM)),
            kinds::INTERFACE => ("NicInUse", user(kinds::VM)),
            kinds::ADDRESS => ("PublicIPAddressCannotBeDeleted", user(kinds::INTERFACE)),
            kinds::NETWORK => ("InUseSubnetCannotBeDeleted", user(kinds::INTERFACE)),
            kinds::SECURITY_GROUP => (
                "InUseNetworkSecurityGroupCannotBeDeleted",
                user(kinds::INTERFACE).or_else(|| user(kinds::NETWORK)),
            ),
            kinds::GALLERY => ("CannotDeleteResource", part(kinds::DEFINITION)),
            kinds::DEFINITION => ("CannotDeleteResource", part(kinds::VERSION)),
            kinds::VERSION
                if item.property("safetyProfile.blockDeletionBeforeEndOfLife") == Some(&json!(true)) =>
            {
                ("OperationNotAllowed", Some("its end-of-life date".to_owned()))
            }
            _ => return Ok(()),
        };
        let status = if kind.name.starts_with("Microsoft.Network") {
            400
        } else {
            409
        };
        match user {
            Some(user) => {
                let message = format!("{} cannot be deleted: it is in use by {user}.", item.id);
                Err(Failure::new(status, code, message))
            }
            None => Ok(()),
        }
    }

    pub(super) fn list(
        &self,
        kind: &str,
        group: Option<&str>,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        if kinds::find(kind).is_none() {
            return Err(Failure::unknown_route(call.request, world));
        }
        let items: Vec<_> = self
            .store
            .of_kind(kind, group)
            .map(|item| item.body.clone())
            .collect();
        Ok(Reply::json(200, &json!({"value": items})))
    }

    /// The resources of a kind below another, or the parts of its body.
    pub(super) fn list_parts(
        &self,
        parent: &Id,
        kind: &str,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let item = self.existing(parent)?;
        let wanted = format!("{}/{kind}", parent.kind());
        let Some(kind) = kinds::below(&item.kind).find(|below| below.name.eq_ignore_ascii_case(&wanted))
        else {
            return Err(Failure::unknown_route(call.request, world));
        };
        let parts = match part_field(kind.name) {
            Some(field) => item.property(field).cloned().unwrap_or_else(|| json!([])),
            None => self
                .store
                .parts(&item.id, kind.name)
                .map(|part| Value::Object(part.body.clone()))
                .collect(),
        };
        Ok(Reply::json(200, &json!({"value": parts})))
    }

    fn put_part(
        &mut self,
        id: &Id,
        part: &Part,
        body: Map<String, Value>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        self.existing(&part.parent)?;
        let mut value = Value::Object(body);
        if part.field == "subnets" {
            self.check_subnet(&value, world)?;
        }
        finish_part(&mut value, id.name(), &id.to_string());
        let Some(parent) = self.store.get_mut(&part.parent.to_string()) else {
            return Err(Failure::not_found(&part.parent.to_string()));
        };
        parent.changes += 1;
        let mut parts = parent
            .property(part.field)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let there = parts.iter().position(|item| is_named(item, id.name()));
        if let Some(place) = there {
            parts.remove(place);
        }
        parts.push(value.clone());
        if part.field == "securityRules" {
            super::network::check_priorities(&parts, world)?;
        }
        parent.set(part.field, Value::Array(parts));
        Ok(Reply::json(if there.is_some() { 200 } else { 201 }, &value))
    }

    fn delete_part(
        &mut self,
        id: &Id,
        part: &Part,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        if part.field == "subnets"
            && let Some(user) = self.store.referring(kinds::INTERFACE, &id.to_string()).next()
        {
            let message = format!(
                "Subnet {} is in use by {} and cannot be deleted.",
                id.name(),
                user.id
            );
            return Err(Failure::new(400, "InUseSubnetCannotBeDeleted", message));
        }
        let parent = self.store.get_mut(&part.parent.to_string());
        let Some(parent) = parent.filter(|parent| part.find(parent).is_some()) else {
            return Ok(Reply::empty(204));
        };
        let mut parts = parent
            .property(part.field)
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        parts.retain(|item| !is_named(item, id.name()));
        parent.set(part.field, Value::Array(parts));
        parent.changes += 1;
        Ok(self
            .operations
            .begin(Reply::empty(202), Ok(()), call.version, world))
    }

    /// The resource, or the failure that says that there is none.
    pub(super) fn existing(&self, id: &Id) -> Result<&Item, Failure> {
        self.store
            .get(&id.to_string())
            .ok_or_else(|| Failure::not_found(&id.to_string()))
    }
}

/// A rule or a subnet: a resource to clients, but kept in the body of another.
struct Part {
    parent: Id,
    field: &'static str,
    name: String,
}

impl Part {
    fn of(id: &Id) -> Option<Self> {
        Some(Self {
            field: part_field(kinds::find(&id.kind())?.name)?,
            parent: id.parent()?,
            name: id.name().to_owned(),
        })
    }

    fn find<'a>(&self, parent: &'a Item) -> Option<&'a Value> {
        parent
            .property(self.field)?
            .as_array()?
            .iter()
            .find(|item| is_named(item, &self.name))
    }
}

fn part_field(kind: &str) -> Option<&'static str> {
    match kind {
        kinds::RULE => Some("securityRules"),
        kinds::SUBNET => Some("subnets"),
        _ => None,
    }
}

fn is_named(item: &Value, name: &str) -> bool {
    item.get("name")
        .and_then(Value::as_str)
        .is_some_and(|own| own.eq_ignore_ascii_case(name))
}

/// Adds what the service itself answers.
pub(super) fn finish_part(part: &mut Value, name: &str, id: &str) {
    let Some(fields) = part.as_object_mut() else {
        return;
    };
    fields.insert("name".to_owned(), name.into());
    fields.insert("id".to_owned(), id.into());
    fields.insert("etag".to_owned(), "W/\"1\"".into());
    if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("provisioningState".to_owned(), "Succeeded".into());
    }
}

/// Refuses a reference to what is not there; the id as it is kept.
pub(super) fn resolve(
    azure: &Azure,
    from: &Id,
    id: &str,
    kind: &str,
    world: &mut World,
) -> Result<String, Failure> {
    let item = Id::parse(id).and_then(|id| azure.store.get(&id.to_string()));
    match item {
        Some(item) if item.kind == kind => Ok(item.id.clone()),
        _ => Err(Failure::dangling(world, &from.to_string(), id)),
    }
}
