//! `sindri.plugins.lock`: which components this project uses, and what each of them may do.
//!
//! It lies beside the configuration and is committed. A grant holds for exactly one component: identity and
//! digest stand here, and what the component says of itself counts for nothing.

mod write;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::name;
use crate::contract::Requests;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::children::variables;
use crate::policy::grants::organisation::line_of;

/// Its name.
pub const FILE: &str = "sindri.plugins.lock";
/// A plugin with a hundred commands has 20 KiB.
const SIZE_LIMIT: u64 = 1 << 20;
const VERSION: u32 = 1;

/// The lock file, read and checked; an absent one is empty.
#[derive(Clone, Debug)]
pub struct Lock {
    path: PathBuf,
    /// As errors show it.
    shown: PathBuf,
    content: Content,
}

/// What stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    #[serde(default)]
    plugin: BTreeMap<String, Entry>,
    #[serde(default)]
    bundled: BTreeMap<String, Narrowing>,
}

/// A plugin that was installed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// SHA-256 of the component, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Version of the contract that it was installed with.
    pub contract: String,
    /// Where it was installed from: a path relative to the lock file.
    pub source: String,
    /// What it gets of WASI.
    pub wasi: Wasi,
    /// The user's variables that its tools and Packer get: the user's choice alone, no plugin asks for any.
    #[serde(default)]
    pub environment: Vec<String>,
    /// What it may do.
    #[serde(default)]
    pub grants: Requests,
    /// What it asks for and was not granted. A request that stands in neither is new, and the plugin is
    /// refused until somebody decides.
    #[serde(default)]
    pub withheld: Requests,
}

/// What a component gets of WASI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wasi {
    /// Nothing.
    None,
}

/// Less than everything for a plugin that is built into the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrowing {
    /// What it does not get.
    #[serde(default)]
    pub withheld: Requests,
}

impl Lock {
    /// Reads the lock file beside the configuration file, else in the working directory.
    pub fn load(environment: &Environment, config: Option<&Path>) -> Result<Self> {
        let shown = match config.and_then(Path::parent) {
            Some(directory) => directory.join(FILE),
            None => PathBuf::from(FILE),
        };
        let path = environment.working_directory().join(&shown);
        let content = match files::read_text(&path, SIZE_LIMIT) {
            Ok(text) => parse(&text).map_err(|error| error.file(&shown))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content {
                version: VERSION,
                plugin: BTreeMap::new(),
                bundled: BTreeMap::new(),
            },
            Err(error) => {
                return Err(Error::new(Code::PluginLock, "the lock file cannot be read")
                    .file(&shown)
                    .source(error)
                    .remedy("make it a readable text file, or restore it from version control"));
            }
        };
        Ok(Self { path, shown, content })
    }

    /// The file as errors show it.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// The directory from which sources are relative.
    pub fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    /// The installed plugins, by name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.content
            .plugin
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    /// An installed plugin.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.content.plugin.get(name)
    }

    /// What a bundled plugin does not get.
    pub fn narrowing(&self, name: &str) -> Option<&Narrowing> {
        self.content.bundled.get(name)
    }

    /// The names of the bundled plugins that get less.
    pub fn narrowed(&self) -> impl Iterator<Item = &str> {
        self.content.bundled.keys().map(String::as_str)
    }

    /// Adds or replaces an installed plugin.
    pub fn set(&mut self, name: &str, entry: Entry) {
        self.content.plugin.insert(name.to_owned(), entry);
    }

    /// Sets what a bundled plugin does not get.
    pub fn narrow(&mut self, name: &str, withheld: Requests) {
        if crate::policy::grants::narrow::is_empty(&withheld) {
            self.content.bundled.remove(name);
        } else {
            let narrowing = Narrowing { withheld };
            self.content.bundled.insert(name.to_owned(), narrowing);
        }
    }

    /// Takes an installed plugin out.
    pub fn remove(&mut self, name: &str) -> Option<Entry> {
        self.content.plugin.remove(name)
    }

    /// Writes the file in one step.
    pub fn save(&self) -> Result<()> {
        let text = write::text(&self.content);
        // What cannot be read again must not be written.
        parse(&text).map_err(|error| error.file(&self.shown))?;
        files::replace_for_user(&self.path, text.as_bytes()).map_err(|error| {
            Error::new(Code::PluginLock, "the lock file cannot be written")
                .file(&self.shown)
                .source(error)
        })
    }
}

/// Whether a text could be a lock file.
pub fn check_text(text: &str) -> Result<()> {
    parse(text).map(drop)
}

fn parse(text: &str) -> Result<Content> {
    let content: Content = toml::from_str(text).map_err(|error| {
        let refused = refused(error.message().lines().next().unwrap_or_default());
        match error.span() {
            Some(span) => refused.line(line_of(text, span.start)),
            None => refused,
        }
    })?;
    if content.version != VERSION {
        return Err(
            refused(&format!("its version is {} and not {VERSION}", content.version))
                .key("version")
                .remedy("use the version of sindri that wrote it, or install the plugins anew"),
        );
    }
    for (name, entry) in &content.plugin {
        name::check(name).map_err(|error| refused(error.message()))?;
        check(entry).map_err(|(key, why)| refused(&why).key(format!("plugin.{name}.{key}")))?;
    }
    let bundled = super::Plugin::bundled_ids();
    if let Some(name) = content
        .plugin
        .keys()
        .find(|name| bundled.contains(&name.as_str()))
    {
        return Err(refused("a plugin of that name is built into sindri")
            .key(format!("plugin.{name}"))
            .remedy("remove the table and install the plugin under another name"));
    }
    if let Some(name) = content
        .bundled
        .keys()
        .find(|name| !bundled.contains(&name.as_str()))
    {
        return Err(refused("no plugin of that name is built into sindri").key(format!("bundled.{name}")));
    }
    Ok(content)
}

fn check(entry: &Entry) -> Result<(), (&'static str, String)> {
    let hexadecimal = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if entry.sha256.len() != 64 || !entry.sha256.chars().all(hexadecimal) {
        return Err((
            "sha256",
            "a digest is 64 lower-case hexadecimal digits".to_owned(),
        ));
    }
    let source = Path::new(&entry.source);
    if entry.source.is_empty() || source.is_absolute() || entry.source.chars().any(char::is_control) {
        return Err((
            "source",
            "a source is a path relative to the lock file".to_owned(),
        ));
    }
    if let Some(error) = entry
        .environment
        .iter()
        .find_map(|name| variables::check(name).err())
    {
        return Err(("environment", error.message().to_owned()));
    }
    let version = entry.contract.strip_prefix("sindri:packer@");
    if version
        .and_then(|text| semver::Version::parse(text).ok())
        .is_none()
    {
        return Err((
            "contract",
            format!(
                "`{}` is no version of the contract",
                entry.contract.escape_default()
            ),
        ));
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::new(
        Code::PluginLock,
        format!(
            "the lock file cannot be used: {}",
            crate::policy::redact::neutralise(why)
        ),
    )
    .remedy("mend the line, or restore the file from version control")
}

#[cfg(test)]
mod tests;
