//! Which architectures a cloud builds with the machine type that is configured. The plugin knows the types; it is
//! asked for a template of each architecture.

use serde_json::{Map, Value};

use super::Session;
use super::render;
use crate::contract::Architecture;
use crate::error::{Code, Error, Result};

const ALL: [Architecture; 2] = [Architecture::X86_64, Architecture::Arm64];

/// Those that the plugin makes a template for: the configured one, else every one that fits the machine type. Required
/// keys may be missing.
pub(crate) fn of_build(session: &mut Session<'_>) -> Result<Vec<Architecture>> {
    let candidates = match session.settings.build.architecture {
        Some(architecture) => vec![architecture],
        None => ALL.to_vec(),
    };
    let mut section = session.settings.cloud_section.clone();
    fill_in_required(&mut section, &session.info.config_schema);
    let mut found = Vec::new();
    let mut refusal = None;
    for architecture in candidates {
        session.settings.build.architecture = Some(architecture);
        let request = render::nameless_request(session, &session.settings.build.sindri_version, &section)?;
        match session.plugin.render(request) {
            Ok(_) => found.push(architecture),
            Err(error) if error.code() == Code::PluginProblem => refusal = Some(error),
            Err(error) => return Err(error),
        }
    }
    match refusal {
        Some(refusal) if found.is_empty() => Err(refusal),
        _ if found.is_empty() => Err(Error::new(Code::Internal, "no architecture was asked for")),
        _ => Ok(found),
    }
}

/// Values that a template has to have and that say nothing about its architecture: the schema's own examples.
fn fill_in_required(section: &mut Map<String, Value>, schema: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        let example = schema
            .get("properties")
            .and_then(|properties| properties.get(key)?.get("examples")?.get(0));
        if let Some(example) = example
            && !section.contains_key(key)
        {
            section.insert(key.to_owned(), example.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_required_keys_that_are_missing_are_filled_in() {
        let schema = r#"{"required": ["project", "group", "odd"], "properties": {
            "project": {"examples": ["sample"]}, "group": {"examples": ["sample"]},
            "zone": {"examples": ["sample"]}, "odd": {}
        }}"#;
        let mut section = Map::from_iter([("group".to_owned(), Value::from("mine"))]);
        fill_in_required(&mut section, schema);
        let expected = serde_json::json!({"group": "mine", "project": "sample"});
        assert_eq!(Value::Object(section), expected);
    }
}
