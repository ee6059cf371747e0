//! What the host set in a template, for the audit log: found by comparing, so that nothing is forgotten.

use super::model::{Block, Body, Value};

/// Longest value that is shown; a script of the host is known by its file.
const LONGEST: usize = 200;

/// Attributes and blocks of the source that are not as the plugin wrote them.
pub(super) fn source(before: &Body, after: &Body) -> Vec<(String, String)> {
    let mut found = Vec::new();
    compare("source", before, after, &mut found);
    found
}

/// Whole blocks.
pub(super) fn blocks<'a>(kind: &str, blocks: impl IntoIterator<Item = &'a Block>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for block in blocks {
        compare(
            &format!("{kind}.{}", block.name),
            &Body::default(),
            &block.body,
            &mut found,
        );
    }
    found
}

fn compare(place: &str, before: &Body, after: &Body, found: &mut Vec<(String, String)>) {
    for (name, value) in &after.attributes {
        if before.get(name) != Some(value) {
            found.push((format!("{place}.{name}"), text(value)));
        }
    }
    for (name, _) in &before.attributes {
        if after.get(name).is_none() {
            found.push((format!("{place}.{name}"), "left out".to_owned()));
        }
    }
    let nothing = Body::default();
    for (index, block) in after.blocks.iter().enumerate() {
        let same_name = |blocks: &[Block]| blocks.iter().filter(|other| other.name == block.name).count();
        let nth = same_name(after.blocks.get(..index).unwrap_or_default());
        let written = before
            .blocks
            .iter()
            .filter(|other| other.name == block.name)
            .nth(nth)
            .map_or(&nothing, |other| &other.body);
        compare(&format!("{place}.{}", block.name), written, &block.body, found);
    }
}

fn text(value: &Value) -> String {
    let text = match value {
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(text) | Value::RenderedOnce(text) | Value::Path(text) => text.clone(),
        Value::List(items) => items.iter().map(self::text).collect::<Vec<_>>().join(", "),
        Value::Map(items) => items
            .iter()
            .map(|(key, item)| format!("{key}={}", self::text(item)))
            .collect::<Vec<_>>()
            .join(", "),
        Value::GoTemplate(code) => (*code).to_owned(),
        Value::SecretAssignment { name, variable } => format!("{name}=${{var.{variable}}}"),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
