//! Configurations to call a plugin with, out of its own schema.

use serde_json::{Map, Value};

use super::{Rule, Suite};
use crate::config::Settings;

/// A section of the configuration as the host would pass it on.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) values: Map<String, Value>,
}

impl Section {
    pub(super) fn json(&self) -> String {
        Value::Object(self.values.clone()).to_string()
    }
}

/// The least that the schema allows and, where keys have examples, everything at once.
pub(super) fn sections(suite: &mut Suite<'_>) -> Vec<Section> {
    let schema: Value = serde_json::from_str(&suite.info.config_schema).unwrap_or_default();
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut least = Map::new();
    let mut everything = Map::new();
    for (key, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let sample = property.get("examples").and_then(|examples| examples.get(0));
        if let Some(sample) = sample {
            everything.insert(key.clone(), sample.clone());
        }
        if required.contains(&key.as_str()) {
            match sample {
                Some(sample) => _ = least.insert(key.clone(), sample.clone()),
                None => suite.find(
                    Rule::Samples,
                    format!("the required key `{key}` has no `examples` in the schema"),
                ),
            }
        }
    }
    let mut sections = Vec::new();
    for (name, values) in [("least", least), ("everything", everything)] {
        match Settings::of_section(&suite.info, values) {
            Ok(settings) => sections.push(Section {
                name,
                values: settings.cloud_section,
            }),
            Err(error) => suite.find(
                Rule::Samples,
                format!("the schema refuses its own samples: {error}"),
            ),
        }
    }
    sections
}
