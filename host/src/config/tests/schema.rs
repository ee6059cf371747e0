//! The published schema, and what plugins may say in theirs.

use serde_json::{Value, json};

use super::{aws, plugin};
use crate::Code;
use crate::config::schema::*;
use crate::config::types::Packer;
use crate::config::{origin, resolve};
use crate::contract::Tool;

#[test]
fn the_published_schema_is_valid_and_describes_every_shared_key() {
    let document = document(&[aws()]).unwrap();
    jsonschema::draft202012::meta::validate(&document).unwrap();
    let file = json!({"name": "x", "providers": {"docker": {}, "packer": {
        "cloud": "aws", "tags": {"a": "b"}, "build": {"timeout": "2h", "security": {"openscap_scan": false}},
        "aws": {"region": "eu-west-1"}
    }}});
    let general = jsonschema::draft202012::new(&document).unwrap();
    assert!(general.is_valid(&file));
    for (pointer, value) in [
        ("/providers/packer", json!({"image_id": "ami-1"})),
        ("/providers/packer", json!({"unknown": 1})),
        ("/providers/packer/build", json!({"on_error": "ask"})),
        ("/providers/packer/aws", json!({"volume_size": "80"})),
    ] {
        let mut file = file.clone();
        *file.pointer_mut(pointer).unwrap() = value;
        assert!(!general.is_valid(&file), "{file}");
    }
    assert!(!general.is_valid(&json!({"packer": {}})));
    every_key_is_described(&shared().unwrap(), "");
}

fn every_key_is_described(schema: &Value, at: &str) {
    for (key, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let at = origin::child(at, key);
        assert!(property.get("description").is_some(), "{at}");
        every_key_is_described(property, &at);
        every_key_is_described(property.get("items").unwrap_or(&Value::Null), &at);
    }
}

/// What is filled in from the schema and what Rust fills in are the same defaults.
#[test]
fn defaults_have_one_source() {
    let shared = shared().unwrap();
    let mut filled = json!({"build": {"security": {}}, "deploy": {}});
    resolve::fill_defaults(&mut filled, &shared);
    let packer: Packer = serde_json::from_value(filled).unwrap();
    assert_eq!(packer, Packer::default());
}

#[test]
fn the_shared_schema_stays_in_the_subset_and_is_readable() {
    section(&plugin("other", &without_own(shared().unwrap())), &[]).unwrap();
    let build = shared()
        .unwrap()
        .pointer("/properties/build/properties")
        .cloned()
        .unwrap();
    assert_eq!(
        build["on_error"]["enum"],
        json!(["cleanup", "abort", "run-cleanup-provisioner"])
    );
    assert_eq!(build["profile"]["type"], "string");
    assert_eq!(build["timeout"]["default"], "2h");
    assert_eq!(
        build["extensions"]["items"]["pattern"],
        "^[A-Za-z0-9][A-Za-z0-9._-]*$"
    );
    assert_eq!(
        build["file_uploads"]["items"]["required"],
        json!(["source", "destination"])
    );
    assert_eq!(shared().unwrap().get("additionalProperties"), Some(&json!(false)));
}

fn without_own(mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.remove("x-sindri");
        for value in object.values_mut() {
            *value = without_own(value.take());
        }
    }
    schema
}

/// A plugin that names a credential's variable would find it in its configuration, and could put it
/// into a tag of the image.
#[test]
fn a_plugin_cannot_read_credentials_or_strangers_variables() {
    let naming = |variable: &str| {
        let own = json!({"type": "object", "additionalProperties": false, "properties": {
            "x": {"type": "string", "x-sindri": {"env": [variable]}}
        }});
        section(&plugin("aws", &own), &[])
            .map(|_| ())
            .map_err(|error| error.code())
    };
    for variable in ["AWS_REGION", "AWS_PROFILE", "AMAZON_REGION"] {
        assert_eq!(naming(variable), Ok(()), "{variable}");
    }
    for variable in [
        "AWS_SECRET_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SESSION_TOKEN",
        "GITHUB_TOKEN",
        "HOME",
        "PATH",
        "DATABASE_URL",
        "SSH_AUTH_SOCK",
        "AWSX",
        "aws_secret_access_key",
        "AWS_A=B",
        "",
    ] {
        assert_eq!(naming(variable), Err(Code::PluginReturn), "{variable}");
    }
}

#[test]
fn a_plugin_can_read_the_settings_of_its_tools_and_nothing_else_of_theirs() {
    let naming = |program: &str, variable: &str| {
        let own = json!({"type": "object", "additionalProperties": false, "properties": {
            "x": {"type": "string", "x-sindri": {"env": [variable]}}
        }});
        let mut plugin = plugin("mycloud", &own);
        plugin.tools = vec![tool(program)];
        section(&plugin, &[]).is_ok()
    };
    assert!(naming("gcloud", "CLOUDSDK_CORE_PROJECT") && naming("gcloud", "CLOUDSDK_COMPUTE_ZONE"));
    for (program, variable) in [
        ("aws", "CLOUDSDK_CORE_PROJECT"),
        ("gcloud", "CLOUDSDK_AUTH_ACCESS_TOKEN"),
        ("gcloud", "CLOUDSDK_PROXY_PASSWORD"),
        ("gcloud", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("gcloud", "CLOUDSDK_CONFIG"),
        ("gcloud", "CLOUDSDK_ANYTHING_ELSE"),
        ("gcloud", "HOME"),
        ("unknown-tool", "CLOUDSDK_CORE_PROJECT"),
        ("bash", "CLOUDSDK_CORE_PROJECT"),
    ] {
        assert!(!naming(program, variable), "{program} {variable}");
    }
}

fn tool(program: &str) -> Tool {
    Tool {
        program: program.to_owned(),
        title: program.to_owned(),
        install_url: "https://example.com".to_owned(),
        login_hint: String::new(),
        version_args: Vec::new(),
        minimum_version: None,
    }
}

#[test]
fn a_plugins_schema_that_is_not_of_the_subset_is_refused() {
    let object = |more: Value| {
        let mut schema = json!({"type": "object", "additionalProperties": false});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        schema
    };
    let mut deep = json!({"type": "string"});
    for _ in 0..40 {
        deep = object(json!({"properties": {"a": deep}}));
    }
    for schema in [
        json!(true),
        json!({"type": "object"}),
        object(json!({"$ref": "https://example.com"})),
        object(json!({"properties": {"a": {"$ref": "#"}}})),
        object(json!({"patternProperties": {"a": {}}})),
        object(json!({"properties": {"a": {"x-sindri": {"env": "A"}}}})),
        object(json!({"properties": {"a": {"x-sindri": {"run": "x"}}}})),
        object(json!({"properties": {"a": {"x-sindri": {"flag": "timeout"}}}})),
        deep,
    ] {
        let error = section(&plugin("aws", &schema), &[]).unwrap_err();
        assert_eq!(error.code(), Code::PluginReturn, "{schema}");
    }
    // It would replace the shared key's schema by its own.
    let error = section(&plugin("build", &object(json!({}))), &[]).unwrap_err();
    assert_eq!(error.code(), Code::PluginReturn);
}
