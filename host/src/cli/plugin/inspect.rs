//! `sindri plugin inspect NAME|FILE`

use clap::Args;
use serde_json::{Value, json};

use super::super::startup::App;
use super::{catalog, show, target};
use crate::contract::Requests;
use crate::error::Result;
use crate::plugin::{Catalog, Inspection, Plugin, inspect};
use crate::policy::redact::neutralise;
use crate::report::Document;

/// Arguments of `sindri plugin inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// A plugin, or a file with a component.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
}

impl Inspect {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = catalog(app)?;
        let plugin = target::open(app, &catalog, &self.plugin)?;
        let inspection = inspect(plugin.component_bytes())?;
        // What is no plugin of this host can be looked at all the same; nothing of it runs.
        if let Err(error) = inspection.check() {
            let json = json!({
                "id": null, "origin": "file", "contract": inspection.contract, "sha256": inspection.sha256,
                "size": inspection.size, "imports": inspection.imports, "exports": inspection.exports,
                "error": error.to_json(),
            });
            app.console.error(&error);
            let text = head("no plugin", &inspection);
            return Ok(Document::new(text, json).exit(error.code().exit()));
        }
        described(&catalog, &plugin, &inspection, target::is_file(&self.plugin))
    }
}

fn described(catalog: &Catalog, plugin: &Plugin, inspection: &Inspection, is_file: bool) -> Result<Document> {
    let info = plugin.describe()?;
    let id = plugin.identity().id.as_str();
    // The name is that of the lock file; what it calls itself is shown and counts for nothing.
    let claims = plugin.ask()?.id;
    let grants = if is_file {
        None
    } else {
        Some(catalog.admit(plugin).and_then(|()| catalog.grants(plugin, &info)))
    };
    let schema: Value = serde_json::from_str(&info.config_schema).unwrap_or(Value::Null);
    let entry = (!is_file).then(|| catalog.lock().entry(id)).flatten();
    let mut json = json!({
        "id": id, "claims": claims, "title": info.title, "version": info.version, "aliases": info.aliases,
        "origin": if is_file { json!("file") } else { json!(plugin.identity().origin) },
        "source": entry.map(|entry| &entry.source), "contract": inspection.contract,
        "sha256": inspection.sha256, "size": inspection.size, "imports": inspection.imports,
        "exports": inspection.exports, "tools": info.tools, "requests": info.requests,
        "config_schema": schema,
    });
    let mut text = head(&format!("{id} {} ({})", info.version, info.title), inspection);
    if claims != id {
        text.push_str(&format!(
            "  calls itself {}, which counts for nothing\n",
            neutralise(&claims)
        ));
    }
    text.push_str(&show::section("requests", &info.requests));
    match grants {
        None => {}
        Some(Ok(grants)) => {
            if let Some(members) = json.as_object_mut() {
                members.insert("granted".to_owned(), json!(grants.requests()));
                members.insert("denied".to_owned(), show::denials(&grants).into());
            }
            let denied: Vec<_> = grants
                .denials()
                .iter()
                .map(|denial| denial.item.clone())
                .collect();
            if denied.is_empty() {
                text.push_str("  granted: all of it\n");
            } else {
                text.push_str(&show::lines("not granted", &denied));
            }
        }
        Some(Err(error)) => {
            if let Some(members) = json.as_object_mut() {
                members.insert("granted".to_owned(), json!(Requests::default()));
                members.insert("error".to_owned(), error.to_json());
            }
            text.push_str(&format!("  cannot be used: {error}\n"));
        }
    }
    Ok(Document::new(text, json))
}

fn head(title: &str, inspection: &Inspection) -> String {
    format!(
        "{title}\n  contract  {}\n  sha256    {}\n  size      {} bytes\n  imports   {}\n  exports   {}\n",
        neutralise(inspection.contract.as_deref().unwrap_or("none")),
        inspection.sha256,
        inspection.size,
        neutralise(&show::none_or(&inspection.imports)),
        neutralise(&show::none_or(&inspection.exports)),
    )
}
