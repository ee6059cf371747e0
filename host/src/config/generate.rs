//! Makes `shared.schema.json` from the types: `UPDATE_GOLDEN=1 cargo test --workspace --lib config::generate` writes it.

use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{schema, types::Packer};

fn shared() -> Value {
    let generator = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = generator
        .into_generator()
        .into_root_schema_for::<Packer>()
        .to_value();
    tidy(&mut schema);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(
            "image_id".into(),
            json!({
                "not": {},
                "description": "Not used: an existing image is deployed by naming it.",
                "x-sindri": { "remedy": "remove the key and run `sindri vm deploy IMAGE_ID`" }
            }),
        );
    }
    schema
}

/// Brings what schemars writes into the subset: `null` stands for an absent key and is never written,
/// and an enumeration is a list of words.
fn tidy(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    if let Some(Value::Array(variants)) = object.get("oneOf") {
        let words: Option<Vec<Value>> = variants
            .iter()
            .map(|variant| variant.get("const").cloned())
            .collect();
        if let Some(words) = words {
            object.remove("oneOf");
            object.insert("type".into(), "string".into());
            object.insert("enum".into(), words.into());
        }
    }
    if object
        .get("default")
        .is_some_and(|default| default.is_null() || default.is_object())
    {
        object.remove("default");
    }
    // `uint32` and its like are schemars's; the bounds say the same.
    if object
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|format| format.starts_with("uint"))
    {
        object.remove("format");
    }
    for (keyword, inner) in object.iter_mut() {
        match keyword.as_str() {
            "properties" => inner
                .as_object_mut()
                .into_iter()
                .flat_map(Map::values_mut)
                .for_each(tidy),
            "items" | "additionalProperties" | "propertyNames" => tidy(inner),
            _ => {}
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods)]
fn the_schema_in_the_repository_is_the_one_the_types_make() {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/shared.schema.json");
        crate::files::write_for_user(&path, format!("{:#}\n", shared()).as_bytes(), true).unwrap();
        return;
    }
    assert_eq!(
        schema::shared().unwrap(),
        shared(),
        "UPDATE_GOLDEN=1 writes it again"
    );
}
