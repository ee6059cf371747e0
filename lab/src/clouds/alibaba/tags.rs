//! Tags of what is there already.

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::store::Kind;
use crate::{Owner, Rule, World};

/// For one resource.
const MOST: usize = 20;

fn kind(call: &Call) -> Kind {
    match call.text("ResourceType") {
        "disk" => Kind::Disk,
        "image" => Kind::Image,
        "keypair" => Kind::KeyPair,
        "securitygroup" => Kind::SecurityGroup,
        "snapshot" => Kind::Snapshot,
        // The form was checked before.
        _ => Kind::Instance,
    }
}

/// `ResourceId.1` … of the newer actions, `ResourceId` of the older.
fn ids(call: &Call) -> Vec<&str> {
    let mut ids = call.list("ResourceId");
    ids.extend(call.get("ResourceId"));
    ids
}

impl Alibaba {
    /// All or none.
    fn check_tagged(&self, call: &Call, world: &mut World) -> Result<(), Failure> {
        for id in ids(call) {
            let item = self.store.get(kind(call), &call.region, id);
            let Some(item) = item else {
                return Err(Failure::not_found("InvalidResourceId.NotFound", id));
            };
            if item.owner == Owner::Provider {
                world.violation(Rule::WrongValue, format!("{id} is not the user's own"));
                return Err(Failure::not_found("InvalidResourceId.NotFound", id));
            }
        }
        Ok(())
    }

    pub(super) fn tag_resources(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.tags(world)?;
        self.check_tagged(call, world)?;
        for id in ids(call) {
            let Some(item) = self.store.get_mut(kind(call), &call.region, id) else {
                continue;
            };
            let mut after = item.tags.clone();
            after.extend(tags.clone());
            if after.len() > MOST {
                return Err(Failure::wrong(world, "NumberExceed.Tags", "more than 20 tags"));
            }
            item.tags = after;
            item.changes += 1;
        }
        Ok(json!({}))
    }

    pub(super) fn untag_resources(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.check_tagged(call, world)?;
        let keys = call.list("TagKey");
        for id in ids(call) {
            if let Some(item) = self.store.get_mut(kind(call), &call.region, id) {
                item.tags
                    .retain(|key, _| !call.is("All") && !keys.contains(&key.as_str()));
                item.changes += 1;
            }
        }
        Ok(json!({}))
    }
}
