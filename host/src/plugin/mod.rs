//! Loads cloud plugins and calls them: pure functions in WebAssembly, a fresh instance per call.

mod call;
mod engine;
mod inspect;
mod limits;
mod precompiled;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use wasmtime::component::Component;

use crate::contract::{BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn};
use crate::error::{Code, Error, Result};

pub use engine::Engine;
pub use inspect::{Inspection, inspect};

/// The contract this host serves.
pub const CONTRACT: &str = "sindri:packer@0.1.0";
/// The interface that a plugin exports.
pub const INTERFACE: &str = "sindri:packer/packer-provider@0.1.0";

/// What a plugin is known by: never by what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Name under which the user reaches it.
    pub id: String,
    /// SHA-256 of the component, in hexadecimal digits.
    pub sha256: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a plugin came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Built into the program.
    Bundled,
    /// Loaded from a file.
    File,
}

/// A loaded plugin.
pub struct Plugin {
    engine: Engine,
    component: Component,
    bytes: Cow<'static, [u8]>,
    identity: Identity,
    info: OnceLock<Arc<ProviderInfo>>,
}

impl Plugin {
    /// Compiles a component. Takes a second or more for a large one: never on the path of a command.
    pub fn compile(engine: &Engine, id: &str, bytes: &[u8]) -> Result<Self> {
        inspect(bytes)?.check()?;
        let component = Component::new(engine.wasmtime(), bytes).map_err(|error| {
            Error::new(
                Code::PluginContract,
                format!("the component of plugin `{id}` does not compile"),
            )
            .detail(format!("{error:#}"))
        })?;
        let identity = Identity {
            id: id.to_owned(),
            sha256: crate::digest::sha256(bytes),
            origin: Origin::File,
        };
        Ok(Self::new(engine, component, Cow::Owned(bytes.to_vec()), identity))
    }

    /// A plugin that is built into the program, by its id or one of its other names.
    pub fn bundled(engine: &Engine, name: &str) -> Result<Self> {
        let wanted = name.to_ascii_lowercase();
        let all = sindri_bundled_plugins::all();
        if let Some(plugin) = all.iter().find(|plugin| plugin.id == wanted) {
            return Self::embedded(engine, plugin);
        }
        // Only the plugins themselves know their other names; asking one costs a fraction of a millisecond.
        for plugin in all {
            let plugin = Self::embedded(engine, plugin)?;
            if plugin.describe()?.aliases.contains(&wanted) {
                return Ok(plugin);
            }
        }
        Err(Error::new(
            Code::UsageUnknownCloud,
            format!("there is no plugin for the cloud `{name}`"),
        )
        .remedy(format!("use one of: {}", Self::bundled_ids().join(", "))))
    }

    /// The ids of the plugins that are built into the program.
    pub fn bundled_ids() -> Vec<&'static str> {
        sindri_bundled_plugins::all()
            .iter()
            .map(|plugin| plugin.id)
            .collect()
    }

    /// Every plugin that is built into the program.
    pub fn all_bundled(engine: &Engine) -> Result<Vec<Self>> {
        sindri_bundled_plugins::all()
            .iter()
            .map(|plugin| Self::embedded(engine, plugin))
            .collect()
    }

    fn embedded(engine: &Engine, plugin: &sindri_bundled_plugins::BundledPlugin) -> Result<Self> {
        let component = precompiled::load(engine.wasmtime(), plugin)?;
        let identity = Identity {
            id: plugin.id.to_owned(),
            sha256: plugin.sha256.to_owned(),
            origin: Origin::Bundled,
        };
        Ok(Self::new(
            engine,
            component,
            Cow::Borrowed(plugin.component),
            identity,
        ))
    }

    fn new(engine: &Engine, component: Component, bytes: Cow<'static, [u8]>, identity: Identity) -> Self {
        Self {
            engine: engine.clone(),
            component,
            bytes,
            identity,
            info: OnceLock::new(),
        }
    }

    /// What the plugin is known by.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The component's bytes, which anyone can check.
    pub fn component_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the plugin says of itself; asked once.
    pub fn describe(&self) -> Result<Arc<ProviderInfo>> {
        if let Some(info) = self.info.get() {
            return Ok(Arc::clone(info));
        }
        let (info,): (ProviderInfo,) = self.call("describe", ())?;
        Ok(Arc::clone(self.info.get_or_init(|| Arc::new(info))))
    }

    /// The cloud's part of the Packer template.
    pub fn render(&self, request: BuildRequest) -> Result<Bundle> {
        let (answer,): (std::result::Result<Bundle, Problem>,) = self.call("render", (request,))?;
        answer.map_err(|problem| self.problem(problem))
    }

    /// The next turn of an operation.
    pub fn plan(&self, request: PlanRequest, history: Vec<StepResult>) -> Result<Turn> {
        let (answer,): (std::result::Result<Turn, Problem>,) = self.call("plan", (request, history))?;
        answer.map_err(|problem| self.problem(problem))
    }

    fn call<P, R>(&self, function: &'static str, parameters: P) -> Result<R>
    where
        P: wasmtime::component::ComponentNamedList + wasmtime::component::Lower + Send + Sync + 'static,
        R: wasmtime::component::ComponentNamedList + wasmtime::component::Lift + Send + Sync + 'static,
    {
        call::call(&self.engine, &self.component, function, parameters)
            .map_err(|error| error.detail(format!("plugin `{}`, function `{function}`", self.identity.id)))
    }

    /// A plugin's problem in the host's words: its key is one of its own section.
    fn problem(&self, problem: Problem) -> Error {
        let mut error = Error::new(Code::PluginProblem, problem.message)
            .detail(format!("{}: {}", self.identity.id, problem.code));
        if let Some(key) = problem.key {
            error = error.key(format!("providers.packer.{}.{key}", self.identity.id));
        }
        match problem.remedy {
            Some(remedy) => error.remedy(remedy),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests;
