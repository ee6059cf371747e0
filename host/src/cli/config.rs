//! `sindri config schema|show`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::startup::App;
use super::vm::CloudArgument;
use crate::config;
use crate::error::Result;
use crate::operation::Session;
use crate::plugin::Catalog;
use crate::report::Document;

/// Subcommands of `sindri config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the JSON Schema of `sindri.yaml`.
    Schema,
    /// Check `sindri.yaml` and print what it comes to, with defaults and the environment.
    Show(Show),
}

/// Arguments of `sindri config show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    cloud: CloudArgument,
}

impl Config {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        match self {
            Self::Schema => schema(app),
            Self::Show(show) => show.run(app),
        }
    }
}

fn schema(app: &App) -> Result<Document> {
    let mut infos = Vec::new();
    let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
    for id in catalog.ids() {
        infos.push(catalog.find_any(id)?.describe()?.as_ref().clone());
    }
    let schema = config::schema(&infos)?;
    Ok(Document::new(format!("{schema:#}"), schema))
}

impl Show {
    fn run(&self, app: &App) -> Result<Document> {
        let session = Session::open(app, self.cloud.cloud.as_deref(), &config::Flags::default())?;
        let json: Value = json!({
            "cloud": session.plugin.identity().id,
            "settings": session.settings.to_json(),
        });
        Ok(Document::new(format!("{json:#}"), json))
    }
}
