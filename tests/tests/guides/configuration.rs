//! docs/CONFIGURATION.md is made of the schema: `UPDATE_GOLDEN=1` writes it again.

use std::fmt::Write as _;

use serde_json::Value;
use sindri_tests::lab::Sindri;

use crate::{page, root};

const CLOUDS: [(&str, &str); 5] = [
    ("aws", "AWS"),
    ("azure", "AZURE"),
    ("gcp", "GCP"),
    ("oci", "OCI"),
    ("alibaba", "ALIBABA"),
];
/// Where the page begins to be made.
const MARK: &str =
    "<!-- From here on made of `sindri config schema`; see tests/tests/guides/configuration.rs -->\n";

#[test]
fn the_reference_of_keys_is_what_the_schema_says() {
    let schema = Sindri::new().run(&["config", "schema"]).succeeded().json();
    let packer = &schema["properties"]["providers"]["properties"]["packer"];
    let mut text = String::new();
    let clouds: Vec<&str> = CLOUDS.iter().map(|(id, _)| *id).collect();
    text.push_str("\n## All clouds\n\nBelow `providers.packer`.\n");
    table(&mut text, packer, "", &clouds);
    for (id, guide) in CLOUDS {
        let section = &packer["properties"][id];
        let title = section["title"].as_str().unwrap();
        write!(
            text,
            "\n## {title}\n\nBelow `providers.packer.{id}`; examples stand in [its guide](providers/{guide}.md#configuration-examples).\n"
        )
        .unwrap();
        table(&mut text, section, "", &[]);
    }
    let page = page("docs/CONFIGURATION.md");
    let (head, made) = page.split_once(MARK).expect("the mark");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(
            root().join("docs/CONFIGURATION.md"),
            format!("{head}{MARK}{text}"),
        )
        .unwrap();
        return;
    }
    assert!(
        made == text,
        "docs/CONFIGURATION.md is not what the schema says: UPDATE_GOLDEN=1 writes it"
    );
}

fn table(text: &mut String, section: &Value, prefix: &str, left_out: &[&str]) {
    if prefix.is_empty() {
        text.push_str("\n| Key | Type | Default | What |\n| --- | --- | --- | --- |\n");
    }
    let required: Vec<&str> = section["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for (key, property) in section["properties"].as_object().into_iter().flatten() {
        // A key that only says that it is not there.
        if left_out.contains(&key.as_str()) || property["not"].is_object() {
            continue;
        }
        let name = format!("{prefix}{key}");
        let default = match &property["default"] {
            Value::Null if required.contains(&key.as_str()) => "required".to_owned(),
            Value::Null => String::new(),
            Value::String(text) => format!("`{text}`"),
            value => format!("`{value}`"),
        };
        let mut what = property["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ");
        let from = &property["x-sindri"];
        let mut sources: Vec<String> = Vec::new();
        sources.extend(from["flag"].as_str().map(|flag| format!("`--{flag}`")));
        let variables = from["env"].as_array().into_iter().flatten();
        sources.extend(variables.filter_map(|name| Some(format!("`{}`", name.as_str()?))));
        if !sources.is_empty() {
            write!(what, " Also {}.", sources.join(", ")).unwrap();
        }
        let line = format!(
            "| `{name}` | {} | {default} | {} |",
            kind(property),
            escape(&what)
        );
        text.push_str(&line.replace("  |", " |"));
        text.push('\n');
        if property["properties"].is_object() {
            table(text, property, &format!("{name}."), &[]);
        } else if property["items"]["properties"].is_object() {
            table(text, &property["items"], &format!("{name}[]."), &[]);
        }
    }
}

fn kind(property: &Value) -> String {
    if let Some(words) = property["enum"].as_array() {
        let words: Vec<_> = words
            .iter()
            .map(|word| format!("`{}`", word.as_str().unwrap_or("?")))
            .collect();
        return words.join(", ");
    }
    let range = match (&property["minimum"], &property["maximum"]) {
        (Value::Number(least), Value::Number(most)) => format!(" {least} to {most}"),
        _ => String::new(),
    };
    match property["type"].as_str().unwrap_or("text") {
        "string" => match property["format"].as_str() {
            Some("cidr") => "address range".into(),
            Some("time-span") => "time such as `20m`".into(),
            _ => "text".into(),
        },
        "array" => "list".into(),
        "object" => "mapping".into(),
        "boolean" => "`true` or `false`".into(),
        other => format!("{other}{range}"),
    }
}

/// A `|` would end the cell.
fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}
