//! One thing that a plugin may be granted, and its three spellings: for people, on the command line, and
//! in the lock file.

use std::fmt;

use crate::contract::{BuilderRequest, CommandRequest, GuestPhase, PackerPlugin, Requests};
use crate::operation::effect_name;
use crate::policy::redact::neutralise;

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A Packer builder, with attributes where the host has no list of its own.
    Builder(BuilderRequest),
    /// A plugin of Packer: native code from somebody else, that Packer runs.
    PackerPlugin(PackerPlugin),
    /// A command with its flags.
    Command(CommandRequest),
    /// Steps inside the VM.
    Phase(GuestPhase),
}

/// The items of a set, in its order.
pub fn items(set: &Requests) -> Vec<Item> {
    let builders = set.builders.iter().cloned().map(Item::Builder);
    let plugins = set.packer_plugins.iter().cloned().map(Item::PackerPlugin);
    let commands = set.commands.iter().cloned().map(Item::Command);
    let phases = set.guest_phases.iter().copied().map(Item::Phase);
    builders.chain(plugins).chain(commands).chain(phases).collect()
}

/// The set of these items.
pub fn set<'a>(items: impl IntoIterator<Item = &'a Item>) -> Requests {
    let mut set = Requests::default();
    for item in items {
        match item {
            Item::Builder(builder) => set.builders.push(builder.clone()),
            Item::PackerPlugin(plugin) => set.packer_plugins.push(plugin.clone()),
            Item::Command(command) => set.commands.push(command.clone()),
            Item::Phase(phase) => set.guest_phases.push(*phase),
        }
    }
    set
}

/// The word for a phase, as the contract has it.
pub fn phase_name(phase: GuestPhase) -> &'static str {
    match phase {
        GuestPhase::Prepare => "prepare",
        GuestPhase::BeforeClean => "before-clean",
        GuestPhase::Generalize => "generalize",
    }
}

impl Item {
    /// What names it on the command line: `command hcloud server list`.
    pub fn specification(&self) -> String {
        let text = match self {
            Self::Builder(builder) => format!("builder {}", builder.name),
            Self::PackerPlugin(plugin) => format!("packer {}", plugin.source),
            Self::Command(command) => format!("command {} {}", command.tool, command.verb.join(" ")),
            Self::Phase(phase) => format!("phase {}", phase_name(*phase)),
        };
        neutralise(&text).into_owned()
    }

    /// Whether somebody means it with this specification; `effect create` means all commands with it.
    pub fn is_meant_by(&self, specification: &str) -> bool {
        let wanted: Vec<&str> = specification.split_whitespace().collect();
        match (wanted.as_slice(), self) {
            (["effect", effect], Self::Command(command)) => *effect == effect_name(command.effect),
            _ => self.specification().split_whitespace().eq(wanted),
        }
    }

    /// Its entry in the lock file: printable ASCII.
    pub fn line(&self) -> String {
        match self {
            Self::Builder(builder) => format!(
                "{{ name = {}, attributes = {} }}",
                text(&builder.name),
                list(&builder.attributes)
            ),
            Self::PackerPlugin(plugin) => format!(
                "{{ name = {}, source = {}, version = {} }}",
                text(&plugin.name),
                text(&plugin.source),
                text(&plugin.version)
            ),
            Self::Command(command) => format!(
                "{{ tool = {}, verb = {}, flags = {}, effect = {} }}",
                text(&command.tool),
                list(&command.verb),
                list(&command.flags),
                text(effect_name(command.effect))
            ),
            Self::Phase(phase) => text(phase_name(*phase)),
        }
    }
}

/// A basic string of TOML in printable ASCII: what a review shows must be what stands there, and some
/// characters turn the direction of a line.
pub fn text(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            other => quoted.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    quoted.push('"');
    quoted
}

/// An array of strings.
pub fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
    format!("[{}]", values.join(", "))
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.specification())?;
        let more = match self {
            Self::Builder(builder) => builder.attributes.join(", "),
            Self::PackerPlugin(plugin) => format!("{} as {}", plugin.version, plugin.name),
            Self::Command(command) => {
                let flags = command.flags.iter().map(|flag| format!(" --{flag}"));
                format!("{}{}", effect_name(command.effect), flags.collect::<String>())
            }
            Self::Phase(_) => String::new(),
        };
        if more.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", neutralise(&more))
    }
}
