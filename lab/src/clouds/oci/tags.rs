//! Free-form tags, and what every body with a compartment has to keep to.

use serde_json::{Map, Value};

use super::catalog;
use super::failure::Failure;
use super::schema::is_tag_key;
use super::store::text;
use crate::World;

/// Free-form tags of one resource.
const MOST: usize = 10;

/// Keys and number of the tags of a body; their values are checked with it.
pub(super) fn check_tags(body: &Map<String, Value>, world: &mut World) -> Result<(), Failure> {
    let Some(tags) = body.get("freeformTags").and_then(Value::as_object) else {
        return Ok(());
    };
    if tags.len() > MOST {
        return Err(Failure::invalid(world, "freeformTags", "more than 10 tags"));
    }
    match tags.keys().find(|key| !is_tag_key(key)) {
        Some(key) => {
            let detail = format!("{key:?} is not a tag's key");
            Err(Failure::invalid(world, "freeformTags", &detail))
        }
        None => Ok(()),
    }
}

/// The compartment that something is to be made in.
pub(super) fn check_compartment(body: &Map<String, Value>) -> Result<(), Failure> {
    let compartment = text(body, "compartmentId");
    if catalog::is_own(compartment) {
        return Ok(());
    }
    Err(Failure::not_found(&format!("compartment {compartment}")))
}
