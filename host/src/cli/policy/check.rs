//! `sindri policy check`: what a build would do with a plugin's template or command lines. Runs nothing.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};
use semver::Version;
use serde_json::{Map, Value};

use super::{argv, template};
use crate::cli::App;
use crate::config::{self, Flags, Origin};
use crate::contract::{Effect, ProviderInfo};
use crate::error::{Code, Error, Result};
use crate::plugin::Catalog;
use crate::report::Document;

/// Arguments of `sindri policy check`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["template", "argv"])))]
pub struct Check {
    /// Plugin whose requests count as granted
    #[arg(long, value_name = "NAME")]
    cloud: String,
    /// Packer template, HCL
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Command lines: a JSON list of {"program", "argv"}
    #[arg(long, value_name = "FILE")]
    argv: Option<PathBuf>,
    /// Directory whose files the template may name [default: every path that stays inside]
    #[arg(long, value_name = "DIR", requires = "template")]
    bundle: Option<PathBuf>,
    /// Packer that would read the template [default: the newest]
    #[arg(long, value_name = "VERSION", requires = "template")]
    packer: Option<Version>,
    /// Effect that the user grants besides reading
    #[arg(long, value_name = "EFFECT", requires = "argv")]
    effect: Vec<Granted>,
}

/// An effect that somebody has to grant.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Granted {
    Create,
    Destroy,
    Publish,
}

impl From<Granted> for Effect {
    fn from(granted: Granted) -> Self {
        match granted {
            Granted::Create => Self::Create,
            Granted::Destroy => Self::Destroy,
            Granted::Publish => Self::Publish,
        }
    }
}

/// What a check is done with.
pub(super) struct Basis {
    /// What the plugin says of itself.
    pub(super) info: std::sync::Arc<ProviderInfo>,
    /// What `--config` sets in the cloud's section, and nothing else: no defaults, no environment.
    pub(super) config: Map<String, Value>,
}

impl Check {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
        let plugin = catalog.find(&self.cloud)?;
        let info = plugin.describe()?;
        let basis = Basis {
            config: configured(app, &info, &catalog)?,
            info,
        };
        let verdict = match (&self.template, &self.argv) {
            (Some(file), None) => {
                template::check(app, &basis, file, self.bundle.as_deref(), self.packer.as_ref())?
            }
            (None, Some(file)) => {
                let effects: Vec<Effect> = self.effect.iter().copied().map(Effect::from).collect();
                argv::check(app, &basis, file, &effects)?
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err(Error::new(
                    Code::UsageArgument,
                    "give either --template or --argv",
                ));
            }
        };
        let identity = plugin.identity();
        app.audit
            .log(Some(&identity.id))?
            .attest(|| verdict.fact(identity))?;
        Ok(verdict.into_document(&identity.id))
    }
}

/// The cloud's section as the file has it. Required keys may be missing: an author has no whole configuration. The
/// file in the working directory does not count, so that a verdict is the same everywhere.
fn configured(app: &App, info: &ProviderInfo, catalog: &Catalog) -> Result<Map<String, Value>> {
    let Some(path) = &app.config else {
        return Ok(Map::new());
    };
    let file = config::load(Some(path), &app.environment)?;
    let known = catalog.ids();
    let (settings, _) = file.resolve_with_gaps(info, &known, &Flags::default(), &app.environment)?;
    let mut section = settings.cloud_section;
    section.retain(|key, value| keep(&settings.origins, &format!("{}.{key}", info.id), value));
    Ok(section)
}

/// Drops what the file does not set; a map stays when anything in it is set.
fn keep(origins: &config::Origins, key: &str, value: &mut Value) -> bool {
    if let Value::Object(members) = value {
        members.retain(|name, value| keep(origins, &format!("{key}.{name}"), value));
        if !members.is_empty() {
            return true;
        }
    }
    matches!(origins.of(key), Origin::File { .. })
}
