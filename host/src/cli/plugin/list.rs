//! `sindri plugin list`

use serde_json::json;

use super::super::startup::App;
use super::catalog;
use crate::error::Result;
use crate::plugin::{Catalog, Plugin};
use crate::report::{Document, table};

pub(super) fn run(app: &App) -> Result<Document> {
    let catalog = catalog(app)?;
    let mut rows = Vec::new();
    let mut plugins = Vec::new();
    for id in catalog.ids() {
        // One that cannot be used is part of the list: it says why.
        let found = look(&catalog, id);
        let (state, error) = match &found {
            Ok((_, _, None)) => ("ok", None),
            Ok((_, _, Some(error))) | Err(error) => (error.code().as_str(), Some(error)),
        };
        let identity = found.as_ref().ok().map(|(plugin, _, _)| plugin.identity());
        let info = found.as_ref().ok().map(|(_, info, _)| info);
        let sha256 = identity
            .map(|identity| identity.sha256.clone())
            .or_else(|| catalog.lock().entry(id).map(|entry| entry.sha256.clone()))
            .unwrap_or_default();
        let text = |field: Option<&String>| field.cloned().unwrap_or_else(|| "-".to_owned());
        let aliases = info.map(|info| info.aliases.clone()).unwrap_or_default();
        rows.push(vec![
            id.to_owned(),
            text(info.map(|info| &info.title)),
            text(info.map(|info| &info.version)),
            aliases.join(", "),
            sha256.chars().take(12).collect(),
            state.to_owned(),
        ]);
        let origin = if catalog.lock().entry(id).is_some() {
            "installed"
        } else {
            "bundled"
        };
        plugins.push(json!({
            "id": id, "title": info.map(|info| &info.title), "version": info.map(|info| &info.version),
            "aliases": aliases, "origin": origin, "sha256": sha256, "state": state,
            "error": error.map(crate::Error::to_json),
        }));
    }
    Ok(Document::new(
        table(&["ID", "TITLE", "VERSION", "ALSO", "SHA256", "STATE"], &rows),
        plugins,
    ))
}

type Found = (
    Plugin,
    std::sync::Arc<crate::contract::ProviderInfo>,
    Option<crate::Error>,
);

/// The plugin, what it says of itself, and why it cannot be used.
fn look(catalog: &Catalog, id: &str) -> Result<Found> {
    let plugin = catalog.find_any(id)?;
    let info = plugin.describe()?;
    let refusal = catalog
        .admit(&plugin)
        .and_then(|()| catalog.grants(&plugin, &info))
        .err();
    Ok((plugin, info, refusal))
}
