//! Hetzner's rules for labels.

use std::collections::BTreeMap;

use sindri_plugin_sdk::contract::{Problem, Tag};
use sindri_plugin_sdk::labels::Rules;

/// Those that can be said of single characters.
pub(crate) const RULES: Rules = Rules {
    cloud: "Hetzner Cloud",
    starts_key: |character| character.is_ascii_alphanumeric(),
    in_key: lawful,
    in_value: lawful,
    longest_key: 63,
    longest_value: 63,
    empty_values: true,
    most: 64,
};

fn lawful(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// The tags as labels, which begin and end with a letter or digit.
pub(crate) fn write(tags: &[Tag]) -> Result<BTreeMap<String, String>, Problem> {
    let labels = RULES.write(tags)?;
    let odd = |text: &str| {
        let edge = |c: char| !c.is_ascii_alphanumeric();
        text.starts_with(edge) || text.ends_with(edge)
    };
    match labels.iter().find(|(key, value)| odd(key) || odd(value)) {
        None => Ok(labels),
        Some((key, _)) => {
            let message = format!(
                "the label `{key}` is not usable on Hetzner Cloud: key and value end with a letter or digit"
            );
            Err(Problem::new("unusable-tag", message).key("tags"))
        }
    }
}

/// A selector for resources with this label.
pub(crate) fn selector(key: &str, value: &str) -> Result<String, Problem> {
    Ok(format!("{}=={}", RULES.key(key)?, RULES.value(key, value)?))
}
