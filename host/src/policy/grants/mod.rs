//! What a plugin may have: what it requests ∩ what the user granted to this very component ∩ the host's
//! ceiling ∩ the organisation's policy.
//!
//! A [`Requests`] is a set here: of builders with attributes, Packer plugins, commands with flags, and
//! phases inside the VM.

pub mod ceiling;
pub mod item;
pub mod narrow;
pub mod organisation;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contract::{
    BuilderRequest, Command, CommandRequest, GuestPhase, PackerPlugin, ProviderInfo, Requests,
};
use crate::error::{Code, Error};
use crate::plugin::Plugin;
use crate::policy::argv;
use crate::policy::redact::neutralise;
use item::Item;

/// What a plugin may have. Everything that is checked is checked against this, never against what the
/// plugin requests.
#[derive(Clone, Debug)]
pub struct Grants {
    info: Arc<ProviderInfo>,
    /// Less than the requests; none for all of them.
    narrowed: Option<Box<Requests>>,
    denials: Vec<Denial>,
    environment: Vec<String>,
}

/// What was requested and is not given, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// One thing.
    pub item: Item,
    /// Whose decision.
    pub by: Limit,
}

/// Who takes something away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// No plugin gets it; why.
    Ceiling(String),
    /// The lock file does not grant it.
    User {
        /// The lock file.
        lock: PathBuf,
        /// The plugin's name there.
        plugin: String,
    },
    /// The organisation's policy.
    Organisation {
        /// The policy file.
        file: PathBuf,
        /// The key in it.
        rule: &'static str,
    },
}

impl Grants {
    /// Everything that the plugin requests.
    pub fn all(info: Arc<ProviderInfo>) -> Self {
        Self {
            info,
            narrowed: None,
            denials: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// With these variables of the user's environment for the plugin's tools and Packer.
    #[must_use]
    pub fn with_environment(mut self, names: &[String]) -> Self {
        self.environment = names.to_vec();
        self
    }

    /// Without these.
    #[must_use]
    fn without_environment(mut self, names: &[String]) -> Self {
        self.environment.retain(|name| !names.contains(name));
        self
    }

    /// Names of the user's variables that the plugin's tools and Packer get besides what the host knows of.
    pub fn environment(&self) -> &[String] {
        &self.environment
    }

    /// What a user's lock file leaves of it.
    #[must_use]
    pub fn granted_by(mut self, granted: &Requests, lock: &Path, plugin: &str) -> Self {
        let beyond = item::items(&narrow::minus(self.requests(), granted));
        if beyond.is_empty() {
            return self;
        }
        // Not all but what is beyond: a command may be left without any of its flags.
        self.narrowed = Some(Box::new(narrow::meet(self.requests(), granted)));
        self.denials.extend(beyond.into_iter().map(|item| Denial {
            item,
            by: Limit::User {
                lock: lock.to_path_buf(),
                plugin: plugin.to_owned(),
            },
        }));
        self
    }

    /// What the host's ceiling leaves of it.
    #[must_use]
    pub fn below_ceiling(self) -> Self {
        self.without(|item| ceiling::refuses(item).map(Limit::Ceiling))
    }

    /// Takes away each item for which somebody says so.
    #[must_use]
    pub fn without(mut self, by: impl Fn(&Item) -> Option<Limit>) -> Self {
        let denials: Vec<Denial> = item::items(self.requests())
            .into_iter()
            .filter_map(|item| by(&item).map(|by| Denial { item, by }))
            .collect();
        if denials.is_empty() {
            return self;
        }
        let denied = item::set(denials.iter().map(|denial| &denial.item));
        self.narrowed = Some(Box::new(narrow::strip(self.requests(), &denied)));
        self.denials.extend(denials);
        self
    }

    /// What is left.
    pub fn requests(&self) -> &Requests {
        self.narrowed.as_deref().unwrap_or(&self.info.requests)
    }

    /// Granted builders.
    pub fn builders(&self) -> &[BuilderRequest] {
        &self.requests().builders
    }

    /// Granted Packer plugins.
    pub fn packer_plugins(&self) -> &[PackerPlugin] {
        &self.requests().packer_plugins
    }

    /// Granted commands.
    pub fn commands(&self) -> &[CommandRequest] {
        &self.requests().commands
    }

    /// Granted phases inside the VM.
    pub fn guest_phases(&self) -> &[GuestPhase] {
        &self.requests().guest_phases
    }

    /// What was requested and is not given.
    pub fn denials(&self) -> &[Denial] {
        &self.denials
    }

    /// Whether all of the item is granted.
    pub fn allows(&self, item: &Item) -> bool {
        narrow::is_empty(&narrow::minus(&item::set([item]), self.requests()))
    }

    /// Says of a refused command who refuses it, where that is not the host.
    pub fn explain_command(&self, error: Error, command: &Command) -> Error {
        if !matches!(error.code(), Code::ArgvTool | Code::ArgvVerb | Code::ArgvFlag) {
            return error;
        }
        let has_flag_of = |denied: &CommandRequest| {
            let mut flags = denied.flags.iter();
            flags.any(|flag| command.flags.iter().any(|one| argv::is_granted(flag, &one.name)))
        };
        let denied = self.denials.iter().find(|denial| match &denial.item {
            Item::Command(denied) => {
                denied.tool == command.tool
                    && denied.verb == command.verb
                    && denied.effect == command.effect
                    && (error.code() != Code::ArgvFlag || has_flag_of(denied))
            }
            Item::Builder(_) | Item::PackerPlugin(_) | Item::Phase(_) => false,
        });
        match denied {
            Some(denial) => denial.explain(error),
            None => error,
        }
    }

    /// The same for a refused template.
    pub fn explain_template(&self, error: Error) -> Error {
        let concerns = |item: &Item| match (error.code(), item) {
            (Code::TemplateBuilder, Item::Builder(_))
            | (Code::TemplateAttribute, Item::Builder(_))
            | (Code::TemplateBlock, Item::Builder(_) | Item::Phase(_))
            | (Code::TemplateValue, Item::PackerPlugin(_)) => true,
            (_, Item::Builder(_) | Item::Phase(_) | Item::PackerPlugin(_) | Item::Command(_)) => false,
        };
        let denied = self.denials.iter().find(|denial| concerns(&denial.item));
        match denied {
            Some(denial) => denial.explain(error),
            None => error,
        }
    }
}

impl Denial {
    /// What was denied, by whom, and what to do: added to a refusal.
    fn explain(&self, error: Error) -> Error {
        let item = &self.item;
        match &self.by {
            Limit::Ceiling(why) => error.detail(format!("no plugin gets `{item}`: {why}")),
            Limit::User { lock, plugin } => {
                let grant = format!("sindri plugin grant {plugin} '{}'", item.specification());
                // A bundled plugin has everything that its table in the lock file does not withhold.
                let next = if Plugin::bundled_ids().contains(&plugin.as_str()) {
                    format!("if you want it to: {grant}")
                } else {
                    let line = neutralise(&item.line()).into_owned();
                    format!(
                        "if you trust it with that: {grant}, which adds to {}: {line}",
                        lock.display()
                    )
                };
                error
                    .remedy(next)
                    .detail(format!("{} does not grant `{item}`", lock.display()))
            }
            Limit::Organisation { file, rule } => Error::new(
                Code::PolicyDenied,
                format!("the organisation's policy forbids `{item}`"),
            )
            .file(file)
            .key(*rule)
            .detail(error.message())
            .remedy("do without it, or ask whoever owns the policy file"),
        }
    }
}

#[cfg(test)]
mod tests;
