//! `sindri plugin verify [NAME]`

use clap::Args;
use serde_json::{Value, json};

use super::super::startup::App;
use super::catalog;
use crate::error::{Code, Error, Exit, Result};
use crate::plugin::{Catalog, Plugin, inspect};
use crate::policy::grants::ceiling;
use crate::policy::grants::item::items;
use crate::report::{Document, table};

/// Arguments of `sindri plugin verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A plugin [default: all]
    name: Option<String>,
}

/// One thing that was looked at.
struct Checked {
    what: &'static str,
    result: Result<String>,
}

impl Verify {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = catalog(app)?;
        let ids = match &self.name {
            // An unknown name is a mistake of whoever typed it.
            Some(name) if catalog.lock().entry(name).is_none() => {
                vec![catalog.find_any(name)?.identity().id.clone()]
            }
            Some(name) => vec![name.clone()],
            None => catalog.ids().into_iter().map(str::to_owned).collect(),
        };
        let mut rows = Vec::new();
        let mut plugins: Vec<Value> = Vec::new();
        let mut exits = Vec::new();
        for id in &ids {
            let checks = verify(&catalog, id);
            for check in &checks {
                let (state, detail) = match &check.result {
                    Ok(detail) => ("ok", detail.clone()),
                    Err(error) => (error.code().as_str(), error.message().to_owned()),
                };
                rows.push(vec![id.clone(), check.what.to_owned(), state.to_owned(), detail]);
                if let Err(error) = &check.result {
                    app.console.error(error);
                    exits.push(error.code().exit());
                }
            }
            plugins.push(json!({
                "id": id,
                "success": checks.iter().all(|check| check.result.is_ok()),
                "checks": checks.iter().map(Checked::to_json).collect::<Vec<_>>(),
            }));
        }
        let exit = match exits.first() {
            None => Exit::Success,
            Some(_) => Exit::of_several(&exits),
        };
        let json = json!({"success": exits.is_empty(), "plugins": plugins});
        let text = table(&["PLUGIN", "WHAT", "STATE", "DETAIL"], &rows);
        Ok(Document::new(text, json).exit(exit))
    }
}

impl Checked {
    fn to_json(&self) -> Value {
        match &self.result {
            Ok(detail) => json!({"check": self.what, "ok": true, "detail": detail}),
            Err(error) => json!({"check": self.what, "ok": false, "error": error.to_json()}),
        }
    }
}

/// Everything about a plugin that can be wrong; what follows from something that is wrong is left out.
fn verify(catalog: &Catalog, id: &str) -> Vec<Checked> {
    let mut checks = Vec::new();
    let mut note = |what, result: Result<String>| {
        let well = result.is_ok();
        checks.push(Checked { what, result });
        well
    };
    // Digest, owner of the store, and version of the contract in the lock.
    let plugin = match catalog.find_any(id) {
        Ok(plugin) => plugin,
        Err(error) => {
            note("digest", Err(error));
            return checks;
        }
    };
    note("digest", Ok(plugin.identity().sha256.clone()));
    if !note("contract", contract(&plugin)) {
        return checks;
    }
    let info = match plugin.describe() {
        Ok(info) => info,
        Err(error) => {
            note("description", Err(error));
            return checks;
        }
    };
    note("grants", grants(catalog, &plugin, &info));
    note("ceiling", ceiling_of(catalog, id));
    note("machine code", machine_code(catalog, &plugin));
    note("policy", catalog.admit(&plugin).map(|()| "allowed".to_owned()));
    checks
}

fn contract(plugin: &Plugin) -> Result<String> {
    let inspection = inspect(plugin.component_bytes())?;
    inspection.check()?;
    Ok(inspection.contract.unwrap_or_default())
}

fn grants(
    catalog: &Catalog,
    plugin: &Plugin,
    info: &std::sync::Arc<crate::contract::ProviderInfo>,
) -> Result<String> {
    let grants = catalog.grants(plugin, info)?;
    let asked = items(&info.requests).len();
    Ok(match grants.denials().len() {
        0 => format!("all {asked} that it asks for"),
        denied => format!("not all that it asks for: {denied} of {asked} are narrowed"),
    })
}

/// It was compiled to describe itself, so it is kept now, or it never will be.
fn machine_code(catalog: &Catalog, plugin: &Plugin) -> Result<String> {
    if !plugin.is_third_party() {
        return Ok("built into sindri".to_owned());
    }
    if catalog.keeps_code_of(&plugin.identity().sha256) {
        return Ok("kept and authenticated".to_owned());
    }
    Err(Error::new(
        Code::PluginStore,
        "the plugin's machine code cannot be kept, so every command compiles it",
    )
    .remedy("the data and cache directories and the files in them must belong to you, and nobody else may write to them"))
}

/// A grant of what no plugin gets gives nothing; somebody should know that it stands there.
fn ceiling_of(catalog: &Catalog, id: &str) -> Result<String> {
    let Some(entry) = catalog.lock().entry(id) else {
        return Ok("built into sindri".to_owned());
    };
    for item in items(&entry.grants) {
        if let Some(why) = ceiling::refuses(&item) {
            return Err(Error::new(
                Code::PluginGrant,
                format!("the lock file grants what no plugin gets, `{item}`: {why}"),
            )
            .file(catalog.lock().shown())
            .key(format!("plugin.{id}.grants"))
            .remedy(format!(
                "remove the line, or: sindri plugin revoke {id} '{}'",
                item.specification()
            )));
        }
    }
    Ok("nothing beyond".to_owned())
}
