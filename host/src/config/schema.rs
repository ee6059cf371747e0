//! The one schema of the configuration: published by `sindri config schema` and used for checking.
//!
//! The shared part comes from the Rust types, each cloud's section from its plugin. A plugin's schema
//! is a stranger's text: it is held to a closed subset, and it may read only harmless environment
//! variables.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::values::is_variable_name;
use super::{origin, validate};
use crate::contract::ProviderInfo;
use crate::policy::tools::{self, Meaning};
use crate::{Code, Error, Result};

const SHARED: &str = include_str!("shared.schema.json");
/// A plugin's schema text, in bytes.
const TEXT_LIMIT: usize = 256 << 10;
/// Nesting of a plugin's schema.
const DEPTH_LIMIT: usize = 16;
/// Words in the names of variables that hold credentials. What a plugin reads ends up in templates and
/// tags, and credentials never cross the boundary.
const CREDENTIAL_WORDS: &[&str] = &[
    "SECRET",
    "TOKEN",
    "PASS",
    "PWD",
    "KEY",
    "CRED",
    "PRIVATE",
    "AUTH",
    "SESSION",
    "COOKIE",
    "SIGNATURE",
    "CONN",
    "PEM",
    "CERT",
];

/// A command-line flag or variable that sets a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Dotted key below `providers.packer`.
    pub key: String,
    pub(super) pointer: String,
    /// Without the dashes.
    pub flag: Option<String>,
    /// In the order in which they are asked; the first one that is set counts.
    pub variables: Vec<String>,
    /// Type of the value.
    pub(super) type_name: &'static str,
}

/// The schema of the whole file, for editors. What does not belong to `providers.packer` is left open.
pub fn document(plugins: &[ProviderInfo]) -> Result<Value> {
    let shared = shared()?;
    let mut section = shared.clone();
    for plugin in plugins {
        add_section(&mut section, &plugin.id, admit(plugin, &shared)?)?;
    }
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sindri.yaml",
        "description": "Configuration of Sindri. Only `providers.packer` is described here.",
        "type": "object",
        "properties": {
            "packer": { "not": {}, "description": "Moved to `providers.packer`." },
            "providers": { "type": "object", "properties": { "packer": section } }
        }
    }))
}

/// The schema of `providers.packer` with one cloud's section checked, the others named in `known` left
/// open.
pub(super) fn section(plugin: &ProviderInfo, known: &[&str]) -> Result<Value> {
    let mut section = shared()?;
    let own = admit(plugin, &section)?;
    for id in known.iter().filter(|id| **id != plugin.id) {
        add_section(&mut section, id, json!({ "type": "object" }))?;
    }
    add_section(&mut section, &plugin.id, own)?;
    Ok(section)
}

/// The shared part, as `generate.rs` makes it from the types. Kept as text because making it costs a
/// fresh process 0.2 ms; a test compares the two.
pub(super) fn shared() -> Result<Value> {
    serde_json::from_str(SHARED)
        .map_err(|error| Error::new(Code::Internal, "the built-in schema cannot be read").source(error))
}

/// Every flag and variable of a schema of `providers.packer`.
pub(super) fn settings(section: &Value) -> Vec<Setting> {
    let mut settings = Vec::new();
    collect(section, "", &mut settings);
    settings
}

/// The environment variables that set shared keys, for the documentation.
pub fn shared_settings() -> Result<Vec<Setting>> {
    Ok(settings(&shared()?))
}

/// The keys of the plugin's section that it marks with `"x-sindri": {"access": true}`.
pub(super) fn access_keys(section: &Value, plugin: &str) -> Vec<String> {
    let own = section
        .get("properties")
        .and_then(|all| all.get(plugin)?.get("properties"));
    own.and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, property)| property.pointer("/x-sindri/access") == Some(&Value::Bool(true)))
        .map(|(key, _)| key.clone())
        .collect()
}

fn collect(schema: &Value, at: &str, settings: &mut Vec<Setting>) {
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let pointer = origin::child(at, name);
        let own = property.get("x-sindri");
        let flag = own.and_then(|own| own.get("flag")?.as_str()).map(str::to_owned);
        let variables: Vec<String> = own
            .and_then(|own| own.get("env")?.as_array())
            .into_iter()
            .flatten()
            .filter_map(|variable| variable.as_str().map(str::to_owned))
            .collect();
        if flag.is_some() || !variables.is_empty() {
            let key = pointer.trim_start_matches('/').replace('/', ".");
            settings.push(Setting {
                key,
                pointer: pointer.clone(),
                flag,
                variables,
                type_name: type_name(property),
            });
        }
        collect(property, &pointer, settings);
    }
}

pub(super) fn type_name(property: &Value) -> &'static str {
    match property.get("type").and_then(Value::as_str) {
        Some("boolean") => "boolean",
        Some("integer") => "integer",
        Some("number") => "number",
        Some("array") => "array",
        Some("object") => "object",
        // An `enum` of words needs no `type`.
        _ => "string",
    }
}

fn add_section(section: &mut Value, id: &str, schema: Value) -> Result<()> {
    let Some(properties) = section.get_mut("properties").and_then(Value::as_object_mut) else {
        return Err(Error::new(Code::Internal, "the shared schema has no properties"));
    };
    if properties.contains_key(id) {
        return Err(Error::new(
            Code::PluginReturn,
            format!("a plugin cannot be called `{id}`: the configuration has a key of that name"),
        ));
    }
    properties.insert(id.into(), schema);
    Ok(())
}

/// Parses a plugin's schema and refuses what does not belong to the subset or is in the way of the shared part.
fn admit(plugin: &ProviderInfo, shared: &Value) -> Result<Value> {
    let refuse = |why: String| refused(plugin, &why);
    if plugin.config_schema.len() > TEXT_LIMIT {
        return Err(refuse(format!("it is longer than {TEXT_LIMIT} bytes")));
    }
    let schema: Value =
        serde_json::from_str(&plugin.config_schema).map_err(|error| refuse(error.to_string()))?;
    if schema.get("type") != Some(&json!("object"))
        || schema.get("additionalProperties") != Some(&json!(false))
    {
        return Err(refuse(
            "it must describe an object without additional properties".into(),
        ));
    }
    admit_node(&schema, plugin, 0).map_err(refuse)?;
    let mut flags = HashSet::new();
    let both = settings(shared).into_iter().chain(settings(&schema));
    match both
        .filter_map(|setting| setting.flag)
        .find(|flag| !flags.insert(flag.clone()))
    {
        // A plugin that took over `--timeout` would set its own key besides the one the user means.
        Some(flag) => Err(refuse(format!("--{flag} would set two keys"))),
        None => Ok(schema),
    }
}

/// The plugin's schema has a defect.
pub(super) fn refused(plugin: &ProviderInfo, why: &str) -> Error {
    let message = format!(
        "the configuration schema of the plugin `{}` cannot be used: {why}",
        plugin.id
    );
    Error::new(Code::PluginReturn, message)
}

fn admit_node(schema: &Value, plugin: &ProviderInfo, depth: usize) -> Result<(), validate::Defect> {
    if depth > DEPTH_LIMIT {
        return Err("it is nested too deeply".into());
    }
    let Value::Object(schema) = schema else {
        return if schema.is_boolean() {
            Ok(())
        } else {
            Err(format!("`{schema}` is not a schema"))
        };
    };
    if let Some(keyword) = schema.keys().find(|keyword| !validate::is_known_keyword(keyword)) {
        return Err(format!("the keyword `{keyword}` is not supported"));
    }
    if let Some(own) = schema.get("x-sindri") {
        admit_own(own, plugin)?;
    }
    for property in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::values)
    {
        admit_node(property, plugin, depth + 1)?;
    }
    for keyword in ["items", "additionalProperties", "propertyNames", "not"] {
        if let Some(inner) = schema.get(keyword) {
            admit_node(inner, plugin, depth + 1)?;
        }
    }
    Ok(())
}

/// `x-sindri`: the host's own keyword.
fn admit_own(own: &Value, plugin: &ProviderInfo) -> Result<(), validate::Defect> {
    for (key, value) in own.as_object().ok_or("`x-sindri` must be an object")? {
        match (key.as_str(), value) {
            ("flag" | "remedy", Value::String(_)) => {}
            // How the cloud is reached: no part of the cache key. And where commands may act, read by `operation/place.rs`.
            ("access", Value::Bool(true)) => {}
            ("location", Value::String(what)) if what == "default" || what == "other" => {}
            ("env", Value::Array(names)) => {
                for name in names {
                    let name = name.as_str().ok_or("`x-sindri.env` must be a list of names")?;
                    admit_variable(name, plugin)?;
                }
            }
            _ => {
                return Err(format!(
                    "`x-sindri` has no key `{key}`, or its value has the wrong type"
                ));
            }
        }
    }
    Ok(())
}

/// A variable belongs to the cloud by its first word, or is a setting that the host gives to one of the
/// plugin's tools anyway; and holds no credential.
fn admit_variable(name: &str, plugin: &ProviderInfo) -> Result<(), validate::Defect> {
    if !is_variable_name(name) || !is_own_variable(name, plugin) {
        return Err(format!(
            "the variable `{name}` does not begin with the plugin's name or an alias and `_`, and is no setting of its tools"
        ));
    }
    let name_upper = name.to_ascii_uppercase();
    match CREDENTIAL_WORDS.iter().find(|word| name_upper.contains(**word)) {
        Some(word) => Err(format!("the variable `{name}` may hold a credential (`{word}`)")),
        None => Ok(()),
    }
}

fn is_own_variable(name: &str, plugin: &ProviderInfo) -> bool {
    let owned = std::iter::once(&plugin.id).chain(&plugin.aliases).any(|id| {
        let prefix = id.to_ascii_uppercase().replace('-', "_");
        name.strip_prefix(&prefix)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    owned || is_setting_of_tool(name, plugin)
}

/// Takes out of a plugin's schema the variables that are not its own under the name that the user has given it, and
/// returns them. What is no schema stays as it is, to be refused later.
pub fn drop_foreign_variables(plugin: &mut ProviderInfo) -> Vec<String> {
    let Ok(mut schema) = serde_json::from_str::<Value>(&plugin.config_schema) else {
        return Vec::new();
    };
    let mut dropped = Vec::new();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut) {
        let names = property
            .pointer_mut("/x-sindri/env")
            .and_then(Value::as_array_mut);
        if let Some(names) = names {
            names.retain(|name| {
                let foreign = name.as_str().filter(|name| !is_own_variable(name, plugin));
                dropped.extend(foreign.map(str::to_owned));
                foreign.is_none()
            });
        }
    }
    if !dropped.is_empty() {
        plugin.config_schema = schema.to_string();
    }
    dropped
}

/// `CLOUDSDK_COMPUTE_ZONE` of gcloud, `ARM_SUBSCRIPTION_ID` of Packer's builder for Azure: single variables that
/// stand in the tool's profile, and none that it calls a secret or a path.
fn is_setting_of_tool(name: &str, plugin: &ProviderInfo) -> bool {
    let tools = plugin.tools.iter();
    tools
        .filter_map(|tool| tools::profile(&tool.program).ok())
        .any(|profile| {
            let of = profile.surroundings;
            let passed = of.variables.iter().chain(of.packer_variables);
            passed
                .filter(|variable| variable.meaning == Meaning::Setting)
                .any(|variable| variable.name == name)
                || of.location.contains(&name)
        })
}
