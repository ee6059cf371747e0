//! Everything in the subscription, by id.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::id::{Id, group_id};
use crate::{Owner, Resource};

/// The kind of a resource group, which has no id of its own form.
pub(super) const GROUP_KIND: &str = "Microsoft.Resources/resourceGroups";

/// A resource as the API shows it, and what it does not show.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// In the case in which it was made.
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) body: Map<String, Value>,
    pub(super) owner: Owner,
    pub(super) changes: u32,
    /// Of a VM: after that it never starts again.
    pub(super) generalized: bool,
    /// Of a VM: `running`, `stopped`, `deallocated`.
    pub(super) power: &'static str,
}

impl Item {
    /// A value below `properties`, by names with dots.
    pub(super) fn property(&self, path: &str) -> Option<&Value> {
        let mut value = self.body.get("properties")?;
        for name in path.split('.') {
            value = value.get(name)?;
        }
        Some(value)
    }

    pub(super) fn text(&self, path: &str) -> &str {
        self.property(path).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn location(&self) -> &str {
        self.body
            .get("location")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Sets a property that the service itself keeps.
    pub(super) fn set(&mut self, name: &str, value: Value) {
        let properties = self.body.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert(name.to_owned(), value);
        }
    }

    pub(super) fn unset(&mut self, name: &str) {
        if let Some(properties) = self.body.get_mut("properties").and_then(Value::as_object_mut) {
            properties.remove(name);
        }
    }
}

/// All items.
#[derive(Debug, Default)]
pub(super) struct Store(BTreeMap<String, Item>);

impl Store {
    pub(super) fn put(&mut self, id: &Id, body: Map<String, Value>, owner: Owner) -> &mut Item {
        self.put_as(&id.to_string(), &id.kind(), id.name(), body, owner)
    }

    pub(super) fn put_group(&mut self, name: &str, body: Map<String, Value>, owner: Owner) -> &mut Item {
        self.put_as(&group_id(name), GROUP_KIND, name, body, owner)
    }

    fn put_as(
        &mut self,
        id: &str,
        kind: &str,
        name: &str,
        mut body: Map<String, Value>,
        owner: Owner,
    ) -> &mut Item {
        for (field, value) in [("id", id), ("name", name), ("type", kind)] {
            body.insert(field.to_owned(), value.into());
        }
        let key = id.to_lowercase();
        let older = self.0.remove(&key);
        let item = Item {
            id: id.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            body,
            owner: older.as_ref().map_or(owner, |item| item.owner.clone()),
            changes: older.as_ref().map_or(0, |item| item.changes + 1),
            generalized: older.as_ref().is_some_and(|item| item.generalized),
            power: older.as_ref().map_or("running", |item| item.power),
        };
        self.0.entry(key).insert_entry(item).into_mut()
    }

    /// By an id in any case.
    pub(super) fn get(&self, id: &str) -> Option<&Item> {
        self.0.get(&id.to_lowercase())
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Item> {
        self.0.get_mut(&id.to_lowercase())
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Item> {
        self.0.remove(&id.to_lowercase())
    }

    pub(super) fn group(&self, name: &str) -> Option<&Item> {
        self.get(&group_id(name))
    }

    /// Removes a group and everything in it.
    pub(super) fn remove_group(&mut self, name: &str) {
        let group = group_id(name).to_lowercase();
        let below = format!("{group}/");
        self.0.retain(|key, _| *key != group && !key.starts_with(&below));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Item> {
        self.0.values()
    }

    /// All of a kind, in a group or in all.
    pub(super) fn of_kind<'a>(
        &'a self,
        kind: &'a str,
        group: Option<&str>,
    ) -> impl Iterator<Item = &'a Item> {
        let below = group.map_or_else(String::new, |group| {
            format!("{}/", group_id(group).to_lowercase())
        });
        self.0
            .iter()
            .filter(move |(key, item)| key.starts_with(&below) && item.kind.eq_ignore_ascii_case(kind))
            .map(|(_, item)| item)
    }

    /// The parts of a resource that are resources themselves, of one kind.
    pub(super) fn parts<'a>(&'a self, parent: &str, kind: &'a str) -> impl Iterator<Item = &'a Item> {
        let below = format!("{}/", parent.to_lowercase());
        self.of_kind(kind, None)
            .filter(move |item| item.id.to_lowercase().starts_with(&below))
    }

    /// Those that refer to an id anywhere in their properties.
    pub(super) fn referring<'a>(&'a self, kind: &'a str, id: &str) -> impl Iterator<Item = &'a Item> {
        let id = id.to_lowercase();
        self.of_kind(kind, None).filter(move |item| {
            item.body
                .get("properties")
                .is_some_and(|properties| mentions(properties, &id))
        })
    }

    pub(super) fn resources(&self) -> Vec<Resource> {
        self.0
            .values()
            .map(|item| Resource {
                cloud: "azure",
                kind: item.kind.clone(),
                id: item.id.clone(),
                name: item.name.clone(),
                owner: item.owner.clone(),
                tags: tags(item),
                changes: item.changes,
            })
            .collect()
    }
}

/// Whether an id, or one of a part of it, stands anywhere in a value.
fn mentions(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => {
            let text = text.to_lowercase();
            text == id || text.starts_with(&format!("{id}/"))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, id)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, id)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn tags(item: &Item) -> BTreeMap<String, String> {
    let tags = item.body.get("tags").cloned().unwrap_or_default();
    serde_json::from_value(tags).unwrap_or_default()
}
