//! Texts that Packer cannot write as they are.

use super::model::{Model, Value};
use crate::policy::builders;

/// A text of the source block that Packer gets with a word joiner between its braces, see
/// `escape::go_inert`. Whoever needs it exactly has to set it after the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritten {
    /// Attribute, for example `tags`.
    pub attribute: String,
    /// Key in a map.
    pub key: Option<String>,
    /// The text as it should be.
    pub text: String,
    /// What it is to the image.
    pub role: Role,
}

/// What a text is to the finished image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One of its tags.
    ImageTag,
    /// Its description.
    ImageDescription,
    /// It belongs to something else, for example to the build VM.
    Other,
}

/// All of them.
pub(super) fn unwritten(model: &Model) -> Vec<Unwritten> {
    let profile = builders::profile(&model.builder);
    let mut found = Vec::new();
    let mut look = |attribute: &str, key: Option<&str>, value: &Value| {
        if let Value::Text(text) = value
            && text.contains("{{")
        {
            let key = key.map(str::to_owned);
            let role = match profile {
                Some(profile) if attribute == profile.image_tags => Role::ImageTag,
                Some(profile) if Some(attribute) == profile.image_description => Role::ImageDescription,
                Some(_) | None => Role::Other,
            };
            found.push(Unwritten {
                role,
                attribute: attribute.to_owned(),
                key,
                text: text.clone(),
            });
        }
    };
    for (name, value) in &model.source.attributes {
        if let Value::Map(items) = value {
            items.iter().for_each(|(key, item)| look(name, Some(key), item));
        } else {
            look(name, None, value);
        }
    }
    found
}

/// One sentence for the user.
pub(super) fn notice(unwritten: &Unwritten) -> String {
    let Unwritten {
        attribute,
        key,
        text: _,
        role: _,
    } = unwritten;
    let place = key
        .as_ref()
        .map_or_else(|| attribute.clone(), |key| format!("{attribute}.{key}"));
    format!(
        "Packer cannot write `{{{{` into `{place}`; an invisible word joiner (U+2060) stands between the braces"
    )
}
