//! Resources by their id.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::region::{Region, ocid};
use crate::{Owner, Reply, Resource, World};

/// What belongs to another resource and is not one of its own to anybody.
const PARTS: [&str; 3] = ["vnics", "vnicAttachments", "bootVolumeAttachments"];

/// Begins the names of fields that the API does not show.
const OWN: &str = "x-";

/// A resource as the API shows it, and what it does not show.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The API's collection, for example `images`.
    pub(super) kind: &'static str,
    pub(super) region: &'static Region,
    pub(super) body: Map<String, Value>,
    pub(super) owner: Owner,
    pub(super) changes: u32,
    /// Of a network security group.
    pub(super) rules: Vec<Value>,
    /// The order of making: creation times are the same for what is made within a second.
    pub(super) order: usize,
    /// The state that it gets, and after how many more looks at it.
    settling: Option<(&'static str, u32)>,
}

impl Item {
    pub(super) fn text(&self, field: &str) -> &str {
        text(&self.body, field)
    }

    pub(super) fn state(&self) -> &str {
        self.text("lifecycleState")
    }

    /// Goes to the first state now, and to the second after the world's delay.
    pub(super) fn become_in_time(&mut self, first: &'static str, last: &'static str, world: &World) {
        self.body.insert("lifecycleState".to_owned(), first.into());
        self.settling = Some((last, world.delay()));
    }

    /// Another one after every change.
    pub(super) fn etag(&self) -> String {
        format!("{:x}-{:x}", self.order, self.changes)
    }

    /// What the API shows of it.
    pub(super) fn document(&self) -> Value {
        let shown = self.body.iter().filter(|(field, _)| !field.starts_with(OWN));
        Value::Object(
            shown
                .map(|(field, value)| (field.clone(), value.clone()))
                .collect(),
        )
    }

    /// As a reply to whoever asks for it.
    pub(super) fn reply(&self) -> Reply {
        Reply::json(200, &self.document()).header("etag", self.etag())
    }

    /// Whether its end has begun. It can be read for a while longer.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.state(), "TERMINATING" | "TERMINATED" | "DELETED")
    }

    fn look(&mut self) {
        match self.settling {
            Some((state, looks)) if looks > 0 => self.settling = Some((state, looks - 1)),
            Some((state, _)) => {
                self.settling = None;
                self.body.insert("lifecycleState".to_owned(), state.into());
            }
            None => {}
        }
    }
}

/// A text field of an object; empty if it is absent or something else.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> &'a str {
    body.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The fields of an object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// How ids call the resources of a collection.
fn id_kind(kind: &str) -> &'static str {
    match kind {
        "images" => "image",
        "instances" => "instance",
        "vnics" => "vnic",
        "vnicAttachments" => "vnicattachment",
        "bootVolumes" => "bootvolume",
        "bootVolumeAttachments" => "bootvolumeattachment",
        "networkSecurityGroups" => "networksecuritygroup",
        "computeImageCapabilitySchemas" => "computeimgcapschema",
        _ => "resource",
    }
}

/// Everything that there is.
#[derive(Debug, Default)]
pub(super) struct Store {
    items: BTreeMap<String, Item>,
    made: usize,
}

impl Store {
    /// Adds a resource that is there at once.
    pub(super) fn put(
        &mut self,
        id: &str,
        kind: &'static str,
        region: &'static Region,
        mut body: Map<String, Value>,
        owner: Owner,
    ) -> &mut Item {
        self.made += 1;
        body.insert("id".to_owned(), id.into());
        for tags in ["freeformTags", "definedTags"] {
            body.entry(tags).or_insert_with(|| json!({}));
        }
        let item = Item {
            kind,
            region,
            body,
            owner,
            changes: 0,
            rules: Vec::new(),
            order: self.made,
            settling: None,
        };
        self.items.entry(id.to_owned()).insert_entry(item).into_mut()
    }

    /// Adds what a client made, and returns its id. It has the first state until it was looked at as often as the
    /// world's delay says, then the second.
    pub(super) fn make(
        &mut self,
        kind: &'static str,
        region: &'static Region,
        mut body: Map<String, Value>,
        states: (&'static str, &'static str),
        world: &mut World,
    ) -> String {
        let serial = world.serial();
        let id = ocid(id_kind(kind), region, serial);
        body.insert("timeCreated".to_owned(), timestamp(world).into());
        body.entry("displayName")
            .or_insert_with(|| format!("{}{serial}", id_kind(kind)).into());
        let item = self.put(&id, kind, region, body, Owner::Client);
        item.become_in_time(states.0, states.1, world);
        id
    }

    pub(super) fn get(&self, id: &str) -> Option<&Item> {
        self.items.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.items.get_mut(id)
    }

    /// What a client sees, which is when time passes.
    pub(super) fn look(&mut self, id: &str) -> Option<&Item> {
        let item = self.items.get_mut(id)?;
        item.look();
        Some(item)
    }

    /// Gives it the state that it is to have.
    pub(super) fn settle(&mut self, id: &str) {
        if let Some(item) = self.items.get_mut(id)
            && let Some((state, _)) = item.settling.take()
        {
            item.body.insert("lifecycleState".to_owned(), state.into());
        }
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Item> {
        self.items.remove(id)
    }

    /// All of a kind in a region, with their ids.
    pub(super) fn all<'a>(
        &'a self,
        kind: &'a str,
        region: &'a Region,
    ) -> impl Iterator<Item = (&'a str, &'a Item)> {
        self.items
            .iter()
            .filter(move |(_, item)| item.kind == kind && item.region == region)
            .map(|(id, item)| (id.as_str(), item))
    }

    /// Ids of all of a kind in a region with this value in a field.
    pub(super) fn with(&self, kind: &str, region: &Region, field: &str, value: &str) -> Vec<String> {
        self.all(kind, region)
            .filter(|(_, item)| item.text(field) == value)
            .map(|(id, _)| id.to_owned())
            .collect()
    }

    pub(super) fn resources(&self) -> Vec<Resource> {
        self.items
            .iter()
            .filter(|(_, item)| !item.is_gone() && !PARTS.contains(&item.kind))
            .map(|(id, item)| Resource {
                cloud: "oci",
                kind: item.kind.to_owned(),
                id: id.clone(),
                name: item.text("displayName").to_owned(),
                owner: item.owner.clone(),
                tags: tags(item),
                changes: item.changes,
            })
            .collect()
    }
}

fn tags(item: &Item) -> BTreeMap<String, String> {
    let tags = item.body.get("freeformTags").cloned().unwrap_or_default();
    serde_json::from_value(tags).unwrap_or_default()
}

/// Now, with the milliseconds that OCI shows.
pub(super) fn timestamp(world: &World) -> String {
    world.timestamp().replace('Z', ".000Z")
}
