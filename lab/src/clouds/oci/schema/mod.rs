//! The bodies that OCI's core services take, after the public reference of their API. Fields that no builder and
//! no plan uses are left out: they would be refused as unknown, which is what a test should notice.

mod compute;
mod network;

pub(super) use compute::{
    CREATE_IMAGE, CREATE_SCHEMA, EXPORT, IMAGE_OF_INSTANCE, LAUNCH, UPDATE_IMAGE, UPDATE_INSTANCE,
    UPDATE_SCHEMA,
};
pub(super) use network::{ADD_RULES, COPY_OBJECT, CREATE_GROUP, REMOVE_RULES, UPDATE_GROUP};

use crate::schema::Shape;

/// 1 to 255 characters.
fn is_display_name(text: &str) -> bool {
    (1..=255).contains(&text.chars().count())
}

/// Of a free-form tag.
fn is_tag_value(text: &str) -> bool {
    text.chars().count() <= 256
}

/// Of a free-form tag: printable, without spaces and periods.
pub(super) fn is_tag_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && c != '.';
    (1..=100).contains(&text.chars().count()) && text.chars().all(fits)
}

pub(super) fn is_base64(text: &str) -> bool {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).is_ok()
}

fn is_ocid(text: &str) -> bool {
    let mut parts = text.splitn(5, '.');
    parts.next() == Some("ocid1")
        && parts.clone().count() == 4
        && parts.last().is_some_and(|last| !last.is_empty())
}

const OCID: Shape = Shape::Form("an OCID", is_ocid);
const NAME: Shape = Shape::Form("a name of 1 to 255 characters", is_display_name);
const FREEFORM_TAGS: Shape = Shape::Map(&Shape::Form(
    "a tag's value of at most 256 characters",
    is_tag_value,
));
/// The lab has no tag namespaces, so there can be none.
const DEFINED_TAGS: Shape = Shape::Object(&[]);
