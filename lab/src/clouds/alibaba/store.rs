//! What there is, by kind, region and id.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Owner, Resource, World};

/// Kinds of resources, by the words that `TagResources` takes for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Disk,
    Eip,
    Image,
    Instance,
    KeyPair,
    SecurityGroup,
    Snapshot,
    Vpc,
    VSwitch,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Eip => "eip",
            Self::Image => "image",
            Self::Instance => "instance",
            Self::KeyPair => "keypair",
            Self::SecurityGroup => "securitygroup",
            Self::Snapshot => "snapshot",
            Self::Vpc => "vpc",
            Self::VSwitch => "vswitch",
        }
    }

    /// The field with its id, the one with its name.
    pub(super) fn fields(self) -> (&'static str, &'static str) {
        match self {
            Self::Disk => ("DiskId", "DiskName"),
            Self::Eip => ("AllocationId", "Name"),
            Self::Image => ("ImageId", "ImageName"),
            Self::Instance => ("InstanceId", "InstanceName"),
            Self::KeyPair => ("KeyPairName", "KeyPairName"),
            Self::SecurityGroup => ("SecurityGroupId", "SecurityGroupName"),
            Self::Snapshot => ("SnapshotId", "SnapshotName"),
            Self::Vpc => ("VpcId", "VpcName"),
            Self::VSwitch => ("VSwitchId", "VSwitchName"),
        }
    }

    /// What ids of the kind begin with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Disk => "d",
            Self::Eip => "eip",
            Self::Image => "m",
            Self::Instance => "i",
            Self::KeyPair => "ssh",
            Self::SecurityGroup => "sg",
            Self::Snapshot => "s",
            Self::Vpc => "vpc",
            Self::VSwitch => "vsw",
        }
    }

    /// A new id.
    pub(super) fn id(self, world: &mut World) -> String {
        format!("{}-bp1{:017}", self.prefix(), world.serial())
    }
}

/// A resource as the API shows it, and what it does not show.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) body: Map<String, Value>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) owner: Owner,
    pub(super) changes: u32,
    /// Accounts that may use an image; public key of a key pair; rules of a group.
    pub(super) hidden: Vec<String>,
    /// The order of making: times are the same for what is made within a second.
    pub(super) order: usize,
    /// The status that it gets, and after how many more looks at it.
    settling: Option<(&'static str, u32)>,
}

impl Item {
    /// A text field; empty if it is absent or something else.
    pub(super) fn text(&self, field: &str) -> &str {
        self.body.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, field: &str) -> u64 {
        self.body.get(field).and_then(Value::as_u64).unwrap_or_default()
    }

    pub(super) fn is(&self, field: &str) -> bool {
        self.body.get(field) == Some(&Value::Bool(true))
    }

    pub(super) fn status(&self) -> &str {
        self.text("Status")
    }

    /// Sets a field, which counts as a change.
    pub(super) fn change(&mut self, field: &str, value: impl Into<Value>) {
        self.changes += 1;
        self.body.insert(field.to_owned(), value.into());
    }

    /// Goes to the first status, and to the second after as many looks as the world's delay says.
    pub(super) fn turn(&mut self, first: &str, last: &'static str, world: &World) {
        self.change("Status", first);
        self.settling = Some((last, world.delay()));
    }

    /// Time passes when somebody looks.
    pub(super) fn look(&mut self) {
        match self.settling {
            Some((status, looks)) if looks > 0 => self.settling = Some((status, looks - 1)),
            Some((status, _)) => {
                self.settling = None;
                self.body.insert("Status".to_owned(), status.into());
                if self.body.contains_key("Progress") {
                    self.body.insert("Progress".to_owned(), "100%".into());
                }
            }
            None => {}
        }
    }

    /// As an answer shows it. `tag` is what the product calls key and value.
    pub(super) fn shown(&self, tag: (&str, &str)) -> Value {
        let (key_name, value_name) = tag;
        let tags: Vec<_> = self
            .tags
            .iter()
            .map(|(key, value)| json!({key_name: key, value_name: value}))
            .collect();
        let mut body = self.body.clone();
        body.insert("Tags".to_owned(), json!({"Tag": tags}));
        Value::Object(body)
    }
}

type Key = (Kind, String, String);

/// Everything that there is.
#[derive(Debug, Default)]
pub(super) struct Store {
    items: BTreeMap<Key, Item>,
    made: usize,
}

fn key(kind: Kind, region: &str, id: &str) -> Key {
    (kind, region.to_owned(), id.to_owned())
}

impl Store {
    /// Adds a resource that is there at once. Its id is in its body.
    pub(super) fn insert(&mut self, kind: Kind, region: &str, body: Value, owner: Owner) -> &mut Item {
        let body = match body {
            Value::Object(fields) => fields,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Map::new()
            }
        };
        let id = body
            .get(kind.fields().0)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let key = key(kind, region, id);
        self.made += 1;
        let item = Item {
            body,
            tags: BTreeMap::new(),
            owner,
            changes: 0,
            hidden: Vec::new(),
            order: self.made,
            settling: None,
        };
        self.items.entry(key).insert_entry(item).into_mut()
    }

    /// Adds what a client made.
    pub(super) fn make(
        &mut self,
        kind: Kind,
        region: &str,
        body: Value,
        tags: BTreeMap<String, String>,
        status: Option<(&str, &'static str)>,
        world: &World,
    ) -> &mut Item {
        let item = self.insert(kind, region, body, Owner::Client);
        item.tags = tags;
        item.body
            .insert("CreationTime".to_owned(), world.timestamp().into());
        if let Some((first, last)) = status {
            item.turn(first, last, world);
        }
        item.changes = 0;
        item
    }

    pub(super) fn get(&self, kind: Kind, region: &str, id: &str) -> Option<&Item> {
        self.items.get(&key(kind, region, id))
    }

    pub(super) fn get_mut(&mut self, kind: Kind, region: &str, id: &str) -> Option<&mut Item> {
        self.items.get_mut(&key(kind, region, id))
    }

    pub(super) fn remove(&mut self, kind: Kind, region: &str, id: &str) -> Option<Item> {
        self.items.remove(&key(kind, region, id))
    }

    /// All of a kind in a region, newest first as the API lists them.
    pub(super) fn all(&self, kind: Kind, region: &str) -> Vec<&Item> {
        let mut items: Vec<_> = self
            .items
            .iter()
            .filter(|((other, place, _), _)| *other == kind && place == region)
            .map(|(_, item)| item)
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.order));
        items
    }

    /// Those of a kind in a region that fit, each looked at, newest first.
    pub(super) fn look(&mut self, kind: Kind, region: &str, fits: impl Fn(&Item) -> bool) -> Vec<Item> {
        let found = self
            .items
            .iter_mut()
            .filter(|((other, place, _), _)| *other == kind && place == region);
        let mut items: Vec<Item> = found
            .map(|(_, item)| item)
            .filter(|item| fits(item))
            .map(|item| {
                item.look();
                item.clone()
            })
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.order));
        items
    }

    pub(super) fn resources(&self) -> Vec<Resource> {
        self.items
            .iter()
            .map(|((kind, region, id), item)| Resource {
                cloud: "alibaba",
                kind: kind.name().to_owned(),
                id: format!("{region}/{id}"),
                name: item.text(kind.fields().1).to_owned(),
                owner: item.owner.clone(),
                tags: item.tags.clone(),
                changes: item.changes,
            })
            .collect()
    }
}
