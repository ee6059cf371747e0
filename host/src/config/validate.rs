//! Checks a value against a schema of a closed subset of JSON Schema (draft 2020-12).
//!
//! Own code because of figures: the general validator crate took 1.8 ms to compile one section's schema
//! in a fresh process and added 8.7 MB to the program; the whole dry run has 2 ms. The subset has no
//! references and no combinators, so a plugin's schema cannot loop, and patterns run in linear time.
//! A test compares the two validators on random schemas and values.

use std::collections::{BTreeMap, HashMap, HashSet};

use regex_lite::{Regex, RegexBuilder};
use serde_json::{Map, Number, Value};

use super::{origin, suggest, values};
use crate::Code;

/// Keywords that say something about a value.
const ASSERTIONS: &[&str] = &[
    "type",
    "enum",
    "const",
    "not",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
];
/// Keywords for people and editors, and the host's own.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "writeOnly",
    "x-sindri",
];
/// Compiled size of a pattern, in bytes: checking takes pattern × text steps.
const PATTERN_LIMIT: usize = 64 << 10;

/// Something wrong with a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) code: Code,
    /// Pointer of the value.
    pub(super) at: String,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

/// A required key that is not there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Missing {
    /// Pointer of the key.
    pub(super) at: String,
    /// The key's own `x-sindri`, if any.
    pub(super) settable: Value,
}

/// What a check brought to light.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    pub(super) missing: Vec<Missing>,
}

/// The schema itself is wrong: why.
pub(super) type Defect = String;

/// Checks `value` against `schema`. `written` has the numbers and truth values as they stand in the
/// file, by pointer.
pub(super) fn validate(
    value: &Value,
    schema: &Value,
    written: &BTreeMap<String, String>,
) -> Result<Report, Defect> {
    let mut check = Check {
        root: schema,
        written,
        patterns: HashMap::new(),
        report: Report::default(),
    };
    check.value(value, schema, "")?;
    Ok(check.report)
}

/// True for a keyword of the subset.
pub(super) fn is_known_keyword(keyword: &str) -> bool {
    ASSERTIONS.contains(&keyword) || ANNOTATIONS.contains(&keyword)
}

/// Compiles a pattern, within the limit.
pub(super) fn pattern(text: &str) -> Result<Regex, Defect> {
    RegexBuilder::new(text)
        .size_limit(PATTERN_LIMIT)
        .build()
        .map_err(|error| format!("the pattern `{text}` cannot be used: {error}"))
}

struct Check<'s> {
    root: &'s Value,
    written: &'s BTreeMap<String, String>,
    /// Compiling costs more than matching, and one pattern may be for every entry of a list.
    patterns: HashMap<String, Regex>,
    report: Report,
}

impl Check<'_> {
    fn value(&mut self, value: &Value, schema: &Value, at: &str) -> Result<(), Defect> {
        let schema = match schema {
            Value::Object(object) => object,
            Value::Bool(true) => return Ok(()),
            Value::Bool(false) => {
                self.find(at, &Map::new(), "this key is not available");
                return Ok(());
            }
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(format!("`{schema}` is not a schema"));
            }
        };
        let before = self.report.findings.len();
        if let Some(expected) = schema.get("type").and_then(Value::as_str) {
            if !has_type(value, expected) {
                self.wrong_type(value, expected, schema, at);
                self.hide(schema, before);
                return Ok(());
            }
        } else if schema.get("type").is_some() {
            return Err("`type` must be one name".into());
        }
        for (keyword, argument) in schema {
            self.keyword(keyword, argument, value, schema, at)?;
        }
        if let Value::Object(members) = value {
            self.members(members, schema, at)?;
        }
        self.hide(schema, before);
        Ok(())
    }

    /// Takes a value that may be a secret out of the messages about it.
    fn hide(&mut self, schema: &Map<String, Value>, before: usize) {
        if schema.get("writeOnly") == Some(&Value::Bool(true)) {
            for finding in self.report.findings.iter_mut().skip(before) {
                finding.message =
                    "the value cannot be used; it is not shown because it may be a secret".into();
                finding.remedy = Some("write text in quotes".into());
            }
        }
    }

    fn matches(&mut self, text: &str, expression: &str) -> Result<bool, Defect> {
        if let Some(known) = self.patterns.get(expression) {
            return Ok(known.is_match(text));
        }
        let compiled = pattern(expression)?;
        let matches = compiled.is_match(text);
        self.patterns.insert(expression.into(), compiled);
        Ok(matches)
    }

    fn keyword(
        &mut self,
        keyword: &str,
        argument: &Value,
        value: &Value,
        schema: &Map<String, Value>,
        at: &str,
    ) -> Result<(), Defect> {
        let wrong = match keyword {
            "enum" => {
                let choices = argument.as_array().ok_or("`enum` must be a list")?;
                (!choices.contains(value))
                    .then(|| format!("{} is not one of {}", shown(value), listed(choices)))
            }
            "const" => (value != argument).then(|| format!("{} is not possible here", shown(value))),
            // Only `not: {}`: a key that exists in order to be refused with a reason.
            "not" if argument.as_object().is_some_and(Map::is_empty) => {
                Some("this key cannot be used here".into())
            }
            "not" => return Err("only `not: {}` is supported".into()),
            "items" => {
                let before = self.report.findings.len();
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.value(item, argument, &origin::child(at, &index.to_string()))?;
                }
                for finding in self.report.findings.iter_mut().skip(before) {
                    finding.remedy = finding.remedy.take().or_else(|| own_remedy(schema));
                }
                None
            }
            "minItems" | "maxItems" | "minLength" | "maxLength" => size(keyword, argument, value)?,
            "uniqueItems" if argument == &Value::Bool(true) => repeated(value),
            "minimum" | "maximum" => bound(keyword, argument, value)?,
            "pattern" => {
                let text = argument.as_str().ok_or("`pattern` must be text")?;
                match value.as_str() {
                    Some(value) if !self.matches(value, text)? => {
                        Some(format!("{value:?} does not have the form `{text}`"))
                    }
                    _ => None,
                }
            }
            "format" => {
                let format = argument.as_str().ok_or("`format` must be text")?;
                if let Some(remedy) = value.as_str().and_then(|text| values::check_format(format, text)) {
                    let message = format!("{} is not a {format}", shown(value));
                    self.push(Code::ConfigValue, at, message, Some(remedy.into()));
                }
                None
            }
            _ if is_known_keyword(keyword) => None,
            _ => return Err(format!("the keyword `{keyword}` is not supported")),
        };
        if let Some(message) = wrong {
            self.find(at, schema, message);
        }
        Ok(())
    }

    fn members(
        &mut self,
        members: &Map<String, Value>,
        schema: &Map<String, Value>,
        at: &str,
    ) -> Result<(), Defect> {
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties").unwrap_or(&Value::Bool(true));
        for (key, value) in members {
            let pointer = origin::child(at, key);
            if let Some(names) = schema.get("propertyNames") {
                let before = self.report.findings.len();
                self.value(&Value::String(key.clone()), names, &pointer)?;
                for finding in self.report.findings.iter_mut().skip(before) {
                    finding.message.insert_str(0, "the key itself: ");
                }
            }
            match (properties.and_then(|properties| properties.get(key)), additional) {
                (Some(property), _) => self.value(value, property, &pointer)?,
                (None, Value::Bool(false)) => {
                    let remedy = if key == "<<" {
                        Some("YAML 1.2 has no merge keys; write the keys out".into())
                    } else {
                        suggest::key(key, &Value::Object(schema.clone()), self.root)
                    };
                    self.push(
                        Code::ConfigUnknownKey,
                        &pointer,
                        format!("there is no key `{}`", key.escape_debug()),
                        remedy,
                    );
                }
                (None, additional) => self.value(value, additional, &pointer)?,
            }
        }
        for key in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let key = key.as_str().ok_or("`required` must be a list of names")?;
            if !members.contains_key(key) {
                let settable = properties
                    .and_then(|properties| properties.get(key)?.get("x-sindri"))
                    .cloned()
                    .unwrap_or_default();
                self.report.missing.push(Missing {
                    at: origin::child(at, key),
                    settable,
                });
            }
        }
        Ok(())
    }

    fn wrong_type(&mut self, value: &Value, expected: &str, schema: &Map<String, Value>, at: &str) {
        let written = self.written.get(at).cloned().unwrap_or_else(|| value.to_string());
        let found = match value {
            Value::Null => "nothing".into(),
            Value::Bool(_) => format!("`{written}`"),
            Value::Number(_) => format!("the number {written}"),
            Value::String(_) => format!("the text {}", shown(value)),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "a mapping of keys".into(),
        };
        let message = format!("expected {}, found {found}", named(expected));
        let remedy = match (expected, value) {
            ("string", Value::Number(_) | Value::Bool(_)) => Some(format!("put it in quotes: \"{written}\"")),
            ("boolean", Value::String(word)) => match word.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" => Some("write `true`: `yes`, `on` and `y` are text in YAML 1.2".into()),
                "no" | "off" | "n" => Some("write `false`: `no`, `off` and `n` are text in YAML 1.2".into()),
                _ => Some("write `true` or `false`, without quotes".into()),
            },
            ("integer" | "number", Value::String(_)) => {
                Some("write a plain decimal number, without quotes, leading zeros, `_` or a unit".into())
            }
            ("array", _) => Some("write a list: `[a, b]`, or one `- a` per line".into()),
            _ => None,
        };
        match remedy {
            Some(remedy) => self.push(Code::ConfigValue, at, message, Some(remedy)),
            None => self.find(at, schema, message),
        }
    }

    /// A finding with the property's own remedy.
    fn find(&mut self, at: &str, schema: &Map<String, Value>, message: impl Into<String>) {
        self.push(Code::ConfigValue, at, message.into(), own_remedy(schema));
    }

    fn push(&mut self, code: Code, at: &str, message: String, remedy: Option<String>) {
        self.report.findings.push(Finding {
            code,
            at: at.into(),
            message,
            remedy,
        });
    }
}

fn own_remedy(schema: &Map<String, Value>) -> Option<String> {
    schema.get("x-sindri")?.get("remedy")?.as_str().map(str::to_owned)
}

/// `1.0` is not an integer here although JSON Schema says so: the types behind the schema refuse it.
fn has_type(value: &Value, expected: &str) -> bool {
    match value {
        Value::Null => expected == "null",
        Value::Bool(_) => expected == "boolean",
        Value::Number(number) => expected == "number" || expected == "integer" && !number.is_f64(),
        Value::String(_) => expected == "string",
        Value::Array(_) => expected == "array",
        Value::Object(_) => expected == "object",
    }
}

fn size(keyword: &str, argument: &Value, value: &Value) -> Result<Option<String>, Defect> {
    let limit = argument
        .as_u64()
        .ok_or_else(|| format!("`{keyword}` must be a whole number"))?;
    let (length, unit) = match value {
        Value::String(text) if keyword.ends_with("Length") => (text.chars().count(), "characters"),
        Value::Array(items) if keyword.ends_with("Items") => (items.len(), "entries"),
        Value::String(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Object(_) => return Ok(None),
    };
    let length = length as u64;
    Ok(if keyword.starts_with("min") && length < limit {
        Some(format!("has {length} {unit}; at least {limit} are needed"))
    } else if keyword.starts_with("max") && length > limit {
        Some(format!("has {length} {unit}; at most {limit} are possible"))
    } else {
        None
    })
}

fn repeated(value: &Value) -> Option<String> {
    let mut seen = HashSet::new();
    let twice = value
        .as_array()?
        .iter()
        .find(|item| !seen.insert(item.to_string()))?;
    Some(format!("{} stands twice", shown(twice)))
}

fn bound(keyword: &str, argument: &Value, value: &Value) -> Result<Option<String>, Defect> {
    let Value::Number(limit) = argument else {
        return Err(format!("`{keyword}` must be a number"));
    };
    let Value::Number(number) = value else {
        return Ok(None);
    };
    let below = less(number, limit);
    let above = less(limit, number);
    Ok(if keyword == "minimum" && below {
        Some(format!("{number} is too small; the least is {limit}"))
    } else if keyword == "maximum" && above {
        Some(format!("{number} is too large; the most is {limit}"))
    } else {
        None
    })
}

fn less(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a < b,
        _ => a.as_f64() < b.as_f64(),
    }
}

fn named(type_name: &str) -> &str {
    match type_name {
        "string" => "text",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        "array" => "a list",
        "object" => "a mapping of keys",
        _ => "nothing",
    }
}

/// A value as a message shows it: on one line, and not a whole file.
pub(super) fn shown(value: &Value) -> String {
    const MOST: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn listed(choices: &[Value]) -> String {
    choices.iter().map(shown).collect::<Vec<_>>().join(", ")
}
