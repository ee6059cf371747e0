//! What a template may say about a builder, one table per builder, and what the host adds to it.
//!
//! A profile is an allow-list: an attribute that is not in its table is refused, so a field that a new
//! version of a Packer plugin brings is refused until somebody has read what it does. Of a builder without a profile a
//! plugin gets what the user grants it, below a ceiling (`granted`).

mod alicloud_ecs;
mod amazon_ebs;
mod azure_arm;
mod communicator;
mod googlecompute;
mod granted;
mod oracle_oci;

pub use granted::Granted;
use semver::Version;

use crate::Result;
use crate::contract::BuilderRequest;
use crate::policy::template::model::Body;

/// One builder.
pub struct Profile {
    /// As in `source "NAME" "…"`.
    pub name: &'static str,
    /// What the source block may hold.
    pub table: Table,
    /// The image's final name, if the template has it.
    pub image_name: fn(&Body) -> Option<String>,
    /// Attribute with the image's tags.
    pub image_tags: &'static str,
    /// Attribute with the image's description, where the cloud has one.
    pub image_description: Option<&'static str>,
    /// Sets what must be there whatever the template says. Called last.
    pub complete: fn(&mut Body, &Additions<'_>) -> Result<()>,
}

/// What a block may hold.
#[derive(Clone, Copy)]
pub struct Table {
    /// Attributes.
    pub attributes: &'static [Attribute],
    /// Nested blocks.
    pub blocks: &'static [NestedBlock],
}

/// One attribute.
#[derive(Clone, Copy)]
pub struct Attribute {
    /// Name.
    pub name: &'static str,
    /// Type and shape.
    pub kind: Kind,
    /// Who decides about the value.
    pub rule: Rule<'static>,
    /// First version of Packer (or of the plugins that it can load) that knows the attribute; all
    /// versions when none. An older one is refused rather than left out: leaving out
    /// `metadata_options` would silently weaken the machine. Only the plugin can say it in a notice.
    pub since: Option<Since>,
}

/// One nested block.
#[derive(Clone, Copy)]
pub struct NestedBlock {
    /// Name.
    pub name: &'static str,
    /// What it may hold.
    pub table: Table,
    /// May stand several times.
    pub repeats: bool,
    /// As for attributes.
    pub since: Option<Since>,
}

/// Type and shape of a value.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Any text.
    Prose,
    /// Any text, in an attribute that Packer renders as a Go template exactly once.
    Script,
    /// Text without `{{`, which no sensible value of the attribute has.
    Word,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Integer(i64, i64),
    /// A list of `Word`s.
    Words,
    /// A list of some of these.
    SomeOf(&'static [&'static str]),
    /// A map of any texts.
    ProseMap,
    /// A map of any texts, in an attribute that Packer renders as a Go template exactly once.
    ScriptMap,
    /// A map of `Word`s.
    WordMap,
    /// A map of `Word`s that the machine reads: without the first keys, which let others in, and in a build without
    /// the second, which run as code that no phase shows. Whatever their case.
    Metadata {
        /// Not in any template.
        never: &'static [&'static str],
        /// Not in a build.
        code: &'static [&'static str],
    },
    /// `true`: the other value would make the machine weaker.
    True,
    /// A list of whole numbers in this range.
    Integers(i64, i64),
    /// A duration such as `90s` or `1h30m`, written out, of at most this many seconds.
    Duration(u32),
    /// A word of this form, written out: it becomes part of a host name or decides where something is made.
    Literal(Form),
    /// A path of the bundle, written out.
    Path,
    /// A list of them.
    Paths,
    /// Anything plain, of an attribute that the host does not know: nothing that could name a file or an address.
    Plain,
    /// The same of `user_data`, which is a script or a document for the build machine.
    PlainScript,
}

/// The form of a word.
#[derive(Clone, Copy)]
pub struct Form {
    /// For messages, for example `a region such as us-east-1`.
    pub name: &'static str,
    /// Whether a word has it.
    pub fits: fn(&str) -> bool,
}

impl Kind {
    /// Whether the value must stand in the template as it is: where something is made and what file is read, a
    /// reader has to see at a glance.
    pub fn is_written_out(self) -> bool {
        matches!(
            self,
            Self::Duration(_) | Self::Literal(_) | Self::Path | Self::Paths
        )
    }
}

/// Who decides about a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule<'a> {
    /// The plugin.
    Free,
    /// The user: the value must be that of this key in the cloud's section of the configuration (dotted for a
    /// nested one), a list a part of it. A review without configuration leaves it open.
    Pinned(&'a str),
    /// The user, expressly, because it shares, publishes, encrypts, costs or gives rights: as `Pinned`, and never
    /// open.
    UserOnly(&'a str),
    /// The plugin, once the configuration has this key.
    With(&'a str),
    /// The user where the configuration has the key, else the plugin.
    PinnedIfSet(&'a str),
}

/// How an attribute may be set.
#[derive(Clone, Copy)]
pub struct Use<'a> {
    /// Type and shape.
    pub kind: Kind,
    /// Who decides about the value.
    pub rule: Rule<'a>,
    /// As for [`Attribute`].
    pub since: Option<Since>,
}

impl From<&Attribute> for Use<'_> {
    fn from(known: &Attribute) -> Self {
        Self {
            kind: known.kind,
            rule: known.rule,
            since: known.since,
        }
    }
}

/// What a block may hold, whoever says so.
#[derive(Clone, Copy)]
pub enum Allowed<'a> {
    /// The host's own list.
    Listed(Table),
    /// What the user has granted.
    Granted(&'a Granted),
}

impl<'a> Allowed<'a> {
    /// How an attribute may be set; none when it may not.
    pub fn attribute(self, name: &str) -> Option<Use<'a>> {
        match self {
            Self::Listed(table) => table
                .attributes
                .iter()
                .find(|known| known.name == name)
                .map(Use::from),
            Self::Granted(granted) => granted.attribute(name),
        }
    }

    /// What a block may hold, whether it may stand several times, and since when there is one; none when it may not
    /// stand here.
    pub fn block(self, name: &str) -> Option<(Self, bool, Option<Since>)> {
        match self {
            Self::Listed(table) => {
                let known = table.blocks.iter().find(|known| known.name == name)?;
                Some((Self::Listed(known.table), known.repeats, known.since))
            }
            Self::Granted(granted) => Some((Self::Granted(granted.block(name)?), true, None)),
        }
    }
}

/// The rules of a builder.
pub enum Builder {
    /// Of one that the host knows.
    Known(&'static Profile),
    /// Of another.
    Granted(Granted),
}

impl Builder {
    /// The rules of a granted builder. The host's own profile counts where there is one, whatever was granted.
    ///
    /// # Errors
    /// When the request goes beyond what can be granted of an unknown builder.
    pub fn of(request: &BuilderRequest) -> Result<Self> {
        match profile(&request.name) {
            Some(profile) => Ok(Self::Known(profile)),
            None => Ok(Self::Granted(Granted::new(request)?)),
        }
    }

    /// What the source block may hold.
    pub fn allowed(&self) -> Allowed<'_> {
        match self {
            Self::Known(profile) => Allowed::Listed(profile.table),
            Self::Granted(granted) => Allowed::Granted(granted),
        }
    }

    /// The image's final name, if the source has it.
    pub fn image_name(&self, source: &Body) -> Option<String> {
        match self {
            Self::Known(profile) => (profile.image_name)(source),
            Self::Granted(_) => granted::image_name(source),
        }
    }

    /// Sets what must be there whatever the template says. Called last.
    ///
    /// # Errors
    /// When what the user chose cannot be done with this builder.
    pub fn complete(&self, source: &mut Body, additions: &Additions<'_>) -> Result<()> {
        match self {
            Self::Known(profile) => (profile.complete)(source, additions),
            Self::Granted(_) => {
                communicator::complete(source, additions);
                Ok(())
            }
        }
    }
}

/// A version: major and minor.
pub type Since = (u64, u64);

/// What the user and the host decided about the build machine and how it is reached.
pub struct Additions<'a> {
    /// The cloud's section of the effective configuration.
    pub config: &'a serde_json::Map<String, serde_json::Value>,
    /// How the machine is reached.
    pub connection: &'a Connection,
    /// The Packer that will read the template; none stands for the newest.
    pub packer: Option<&'a Version>,
    /// Id of the run, for names of what the builder cannot tag.
    pub run_id: &'a str,
}

/// How Packer reaches the build machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Whether it is reached at all.
    pub communicator: Communicator,
    /// Instead of the address that the cloud names.
    pub host: Option<String>,
    /// Instead of 22.
    pub port: Option<u16>,
    /// Packer's way to write it, for example `20m`.
    pub timeout: String,
    /// Who may reach the machine; empty for this machine's public address, as far as Packer finds it.
    pub source_cidrs: Vec<String>,
}

/// Packer's communicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Communicator {
    /// Provisioning over SSH with a temporary key.
    Ssh,
    /// No provisioning: an image of the base as it is.
    None,
}

/// What every source may say of how it is reached. The host's own word goes before.
pub const SHARED: &[Attribute] = communicator::ATTRIBUTES;

/// The profile of a builder, if the host has one.
pub fn profile(name: &str) -> Option<&'static Profile> {
    const PROFILES: &[&Profile] = &[
        &alicloud_ecs::PROFILE,
        &amazon_ebs::PROFILE,
        &azure_arm::PROFILE,
        &googlecompute::PROFILE,
        &oracle_oci::PROFILE,
    ];
    PROFILES.iter().copied().find(|profile| profile.name == name)
}

/// Whether this Packer has the attribute; the newest has all.
pub fn knows(packer: Option<&Version>, since: Option<Since>) -> bool {
    match (packer, since) {
        (Some(version), Some(since)) => (version.major, version.minor) >= since,
        _ => true,
    }
}

/// First Packer with `init`, `required_plugins` and plugins of their own.
pub const PACKER_WITH_PLUGINS: Since = (1, 7);

/// Shorthands for the tables.
const fn free(name: &'static str, kind: Kind) -> Attribute {
    Attribute {
        name,
        kind,
        rule: Rule::Free,
        since: None,
    }
}

const fn pinned(name: &'static str, kind: Kind, key: &'static str) -> Attribute {
    Attribute {
        name,
        kind,
        rule: Rule::Pinned(key),
        since: None,
    }
}

const fn user_only(name: &'static str, kind: Kind, key: &'static str) -> Attribute {
    Attribute {
        name,
        kind,
        rule: Rule::UserOnly(key),
        since: None,
    }
}

const fn with(name: &'static str, kind: Kind, key: &'static str) -> Attribute {
    Attribute {
        name,
        kind,
        rule: Rule::With(key),
        since: None,
    }
}

const fn newer(attribute: Attribute) -> Attribute {
    Attribute {
        since: Some(PACKER_WITH_PLUGINS),
        ..attribute
    }
}

/// One label of a host name, which a region becomes: no dots, no slashes.
const REGION: Form = Form {
    name: "a region: lower-case letters, digits and dashes",
    fits: is_label,
};

const ZONE: Form = Form {
    name: "a zone: lower-case letters, digits and dashes",
    fits: is_label,
};

fn is_label(text: &str) -> bool {
    (2..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && !text.ends_with('-')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
