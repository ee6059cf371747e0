//! `sindri plugin remove NAME`

use clap::Args;
use serde_json::json;

use super::super::startup::App;
use super::catalog;
use crate::error::{Code, Error, Result};
use crate::journal::Fact;
use crate::report::Document;

/// Arguments of `sindri plugin remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// An installed plugin.
    name: String,
    /// Also forget the component and its machine code, which other projects of this user may use too.
    #[arg(long)]
    purge: bool,
}

impl Remove {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let mut catalog = catalog(app)?;
        let shown = catalog.lock().shown().to_path_buf();
        let Some(entry) = catalog.lock_mut().remove(&self.name) else {
            let error = Error::new(
                Code::PluginUnknown,
                format!("no plugin `{}` is installed", self.name.escape_default()),
            );
            let installed: Vec<_> = catalog.lock().entries().map(|(name, _)| name).collect();
            return Err(error.file(&shown).remedy(if installed.is_empty() {
                "none is; those that are built into sindri cannot be removed".to_owned()
            } else {
                format!("name one of: {}", installed.join(", "))
            }));
        };
        app.audit.log(Some(&self.name))?.attest(|| Fact::PluginRemoved {
            id: self.name.clone(),
            sha256: entry.sha256.clone(),
        })?;
        catalog.lock().save()?;
        let is_used = catalog
            .lock()
            .entries()
            .any(|(_, other)| other.sha256 == entry.sha256);
        if self.purge && !is_used {
            catalog.store().remove(&entry.sha256)?;
            catalog.forget(&entry.sha256);
        }
        let text = format!("{} is removed from {}", self.name, shown.display());
        let json = json!({
            "success": true, "id": self.name, "sha256": entry.sha256, "lock": shown, "purged": self.purge,
        });
        Ok(Document::new(text, json))
    }
}
