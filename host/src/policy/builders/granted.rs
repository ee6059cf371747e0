//! A builder that the host does not know: what the plugin asks for and the user grants, below the host's ceiling.
//!
//! Every value is plain (`policy/template/plain.rs`), what places the machine is the user's, and how it is reached is
//! the host's. Whatever reads files of this machine, runs programs on it or redirects traffic is refused by its name,
//! granted or not.

mod ceiling;

use std::collections::BTreeMap;

use super::{Kind, Rule, Use};
use crate::contract::BuilderRequest;
use crate::policy::template::model::Body;
use crate::{Code, Error, Result};

/// Attributes of one builder.
const MOST_ATTRIBUTES: usize = 128;
/// Blocks in blocks, the attribute included.
const DEEPEST: usize = 4;
/// Characters of a builder's name, and of one part of an attribute's.
const LONGEST_NAME: usize = 64;

/// Attributes that hold the image's final name; the first that the template sets counts.
const IMAGE_NAMES: &[&str] = &[
    "image_name",
    "snapshot_name",
    "template_name",
    "image_label",
    "snapshot_description",
];

/// Attributes whose values the host makes itself, so that a key of the same name says nothing about them.
const OF_THE_HOST: &[&str] = &[
    "image_description",
    "image_labels",
    "image_tags",
    "labels",
    "snapshot_labels",
    "tags",
];

/// What the user has granted of a builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted(BTreeMap<String, Node>);

/// A granted name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Attribute,
    Block(Granted),
}

impl Granted {
    /// What a request would give if it is granted as it is; refused when it goes beyond the ceiling.
    pub fn new(request: &BuilderRequest) -> Result<Self> {
        check_builder(&request.name)?;
        let refuse = |attribute: &str, message: String| {
            Err(Error::new(Code::TemplateAttribute, message)
                .key(format!("{}.{}", request.name, attribute.escape_debug()))
                .remedy("the plugin has to do without it; no grant changes that"))
        };
        if request.attributes.len() > MOST_ATTRIBUTES {
            let message = format!("more than {MOST_ATTRIBUTES} attributes of one builder");
            return Err(Error::new(Code::TemplateLimit, message).key(&request.name));
        }
        let mut granted = Self(BTreeMap::new());
        for attribute in &request.attributes {
            let parts: Vec<&str> = attribute.split('.').collect();
            if parts.len() > DEEPEST {
                return refuse(attribute, format!("blocks are nested more than {DEEPEST} deep"));
            }
            for part in &parts {
                if !is_name(part, '_') {
                    let message = format!(
                        "{part:?} is not the name of an attribute: lower-case letters, digits and `_`"
                    );
                    return refuse(attribute, message);
                }
                if let Some(refusal) = ceiling::of_attribute(part) {
                    return refuse(
                        attribute,
                        format!("no plugin may set `{part}`: {}", refusal.because),
                    );
                }
            }
            if !granted.add(&parts) {
                return refuse(
                    attribute,
                    format!("`{attribute}` is asked for twice, or is both attribute and block"),
                );
            }
        }
        Ok(granted)
    }

    /// False for a name that is there already, or there as the other thing.
    fn add(&mut self, parts: &[&str]) -> bool {
        match parts {
            [] => false,
            [name] => self.0.insert((*name).to_owned(), Node::Attribute).is_none(),
            [name, inside @ ..] => {
                let node = self
                    .0
                    .entry((*name).to_owned())
                    .or_insert_with(|| Node::Block(Self(BTreeMap::new())));
                match node {
                    Node::Block(block) => block.add(inside),
                    Node::Attribute => false,
                }
            }
        }
    }

    /// How an attribute may be set; none when it is not granted.
    pub(super) fn attribute(&self, name: &str) -> Option<Use<'_>> {
        let (name, node) = self.0.get_key_value(name)?;
        let Node::Attribute = node else { return None };
        let rule = if ceiling::is_place(name) {
            Rule::Pinned(name)
        } else if IMAGE_NAMES.contains(&name.as_str()) || OF_THE_HOST.contains(&name.as_str()) {
            Rule::Free
        } else {
            Rule::PinnedIfSet(name)
        };
        let kind = if name == "user_data" {
            Kind::PlainScript
        } else {
            Kind::Plain
        };
        Some(Use {
            kind,
            rule,
            since: None,
        })
    }

    /// What a block may hold; none when it is not granted.
    pub(super) fn block(&self, name: &str) -> Option<&Self> {
        match self.0.get(name)? {
            Node::Block(inside) => Some(inside),
            Node::Attribute => None,
        }
    }
}

/// The image's final name, if the source has it.
pub(super) fn image_name(source: &Body) -> Option<String> {
    IMAGE_NAMES
        .iter()
        .find_map(|name| source.text(name))
        .map(str::to_owned)
}

fn check_builder(name: &str) -> Result<()> {
    let refuse = |message: String| {
        Err(Error::new(Code::TemplateBuilder, message)
            .remedy("no grant changes that; use a builder of a cloud"))
    };
    if !is_name(name, '-') {
        return refuse(format!(
            "{name:?} is not the name of a builder: lower-case letters, digits and `-`"
        ));
    }
    match ceiling::of_builder(name) {
        Some(refusal) => refuse(format!(
            "no plugin may use the builder `{name}`: {}",
            refusal.because
        )),
        None => Ok(()),
    }
}

/// ASCII only: `ｆile` and `soсket` (with a Cyrillic letter) look like other names, and Packer takes some names in any
/// case.
fn is_name(name: &str, separator: char) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == separator;
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.ends_with(|c: char| c != separator)
        && name.chars().all(plain)
}

#[cfg(test)]
#[path = "granted/tests.rs"]
mod tests;
