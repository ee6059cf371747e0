//! A subcommand's cloud: its plugin and the settings that hold for it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::cli::App;
use crate::config::{self, Flags, Settings};
use crate::contract::{Context, ProviderInfo};
use crate::error::{Code, Error, Result};
use crate::journal::{self, Event, Fact, Log, Process, Run, Story};
use crate::plugin::{Catalog, Plugin};
use crate::policy::children::{self, Choices, SandboxChoice, variables};
use crate::policy::grants::Grants;
use crate::policy::redact::{self, Redactor};
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
    /// What it may have: never more than it requests.
    pub grants: Grants,
    /// Configuration, environment and flags, resolved.
    pub settings: Settings,
    /// The version of Sindri that `latest` is, once it was looked up.
    pub(crate) resolved_version: OnceLock<String>,
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
        let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
        let name = match cloud {
            Some(cloud) => cloud.to_owned(),
            None => file.cloud(&Flags::default(), &app.environment)?.ok_or_else(|| {
                Error::new(Code::UsageUnknownCloud, "no cloud is named")
                    .key("providers.packer.cloud")
                    .remedy("give --cloud, or set the key in sindri.yaml")
            })?,
        };
        let plugin = catalog.find(&name)?;
        let info = plugin.describe()?;
        let grants = catalog.grants(&plugin, &info)?;
        let known = catalog.ids();
        let (mut settings, gaps) = file.resolve_with_gaps(&info, &known, flags, &app.environment)?;
        settings.sandbox.required |= catalog.requires_sandbox();
        let session = Self {
            app,
            plugin,
            info,
            grants,
            settings,
            resolved_version: OnceLock::new(),
        };
        Ok((session, gaps))
    }

    /// The cloud of an earlier run, with the section of the configuration that the run had.
    pub(crate) fn of_story(app: &'a App, story: &Story) -> Result<Self> {
        let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
        let plugin = catalog.find(&story.cloud)?;
        let info = plugin.describe()?;
        let grants = catalog.grants(&plugin, &info)?;
        let section = story.config.as_object().cloned().unwrap_or_default();
        let mut settings = Settings::of_section(&info, section)?;
        // The rest of today's configuration says nothing about yesterday's run.
        if let Ok(file) = config::load(app.config.as_deref(), &app.environment) {
            settings.sandbox = file.sandbox();
        }
        settings.sandbox.required |= catalog.requires_sandbox();
        Ok(Self {
            app,
            plugin,
            info,
            grants,
            settings,
            resolved_version: OnceLock::new(),
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
            sandbox: self.sandbox(),
            variables: self.grants.environment().to_vec(),
            ..Choices::default()
        }
    }

    fn sandbox(&self) -> SandboxChoice {
        self.settings.sandbox.clone().into()
    }

    /// The cloud's tool, from which Packer's builder takes its credentials too. A plugin gets no credentials of a
    /// tool that it was granted nothing of.
    pub(crate) fn main_tool(&self) -> Result<&str> {
        let id = &self.plugin.identity().id;
        let Some(tool) = self.info.tools.first() else {
            let message = format!("the plugin `{id}` names no tool");
            return Err(Error::new(Code::PluginReturn, message));
        };
        if !self.may_use(&tool.program) {
            let message = format!(
                "the plugin `{id}` was not granted any command of {}",
                tool.program
            );
            return Err(Error::new(Code::ArgvTool, message)
                .remedy(format!("see what it asks for: sindri plugin inspect {id}")));
        }
        Ok(&tool.program)
    }

    /// Whether any command of the tool is granted. Those that come with the program name their tools for good reason.
    pub(crate) fn may_use(&self, program: &str) -> bool {
        !self.plugin.is_third_party()
            || self
                .grants
                .commands()
                .iter()
                .any(|command| command.tool == program)
    }

    /// Masks the user's credentials, in whatever this process prints from now on too.
    pub(crate) fn redactor(&self) -> Redactor {
        let profiles: Vec<_> = self
            .info
            .tools
            .iter()
            .filter_map(|tool| tools::profile(&tool.program).ok())
            .collect();
        let redactor = self.app.console.redactor().clone();
        for secret in children::secrets(&self.app.environment, &profiles.iter().collect::<Vec<_>>()) {
            redactor.learn(&secret);
        }
        for secret in variables::secrets(self.grants.environment(), &self.app.environment) {
            redactor.learn(&secret);
        }
        let home = self.app.environment.home();
        let section = self.choices().section;
        for file in children::files(
            &self.app.environment,
            &profiles.iter().collect::<Vec<_>>(),
            &section,
        ) {
            for secret in redact::secrets_of_file(&file, home.as_deref()) {
                redactor.learn(&secret);
            }
        }
        redactor
    }

    /// Opens an earlier run again, to write down what became of it.
    pub(crate) fn reopen(&self, story: &Story) -> Result<Run> {
        let run = story
            .reopen(self.redactor())?
            .audited(&self.app.audit, &story.cloud);
        run.log().attest(|| Fact::RunBegan {
            plugin: self.plugin.identity().into(),
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
        })?;
        Ok(run)
    }

    /// Where decisions go: to the run that goes on, if there is one.
    pub(crate) fn log(&self) -> Result<Log> {
        self.app.audit.log(Some(&self.plugin.identity().id))
    }

    /// Begins a run of this subcommand.
    pub(crate) fn begin(&self, command: &str, redactor: Redactor) -> Result<Run> {
        if let Some(notice) = self.sandbox().notice(&self.app.environment)? {
            self.app.console.notice(&notice);
        }
        let identity = self.plugin.identity();
        let run = Run::create(&self.app.environment, redactor)?.audited(&self.app.audit, &identity.id);
        run.log().attest(|| Fact::RunBegan {
            plugin: identity.into(),
            host_version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
        })?;
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
