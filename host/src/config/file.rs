//! Reading `sindri.yaml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::origin::{self, Origins};
use super::suggest;
use super::yaml::{self, Data, Entry, Node};
use crate::environment::Environment;
use crate::{Code, Error, Result, files};

/// Read when `--config` is not given.
const DEFAULT_NAME: &str = "sindri.yaml";
/// Bytes of the file.
const SIZE_LIMIT: u64 = 1 << 20;
/// Values below `providers.packer`, aliases expanded: an alias bomb grows tenfold with each line.
const VALUE_LIMIT: usize = 20_000;

/// The configuration file, read but not yet checked against a plugin's schema.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// As the user named it; none when there is no file.
    pub(super) shown: Option<PathBuf>,
    /// Relative paths in the file start here.
    pub(super) base: PathBuf,
    /// What stands under `providers.packer`.
    pub(super) section: Value,
    pub(super) origins: Origins,
    /// Numbers and truth values as written, by pointer.
    pub(super) written: BTreeMap<String, String>,
}

/// Reads the file given with `--config`, else `sindri.yaml` in the working directory, which may be
/// absent.
pub fn load(explicit: Option<&Path>, environment: &Environment) -> Result<File> {
    let shown = explicit.unwrap_or(Path::new(DEFAULT_NAME));
    let path = environment.working_directory().join(shown);
    let text = match files::read_text(&path, SIZE_LIMIT) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && explicit.is_none() => {
            return Ok(File::empty(environment));
        }
        Err(error) => {
            return Err(Error::new(Code::ConfigRead, "cannot read the configuration")
                .file(shown)
                .source(error)
                .remedy("give a readable text file of at most 1 MiB in UTF-8"));
        }
    };
    let base = path.parent().unwrap_or(Path::new("/")).to_path_buf();
    parse(&text, base)
        .map(|file| File {
            shown: Some(shown.to_path_buf()),
            ..file
        })
        .map_err(|error| error.file(shown))
}

/// Reads the text of a configuration file.
fn parse(text: &str, base: PathBuf) -> Result<File> {
    let mut file = File {
        base,
        section: Value::Object(Map::new()),
        ..File::default()
    };
    let Some(document) = yaml::parse(text)? else {
        return Ok(file);
    };
    let Some(entry) = find_section(&document)? else {
        return Ok(file);
    };
    if !matches!(entry.node.data, Data::Null) {
        let mut reader = Reader {
            file: &mut file,
            values: 0,
        };
        let section = reader.value(&entry.node, "")?;
        if !section.is_object() {
            return Err(expected_mapping("providers.packer", entry.line));
        }
        file.section = section;
    }
    Ok(file)
}

/// Other parts of Sindri own the other keys; only what looks like a misplaced or misspelt
/// `providers.packer` is refused.
fn find_section(document: &Rc<Node>) -> Result<Option<&Entry>> {
    if matches!(document.data, Data::Null) {
        return Ok(None);
    }
    let Some(entries) = document.entries() else {
        return Err(Error::new(Code::ConfigSyntax, "the file is not a mapping of keys").line(document.line));
    };
    let misplaced = |key: &str, line: usize| {
        Error::new(Code::ConfigUnknownKey, "nothing reads this key")
            .key(key)
            .line(line)
            .remedy("put the configuration of images under `providers:` and there under `packer:`")
    };
    let mut section = None;
    for entry in entries {
        match entry.key.as_str() {
            "packer" => return Err(misplaced("packer", entry.line)),
            "providers" => section = section_of(entry, &misplaced)?,
            key if suggest::is_slip(key, "providers") => {
                let packer = entry
                    .node
                    .entries()
                    .into_iter()
                    .flatten()
                    .any(|inner| inner.key == "packer");
                if packer {
                    return Err(misplaced(key, entry.line));
                }
            }
            _ => {}
        }
    }
    Ok(section)
}

fn section_of<'n>(
    providers: &'n Entry,
    misplaced: &dyn Fn(&str, usize) -> Error,
) -> Result<Option<&'n Entry>> {
    if matches!(providers.node.data, Data::Null) {
        return Ok(None);
    }
    let Some(entries) = providers.node.entries() else {
        return Err(expected_mapping("providers", providers.line));
    };
    if let Some(slip) = entries
        .iter()
        .find(|entry| entry.key != "packer" && suggest::is_slip(&entry.key, "packer"))
    {
        return Err(misplaced(&format!("providers.{}", slip.key), slip.line));
    }
    Ok(entries.iter().find(|entry| entry.key == "packer"))
}

fn expected_mapping(key: &str, line: usize) -> Error {
    Error::new(Code::ConfigValue, "expected a mapping of keys")
        .key(key)
        .line(line)
}

impl File {
    /// No file: everything comes from defaults, environment and flags.
    pub fn empty(environment: &Environment) -> Self {
        Self {
            base: environment.working_directory().to_path_buf(),
            section: Value::Object(Map::new()),
            ..Self::default()
        }
    }

    /// The file as the user named it; none when there is none.
    pub fn path(&self) -> Option<&Path> {
        self.shown.as_deref()
    }

    /// An error that names the file.
    pub(super) fn name(&self, error: Error) -> Error {
        match &self.shown {
            Some(file) => error.file(file),
            None => error,
        }
    }
}

struct Reader<'f> {
    file: &'f mut File,
    values: usize,
}

impl Reader<'_> {
    fn value(&mut self, node: &Node, at: &str) -> Result<Value> {
        self.values += 1;
        if self.values > VALUE_LIMIT {
            let limit = format!("more than {VALUE_LIMIT} values, aliases expanded");
            return Err(Error::new(Code::ConfigSyntax, limit).line(node.line));
        }
        Ok(match &node.data {
            Data::Null => Value::Null,
            Data::Bool(value) => {
                self.file.written.insert(at.into(), value.to_string());
                Value::Bool(*value)
            }
            Data::Number(number, text) => {
                self.file.written.insert(at.into(), text.clone());
                Value::Number(number.clone())
            }
            Data::Text(text) => Value::String(text.clone()),
            Data::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    let pointer = origin::child(at, &index.to_string());
                    self.file.origins.insert_line(pointer.clone(), item.line);
                    values.push(self.value(item, &pointer)?);
                }
                Value::Array(values)
            }
            Data::Map(entries) => {
                let mut members = Map::with_capacity(entries.len());
                for entry in entries {
                    let pointer = origin::child(at, &entry.key);
                    self.file.origins.insert_line(pointer.clone(), entry.line);
                    members.insert(entry.key.clone(), self.value(&entry.node, &pointer)?);
                }
                Value::Object(members)
            }
            Data::Foreign(what) => {
                return Err(
                    Error::new(Code::ConfigValue, format!("{what} has no meaning here"))
                        .key(origin::dotted(at))
                        .line(node.line),
                );
            }
        })
    }
}
