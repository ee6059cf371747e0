//! Checks what a build needs: programs, versions, configuration, credentials.

use std::sync::Arc;

use semver::Version;
use serde::Serialize;

use super::build::Scratch;
use super::{Planner, Preview, Programs, Session, outcome, together};
use crate::cli::App;
use crate::config::{self, Flags};
use crate::contract::{Identity, Operation, ProviderInfo, Tool};
use crate::error::{Code, Error, Exit, Result};
use crate::plugin::Catalog;
use crate::policy::children::{self, Child, Choices, SandboxMode};
use crate::policy::tools::{self, Surroundings};
use crate::runner::cancel::Cancel;
use crate::runner::packer::Packer;
use crate::runner::program::{self, Wanted};
use crate::runner::sandbox;

/// A cloud to look at.
#[derive(Clone, Copy)]
pub(crate) struct Patient<'a> {
    /// The plugin's id.
    pub(crate) cloud: &'a str,
    /// With the cloud's own way to standard error.
    pub(crate) app: &'a App,
    /// The flags that mean this cloud.
    pub(crate) flags: &'a Flags,
}

/// What was found for one cloud.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The plugin's id.
    pub cloud: String,
    /// The cloud's name for people.
    pub title: String,
    /// Whether Packer is there.
    pub packer_installed: bool,
    /// Its version.
    pub packer_version: Option<String>,
    /// What keeps the programs from the rest of this machine: `landlock abi 7`, `not available: REASON` or
    /// `switched off`.
    pub sandbox: String,
    /// Whether the cloud's tools are there and new enough.
    pub cli_installed: bool,
    /// Version of the first of them.
    pub cli_version: Option<String>,
    /// Where to get it.
    pub install_url: Option<String>,
    /// Whether every key that a build requires is set.
    pub configuration_complete: bool,
    /// Whether the cloud accepts the credentials.
    pub credentials_configured: bool,
    /// How to log in.
    pub login_hint: Option<String>,
    /// Account, subscription, project or tenancy.
    pub account: Option<String>,
    /// Whether a build can begin.
    pub satisfied: bool,
    /// Ids of what is missing: `packer`, `aws-cli`, `aws-configuration`, `aws-credentials`.
    pub missing: Vec<String>,
    /// What to do about each, in the same order.
    pub hints: Vec<String>,
}

/// Everything that was found.
pub(crate) struct Diagnosis {
    /// One for each cloud.
    pub(crate) reports: Vec<Report>,
}

/// Adds to `--plan` what an examination runs.
pub(crate) fn preview(patients: &[Patient<'_>]) -> Result<Preview> {
    let mut preview = Preview::default();
    preview.add("Look for Packer", "read", &["packer".into(), "--version".into()]);
    for patient in patients {
        let (session, gaps) = Session::open_with_gaps(patient.app, Some(patient.cloud), patient.flags)?;
        for tool in &session.info.tools {
            let mut argv = vec![tool.program.clone()];
            argv.extend(tool.version_args.iter().cloned());
            preview.add(&format!("Look for {}", tool.title), "read", &argv);
        }
        let asked = preview.operation(&session, session.preview_context(), Operation::CheckCredentials);
        if gaps.is_none() {
            asked?;
        }
    }
    Ok(preview)
}

/// Looks at everything at the same time: it takes as long as the slowest program.
pub(crate) async fn examine(app: &App, patients: &[Patient<'_>], cancel: &Cancel) -> Result<Diagnosis> {
    let (packer, findings) = tokio::join!(
        packer(app, cancel),
        together(patients.iter().map(|patient| look(*patient, cancel)))
    );
    if cancel.is_requested() {
        return Err(Error::new(Code::Interrupted, "interrupted"));
    }
    let sandbox = match choices(app).sandbox.mode(&app.environment) {
        Ok(SandboxMode::Off) => "switched off".to_owned(),
        Ok(SandboxMode::On | SandboxMode::Required) | Err(_) => sandbox::support().to_string(),
    };
    let reports = findings
        .into_iter()
        .map(|findings| Ok(findings?.report(&packer, &sandbox)))
        .collect::<Result<_>>()?;
    Ok(Diagnosis { reports })
}

async fn packer(app: &App, cancel: &Cancel) -> Result<Packer> {
    let user = &app.environment;
    let scratch = Scratch::with(user, &Surroundings::NONE)?;
    Packer::locate(user, &scratch.dirs, &choices(app), cancel, &app.audit.log(None)?).await
}

/// Of the configuration only what holds without a cloud. What is wrong with it is said elsewhere.
pub(super) fn choices(app: &App) -> Choices {
    let sandbox = config::load(app.config.as_deref(), &app.environment).map(|file| file.sandbox());
    Choices {
        sandbox: sandbox.unwrap_or_default().into(),
        ..Choices::default()
    }
}

/// What one cloud's programs said.
struct Findings {
    info: Arc<ProviderInfo>,
    cloud: String,
    /// By program.
    versions: Vec<(String, Result<Version>)>,
    configuration: Option<Error>,
    credentials: Credentials,
}

enum Credentials {
    Accepted(Identity),
    Refused(Error),
    /// Nothing can be said: the tool or the configuration is missing.
    Unchecked,
}

async fn look(patient: Patient<'_>, cancel: &Cancel) -> Result<Findings> {
    let user = &patient.app.environment;
    let plugin = Catalog::open(user, patient.app.config.as_deref())?.find(patient.cloud)?;
    let info = plugin.describe()?;
    let opened = Session::open_with_gaps(patient.app, Some(patient.cloud), patient.flags);
    let (session, configuration) = match opened {
        Ok((session, gaps)) => (Some(session), gaps),
        Err(error) => (None, Some(error)),
    };
    // A third party's tools are programs of its choice: asked only when some command of them is granted.
    let may_use = |tool: &&Tool| match &session {
        Some(session) => session.may_use(&tool.program),
        None => !plugin.is_third_party(),
    };
    let tools: Vec<Tool> = info.tools.iter().filter(may_use).cloned().collect();
    let (versions, credentials) = tokio::join!(
        versions(patient.app, &tools, cancel),
        credentials(session.as_ref(), configuration.is_none(), cancel)
    );
    Ok(Findings {
        cloud: plugin.identity().id.clone(),
        info,
        versions,
        configuration,
        credentials,
    })
}

async fn versions(app: &App, tools: &[Tool], cancel: &Cancel) -> Vec<(String, Result<Version>)> {
    together(
        tools
            .iter()
            .map(async |tool| (tool.program.clone(), version(app, tool, cancel).await)),
    )
    .await
}

async fn version(app: &App, tool: &Tool, cancel: &Cancel) -> Result<Version> {
    let user = &app.environment;
    let program = program::locate(&tool.program, &tool.install_url, user)?;
    let profile = tools::profile(&tool.program)?;
    let surroundings = &profile.surroundings;
    // Without links to a login: `gcloud` gives up over one that it may not follow.
    let scratch = Scratch::with(user, &Surroundings::NONE)?;
    let minimum = tool
        .minimum_version
        .as_deref()
        .and_then(|text| Version::parse(text).ok());
    let wanted = Wanted {
        name: &tool.program,
        install_url: &tool.install_url,
        version_args: &tool.version_args,
        minimum: minimum.as_ref(),
        log: &app.audit.log(None)?,
    };
    let child = Child::Version {
        program: &program,
        surroundings,
    };
    let directory = scratch.dirs.temporary();
    let equipment = children::equip(child, directory, user, &scratch.dirs, &choices(app))?;
    program::version(&program, wanted, equipment, directory, cancel).await
}

/// Who is logged in can often be said before anything is configured, so the plugin is asked even when
/// required keys are missing; then it may say that it cannot tell.
async fn credentials(session: Option<&Session<'_>>, complete: bool, cancel: &Cancel) -> Credentials {
    let Some(session) = session else {
        return Credentials::Unchecked;
    };
    match check(session, cancel).await {
        Ok(identity) => Credentials::Accepted(identity),
        Err(error) if error.code() == Code::ToolMissing => Credentials::Unchecked,
        Err(error) if error.code() == Code::PluginProblem && !complete => Credentials::Unchecked,
        Err(error) => Credentials::Refused(error),
    }
}

async fn check(session: &Session<'_>, cancel: &Cancel) -> Result<Identity> {
    let run = session.begin("doctor", session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel.clone())?;
    let result = planner
        .execute(Operation::CheckCredentials)
        .await
        .and_then(outcome::identity);
    drop(planner);
    run.discard()?;
    result
}

impl Findings {
    fn report(self, packer: &Result<Packer>, sandbox: &str) -> Report {
        let Self {
            info,
            cloud,
            versions,
            configuration,
            credentials,
        } = self;
        let mut missing = Vec::new();
        let mut hints = Vec::new();
        let mut note = |id: String, hint: String| {
            missing.push(id);
            hints.push(hint);
        };
        if let Err(error) = packer {
            note("packer".into(), hint(error));
        }
        for (program, version) in &versions {
            if let Err(error) = version {
                note(format!("{program}-cli"), hint(error));
            }
        }
        if let Some(error) = &configuration {
            note(format!("{cloud}-configuration"), hint(error));
        }
        let first = info.tools.first();
        let login_hint = first.map(|tool| tool.login_hint.clone());
        let account = match credentials {
            Credentials::Accepted(identity) => Some(identity.account),
            Credentials::Refused(error) => {
                note(format!("{cloud}-credentials"), hint(&error));
                None
            }
            Credentials::Unchecked => {
                let next = login_hint.as_deref().unwrap_or("see the cloud's documentation");
                note(
                    format!("{cloud}-credentials"),
                    format!("credentials were not checked; next: {next}"),
                );
                None
            }
        };
        Report {
            title: info.title.clone(),
            packer_installed: packer.is_ok(),
            packer_version: packer.as_ref().ok().map(|packer| packer.version().to_string()),
            sandbox: sandbox.to_owned(),
            cli_installed: versions.iter().all(|(_, version)| version.is_ok()),
            cli_version: versions
                .iter()
                .find_map(|(_, version)| version.as_ref().ok().map(ToString::to_string)),
            install_url: first.map(|tool| tool.install_url.clone()),
            configuration_complete: configuration.is_none(),
            credentials_configured: account.is_some(),
            login_hint,
            account,
            satisfied: missing.is_empty(),
            missing,
            hints,
            cloud,
        }
    }
}

/// What happened and what to do, in one line.
fn hint(error: &Error) -> String {
    match error.next() {
        Some(next) => format!("{}; next: {next}", error.message()),
        None => error.message().to_owned(),
    }
}

impl Diagnosis {
    /// Success when every cloud can be built on, partial when only some can.
    pub(crate) fn exit(&self) -> Exit {
        let exits: Vec<_> = self
            .reports
            .iter()
            .map(|report| match report.satisfied {
                true => Exit::Success,
                false => Exit::Prerequisite,
            })
            .collect();
        Exit::of_several(&exits)
    }

    /// Rows for the table, Packer's once.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let row = |cloud: &str, what: &str, ok: bool, detail: Option<&String>| {
            let state = if ok { "ok" } else { "missing" };
            let detail = detail.cloned().unwrap_or_else(|| "-".into());
            vec![cloud.to_owned(), what.to_owned(), state.to_owned(), detail]
        };
        let mut rows = Vec::new();
        for report in &self.reports {
            if rows.is_empty() {
                rows.push(row(
                    "-",
                    "packer",
                    report.packer_installed,
                    report.packer_version.as_ref(),
                ));
                let confined = report.sandbox.starts_with("landlock");
                rows.push(row("-", "sandbox", confined, Some(&report.sandbox)));
            }
            let cloud = report.cloud.as_str();
            rows.push(row(
                cloud,
                "cli",
                report.cli_installed,
                report.cli_version.as_ref(),
            ));
            if !report.configuration_complete {
                rows.push(row(cloud, "configuration", false, None));
            }
            rows.push(row(
                cloud,
                "credentials",
                report.credentials_configured,
                report.account.as_ref(),
            ));
        }
        rows
    }

    /// What to do, in lines; about Packer once.
    pub(crate) fn hints(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for report in &self.reports {
            for (id, hint) in report.missing.iter().zip(&report.hints) {
                let whose = if id == "packer" { id } else { &report.cloud };
                let line = format!("{whose}: {hint}");
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(cloud: &str, credentials: Credentials) -> Findings {
        Findings {
            info: Arc::new(ProviderInfo {
                id: cloud.to_owned(),
                title: cloud.to_owned(),
                version: "1.0.0".to_owned(),
                aliases: Vec::new(),
                tools: vec![Tool {
                    program: format!("{cloud}ctl"),
                    title: cloud.to_owned(),
                    install_url: format!("https://{cloud}.example/install"),
                    login_hint: format!("{cloud}ctl login"),
                    version_args: Vec::new(),
                    minimum_version: None,
                }],
                requests: crate::contract::Requests {
                    builders: Vec::new(),
                    packer_plugins: Vec::new(),
                    commands: Vec::new(),
                    guest_phases: Vec::new(),
                },
                config_schema: "{}".to_owned(),
            }),
            cloud: cloud.to_owned(),
            versions: vec![(format!("{cloud}ctl"), Ok(Version::new(1, 2, 3)))],
            configuration: None,
            credentials,
        }
    }

    fn identity() -> Credentials {
        Credentials::Accepted(Identity {
            account: "123".to_owned(),
            principal: "me".to_owned(),
        })
    }

    #[test]
    fn packer_is_reported_once_and_its_absence_fails_every_cloud() {
        let packer = Err(Error::new(Code::ToolMissing, "no packer").remedy("install it"));
        let reports =
            ["aws", "gcp"].map(|cloud| findings(cloud, identity()).report(&packer, "landlock abi 7"));
        let diagnosis = Diagnosis {
            reports: reports.into(),
        };
        let rows = diagnosis.rows();
        assert_eq!(rows.iter().filter(|row| row[1] == "packer").count(), 1);
        assert_eq!(diagnosis.hints(), ["packer: no packer; next: install it"]);
        assert_eq!(diagnosis.exit(), Exit::Prerequisite);
    }

    #[test]
    fn some_clouds_ready_and_some_not_is_partial() {
        let packer = Ok(Packer::new("/p".into(), Version::new(1, 16, 0)));
        let refused = Credentials::Refused(Error::new(Code::CredentialsRefused, "no"));
        let diagnosis = Diagnosis {
            reports: vec![
                findings("aws", identity()).report(&packer, "landlock abi 7"),
                findings("gcp", refused).report(&packer, "landlock abi 7"),
            ],
        };
        assert_eq!(diagnosis.exit(), Exit::Partial);
        assert_eq!(diagnosis.reports[1].missing, ["gcp-credentials"]);
    }

    #[test]
    fn what_could_not_be_checked_says_how_to_log_in() {
        let packer = Ok(Packer::new("/p".into(), Version::new(1, 16, 0)));
        let mut unconfigured = findings("gcp", Credentials::Unchecked);
        unconfigured.configuration = Some(Error::new(Code::ConfigMissingKeys, "no project"));
        let report = unconfigured.report(&packer, "landlock abi 7");
        assert_eq!(report.missing, ["gcp-configuration", "gcp-credentials"]);
        assert!(report.hints[1].contains("gcpctl login"));
        assert!(!report.satisfied);
    }
}
