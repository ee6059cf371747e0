//! `sindri plugin list|inspect`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::error::Result;
use crate::plugin::{self, Engine};
use crate::report::{Document, table};

/// Subcommands of `sindri plugin`.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List the plugins that can be used as `--cloud NAME`.
    List,
    /// Show what a plugin imports, exports, wants and is.
    Inspect(Inspect),
}

/// Arguments of `sindri plugin inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Id or other name of the plugin.
    name: String,
}

impl Plugin {
    pub(super) fn run(&self) -> Result<Document> {
        match self {
            Self::List => list(),
            Self::Inspect(inspect) => inspect.run(),
        }
    }
}

fn list() -> Result<Document> {
    let mut rows = Vec::new();
    let mut plugins = Vec::new();
    for plugin in plugin::Plugin::all_bundled(&Engine::new()?) {
        let info = plugin.describe()?;
        let identity = plugin.identity();
        rows.push(vec![
            identity.id.clone(),
            info.title.clone(),
            info.version.clone(),
            info.aliases.join(", "),
            identity.sha256.chars().take(12).collect(),
        ]);
        plugins.push(json!({
            "id": identity.id, "title": info.title, "version": info.version, "aliases": info.aliases,
            "origin": identity.origin, "sha256": identity.sha256,
        }));
    }
    Ok(Document::new(
        table(&["ID", "TITLE", "VERSION", "ALSO", "SHA256"], &rows),
        plugins,
    ))
}

impl Inspect {
    fn run(&self) -> Result<Document> {
        let plugin = plugin::Plugin::bundled(&Engine::new()?, &self.name)?;
        let info = plugin.describe()?;
        let bytes = plugin.component_bytes();
        let inspection = plugin::inspect(bytes)?;
        let schema: Value = serde_json::from_str(&info.config_schema).unwrap_or(Value::Null);
        let json = json!({
            "id": plugin.identity().id, "title": info.title, "version": info.version,
            "aliases": info.aliases, "origin": plugin.identity().origin, "contract": inspection.contract,
            "sha256": inspection.sha256, "size": inspection.size, "imports": inspection.imports,
            "exports": inspection.exports, "tools": info.tools, "requests": info.requests,
            "config_schema": schema,
        });
        let none_or = |names: &[String]| {
            if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            }
        };
        let mut text = format!(
            "{} {} ({})\n  contract  {}\n  sha256    {}\n  size      {} bytes\n  imports   {}\n  exports   {}\n",
            plugin.identity().id,
            info.version,
            info.title,
            inspection.contract.as_deref().unwrap_or("none"),
            inspection.sha256,
            inspection.size,
            none_or(&inspection.imports),
            none_or(&inspection.exports),
        );
        text.push_str("  requests\n");
        for builder in &info.requests.builders {
            text.push_str(&format!("    builder  {}\n", builder.name));
        }
        for wanted in &info.requests.packer_plugins {
            text.push_str(&format!("    packer   {} {}\n", wanted.source, wanted.version));
        }
        for command in &info.requests.commands {
            text.push_str(&format!(
                "    {:<8} {} {}\n",
                crate::operation::effect_name(command.effect),
                command.tool,
                command.verb.join(" ")
            ));
        }
        Ok(Document::new(text, json))
    }
}
