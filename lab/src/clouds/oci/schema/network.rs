//! Network security groups, and copies of files.

use super::{DEFINED_TAGS, FREEFORM_TAGS, NAME, OCID};
use crate::schema::{Shape, optional, required};

const TARGET: Shape = Shape::OneOf(&["CIDR_BLOCK", "SERVICE_CIDR_BLOCK", "NETWORK_SECURITY_GROUP"]);

const RANGE: Shape = Shape::Object(&[
    required("max", Shape::Integer(1, 65_535)),
    required("min", Shape::Integer(1, 65_535)),
]);

const PORTS: Shape = Shape::Object(&[
    optional("destinationPortRange", RANGE),
    optional("sourcePortRange", RANGE),
]);

/// A number of IANA's list, or all of them.
fn is_protocol(text: &str) -> bool {
    text == "all" || text.parse::<u8>().is_ok()
}

pub(in super::super) static CREATE_GROUP: Shape = Shape::Object(&[
    required("compartmentId", OCID),
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
    required("vcnId", OCID),
]);

pub(in super::super) static UPDATE_GROUP: Shape = Shape::Object(&[
    optional("definedTags", DEFINED_TAGS),
    optional("displayName", NAME),
    optional("freeformTags", FREEFORM_TAGS),
]);

static RULE: Shape = Shape::Object(&[
    optional("description", NAME),
    optional("destination", Shape::Text),
    optional("destinationType", TARGET),
    required("direction", Shape::OneOf(&["EGRESS", "INGRESS"])),
    optional(
        "icmpOptions",
        Shape::Object(&[
            optional("code", Shape::Integer(0, 255)),
            required("type", Shape::Integer(0, 255)),
        ]),
    ),
    optional("isStateless", Shape::Flag),
    required(
        "protocol",
        Shape::Form("`all` or the number of a protocol", is_protocol),
    ),
    optional("source", Shape::Text),
    optional("sourceType", TARGET),
    optional("tcpOptions", PORTS),
    optional("udpOptions", PORTS),
]);

pub(in super::super) static ADD_RULES: Shape =
    Shape::Object(&[required("securityRules", Shape::List(&RULE))]);

pub(in super::super) static REMOVE_RULES: Shape =
    Shape::Object(&[required("securityRuleIds", Shape::List(&Shape::Text))]);

pub(in super::super) static COPY_OBJECT: Shape = Shape::Object(&[
    required("destinationBucket", Shape::Text),
    required("destinationNamespace", Shape::Text),
    optional("destinationObjectMetadata", Shape::Map(&Shape::Text)),
    required("destinationObjectName", Shape::Text),
    required("destinationRegion", Shape::Text),
    required("sourceObjectName", Shape::Text),
]);
