//! Checks what a build needs: programs, versions, credentials.

use serde::Serialize;

use super::build::Scratch;
use super::{Planner, Preview, Programs, Session, outcome};
use crate::cli::App;
use crate::config;
use crate::contract::{Identity, Operation, Tool};
use crate::error::{Code, Error, Result};
use crate::plugin::Plugin;
use crate::policy::children::{self, Child, Choices, PrivateDirs};
use crate::runner::cancel::Cancel;
use crate::runner::packer::Packer;
use crate::runner::program::{self, Wanted};
use semver::Version;

/// What was found for one cloud.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The plugin's id.
    pub cloud: String,
    /// Whether Packer is there.
    pub packer_installed: bool,
    /// Its version.
    pub packer_version: Option<String>,
    /// Whether the cloud's tools are there.
    pub cli_installed: bool,
    /// Version of the first of them.
    pub cli_version: Option<String>,
    /// Whether the cloud accepts the credentials.
    pub credentials_configured: bool,
    /// Account, subscription, project or tenancy.
    pub account: Option<String>,
    /// Whether a build can begin.
    pub satisfied: bool,
    /// Ids of what is missing: `packer`, `aws-cli`, `aws-credentials`.
    pub missing: Vec<String>,
    /// What to do about each.
    pub hints: Vec<String>,
}

/// The clouds to look at: one by name, or all.
pub(crate) fn clouds(app: &App, cloud: Option<&str>) -> Result<Vec<String>> {
    match cloud {
        Some("all") => Ok(Plugin::bundled_ids().into_iter().map(Into::into).collect()),
        Some(cloud) => Ok(vec![cloud.to_owned()]),
        None => {
            let file = config::load(app.config.as_deref(), &app.environment)?;
            match file.cloud(&config::Flags::default(), &app.environment)? {
                Some(cloud) => Ok(vec![cloud]),
                None => clouds(app, Some("all")),
            }
        }
    }
}

/// Adds to `--plan` what an examination runs.
pub(crate) fn preview(session: &Session<'_>, preview: &mut Preview) -> Result<()> {
    preview.add("Look for Packer", "read", &["packer".into(), "--version".into()]);
    for tool in &session.info.tools {
        let mut argv = vec![tool.program.clone()];
        argv.extend(tool.version_args.iter().cloned());
        preview.add(&format!("Look for {}", tool.title), "read", &argv);
    }
    preview.operation(session, session.preview_context(), Operation::CheckCredentials)
}

/// Looks at everything at the same time.
pub(crate) async fn examine(session: &Session<'_>, cancel: &Cancel) -> Result<Report> {
    let scratch = Scratch::new(session)?;
    let (packer, tools, identity) = tokio::join!(
        Packer::locate(&session.app.environment, &scratch.dirs, cancel),
        tools(session, &scratch.dirs, cancel),
        credentials(session, cancel)
    );
    if cancel.is_requested() {
        return Err(Error::new(Code::Interrupted, "interrupted"));
    }
    let cloud = session.plugin.identity().id.clone();
    let mut missing = Vec::new();
    let mut hints = Vec::new();
    let mut note = |id: String, error: &Error| {
        missing.push(id);
        let next = error
            .next()
            .map(|next| format!("; next: {next}"))
            .unwrap_or_default();
        hints.push(format!("{}{next}", error.message()));
    };
    if let Err(error) = &packer {
        note("packer".into(), error);
    }
    let mut cli_version = None;
    let mut cli_installed = true;
    for (program, probe) in &tools {
        match probe {
            Ok(version) => cli_version = cli_version.or_else(|| Some(version.to_string())),
            Err(error) => {
                cli_installed = false;
                note(format!("{program}-cli"), error);
            }
        }
    }
    match &identity {
        // Without the tool nothing can be said about credentials, and nothing needs to be.
        Err(error) if error.code() == Code::ToolMissing => {
            missing.push(format!("{cloud}-credentials"));
            if let Some(tool) = session.info.tools.first() {
                hints.push(format!("credentials were not checked; next: {}", tool.login_hint));
            }
        }
        Err(error) => note(format!("{cloud}-credentials"), error),
        Ok(_) => {}
    }
    let satisfied = missing.is_empty();
    let packer_version = packer.as_ref().ok().map(|packer| packer.version().to_string());
    Ok(Report {
        cloud,
        packer_installed: packer.is_ok(),
        packer_version,
        cli_installed,
        cli_version,
        credentials_configured: identity.is_ok(),
        account: identity.ok().map(|identity| identity.account),
        satisfied,
        missing,
        hints,
    })
}

async fn tools(
    session: &Session<'_>,
    private: &PrivateDirs,
    cancel: &Cancel,
) -> Vec<(String, Result<Version>)> {
    let mut found = Vec::new();
    for tool in &session.info.tools {
        found.push((
            tool.program.clone(),
            version(session, tool, private, cancel).await,
        ));
    }
    found
}

async fn version(
    session: &Session<'_>,
    tool: &Tool,
    private: &PrivateDirs,
    cancel: &Cancel,
) -> Result<Version> {
    let user = &session.app.environment;
    let program = program::locate(&tool.program, &tool.install_url, user)?;
    let minimum = tool
        .minimum_version
        .as_deref()
        .and_then(|text| Version::parse(text).ok());
    let wanted = Wanted {
        name: &tool.program,
        install_url: &tool.install_url,
        version_args: &tool.version_args,
        minimum: minimum.as_ref(),
    };
    let child = Child::Version { program: &program };
    let environment = children::environment(child, user, private, &Choices::default())?;
    program::version(&program, wanted, environment, private.temporary(), cancel).await
}

async fn credentials(session: &Session<'_>, cancel: &Cancel) -> Result<Identity> {
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

impl Report {
    /// Rows for the table.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let row = |what: &str, ok: bool, detail: Option<&String>| {
            let state = if ok { "ok" } else { "missing" };
            let detail = detail.cloned().unwrap_or_else(|| "-".into());
            vec![self.cloud.clone(), what.to_owned(), state.to_owned(), detail]
        };
        vec![
            row("packer", self.packer_installed, self.packer_version.as_ref()),
            row("cli", self.cli_installed, self.cli_version.as_ref()),
            row("credentials", self.credentials_configured, self.account.as_ref()),
        ]
    }
}
