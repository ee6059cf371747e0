//! A subcommand's cloud: its plugin and the settings that hold for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cli::App;
use crate::config::{self, Flags, Settings};
use crate::contract::{Context, ProviderInfo};
use crate::error::{Code, Error, Result};
use crate::journal::{self, Event, Process, Run, Story};
use crate::plugin::{Engine, Plugin};
use crate::policy::children::{self, Choices};
use crate::policy::redact::Redactor;
use crate::policy::tools;

use super::place::Place;
use super::render::DRY_RUN;

/// Stands for the key that a real run makes.
const PREVIEW_KEY: &str = "ssh-ed25519 AAAA sindri";

/// Everything that stays the same during a subcommand.
pub struct Session<'a> {
    pub(crate) app: &'a App,
    /// The cloud's plugin.
    pub plugin: Plugin,
    /// What the plugin says of itself.
    pub info: Arc<ProviderInfo>,
    /// Configuration, environment and flags, resolved.
    pub settings: Settings,
}

impl<'a> Session<'a> {
    /// Reads the configuration, finds the plugin and resolves the settings. Runs no program.
    pub(crate) fn open(app: &'a App, cloud: Option<&str>, flags: &Flags) -> Result<Self> {
        match Self::open_with_gaps(app, cloud, flags)? {
            (session, None) => Ok(session),
            (_, Some(missing)) => Err(missing),
        }
    }

    /// The same where required keys may be missing; they come back as the error that they would be.
    pub(crate) fn open_with_gaps(
        app: &'a App,
        cloud: Option<&str>,
        flags: &Flags,
    ) -> Result<(Self, Option<Error>)> {
        let file = config::load(app.config.as_deref(), &app.environment)?;
        let engine = Engine::new()?;
        let name = match cloud {
            Some(cloud) => cloud.to_owned(),
            None => file.cloud(&Flags::default(), &app.environment)?.ok_or_else(|| {
                Error::new(Code::UsageUnknownCloud, "no cloud is named")
                    .key("providers.packer.cloud")
                    .remedy("give --cloud, or set the key in sindri.yaml")
            })?,
        };
        let plugin = Plugin::bundled(&engine, &name)?;
        plugin.load_ahead();
        let info = plugin.describe()?;
        let known = Plugin::bundled_ids();
        let (settings, gaps) = file.resolve_with_gaps(&info, &known, flags, &app.environment)?;
        let session = Self {
            app,
            plugin,
            info,
            settings,
        };
        Ok((session, gaps))
    }

    /// The cloud of an earlier run, with the section of the configuration that the run had.
    pub(crate) fn of_story(app: &'a App, story: &Story) -> Result<Self> {
        let plugin = Plugin::bundled(&Engine::new()?, &story.cloud)?;
        let info = plugin.describe()?;
        let section = story.config.as_object().cloned().unwrap_or_default();
        let settings = Settings::of_section(&info, section)?;
        Ok(Self {
            app,
            plugin,
            info,
            settings,
        })
    }

    /// What a plugin is told when nothing is run.
    pub(crate) fn preview_context(&self) -> Context {
        Context {
            run_id: DRY_RUN.to_owned(),
            now: journal::now(),
            packer_version: None,
            ssh_public_key: Some(PREVIEW_KEY.to_owned()),
        }
    }

    /// The plugin's section of the configuration as JSON text.
    pub(crate) fn config_json(&self) -> String {
        serde_json::Value::Object(self.settings.cloud_section.clone()).to_string()
    }

    /// What a plugin is told of a run.
    pub(crate) fn context(&self, run: &Run) -> Context {
        Context {
            run_id: run.id().to_owned(),
            now: run.started().to_owned(),
            packer_version: None,
            ssh_public_key: None,
        }
    }

    /// Where commands may act.
    pub(crate) fn place(&self) -> Place {
        Place::of(&self.info.config_schema, &self.settings.cloud_section)
    }

    /// What the user chose for the children: endpoint, profile, location.
    pub(crate) fn choices(&self) -> Choices {
        let texts = self.settings.cloud_section.iter();
        let section: BTreeMap<String, String> = texts
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
        let text = |key: &str| section.get(key).cloned();
        let location = self.place().default;
        Choices {
            endpoint: text("endpoint_url"),
            profile: text("profile"),
            location: Some(location).filter(|location| !location.is_empty()),
            section,
            ..Choices::default()
        }
    }

    /// The cloud's tool, from which Packer's builder takes its credentials too.
    pub(crate) fn main_tool(&self) -> Result<&str> {
        self.info
            .tools
            .first()
            .map(|tool| tool.program.as_str())
            .ok_or_else(|| {
                Error::new(
                    Code::PluginReturn,
                    format!("the plugin `{}` names no tool", self.plugin.identity().id),
                )
            })
    }

    /// Masks the user's credentials.
    pub(crate) fn redactor(&self) -> Redactor {
        let profiles: Vec<_> = self
            .info
            .tools
            .iter()
            .filter_map(|tool| tools::profile(&tool.program).ok())
            .collect();
        Redactor::new(children::secrets(
            &self.app.environment,
            &profiles.iter().collect::<Vec<_>>(),
        ))
    }

    /// Begins a run of this subcommand.
    pub(crate) fn begin(&self, command: &str, redactor: Redactor) -> Result<Run> {
        let run = Run::create(&self.app.environment, redactor)?;
        run.record(Event::Started {
            command: command.to_owned(),
            cloud: self.plugin.identity().id.clone(),
            plugin_sha256: self.plugin.identity().sha256.clone(),
            plugin_version: self.info.version.clone(),
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            config: self.settings.cloud_section.clone().into(),
            process: Process::own(),
        })?;
        Ok(run)
    }
}
