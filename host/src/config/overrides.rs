//! Values from the environment and from flags, put over those of the file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::origin::{Origin, Origins};
use super::schema::{Setting, type_name};
use super::validate::Finding;
use super::variables::{self, Variable, VariableValue};
use super::{origin, values};
use crate::environment::Environment;
use crate::{Code, Error, Result};

/// Flags that were given, by name. Which key a flag sets is said by the schema.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub(super) named: BTreeMap<&'static str, String>,
    /// In the order of the command line: the last one wins.
    pub(super) variables: Vec<Variable>,
}

impl Flags {
    /// Records a flag (without its dashes). Lists are separated by commas; a switch is `true`.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        self.named.insert(name, value.into());
        self
    }

    /// Records a flag that may be absent.
    pub fn set_if(&mut self, name: &'static str, value: Option<impl Into<String>>) -> &mut Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Records `--var KEY=VALUE`.
    pub fn set_variable(&mut self, assignment: &str) -> Result<()> {
        self.variables.push(variables::assignment(assignment)?);
        Ok(())
    }

    /// Records what a `--var-file` sets.
    pub fn read_variables(&mut self, file: &Path) -> Result<()> {
        self.variables.extend(variables::file(file)?);
        Ok(())
    }

    /// The value of a flag.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.named.get(name).map(String::as_str)
    }
}

/// What a flag or variable says about one setting.
pub(super) fn chosen(
    setting: &Setting,
    flags: &Flags,
    environment: &Environment,
) -> Option<(Result<String, Finding>, Origin)> {
    if let Some(name) = &setting.flag
        && let Some(value) = flags.get(name)
    {
        return Some((Ok(value.into()), Origin::Flag { name: name.clone() }));
    }
    let variable = setting
        .variables
        .iter()
        .find(|variable| environment.get_os(variable).is_some())?;
    let text = environment
        .get(variable)
        .map(str::to_owned)
        .ok_or_else(|| finding(setting, "the value is not UTF-8"));
    Some((
        text,
        Origin::Environment {
            variable: variable.clone(),
        },
    ))
}

/// Puts what flags and variables say over `section`. A flag that sets nothing is an error: it would be
/// accepted and ignored.
pub(super) fn apply(
    section: &mut Value,
    origins: &mut Origins,
    settings: &[Setting],
    flags: &Flags,
    environment: &Environment,
    schema: &Value,
    cloud: &str,
) -> Result<Vec<Finding>> {
    let takes = |name: &str| {
        settings
            .iter()
            .any(|setting| setting.flag.as_deref() == Some(name))
    };
    if let Some(name) = flags.named.keys().find(|name| !takes(name)) {
        return Err(Error::new(
            Code::UsageArgument,
            format!("--{name} has no meaning for the cloud `{cloud}`"),
        )
        .remedy(format!(
            "leave it out, or see `sindri config schema` for the keys of `{cloud}`"
        )));
    }
    let mut findings = variables(section, origins, flags, schema, cloud);
    for setting in settings {
        let Some((text, origin)) = chosen(setting, flags, environment) else {
            continue;
        };
        // `--var` is a flag: stronger than the environment, weaker than a flag of its own name.
        let by_variable = matches!(origins.of_pointer(&setting.pointer), Some(Origin::Flag { .. }));
        if by_variable && matches!(origin, Origin::Environment { .. }) {
            continue;
        }
        let value = text.and_then(|text| {
            values::from_text(&text, setting.type_name)
                .map_err(|expected| finding(setting, format!("{expected}, found {:?}", text)))
        });
        origins.set(&setting.pointer, origin);
        match value {
            Ok(value) => put(section, &setting.pointer, value),
            Err(finding) => findings.push(finding),
        }
    }
    Ok(findings)
}

/// Sets what `--var` and `--var-file` say. Flags of their own name come later and win. Unknown keys are
/// found when the whole is checked.
fn variables(
    section: &mut Value,
    origins: &mut Origins,
    flags: &Flags,
    schema: &Value,
    cloud: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for variable in &flags.variables {
        let pointer = origin::child(&origin::child("", cloud), &variable.key);
        let value = match &variable.value {
            VariableValue::Typed(value) => Ok(value.clone()),
            VariableValue::Text(text) => {
                let property = schema.pointer(&format!("/properties/{cloud}/properties/{}", variable.key));
                let type_name = property.map_or("string", type_name);
                match serde_json::from_str(text) {
                    // A list or a mapping is written as JSON; a text that looks like one stays a text.
                    Ok(value @ (Value::Array(_) | Value::Object(_))) if type_name != "string" => Ok(value),
                    _ => values::from_text(text, type_name),
                }
            }
        };
        origins.set(
            &pointer,
            Origin::Flag {
                name: variable.origin.clone(),
            },
        );
        match value {
            Ok(value) => put(section, &pointer, value),
            Err(expected) => findings.push(Finding {
                code: Code::ConfigValue,
                at: pointer,
                message: expected.into(),
                remedy: None,
            }),
        }
    }
    findings
}

fn finding(setting: &Setting, message: impl Into<String>) -> Finding {
    Finding {
        code: Code::ConfigValue,
        at: setting.pointer.clone(),
        message: message.into(),
        remedy: None,
    }
}

/// Sets the value at `pointer`, making the mappings on the way. Where the file has something else than
/// a mapping, that is reported when the whole is checked.
fn put(section: &mut Value, pointer: &str, value: Value) {
    let mut parts = pointer.split('/').skip(1).peekable();
    let mut place = section;
    while let Some(part) = parts.next() {
        let Value::Object(members) = place else { return };
        if parts.peek().is_none() {
            members.insert(part.into(), value);
            return;
        }
        place = members.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
}

/// The value that wins for a setting, as text, before any plugin is known.
pub(super) fn text_of(
    setting: &Setting,
    section: &Value,
    flags: &Flags,
    environment: &Environment,
) -> Result<Option<String>, Finding> {
    match chosen(setting, flags, environment) {
        Some((text, _)) => text.map(Some),
        None => match section.pointer(&setting.pointer) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(finding(
                setting,
                format!("{} must be text", origin::dotted(&setting.pointer)),
            )),
        },
    }
}
