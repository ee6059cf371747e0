//! From file, environment, flags and defaults to the settings of one run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::origin::{self, Origins};
use super::overrides::{self, Flags};
use super::types::{Build, Communicator, Deploy, Packer, Sandbox};
use super::validate::{self, Finding, Report};
use super::{File, findings, schema, values};
use crate::contract::ProviderInfo;
use crate::environment::Environment;
use crate::{Code, Error, Result};

/// Of the whole name: the strictest cloud, less what a time stamp needs.
const LONGEST_NAME: usize = 100;

/// The effective configuration of one run on one cloud.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Id of the plugin.
    pub cloud: String,
    /// With the prefix, without the time stamp.
    pub image_name: String,
    /// Of the image.
    pub description: String,
    /// The user's own.
    pub tags: BTreeMap<String, String>,
    /// How the image is built. Paths are absolute; `environment` still has its `${env.NAME}`.
    pub build: Build,
    /// How instances are started.
    pub deploy: Deploy,
    /// How children are confined. Paths are absolute.
    pub sandbox: Sandbox,
    /// The cloud's section: valid, with its defaults.
    pub cloud_section: Map<String, Value>,
    /// Keys of that section that say how the cloud is reached, and nothing about the image.
    pub access_keys: Vec<String>,
    /// Where the values come from.
    pub origins: Origins,
    /// The file that was read, as the user named it.
    pub file: Option<PathBuf>,
}

impl File {
    /// The cloud to use: `--cloud`, else `SINDRI_CLOUD`, else the file. Not yet looked up.
    pub fn cloud(&self, flags: &Flags, environment: &Environment) -> Result<Option<String>> {
        let settings = schema::shared_settings()?;
        let Some(setting) = settings.iter().find(|setting| setting.key == "cloud") else {
            return Ok(None);
        };
        overrides::text_of(setting, &self.section, flags, environment).map_err(|finding| {
            let report = Report {
                findings: vec![finding],
                missing: Vec::new(),
            };
            let internal = Error::new(Code::Internal, "a finding was lost");
            findings::none(report, self, &self.origins)
                .err()
                .unwrap_or(internal)
        })
    }

    /// What the file says of the sandbox, if it can be read; for commands on earlier runs, which take nothing else
    /// from it.
    pub fn sandbox(&self) -> Sandbox {
        let value = self.section.get("sandbox").cloned().unwrap_or_default();
        let mut sandbox: Sandbox = serde_json::from_value(value).unwrap_or_default();
        sandbox
            .read
            .iter_mut()
            .for_each(|path| *path = self.base.join(&*path));
        sandbox
    }

    /// Checks everything that is set against the plugin's schema and fills in the rest. `known` has the
    /// ids of all plugins: their sections may stand in the file, any other may not.
    pub fn resolve(
        &self,
        plugin: &ProviderInfo,
        known: &[&str],
        flags: &Flags,
        environment: &Environment,
    ) -> Result<Settings> {
        match self.resolve_with_gaps(plugin, known, flags, environment)? {
            (settings, None) => Ok(settings),
            (_, Some(missing)) => Err(missing),
        }
    }

    /// The same where required keys of the cloud may be missing, because nothing is made of them: they come
    /// back as the error that they would be.
    pub fn resolve_with_gaps(
        &self,
        plugin: &ProviderInfo,
        known: &[&str],
        flags: &Flags,
        environment: &Environment,
    ) -> Result<(Settings, Option<Error>)> {
        let schema = schema::section(plugin, known)?;
        let mut section = self.section.clone();
        let mut origins = self.origins.clone();
        drop_unset(&mut section, &schema);
        // The plugin's section exists even when nothing is in it: it has defaults and required keys.
        if let Value::Object(members) = &mut section {
            members
                .entry(&plugin.id)
                .or_insert_with(|| Value::Object(Map::new()));
        }
        let settings = schema::settings(&schema);
        let unusable = overrides::apply(
            &mut section,
            &mut origins,
            &settings,
            flags,
            environment,
            &schema,
            &plugin.id,
        )?;
        fill_defaults(&mut section, &schema);
        let mut report = self.validate(&section, &schema, plugin)?;
        report.findings.extend(unusable);
        let section_of_cloud = format!("/{}/", plugin.id);
        let only_the_clouds = report
            .missing
            .iter()
            .all(|missing| missing.at.starts_with(&section_of_cloud));
        let gaps = if report.findings.is_empty() && only_the_clouds {
            let missing = std::mem::take(&mut report.missing);
            findings::none(
                Report {
                    findings: Vec::new(),
                    missing,
                },
                self,
                &origins,
            )
            .err()
        } else {
            None
        };
        findings::none(report, self, &origins)?;
        Ok((
            self.settings(
                section,
                plugin,
                known,
                origins,
                schema::access_keys(&schema, &plugin.id),
            )?,
            gaps,
        ))
    }

    /// Checks what the file itself says, against all plugins' schemas. What is missing may still come
    /// from elsewhere.
    pub fn check(&self, plugins: &[ProviderInfo]) -> Result<()> {
        let known: Vec<&str> = plugins.iter().map(|plugin| plugin.id.as_str()).collect();
        let mut all = Report::default();
        for plugin in plugins {
            let schema = schema::section(plugin, &known)?;
            let mut section = self.section.clone();
            drop_unset(&mut section, &schema);
            for finding in self.validate(&section, &schema, plugin)?.findings {
                if !all.findings.contains(&finding) {
                    all.findings.push(finding);
                }
            }
        }
        findings::none(all, self, &self.origins)
    }

    fn validate(&self, section: &Value, schema: &Value, plugin: &ProviderInfo) -> Result<Report> {
        let mut report = validate::validate(section, schema, &self.written)
            .map_err(|defect| schema::refused(plugin, &defect))?;
        for finding in &mut report.findings {
            let alias = finding
                .at
                .strip_prefix('/')
                .filter(|key| plugin.aliases.iter().any(|alias| alias == key));
            if finding.code == Code::ConfigUnknownKey && alias.is_some() {
                finding.remedy = Some(format!("the section is called `{}`", plugin.id));
            }
        }
        Ok(report)
    }

    fn settings(
        &self,
        mut section: Value,
        plugin: &ProviderInfo,
        known: &[&str],
        origins: Origins,
        access_keys: Vec<String>,
    ) -> Result<Settings> {
        let mut cloud_section = Map::new();
        if let Value::Object(members) = &mut section {
            if let Some(Value::Object(own)) = members.remove(&plugin.id) {
                cloud_section = own;
            }
            // The other clouds' sections are not this run's.
            members.retain(|key, _| !known.contains(&key.as_str()));
        }
        // The schema was made from this type, so a value that is valid can be read.
        let packer: Packer = serde_json::from_value(section).map_err(|error| {
            Error::new(Code::Internal, "a valid configuration cannot be read").source(error)
        })?;
        let Packer {
            cloud: _,
            image_name,
            description,
            tags,
            mut build,
            deploy,
            mut sandbox,
        } = packer;
        let image_name = match &build.name_prefix {
            Some(prefix) => format!("{prefix}-{image_name}"),
            None => image_name,
        };
        let together = contradictions(&image_name, &build);
        findings::none(
            Report {
                findings: together,
                missing: Vec::new(),
            },
            self,
            &origins,
        )?;
        absolute(&self.base, &mut build);
        sandbox
            .read
            .iter_mut()
            .for_each(|path| *path = self.base.join(&*path));
        Ok(Settings {
            cloud: plugin.id.clone(),
            image_name,
            description,
            tags,
            build,
            deploy,
            sandbox,
            cloud_section,
            access_keys,
            origins,
            file: self.path().map(Path::to_path_buf),
        })
    }
}

impl Settings {
    /// The settings of an earlier run of this plugin, of which only the cloud's section counts: the
    /// shared part has its defaults.
    pub fn of_section(plugin: &ProviderInfo, section: Map<String, Value>) -> Result<Self> {
        let mut file = File::empty(&Environment::default());
        file.section = Value::Object(Map::from_iter([(plugin.id.clone(), Value::Object(section))]));
        file.resolve(plugin, &[&plugin.id], &Flags::default(), &Environment::default())
    }

    /// What `sindri config show` prints: every value, and where those that were set come from.
    pub fn to_json(&self) -> Value {
        let origins: Map<String, Value> = self
            .origins
            .iter()
            .map(|(key, origin)| (key, Value::from(origin.to_string())))
            .collect();
        // Values of the environment are secrets; their names are not.
        let mut build = serde_json::to_value(&self.build).unwrap_or_default();
        if let Some(Value::Object(variables)) = build.get_mut("environment") {
            variables.values_mut().for_each(|value| *value = "***".into());
        }
        serde_json::json!({
            "image_name": self.image_name,
            "description": self.description,
            "tags": self.tags,
            "build": build,
            "deploy": serde_json::to_value(&self.deploy).unwrap_or_default(),
            &self.cloud: self.cloud_section,
            "origins": origins,
        })
    }

    /// `build.environment` with `${env.NAME}` replaced. Only a build needs it, so that `vm list` works
    /// without the build's secrets.
    pub fn build_environment(&self, environment: &Environment) -> Result<BTreeMap<String, String>> {
        self.build
            .environment
            .iter()
            .map(|(name, text)| match values::expand(text, environment) {
                Ok(value) => Ok((name.clone(), value)),
                Err(why) => {
                    let pointer = origin::child("/build/environment", name);
                    let error = Error::new(Code::ConfigValue, why)
                        .key(origin::dotted(&pointer))
                        .remedy("set the variable, or write `$${env.NAME}` for that text itself");
                    let error = self
                        .origins
                        .line_around(&pointer)
                        .into_iter()
                        .fold(error, Error::line);
                    Err(self.file.iter().fold(error, Error::file))
                }
            })
            .collect()
    }
}

/// An empty key (`profile:`) counts as absent where a key is expected; in a map of the user's own keys
/// it stays and is refused.
fn drop_unset(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => {
            let properties = schema.get("properties");
            let property = |key: &str| properties.and_then(|properties| properties.get(key));
            members.retain(|key, value| !(value.is_null() && property(key).is_some()));
            for (key, value) in members.iter_mut() {
                if let Some(schema) = property(key) {
                    drop_unset(value, schema);
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| drop_unset(item, schema));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Fills in the schema's defaults. Mappings of the shared part always exist; a plugin's nested mapping
/// only when it is given or has a default.
pub(super) fn fill_defaults(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => {
            for (key, property) in schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                if !members.contains_key(key)
                    && let Some(default) = property.get("default")
                {
                    members.insert(key.clone(), default.clone());
                }
                if let Some(member) = members.get_mut(key) {
                    fill_defaults(member, property);
                }
            }
        }
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| fill_defaults(item, schema));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Settings that are fine one by one but not together.
fn contradictions(image_name: &str, build: &Build) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, at: &str, message: String, remedy: &str| {
        findings.push(Finding {
            code,
            at: at.into(),
            message,
            remedy: Some(remedy.into()),
        });
    };
    if image_name.len() > LONGEST_NAME {
        find(
            Code::ConfigValue,
            "/build/name_prefix",
            format!(
                "the image's name has {} characters with its prefix; at most {LONGEST_NAME} are possible",
                image_name.len()
            ),
            "shorten `image_name` or `build.name_prefix`",
        );
    }
    if build.communicator == Communicator::None {
        let ignored = [
            ("extensions", !build.extensions.is_empty()),
            ("profile", build.profile.is_some()),
            ("scripts", !build.scripts.is_empty()),
            ("ansible_playbook", build.ansible_playbook.is_some()),
            ("environment", !build.environment.is_empty()),
            ("file_uploads", !build.file_uploads.is_empty()),
            ("security/cis_hardening", build.security.cis_hardening),
            ("security/openscap_scan", build.security.openscap_scan),
            ("release_directory", build.release_directory.is_some()),
            // The verification reaches its instance by them.
            ("ssh_host", build.ssh_host.is_some() && !build.verify),
            ("ssh_port", build.ssh_port.is_some() && !build.verify),
        ];
        for (key, _) in ignored.iter().filter(|(_, set)| *set) {
            find(
                Code::ConfigConflict,
                &format!("/build/{key}"),
                "`communicator: none` builds without entering the VM, so this would have no effect".into(),
                "remove this key or `build.communicator`",
            );
        }
    }
    findings
}

/// Relative paths in the file start where the file stands.
fn absolute(base: &Path, build: &mut Build) {
    let fix = |path: &mut PathBuf| *path = base.join(&*path);
    build.scripts.iter_mut().for_each(fix);
    build.ansible_playbook.iter_mut().for_each(fix);
    build.release_directory.iter_mut().for_each(fix);
    build.docker.key_file.iter_mut().for_each(fix);
    build.security.openscap_data_stream.iter_mut().for_each(fix);
    build.signing_key.iter_mut().for_each(fix);
    build
        .file_uploads
        .iter_mut()
        .map(|upload| &mut upload.source)
        .for_each(fix);
}
