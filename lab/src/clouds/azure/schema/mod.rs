//! The bodies that the Resource Manager and its providers take. Fields that no builder and no plan uses are left
//! out: they would be refused as unknown, which is what a test should notice.

mod compute;
mod gallery;
mod network;

pub(super) use compute::{DISK, IMAGE, SNAPSHOT, VIRTUAL_MACHINE};
pub(super) use gallery::{GALLERY, GALLERY_IMAGE, GALLERY_SHARE, GALLERY_VERSION};
pub(super) use network::{NETWORK, NETWORK_INTERFACE, PUBLIC_ADDRESS, RULE, SECURITY_GROUP, SUBNET};

use crate::schema::{Field, Shape, ignored, optional, required};

/// A reference to another resource.
const REFERENCE: Shape = Shape::Object(&[required("id", Shape::Text)]);

pub(super) const fn reference(name: &'static str) -> Field {
    optional(name, REFERENCE)
}

/// At most 256 characters.
fn is_tag_value(text: &str) -> bool {
    text.chars().count() <= 256
}

const TAGS: Shape = Shape::Map(&Shape::Form(
    "a tag's value of at most 256 characters",
    is_tag_value,
));

/// A tag's name: 1 to 512 characters without `<>%&\?/`.
pub(super) fn is_tag_name(text: &str) -> bool {
    (1..=512).contains(&text.chars().count()) && !text.contains(['<', '>', '%', '&', '\\', '?', '/'])
}

pub(super) static GROUP: Shape = Shape::Object(&[
    required("location", Shape::Text),
    optional("tags", TAGS),
    optional("managedBy", Shape::Text),
    ignored("id"),
    ignored("name"),
    ignored("type"),
    ignored("properties"),
]);

/// A change of tags, which every resource takes.
pub(super) static TAGS_PATCH: Shape =
    Shape::Object(&[required("tags", TAGS), ignored("location"), ignored("properties")]);

pub(super) static DEPLOYMENT: Shape = Shape::Object(&[
    required(
        "properties",
        Shape::Object(&[
            required("mode", Shape::OneOf(&["Incremental", "Complete"])),
            required(
                "template",
                Shape::Object(&[
                    optional("$schema", Shape::Text),
                    required("contentVersion", Shape::Text),
                    optional("parameters", Shape::Map(&PARAMETER)),
                    optional("variables", Shape::Map(&Shape::Any)),
                    required("resources", Shape::List(&TEMPLATE_RESOURCE)),
                    optional("outputs", Shape::Map(&OUTPUT)),
                ]),
            ),
            optional("parameters", Shape::Map(&ARGUMENT)),
        ]),
    ),
    optional("location", Shape::Text),
    optional("tags", TAGS),
]);

static PARAMETER: Shape = Shape::Object(&[
    required(
        "type",
        Shape::OneOf(&[
            "string",
            "securestring",
            "secureString",
            "int",
            "bool",
            "object",
            "secureObject",
            "array",
        ]),
    ),
    optional("defaultValue", Shape::Any),
    optional("metadata", Shape::Any),
]);

static ARGUMENT: Shape = Shape::Object(&[required("value", Shape::Any)]);

static OUTPUT: Shape = Shape::Object(&[required("type", Shape::Text), required("value", Shape::Any)]);

/// The provider's own fields are checked with the provider's description, after the expressions are evaluated.
static TEMPLATE_RESOURCE: Shape = Shape::Object(&[
    required("apiVersion", Shape::Text),
    required("type", Shape::Text),
    required("name", Shape::Text),
    optional("location", Shape::Text),
    optional("dependsOn", Shape::List(&Shape::Text)),
    // Yes, no, or an expression for one of them.
    optional("condition", Shape::Any),
    optional("tags", Shape::Any),
    optional("properties", Shape::Any),
    optional("sku", Shape::Any),
    optional("plan", Shape::Any),
    optional("zones", Shape::Any),
    optional("identity", Shape::Any),
]);
