//! Loads cloud plugins and calls them: pure functions in WebAssembly, a fresh instance per call.

mod call;
pub mod catalog;
mod compiled;
pub mod compiler;
mod description;
mod engine;
mod inspect;
mod limits;
mod loaded;
pub mod lock;
pub mod name;
mod precompiled;
pub mod store;
mod texts;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::{Deserialize, Serialize};
use sindri_bundled_plugins::BundledPlugin;
use wasmtime::component::Component;

use crate::contract::{BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn};
use crate::error::{Code, Error, Result};

use call::Guest;
pub use catalog::Catalog;
use compiler::Compiler;
pub use engine::Engine;
use inspect::newer;
pub use inspect::{Inspection, inspect};
use loaded::Loaded;

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
    /// Installed, and named in the lock file.
    Installed,
}

/// A loaded plugin.
pub struct Plugin {
    engine: Engine,
    source: Source,
    /// Loaded for the first call, or by [`Plugin::load_ahead`].
    component: Loaded,
    /// For the first call.
    ahead: Mutex<Option<Guest>>,
    identity: Identity,
    info: OnceLock<Arc<ProviderInfo>>,
}

/// Where the code and what is known without running it come from.
enum Source {
    Embedded(&'static BundledPlugin),
    Compiled(Vec<u8>),
    Installed(Vec<u8>, Compiler),
}

/// The part of what a plugin says of itself that leads to it.
#[derive(Deserialize)]
struct Names {
    aliases: Vec<String>,
}

impl Plugin {
    /// Compiles a component. Takes a second or more for a large one: never on the path of a command.
    pub fn compile(engine: &Engine, id: &str, bytes: &[u8]) -> Result<Self> {
        inspect(bytes)?.check()?;
        let component = compile(engine, id, bytes)?;
        let identity = Identity {
            id: id.to_owned(),
            sha256: crate::digest::sha256(bytes),
            origin: Origin::File,
        };
        Ok(Self {
            component: Loaded::of(component),
            ..Self::new(engine, Source::Compiled(bytes.to_vec()), identity)
        })
    }

    /// A component that somebody installed, or may install. Compiled in a child process when it is first called,
    /// unless it was before.
    pub(super) fn installed(
        engine: &Engine,
        id: &str,
        sha256: String,
        bytes: Vec<u8>,
        compiler: Compiler,
    ) -> Self {
        let identity = Identity {
            id: id.to_owned(),
            sha256,
            origin: Origin::Installed,
        };
        Self::new(engine, Source::Installed(bytes, compiler), identity)
    }

    /// A plugin that is built into the program, by its id or one of its other names.
    pub fn bundled(engine: &Engine, name: &str) -> Result<Self> {
        let wanted = name.to_ascii_lowercase();
        Self::bundled_by_id(engine, &wanted)
            .or_else(|| Self::bundled_by_alias(engine, &wanted))
            .ok_or_else(|| {
                Error::new(
                    Code::UsageUnknownCloud,
                    format!("there is no plugin for the cloud `{name}`"),
                )
                .remedy(format!("use one of: {}", Self::bundled_ids().join(", ")))
            })
    }

    /// A plugin that is built into the program, by its id.
    pub(super) fn bundled_by_id(engine: &Engine, id: &str) -> Option<Self> {
        let mut all = sindri_bundled_plugins::all().iter();
        all.find(|plugin| plugin.id == id)
            .map(|plugin| Self::embedded(engine, plugin))
    }

    /// A plugin that is built into the program, by one of its other names.
    pub(super) fn bundled_by_alias(engine: &Engine, name: &str) -> Option<Self> {
        let mut all = sindri_bundled_plugins::all().iter();
        all.find(|plugin| {
            let names: Option<Names> = serde_json::from_str(plugin.info).ok();
            names.is_some_and(|names| names.aliases.iter().any(|alias| alias == name))
        })
        .map(|plugin| Self::embedded(engine, plugin))
    }

    /// The ids of the plugins that are built into the program.
    pub fn bundled_ids() -> Vec<&'static str> {
        sindri_bundled_plugins::all()
            .iter()
            .map(|plugin| plugin.id)
            .collect()
    }

    /// Every plugin that is built into the program.
    pub fn all_bundled(engine: &Engine) -> Vec<Self> {
        sindri_bundled_plugins::all()
            .iter()
            .map(|plugin| Self::embedded(engine, plugin))
            .collect()
    }

    fn embedded(engine: &Engine, plugin: &'static BundledPlugin) -> Self {
        let identity = Identity {
            id: plugin.id.to_owned(),
            sha256: plugin.sha256.to_owned(),
            origin: Origin::Bundled,
        };
        Self::new(engine, Source::Embedded(plugin), identity)
    }

    fn new(engine: &Engine, source: Source, identity: Identity) -> Self {
        Self {
            engine: engine.clone(),
            source,
            component: Loaded::default(),
            ahead: Mutex::default(),
            identity,
            info: OnceLock::new(),
        }
    }

    /// What the plugin is known by.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether it does not come with the program.
    pub fn is_third_party(&self) -> bool {
        match self.source {
            Source::Embedded(_) => false,
            Source::Compiled(_) | Source::Installed(..) => true,
        }
    }

    /// The component's bytes, which anyone can check.
    pub fn component_bytes(&self) -> &[u8] {
        match &self.source {
            Source::Embedded(plugin) => plugin.component,
            Source::Compiled(bytes) | Source::Installed(bytes, _) => bytes,
        }
    }

    /// What the plugin says of itself; asked once, an embedded one when the program was built.
    pub fn describe(&self) -> Result<Arc<ProviderInfo>> {
        if let Some(info) = self.info.get() {
            return Ok(Arc::clone(info));
        }
        let info = match &self.source {
            Source::Embedded(plugin) => serde_json::from_str(plugin.info).map_err(|error| {
                Error::new(
                    Code::Internal,
                    format!(
                        "what the embedded plugin `{}` says of itself is unreadable",
                        plugin.id
                    ),
                )
                .source(error)
            })?,
            Source::Compiled(_) => self.ask()?,
            Source::Installed(..) => description::admit(self.ask()?, &self.identity.id)?,
        };
        Ok(Arc::clone(self.info.get_or_init(|| Arc::new(info))))
    }

    /// What the plugin says of itself now.
    pub fn ask(&self) -> Result<ProviderInfo> {
        let (info,): (ProviderInfo,) = self.call("describe", ())?;
        Ok(info)
    }

    /// The cloud's part of the Packer template.
    pub fn render(&self, request: BuildRequest) -> Result<Bundle> {
        let (answer,): (std::result::Result<Bundle, Problem>,) = self.call("render", (request,))?;
        answer
            .map(texts::of_bundle)
            .map_err(|problem| self.problem(texts::of_problem(problem)))
    }

    /// The next turn of an operation.
    pub fn plan(&self, request: PlanRequest, history: Vec<StepResult>) -> Result<Turn> {
        let (answer,): (std::result::Result<Turn, Problem>,) = self.call("plan", (request, history))?;
        answer.map_err(|problem| self.problem(texts::of_problem(problem)))
    }

    fn call<P, R>(&self, function: &'static str, parameters: P) -> Result<R>
    where
        P: wasmtime::component::ComponentNamedList + wasmtime::component::Lower + Send + Sync + 'static,
        R: wasmtime::component::ComponentNamedList + wasmtime::component::Lift + Send + Sync + 'static,
    {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).take();
        let guest = match ahead {
            Some(guest) => guest,
            None => {
                let component = self.component()?;
                Guest::start(&self.engine, move || Ok(component))?
            }
        };
        guest
            .call(function, parameters)
            .map_err(|error| error.detail(format!("plugin `{}`, function `{function}`", self.identity.id)))
    }

    fn component(&self) -> Result<Component> {
        self.component.get_or_load(|| match &self.source {
            Source::Embedded(plugin) => precompiled::load(self.engine.wasmtime(), plugin),
            Source::Compiled(bytes) => compile(&self.engine, &self.identity.id, bytes),
            Source::Installed(bytes, compiler) => {
                compiler.load(&self.engine, &self.identity.id, &self.identity.sha256, bytes)
            }
        })
    }

    /// Has an embedded plugin's code loaded and an instance made by the thread of its first call, while this one
    /// does what comes before that call: both take about as long.
    pub(crate) fn load_ahead(&self) {
        let Source::Embedded(plugin) = self.source else {
            return;
        };
        let (engine, component) = (self.engine.clone(), self.component.clone());
        let guest = Guest::start(&self.engine, move || {
            component.get_or_load(|| precompiled::load(engine.wasmtime(), plugin))
        });
        // Where no thread can be started, the call says so.
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = guest.ok();
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

fn compile(engine: &Engine, id: &str, bytes: &[u8]) -> Result<Component> {
    Component::new(engine.wasmtime(), bytes).map_err(|error| {
        Error::new(
            Code::PluginContract,
            format!("the component of plugin `{id}` does not compile"),
        )
        .detail(format!("{error:#}"))
    })
}

#[cfg(test)]
mod tests;
