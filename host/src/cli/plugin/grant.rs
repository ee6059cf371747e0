//! `sindri plugin grant NAME SPEC…`

use clap::Args;
use serde_json::json;

use super::super::startup::App;
use super::decision::Decision;
use super::{catalog, show};
use crate::contract::Requests;
use crate::error::{Code, Error, Result};
use crate::policy::children::variables;
use crate::policy::grants::item::{self, items};
use crate::policy::grants::{ceiling, narrow};
use crate::report::Document;

/// Arguments of `sindri plugin grant`.
#[derive(Debug, Args)]
pub struct Grant {
    /// A plugin.
    name: String,
    /// What it may do: `command TOOL WORDS`, `builder NAME`, `packer SOURCE`, `phase NAME`, or `effect read` for
    /// all commands with this effect.
    #[arg(required_unless_present_any = ["all", "environment"])]
    spec: Vec<String>,
    /// Everything that it asks for.
    #[arg(long, conflicts_with = "spec")]
    all: bool,
    /// Its tools and Packer may have this variable of your environment. May be repeated.
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
}

impl Grant {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let decide = |requests: &Requests, granted: &Requests| {
            Ok(narrow::join(granted, &select(requests, &self.spec, self.all)?))
        };
        change(app, &self.name, decide, |had| {
            variables(Some(had), &self.environment)
        })
    }
}

/// The variables that were granted and these.
pub(super) fn variables(had: Option<&[String]>, more: &[String]) -> Result<Vec<String>> {
    more.iter().try_for_each(|name| variables::check(name))?;
    let mut all = had.unwrap_or_default().to_vec();
    all.extend(more.iter().cloned());
    all.sort();
    all.dedup();
    Ok(all)
}

/// The requests that the specifications mean. One that means none, or something that no plugin gets, is an error.
pub(super) fn select(requests: &Requests, specifications: &[String], all: bool) -> Result<Requests> {
    let requested = items(requests);
    let grantable = |one: &&item::Item| ceiling::refuses(one).is_none();
    if all {
        return Ok(item::set(requested.iter().filter(grantable)));
    }
    for specification in specifications {
        let mut meant = requested
            .iter()
            .filter(|one| one.is_meant_by(specification))
            .peekable();
        if meant.peek().is_none() {
            let known: Vec<String> = requested.iter().map(item::Item::specification).collect();
            let error = Error::new(
                Code::UsageArgument,
                format!("the plugin does not ask for `{}`", specification.escape_default()),
            );
            return Err(known
                .iter()
                .fold(error, |error, line| error.detail(line))
                .remedy("name one of these"));
        }
        if let Some((one, why)) = meant.find_map(|one| ceiling::refuses(one).map(|why| (one, why))) {
            return Err(Error::new(
                Code::PluginGrant,
                format!("no plugin gets `{}`: {why}", one.specification()),
            ));
        }
    }
    let meant = |one: &&item::Item| specifications.iter().any(|text| one.is_meant_by(text));
    Ok(item::set(requested.iter().filter(meant)))
}

/// Changes what a plugin is granted, and writes the lock file. Everything that it asks for is decided about
/// afterwards.
pub(super) fn change(
    app: &App,
    name: &str,
    decide: impl FnOnce(&Requests, &Requests) -> Result<Requests>,
    choose: impl FnOnce(&[String]) -> Result<Vec<String>>,
) -> Result<Document> {
    let mut catalog = catalog(app)?;
    let plugin = catalog.find_any(name)?;
    let id = plugin.identity().id.clone();
    let info = plugin.describe()?;
    let requests = &info.requests;
    let (grants, withheld, environment) = match catalog.lock().entry(&id).cloned() {
        Some(mut entry) => {
            let grants = decide(requests, &narrow::meet(requests, &entry.grants))?;
            entry.withheld = narrow::minus(requests, &grants);
            entry.grants = grants;
            entry.environment = choose(&entry.environment)?;
            let decided = (
                entry.grants.clone(),
                entry.withheld.clone(),
                Some(entry.environment.clone()),
            );
            catalog.lock_mut().set(&id, entry);
            decided
        }
        None => {
            if !choose(&[])?.is_empty() {
                let message =
                    format!("the variables of the tools of `{id}` are known to sindri, and none is granted");
                return Err(Error::new(Code::UsageArgument, message).remedy("leave --environment out"));
            }
            let withheld = catalog.lock().narrowing(&id).map(|one| one.withheld.clone());
            let left = narrow::strip(requests, &withheld.unwrap_or_default());
            let grants = decide(requests, &left)?;
            let withheld = narrow::minus(requests, &grants);
            catalog.lock_mut().narrow(&id, withheld.clone());
            (grants, withheld, None)
        }
    };
    Decision {
        plugin: plugin.identity(),
        replaces: None,
        granted: &grants,
        withheld: &withheld,
        environment: environment.as_deref().unwrap_or_default(),
    }
    .attest(app)?;
    catalog.lock().save()?;
    let mut text = format!("{id}: {} is written\n", catalog.lock().shown().display());
    text.push_str(&show::section("granted", &grants));
    text.push_str(&show::section("withheld", &withheld));
    if let Some(environment) = &environment {
        text.push_str(&show::environment(&id, environment));
    }
    let json = json!({
        "success": true, "id": id, "sha256": plugin.identity().sha256, "lock": catalog.lock().shown(),
        "granted": grants, "withheld": withheld, "environment": environment,
    });
    Ok(Document::new(text, json))
}
