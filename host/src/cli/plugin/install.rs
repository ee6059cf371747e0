//! `sindri plugin install FILE`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::super::startup::App;
use super::super::vm::confirm;
use super::decision::Decision;
use super::{catalog, grant, show, target};
use crate::config;
use crate::contract::{Context, Operation, PlanRequest, ProviderInfo, Requests};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal;
use crate::operation::render::DRY_RUN;
use crate::plugin::lock::{Entry, Wasi};
use crate::plugin::{CONTRACT, Catalog, Plugin, inspect, name};
use crate::policy::grants::item::{Item, items};
use crate::policy::grants::{ceiling, narrow};
use crate::report::Document;

/// Arguments of `sindri plugin install`.
#[derive(Debug, Args)]
pub struct Install {
    /// A WebAssembly component.
    file: PathBuf,
    /// What it is called as `--cloud NAME` and in sindri.yaml [default: what it calls itself]
    #[arg(long)]
    name: Option<String>,
    /// Let it do everything that it asks for.
    #[arg(long)]
    grant_all: bool,
    /// Let it do this: `command TOOL WORDS`, `builder NAME`, `packer SOURCE`, `phase NAME`, or `effect read`
    /// for all commands with this effect. May be repeated.
    #[arg(long, value_name = "SPEC")]
    grant: Vec<String>,
    /// Let its tools and Packer have this variable of your environment, for example an API token. May be repeated.
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
    /// Ask nothing: replace another component of this name, and keep what that was granted.
    #[arg(short, long)]
    yes: bool,
}

/// What an installation changes.
struct Change {
    previous: Option<Entry>,
    /// Requests that nobody has decided about.
    new: Vec<Item>,
    /// What the previous component asked for and this one does not.
    gone: Vec<Item>,
}

impl Install {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let mut catalog = catalog(app)?;
        let bytes = target::read(app, &self.file)?;
        inspect(&bytes)?.check().map_err(|error| error.file(&self.file))?;
        let (plugin, claims) = self.load(&catalog, &bytes)?;
        let id = plugin.identity().id.clone();
        let sha256 = plugin.identity().sha256.clone();
        let info = plugin.describe()?;
        let ignored = config::drop_foreign_variables(&mut ProviderInfo {
            id: id.clone(),
            aliases: Vec::new(),
            ..plugin.ask()?
        });
        if !ignored.is_empty() {
            let names = crate::policy::redact::neutralise(&ignored.join(", ")).into_owned();
            app.console.notice(&format!(
                "variables that do not belong to `{id}` set nothing: {names}"
            ));
        }
        // A name or a flag that the configuration has already is found out now, not at the first build.
        config::schema(std::slice::from_ref(&*info))?;
        answers(&plugin)?;
        catalog.admit(&plugin)?;

        let change = Change::between(catalog.lock().entry(&id), &info);
        let grants = self.decide(app, &id, &sha256, &info.requests, &change)?;
        let withheld = narrow::minus(&info.requests, &grants);
        let stored = catalog.store().add(&bytes)?;
        let source = source(app, &self.file, catalog.lock().directory());
        let entry = Entry {
            sha256: sha256.clone(),
            contract: CONTRACT.to_owned(),
            source: source.clone(),
            wasi: Wasi::None,
            environment: grant::variables(
                change.previous.as_ref().map(|entry| entry.environment.as_slice()),
                &self.environment,
            )?,
            grants: grants.clone(),
            withheld: withheld.clone(),
        };
        let environment = entry.environment.clone();
        Decision {
            plugin: plugin.identity(),
            replaces: change.previous.as_ref().map(|previous| previous.sha256.as_str()),
            granted: &grants,
            withheld: &withheld,
            environment: &environment,
        }
        .attest(app)?;
        catalog.lock_mut().set(&id, entry);
        catalog.lock().save()?;

        let shown = catalog.lock().shown();
        let mut text = format!(
            "{id} {} ({}) installed, sha256 {sha256}\n",
            info.version, info.title
        );
        text.push_str(&show::section("granted", &grants));
        text.push_str(&show::section("withheld", &withheld));
        text.push_str(&show::environment(&id, &environment));
        text.push_str(&show::how_to_grant(&id, shown, &withheld));
        let lines = |items: &[Item]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
        let json = json!({
            "success": true, "id": id, "claims": claims, "title": info.title, "version": info.version,
            "sha256": sha256, "contract": CONTRACT, "source": source, "stored": stored, "lock": shown,
            "replaced": change.previous.map(|previous| previous.sha256),
            "ignored_variables": ignored, "new": lines(&change.new), "gone": lines(&change.gone),
            "granted": grants, "withheld": withheld, "environment": environment,
        });
        Ok(Document::new(text, json))
    }

    /// Compiles the component in the child, and asks it what it is. Its name is the user's choice.
    fn load(&self, catalog: &Catalog, bytes: &[u8]) -> Result<(Plugin, String)> {
        if let Some(name) = &self.name {
            free(name)?;
        }
        let shown = self.name.as_deref().unwrap_or("plugin");
        let claims = catalog.plugin(shown, bytes.to_vec()).ask()?.id;
        let name = self.name.as_deref().unwrap_or(&claims);
        free(name).map_err(|error| match self.name {
            Some(_) => error,
            None => error
                .detail("that is what the component calls itself")
                .remedy(format!(
                    "give it another name: sindri plugin install {} --name NAME",
                    self.file.display()
                )),
        })?;
        Ok((catalog.plugin(name, bytes.to_vec()), claims))
    }

    /// What the plugin is granted. Without a terminal that is what the flags say, and what the same component had.
    fn decide(
        &self,
        app: &App,
        id: &str,
        sha256: &str,
        requests: &Requests,
        change: &Change,
    ) -> Result<Requests> {
        let mut granted = change
            .previous
            .as_ref()
            .map(|previous| narrow::meet(requests, &previous.grants))
            .unwrap_or_default();
        let selected = grant::select(requests, &self.grant, self.grant_all)?;
        granted = narrow::join(&granted, &selected);
        let replaces = change
            .previous
            .as_ref()
            .is_some_and(|previous| previous.sha256 != sha256);
        if self.yes {
            return Ok(granted);
        }
        if replaces {
            let question = format!("Replace the component of `{id}`, and let it do what that was granted?");
            change.show(app);
            confirm::confirm(app, false, &question).map_err(|_| self.not_replaced(id, change))?;
        }
        let open = items(&narrow::minus(requests, &granted));
        let open: Vec<Item> = open
            .into_iter()
            .filter(|item| ceiling::refuses(item).is_none())
            .collect();
        let decided = open.is_empty() || self.grant_all || !self.grant.is_empty();
        // Without anybody to ask, nothing is granted.
        if decided || !confirm::can_ask(app) {
            return Ok(granted);
        }
        for item in &open {
            app.console.notice(&format!("`{id}` asks for: {item}"));
        }
        match confirm::confirm(app, false, &format!("Grant all of this to `{id}`?")) {
            Ok(()) => Ok(narrow::join(&granted, &grant::select(requests, &[], true)?)),
            Err(_) => Ok(granted),
        }
    }

    fn not_replaced(&self, id: &str, change: &Change) -> Error {
        let error = Error::new(
            Code::PluginGrant,
            format!("`{id}` is another component now, and what was granted holds for the old one"),
        );
        let error = change
            .new
            .iter()
            .fold(error, |error, item| error.detail(format!("+ {item}")));
        let error = change
            .gone
            .iter()
            .fold(error, |error, item| error.detail(format!("- {item}")));
        let again = format!("sindri plugin install {} --name {id} --yes", self.file.display());
        let new = if change.new.is_empty() {
            String::new()
        } else {
            " (and --grant-all for what is new)".to_owned()
        };
        error.remedy(format!("if you trust it: {again}{new}"))
    }
}

impl Change {
    fn between(previous: Option<&Entry>, info: &ProviderInfo) -> Self {
        let decided = previous
            .map(|entry| narrow::join(&entry.grants, &entry.withheld))
            .unwrap_or_default();
        Self {
            previous: previous.cloned(),
            new: items(&narrow::minus(&info.requests, &decided)),
            gone: items(&narrow::minus(&decided, &info.requests)),
        }
    }

    fn show(&self, app: &App) {
        for item in &self.new {
            app.console.notice(&format!("+ {item}"));
        }
        for item in &self.gone {
            app.console.notice(&format!("- {item}"));
        }
    }
}

/// Refuses a name that no plugin can have or that one of the program has.
fn free(name: &str) -> Result<()> {
    name::check(name)?;
    match Plugin::bundled(&crate::plugin::Engine::new()?, name) {
        Err(_) => Ok(()),
        Ok(plugin) => Err(Error::new(
            Code::PluginName,
            format!(
                "`{name}` is a name of the plugin `{}`, which is built into sindri",
                plugin.identity().id
            ),
        )
        .remedy("give it another name: --name NAME")),
    }
}

/// All functions are called once: their types are looked at when they are.
fn answers(plugin: &Plugin) -> Result<()> {
    let request = PlanRequest {
        context: Context {
            run_id: DRY_RUN.to_owned(),
            now: journal::now(),
            packer_version: None,
            ssh_public_key: None,
        },
        config: "{}".to_owned(),
        operation: Operation::CheckCredentials,
    };
    let image = crate::contract::ImageSpec {
        name: "sindri".to_owned(),
        description: String::new(),
        architecture: None,
        tags: Vec::new(),
        run_tags: Vec::new(),
    };
    let build = crate::contract::BuildRequest {
        context: request.context.clone(),
        image,
        config: request.config.clone(),
    };
    for answer in [
        plugin.render(build).map(drop),
        plugin.plan(request, Vec::new()).map(drop),
    ] {
        match answer {
            Err(error) if error.code() != Code::PluginProblem => return Err(error),
            // Nothing is configured, so a problem is an answer.
            _ => {}
        }
    }
    Ok(())
}

/// Where the component came from, for whoever checks the project out: relative to the lock file when it lies
/// below it, else its name. A path of this machine has no business in a committed file.
fn source(app: &App, file: &Path, lock: &Path) -> String {
    let path = app.environment.working_directory().join(file);
    let below = files::canonical(&path)
        .ok()
        .zip(files::canonical(lock).ok())
        .and_then(|(path, lock)| Some(path.strip_prefix(lock).ok()?.to_path_buf()));
    let source = below.or_else(|| path.file_name().map(PathBuf::from));
    source
        .as_deref()
        .and_then(Path::to_str)
        .filter(|text| !text.chars().any(char::is_control))
        .unwrap_or("component.wasm")
        .to_owned()
}
