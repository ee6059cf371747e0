//! The module as a whole: text of a file in, settings or one error out.

mod assign;
mod mistakes;
mod precedence;
mod reading;
mod schema;
mod validate;

use serde_json::{Value, json};

use super::*;
use crate::contract::{ProviderInfo, Requests};
use crate::environment::Environment;
use crate::{Code, Error};

const KNOWN: &[&str] = &["aws", "azure"];

fn plugin(id: &str, schema: &Value) -> ProviderInfo {
    ProviderInfo {
        id: id.into(),
        title: id.into(),
        version: "1.0.0".into(),
        aliases: vec!["amazon".into()],
        tools: Vec::new(),
        requests: Requests {
            builders: Vec::new(),
            packer_plugins: Vec::new(),
            commands: Vec::new(),
            guest_phases: Vec::new(),
        },
        config_schema: schema.to_string(),
    }
}

fn aws_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amazon Web Services",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "region": {
                "type": "string", "pattern": "^[a-z]{2}(-[a-z]+)+-[0-9]$", "default": "us-west-2",
                "x-sindri": { "flag": "region", "env": ["AWS_REGION", "AWS_DEFAULT_REGION"] }
            },
            "instance_type": {
                "type": "string", "pattern": "^[a-z0-9-]+\\.[a-z0-9-]+$", "default": "t3.large",
                "x-sindri": { "flag": "instance-type" }
            },
            "volume_size": {
                "type": "integer", "minimum": 8, "maximum": 16384, "default": 80,
                "x-sindri": { "flag": "disk-size" }
            },
            "volume_type": { "enum": ["gp2", "gp3", "io1", "io2"], "default": "gp3" },
            "encrypt_boot": { "type": "boolean", "default": true },
            "vpc_id": { "type": "string", "pattern": "^vpc-[0-9a-f]{8,17}$" },
            "subnet_id": { "type": "string", "pattern": "^subnet-[0-9a-f]{8,17}$" },
            "ami_regions": { "type": "array", "items": { "type": "string" }, "uniqueItems": true, "default": [] },
            "ami_users": {
                "type": "array", "items": { "type": "string", "pattern": "^[0-9]{12}$" }, "default": []
            },
            "ami_groups": { "type": "array", "items": { "enum": ["all"] }, "default": [] },
            "endpoint_url": { "type": "string", "pattern": "^https?://" }
        }
    })
}

fn aws() -> ProviderInfo {
    plugin("aws", &aws_schema())
}

fn azure() -> ProviderInfo {
    let own = json!({
        "type": "object", "additionalProperties": false, "required": ["subscription_id", "resource_group"],
        "properties": {
            "subscription_id": { "type": "string", "x-sindri": { "env": ["AZURE_SUBSCRIPTION_ID"], "flag": "subscription" } },
            "resource_group": { "type": "string", "minLength": 1 },
            "gallery": {
                "type": "object", "additionalProperties": false, "required": ["gallery_name"],
                "properties": {
                    "gallery_name": { "type": "string" },
                    "replication_regions": { "type": "array", "items": { "type": "string" }, "default": [] }
                }
            }
        }
    });
    plugin("azure", &own)
}

struct Case {
    directory: tempfile::TempDir,
    flags: Flags,
    variables: Vec<(&'static str, &'static str)>,
}

impl Case {
    fn of(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        crate::files::write_for_user(&directory.path().join("sindri.yaml"), text.as_bytes(), false).unwrap();
        Self {
            directory,
            flags: Flags::default(),
            variables: Vec::new(),
        }
    }

    fn flag(mut self, name: &'static str, value: &str) -> Self {
        self.flags.set(name, value);
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn environment(&self) -> Environment {
        Environment::of(self.directory.path(), self.variables.clone())
    }

    fn resolve_for(&self, plugin: &ProviderInfo) -> Result<Settings, Error> {
        load(None, &self.environment())?.resolve(plugin, KNOWN, &self.flags, &self.environment())
    }

    fn resolve(&self) -> Settings {
        self.resolve_for(&aws()).unwrap()
    }

    fn error(&self) -> Error {
        self.resolve_for(&aws()).unwrap_err()
    }
}

/// `providers.packer` with these lines in it; the first of them is line 3.
fn packer(lines: &str) -> String {
    let indented: Vec<String> = lines.lines().map(|line| format!("    {line}")).collect();
    format!("providers:\n  packer:\n{}\n", indented.join("\n"))
}
