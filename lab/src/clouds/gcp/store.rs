//! Resources by their path below `/compute/v1/`, for example `projects/p/global/images/i`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::link;
use crate::{Owner, Resource, World};

/// A resource as the API shows it, and what it does not show.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) body: Map<String, Value>,
    pub(super) owner: Owner,
    /// Who may use it, if that was ever said.
    pub(super) policy: Option<Value>,
    pub(super) changes: u32,
    /// The order of making: creation times are the same for what is made within a second.
    pub(super) order: usize,
    /// The status that it gets, and after how many more looks at it.
    settling: Option<(&'static str, u32)>,
}

impl Item {
    pub(super) fn text(&self, field: &str) -> &str {
        text(&self.body, field)
    }

    /// Sets a field, which counts as a change, and the fingerprint that goes with it.
    pub(super) fn change(&mut self, field: &str, value: Value) {
        self.changes += 1;
        self.body.insert(field.to_owned(), value);
    }

    /// A value that is another one after every change.
    pub(super) fn fingerprint(&self) -> String {
        fingerprint(self.changes)
    }

    fn look(&mut self) {
        match self.settling {
            Some((_, looks)) if looks > 0 => {
                self.settling = self.settling.map(|(status, looks)| (status, looks - 1));
            }
            Some((status, _)) => {
                self.settling = None;
                self.body.insert("status".to_owned(), status.into());
            }
            None => {}
        }
    }
}

/// Base64, as the API's `bytes` are.
pub(super) fn fingerprint(changes: u32) -> String {
    STANDARD.encode(u64::from(changes).to_be_bytes())
}

/// A text field of an object; empty if it is absent or something else.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> &'a str {
    body.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Everything that there is.
#[derive(Debug, Default)]
pub(super) struct Store {
    items: BTreeMap<String, Item>,
    made: usize,
}

impl Store {
    /// Adds a resource that is there at once. The fields that the API adds itself are added.
    pub(super) fn insert(
        &mut self,
        path: &str,
        mut body: Map<String, Value>,
        owner: Owner,
        identity: (u64, String),
    ) -> &mut Item {
        let (serial, timestamp) = identity;
        // "images" -> "compute#image"
        let kind = kind(path).trim_end_matches('s');
        body.insert("kind".to_owned(), format!("compute#{kind}").into());
        body.insert(
            "id".to_owned(),
            (7_000_000_000_000_000_000 + serial).to_string().into(),
        );
        body.insert("creationTimestamp".to_owned(), timestamp.into());
        body.insert("selfLink".to_owned(), link::url(path).into());
        if let Some((scope, _)) = path.split_once(&format!("/{}/", self::kind(path)))
            && scope.contains("/zones/")
        {
            body.insert("zone".to_owned(), link::url(scope).into());
        }
        self.made += 1;
        let item = Item {
            body,
            owner,
            policy: None,
            changes: 0,
            order: self.made,
            settling: None,
        };
        let slot = self.items.entry(path.to_owned()).insert_entry(item);
        slot.into_mut()
    }

    /// Adds what a client made. It has the first status until it was looked at as often as the world's delay
    /// says, then the second.
    pub(super) fn make(
        &mut self,
        path: &str,
        body: Map<String, Value>,
        status: Option<(&'static str, &'static str)>,
        world: &mut World,
    ) -> &mut Item {
        let identity = (world.serial(), world.timestamp());
        let item = self.insert(path, body, Owner::Client, identity);
        if let Some((first, last)) = status {
            item.body.insert("status".to_owned(), first.into());
            item.settling = Some((last, world.delay()));
        }
        item
    }

    pub(super) fn get(&self, path: &str) -> Option<&Item> {
        self.items.get(path)
    }

    pub(super) fn get_mut(&mut self, path: &str) -> Option<&mut Item> {
        self.items.get_mut(path)
    }

    /// What a client sees, which is when time passes.
    pub(super) fn look(&mut self, path: &str) -> Option<&Item> {
        let item = self.items.get_mut(path)?;
        item.look();
        Some(item)
    }

    /// Gives it the status that it is to have.
    pub(super) fn settle(&mut self, path: &str) {
        if let Some(item) = self.items.get_mut(path)
            && let Some((status, _)) = item.settling.take()
        {
            item.body.insert("status".to_owned(), status.into());
        }
    }

    pub(super) fn remove(&mut self, path: &str) -> Option<Item> {
        self.items.remove(path)
    }

    /// Those directly below a path, for example `projects/p/global/images`.
    pub(super) fn below(&self, collection: &str) -> impl Iterator<Item = (&str, &Item)> {
        let prefix = format!("{collection}/");
        self.items.iter().filter_map(move |(path, item)| {
            let name = path.strip_prefix(&prefix)?;
            (!name.contains('/')).then_some((path.as_str(), item))
        })
    }

    /// All of a kind in a project with the scope they are in (`zones/z`, `regions/r`, `global`).
    pub(super) fn everywhere<'a>(
        &'a self,
        project: &'a str,
        wanted: &'a str,
    ) -> impl Iterator<Item = (String, &'a Item)> {
        let prefix = format!("projects/{project}/");
        self.items.iter().filter_map(move |(path, item)| {
            let (scope, _) = path.strip_prefix(&prefix)?.split_once(&format!("/{wanted}/"))?;
            Some((scope.to_owned(), item))
        })
    }

    pub(super) fn look_at_all(&mut self, collection: &str) {
        let paths: Vec<_> = self.below(collection).map(|(path, _)| path.to_owned()).collect();
        for path in paths {
            self.look(&path);
        }
    }

    pub(super) fn resources(&self) -> Vec<Resource> {
        self.items
            .iter()
            .map(|(path, item)| Resource {
                cloud: "gcp",
                kind: kind(path).to_owned(),
                id: path.clone(),
                name: link::last(path).to_owned(),
                owner: item.owner.clone(),
                tags: labels(item),
                changes: item.changes,
            })
            .collect()
    }
}

fn labels(item: &Item) -> BTreeMap<String, String> {
    let labels = item.body.get("labels").cloned().unwrap_or_else(|| json!({}));
    serde_json::from_value(labels).unwrap_or_default()
}

/// The collection that a path is in.
pub(super) fn kind(path: &str) -> &str {
    path.rsplit('/').nth(1).unwrap_or_default()
}
