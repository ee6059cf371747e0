//! Every plugin that can be used as `--cloud NAME`: those of the program and those of the lock file.

use std::path::Path;
use std::sync::Arc;

use super::compiler::Compiler;
use super::lock::{Entry, Lock};
use super::store::Store;
use super::{CONTRACT, Engine, Plugin, newer};
use crate::contract::ProviderInfo;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::policy::grants::organisation::Organisation;
use crate::policy::grants::{Grants, item, narrow};

/// The plugins of a project. Without a lock file and a policy it costs two files that are not there.
pub struct Catalog {
    engine: Engine,
    lock: Lock,
    organisation: Organisation,
    store: Store,
    compiler: Compiler,
}

impl Catalog {
    /// Reads the lock file beside the configuration, and the organisation's policy.
    pub fn open(environment: &Environment, config: Option<&Path>) -> Result<Self> {
        Ok(Self {
            engine: Engine::new()?,
            lock: Lock::load(environment, config)?,
            organisation: Organisation::load(environment)?,
            store: Store::of(environment),
            compiler: Compiler::of(environment),
        })
    }

    /// The lock file.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// The same, to be changed.
    pub fn lock_mut(&mut self) -> &mut Lock {
        &mut self.lock
    }

    /// Where components are kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Ids of all plugins: those of the program, then those of the lock file.
    pub fn ids(&self) -> Vec<&str> {
        let bundled = Plugin::bundled_ids().into_iter();
        bundled.chain(self.lock.entries().map(|(name, _)| name)).collect()
    }

    /// The same without those that the organisation's policy forbids: what `all` means.
    pub fn usable_ids(&self) -> Vec<&str> {
        let bundled = sindri_bundled_plugins::all()
            .iter()
            .map(|plugin| (plugin.id, plugin.sha256, false));
        let installed = self
            .lock
            .entries()
            .map(|(name, entry)| (name, entry.sha256.as_str(), true));
        bundled
            .chain(installed)
            .filter(|(id, sha256, third_party)| self.organisation.admit(id, sha256, *third_party).is_ok())
            .map(|(id, _, _)| id)
            .collect()
    }

    /// A plugin by its id or, for one of the program, one of its other names.
    pub fn find(&self, name: &str) -> Result<Plugin> {
        let plugin = self.find_any(name)?;
        self.admit(&plugin)?;
        Ok(plugin)
    }

    /// Whether the organisation's policy wants every program in the sandbox.
    pub fn requires_sandbox(&self) -> bool {
        self.organisation.requires_sandbox()
    }

    /// Whether the organisation's policy lets the plugin be used.
    pub fn admit(&self, plugin: &Plugin) -> Result<()> {
        let identity = plugin.identity();
        self.organisation
            .admit(&identity.id, &identity.sha256, plugin.is_third_party())
    }

    /// The same without asking the organisation, to look at it.
    pub fn find_any(&self, name: &str) -> Result<Plugin> {
        let wanted = name.to_ascii_lowercase();
        if let Some(plugin) = Plugin::bundled_by_id(&self.engine, &wanted) {
            return Ok(plugin);
        }
        let alias = Plugin::bundled_by_alias(&self.engine, &wanted);
        match (self.lock.entry(&wanted), alias) {
            (Some(entry), None) => self.installed(&wanted, entry),
            (None, Some(plugin)) => Ok(plugin),
            (Some(_), Some(plugin)) => Err(Error::new(
                Code::PluginLock,
                format!(
                    "`{wanted}` is another name of the plugin `{}`",
                    plugin.identity().id
                ),
            )
            .file(self.lock.shown())
            .key(format!("plugin.{wanted}"))
            .remedy(format!(
                "install it under another name, and: sindri plugin remove {wanted}"
            ))),
            (None, None) => Err(Error::new(
                Code::UsageUnknownCloud,
                format!("there is no plugin for the cloud `{}`", name.escape_default()),
            )
            .remedy(format!(
                "use one of: {}; or install one: sindri plugin install FILE",
                self.ids().join(", ")
            ))),
        }
    }

    fn installed(&self, name: &str, entry: &Entry) -> Result<Plugin> {
        if entry.contract != CONTRACT {
            return Err(Error::new(
                Code::PluginContract,
                format!(
                    "the plugin `{name}` was installed for {}; this host serves {CONTRACT}",
                    entry.contract
                ),
            )
            .file(self.lock.shown())
            .key(format!("plugin.{name}.contract"))
            .remedy(if newer(&entry.contract, CONTRACT) {
                "update sindri".to_owned()
            } else {
                format!("get a newer version of the plugin: sindri plugin install FILE --name {name}")
            }));
        }
        let bytes = self.store.find(name, entry, &self.lock)?;
        Ok(self.with_digest(name, entry.sha256.clone(), bytes))
    }

    fn with_digest(&self, name: &str, sha256: String, bytes: Vec<u8>) -> Plugin {
        Plugin::installed(&self.engine, name, sha256, bytes, self.compiler.clone())
    }

    /// A component that may not be installed yet.
    pub(crate) fn plugin(&self, name: &str, bytes: Vec<u8>) -> Plugin {
        self.with_digest(name, crate::digest::sha256(&bytes), bytes)
    }

    /// Whether the machine code of a component is kept; if not, every command compiles it.
    pub(crate) fn keeps_code_of(&self, sha256: &str) -> bool {
        self.compiler.keeps(&self.engine, sha256)
    }

    /// Forgets the machine code of a component.
    pub(crate) fn forget(&self, sha256: &str) {
        self.compiler.forget(&self.engine, sha256);
    }

    /// What a plugin may have. A third party's that asks for more than was decided about is refused.
    pub fn grants(&self, plugin: &Plugin, info: &Arc<ProviderInfo>) -> Result<Grants> {
        let id = plugin.identity().id.as_str();
        let all = Grants::all(Arc::clone(info));
        let granted = if plugin.is_third_party() {
            let Some(entry) = self.lock.entry(id) else {
                return Err(
                    Error::new(Code::PluginUnknown, format!("the plugin `{id}` is not installed"))
                        .remedy("sindri plugin install FILE"),
                );
            };
            self.undecided(id, entry, info)?;
            all.granted_by(&entry.grants, self.lock.shown(), id)
                .below_ceiling()
                .with_environment(&entry.environment)
        } else {
            match self.lock.narrowing(id) {
                None => all,
                Some(narrowing) => {
                    let left = narrow::strip(&info.requests, &narrowing.withheld);
                    all.granted_by(&left, self.lock.shown(), id)
                }
            }
        };
        Ok(self.organisation.narrow(granted))
    }

    /// Refuses a request that stands neither under the grants nor under what is withheld.
    fn undecided(&self, id: &str, entry: &Entry, info: &ProviderInfo) -> Result<()> {
        let decided = narrow::join(&entry.grants, &entry.withheld);
        let new = item::items(&narrow::minus(&info.requests, &decided));
        if new.is_empty() {
            return Ok(());
        }
        let error = Error::new(
            Code::PluginGrant,
            format!("the plugin `{id}` asks for more than was decided about"),
        )
        .file(self.lock.shown())
        .key(format!("plugin.{id}"));
        Err(new
            .iter()
            .fold(error, |error, item| error.detail(format!("+ {item}")))
            .remedy(format!(
                "if you trust it with that: sindri plugin grant {id} --all; if not: sindri plugin revoke {id} --new"
            )))
    }
}
