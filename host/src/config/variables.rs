//! `--var` and `--var-file`: keys of the cloud's section, spelled the way Packer's users know.

use std::path::Path;

use hcl_edit::expr::{Expression, ObjectKey};
use serde_json::{Map, Value};

use crate::files;
use crate::{Code, Error, Result};

/// A file of variables is short.
const FILE: u64 = 1 << 20;

/// One key of the cloud's section.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variable {
    pub(super) key: String,
    pub(super) value: VariableValue,
    /// As a person would name where it stands: `--var`, or the file.
    pub(super) origin: String,
}

/// Its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum VariableValue {
    /// Text of the command line; its type is that of the key.
    Text(String),
    /// A value of a file, typed.
    Typed(Value),
}

/// `KEY=VALUE`.
pub(super) fn assignment(text: &str) -> Result<Variable> {
    let usage = || {
        Error::new(Code::UsageArgument, format!("--var {text:?} is not KEY=VALUE"))
            .remedy("write for example --var vpc_id=vpc-0123456789abcdef0")
    };
    let (key, value) = text.split_once('=').ok_or_else(usage)?;
    let key = key.trim();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if key.is_empty() || !key.chars().all(word) {
        return Err(usage());
    }
    Ok(Variable {
        key: key.into(),
        value: VariableValue::Text(value.into()),
        origin: "var".into(),
    })
}

/// A JSON object, or HCL attributes with plain values.
pub(super) fn file(path: &Path) -> Result<Vec<Variable>> {
    let refuse = |message: String| Error::new(Code::ConfigSyntax, message).file(path);
    let text = files::read_text(path, FILE).map_err(|error| {
        Error::new(Code::ConfigRead, "the file of variables cannot be read")
            .file(path)
            .source(error)
    })?;
    let values: Map<String, Value> = if path.extension().is_some_and(|extension| extension == "json") {
        serde_json::from_str(&text).map_err(|error| refuse(format!("this is no JSON object: {error}")))?
    } else {
        let body = hcl_edit::parser::parse_body(&text).map_err(|error| refuse(error.to_string()))?;
        let mut values = Map::new();
        for structure in &body {
            let Some(attribute) = structure.as_attribute() else {
                return Err(refuse(
                    "a file of variables holds only lines `key = value`".into(),
                ));
            };
            let key = attribute.key.as_str().to_owned();
            let value = plain(&attribute.value).ok_or_else(|| {
                refuse(format!(
                    "the value of `{key}` is not plain: text, number, true, false, list or map"
                ))
            })?;
            if values.insert(key.clone(), value).is_some() {
                return Err(refuse(format!("`{key}` stands twice")));
            }
        }
        values
    };
    let origin = format!("var-file {}", path.display());
    Ok(values
        .into_iter()
        .map(|(key, value)| Variable {
            key,
            value: VariableValue::Typed(value),
            origin: origin.clone(),
        })
        .collect())
}

#[allow(clippy::wildcard_enum_match_arm)] // every other expression would have to be evaluated
fn plain(expression: &Expression) -> Option<Value> {
    Some(match expression {
        Expression::Null(_) => Value::Null,
        Expression::Bool(value) => Value::Bool(*value.value()),
        Expression::Number(value) => {
            let number = value.value();
            match number.as_i64() {
                Some(integer) => integer.into(),
                None => serde_json::Number::from_f64(number.as_f64()?)?.into(),
            }
        }
        Expression::String(value) => Value::String(value.as_str().to_owned()),
        Expression::Array(items) => items.iter().map(plain).collect::<Option<Vec<_>>>()?.into(),
        Expression::Object(members) => {
            let mut map = Map::new();
            for (key, value) in members.iter() {
                let key = match key {
                    ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                    ObjectKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
                    ObjectKey::Expression(_) => return None,
                };
                map.insert(key, plain(value.expr())?);
            }
            map.into()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_assignment_splits_at_its_first_equals_sign() {
        let variable = assignment("description=a=b").unwrap();
        assert_eq!(
            (variable.key.as_str(), variable.value),
            ("description", VariableValue::Text("a=b".into()))
        );
        for wrong in ["x", "=x", "a b=c", "../x=1"] {
            assert_eq!(
                assignment(wrong).unwrap_err().code(),
                Code::UsageArgument,
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_packer_variables_file_is_read_and_expressions_in_it_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.pkrvars.hcl");
        files::write_for_user(
            &path,
            "# c\nregion = \"eu-west-1\"\nvolume_size = 20\nami_users = [\"123456789012\"]\n".as_bytes(),
            true,
        )
        .unwrap();
        let values: Vec<_> = file(&path)
            .unwrap()
            .into_iter()
            .map(|variable| variable.value)
            .collect();
        let typed = [json!("eu-west-1"), json!(20), json!(["123456789012"])].map(VariableValue::Typed);
        assert_eq!(values, typed);
        files::write_for_user(&path, b"region = file(\"/etc/passwd\")\n", true).unwrap();
        assert_eq!(file(&path).unwrap_err().code(), Code::ConfigSyntax);
    }
}
