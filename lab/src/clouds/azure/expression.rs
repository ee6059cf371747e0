//! The language of templates: `[concat(parameters('a'), '-b')]`.
//!
//! Of its functions those are known that builders and CLIs use; an unknown one is an error, not an empty text.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::id::group_id;
use super::{SUBSCRIPTION, TENANT};

/// What a template refers to.
pub(super) struct Scope<'a> {
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) variables: Map<String, Value>,
    pub(super) group: &'a str,
    pub(super) location: &'a str,
    /// The properties of a resource, for `reference`; none before it is made.
    pub(super) lookup: &'a dyn Fn(&str) -> Option<Value>,
}

impl Scope<'_> {
    /// Evaluates all expressions in a value.
    pub(super) fn evaluate(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().map(|item| self.evaluate(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, field)| Ok((name.clone(), self.evaluate(field)?)))
                .collect::<Result<Map<_, _>, String>>()
                .map(Value::Object),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
        }
    }

    fn text(&self, text: &str) -> Result<Value, String> {
        // Two brackets are a text that begins with one.
        if let Some(literal) = text.strip_prefix("[[") {
            return Ok(format!("[{literal}").into());
        }
        let Some(source) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
            return Ok(text.into());
        };
        let mut parser = Parser {
            rest: source.trim(),
            scope: self,
        };
        let value = parser.expression()?;
        if parser.rest.is_empty() {
            return Ok(value);
        }
        Err(format!("{text}: unexpected {:?}", parser.rest))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let texts: Vec<_> = arguments.iter().map(plain).collect();
        let first = texts.first().map_or("", String::as_str);
        match name.to_lowercase().as_str() {
            "parameters" => {
                let found = self
                    .parameters
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(first));
                found
                    .map(|(_, value)| value.clone())
                    .ok_or_else(|| format!("no parameter {first}"))
            }
            "variables" => {
                let found = self
                    .variables
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(first));
                self.evaluate(
                    found
                        .map(|(_, value)| value)
                        .ok_or_else(|| format!("no variable {first}"))?,
                )
            }
            "concat" => Ok(texts.concat().into()),
            "empty" => match arguments {
                [argument] => Ok(is_empty(argument).into()),
                _ => Err(format!("empty of {} values", arguments.len())),
            },
            "not" => match arguments {
                [Value::Bool(yes)] => Ok((!yes).into()),
                _ => Err(format!("not of {}", texts.join(", "))),
            },
            "tolower" => Ok(first.to_lowercase().into()),
            "resourcegroup" => {
                Ok(json!({"id": group_id(self.group), "name": self.group, "location": self.location}))
            }
            "subscription" => Ok(
                json!({"id": format!("/subscriptions/{SUBSCRIPTION}"), "subscriptionId": SUBSCRIPTION, "tenantId": TENANT}),
            ),
            "resourceid" => self.resource_id(&texts),
            "providers" => Ok(json!({"apiVersions": ["2024-07-01"]})),
            "reference" => {
                let id = if first.starts_with('/') {
                    first.to_owned()
                } else {
                    format!("{}/providers/{first}", group_id(self.group))
                };
                (self.lookup)(&id).ok_or_else(|| format!("reference to {id}, which is not there"))
            }
            other => Err(format!("the lab does not know the template function {other}")),
        }
    }

    /// `([subscription,] [group,] type, name, …)`: everything before the type is optional.
    fn resource_id(&self, texts: &[String]) -> Result<Value, String> {
        let place = texts
            .iter()
            .position(|text| text.contains('/'))
            .ok_or("resourceId without a type")?;
        let (before, rest) = texts.split_at(place);
        let (kind, names) = rest.split_first().ok_or("resourceId without a type")?;
        let group = before.last().map_or(self.group, String::as_str);
        let (namespace, types) = kind.split_once('/').ok_or("resourceId without a type")?;
        // The service minds no slash at the end, and published templates have it.
        let types: Vec<_> = types.trim_end_matches('/').split('/').collect();
        if types.len() != names.len() {
            return Err(format!("resourceId of {kind} with {} names", names.len()));
        }
        let path: String = types
            .iter()
            .zip(names)
            .map(|(kind, name)| format!("/{kind}/{name}"))
            .collect();
        Ok(format!("{}/providers/{namespace}{path}", group_id(group)).into())
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A value as a part of a text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

struct Parser<'a> {
    rest: &'a str,
    scope: &'a Scope<'a>,
}

impl<'a> Parser<'a> {
    /// A text, a number or a call, with fields and indices behind it.
    fn expression(&mut self) -> Result<Value, String> {
        let mut value = if self.eat('\'') {
            self.quoted()?.into()
        } else if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let digits = self.take(|c| c.is_ascii_digit());
            json!(digits.parse::<i64>().map_err(|error| error.to_string())?)
        } else {
            self.function()?
        };
        loop {
            if self.eat('.') {
                let name = self.take(|c| c.is_alphanumeric() || c == '_');
                value = value
                    .get(name)
                    .cloned()
                    .ok_or_else(|| format!("no field {name}"))?;
            } else if self.eat('[') {
                let index = self.expression()?;
                self.expect(']')?;
                let place = index.as_u64().and_then(|place| usize::try_from(place).ok());
                let found = match place {
                    Some(place) => value.get(place),
                    None => value.get(plain(&index)),
                };
                value = found.cloned().ok_or_else(|| format!("nothing at {index}"))?;
            } else {
                return Ok(value);
            }
        }
    }

    fn function(&mut self) -> Result<Value, String> {
        let name = self.take(|c| c.is_alphanumeric());
        if name.is_empty() {
            return Err(format!("an expression is expected at {:?}", self.rest));
        }
        self.expect('(')?;
        let mut arguments = Vec::new();
        if self.eat(')') {
            return self.scope.call(name, &arguments);
        }
        loop {
            arguments.push(self.expression()?);
            if self.eat(')') {
                return self.scope.call(name, &arguments);
            }
            self.expect(',')?;
        }
    }

    /// Up to the closing quote; two of them are one.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let (part, rest) = self.rest.split_once('\'').ok_or("a text without an end")?;
            text.push_str(part);
            self.rest = rest;
            match rest.strip_prefix('\'') {
                Some(rest) => {
                    text.push('\'');
                    self.rest = rest;
                }
                None => {
                    self.rest = rest.trim_start();
                    return Ok(text);
                }
            }
        }
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        taken
    }

    fn eat(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        if let Some(rest) = rest {
            // Not after a quote: the text begins at once.
            self.rest = if character == '\'' {
                rest
            } else {
                rest.trim_start()
            };
        }
        rest.is_some()
    }

    fn expect(&mut self, character: char) -> Result<(), String> {
        if self.eat(character) {
            return Ok(());
        }
        Err(format!("{character:?} is expected at {:?}", self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(text: &str) -> Result<Value, String> {
        let scope = Scope {
            parameters: [("name".to_owned(), json!("vm"))].into(),
            variables: json!({"both": "[concat(parameters('name'), '-', variables('one'))]", "one": "1"})
                .as_object()
                .unwrap()
                .clone(),
            group: "g",
            location: "westus2",
            lookup: &|_| Some(json!({"a": [{"b": "c"}]})),
        };
        scope.evaluate(&text.into())
    }

    #[test]
    fn expressions_of_builders_are_evaluated() {
        let network = format!("{}/providers/Microsoft.Network/virtualNetworks/v", group_id("g"));
        for (text, expected) in [
            ("plain", "plain"),
            ("[[not one]", "[not one]"),
            ("[variables('both')]", "vm-1"),
            ("[resourceGroup().location]", "westus2"),
            ("[concat('it''s ', toLower('A'))]", "it's a"),
            (
                "[resourceId(resourceGroup().name, 'Microsoft.Network/virtualNetworks', 'v')]",
                &network,
            ),
            (
                "[resourceId('Microsoft.Network/virtualNetworks/', 'v')]",
                &network,
            ),
            (
                "[concat(resourceId('Microsoft.Network/virtualNetworks', 'v'), '/x')]",
                &format!("{network}/x"),
            ),
            ("[reference('Microsoft.Network/virtualNetworks/v').a[0].b]", "c"),
        ] {
            assert_eq!(evaluate(text), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn conditions_are_yes_or_no() {
        for (text, expected) in [
            ("[empty('')]", true),
            ("[not(empty(parameters('name')))]", true),
            ("[not(empty(''))]", false),
        ] {
            assert_eq!(evaluate(text), Ok(expected.into()), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for text in [
            "[unknown('a')]",
            "[not('a')]",
            "[concat('a']",
            "[parameters('none')]",
            "[concat('a') x]",
            "['a]",
        ] {
            assert!(evaluate(text).is_err(), "{text}");
        }
    }
}
