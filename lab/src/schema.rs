//! What a provider's API takes: a body is compared with its description, field by field.
//!
//! ```
//! use sindri_lab::schema::{Shape, check, optional, required};
//! static DISK: Shape = Shape::Object(&[
//!     required("name", Shape::Text),
//!     optional("mode", Shape::OneOf(&["READ_ONLY", "READ_WRITE"])),
//! ]);
//! let flaws = check(&DISK, &serde_json::json!({"mode": "READ", "size": 1}));
//! let texts: Vec<_> = flaws.iter().map(ToString::to_string).collect();
//! assert_eq!(texts, [
//!     "mode: \"READ\" is none of READ_ONLY, READ_WRITE",
//!     "size: unknown field",
//!     "name: missing",
//! ]);
//! ```

use std::fmt;

use serde_json::Value;

use crate::Rule;

/// What a value may be.
#[derive(Debug)]
pub enum Shape {
    /// Anything: only for what the lab hands on and never reads.
    Any,
    /// A text.
    Text,
    /// A text of a certain form, and what that form is called in an error.
    Form(&'static str, fn(&str) -> bool),
    /// One of these texts, with exactly this case.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the last.
    Integer(i64, i64),
    /// A whole number, or the same as a text: what JSON makes of 64 bits in Google's and Alibaba's APIs.
    Digits(i64, i64),
    /// Any number.
    Number,
    /// A list of such values.
    List(&'static Shape),
    /// An object with names that the client chooses.
    Map(&'static Shape),
    /// An object with exactly these fields.
    Object(&'static [Field]),
    /// What fits one of these; the errors are those of the last.
    Either(&'static [Shape]),
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    shape: Shape,
    presence: Presence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
    Ignored,
}

/// A field that must be there.
pub const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Required,
    }
}

/// A field that may be there. `null` counts as absent.
pub const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        presence: Presence::Optional,
    }
}

/// A field that the API only answers: it is taken with any value and means nothing.
pub const fn ignored(name: &'static str) -> Field {
    Field {
        name,
        shape: Shape::Any,
        presence: Presence::Ignored,
    }
}

/// What is wrong at one place of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Unknown field, missing field or wrong value.
    pub rule: Rule,
    /// For example `disks[0].type`; empty for the body itself.
    pub path: String,
    /// What is wrong.
    pub detail: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "body" } else { &self.path };
        write!(f, "{path}: {}", self.detail)
    }
}

/// All flaws of a value.
pub fn check(shape: &Shape, value: &Value) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    examine(shape, value, "", &mut flaws);
    flaws
}

/// Gives fields and enumerated values the spelling of the description where only their case differs, for APIs that
/// do not care (Azure's).
pub fn spell(shape: &Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::OneOf(names), Value::String(text)) => {
            if let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(text)) {
                (*name).clone_into(text);
            }
        }
        (Shape::List(item), Value::Array(items)) => items.iter_mut().for_each(|value| spell(item, value)),
        (Shape::Map(item), Value::Object(fields)) => fields.values_mut().for_each(|value| spell(item, value)),
        (Shape::Object(fields), Value::Object(values)) => {
            for (name, mut value) in std::mem::take(values) {
                let field = fields.iter().find(|field| field.name.eq_ignore_ascii_case(&name));
                if let Some(field) = field {
                    spell(&field.shape, &mut value);
                }
                values.insert(field.map_or(name, |field| field.name.to_owned()), value);
            }
        }
        (Shape::Either(shapes), value) => shapes.iter().for_each(|shape| spell(shape, value)),
        _ => {}
    }
}

/// All flaws of query parameters: names that the API does not have, and ones that it demands.
pub fn check_names(pairs: &[(String, String)], required: &[&str], optional: &[&str]) -> Vec<Flaw> {
    let unknown = pairs
        .iter()
        .filter(|(name, _)| !required.contains(&name.as_str()) && !optional.contains(&name.as_str()))
        .map(|(name, _)| Flaw {
            rule: Rule::UnknownField,
            path: name.clone(),
            detail: "unknown parameter".to_owned(),
        });
    let missing = required
        .iter()
        .filter(|wanted| !pairs.iter().any(|(name, _)| name == *wanted))
        .map(|name| Flaw {
            rule: Rule::MissingField,
            path: (*name).to_owned(),
            detail: "missing parameter".to_owned(),
        });
    unknown.chain(missing).collect()
}

fn examine(shape: &Shape, value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    let wanted = match shape {
        Shape::Any => None,
        Shape::Text => (!value.is_string()).then(|| "is not a text".to_owned()),
        Shape::Form(name, fits) => (!value.as_str().is_some_and(fits)).then(|| format!("is not {name}")),
        Shape::OneOf(names) => (!value.as_str().is_some_and(|text| names.contains(&text)))
            .then(|| format!("is none of {}", names.join(", "))),
        Shape::Flag => (!value.is_boolean()).then(|| "is neither true nor false".to_owned()),
        Shape::Integer(least, most) => outside(value.as_i64(), *least, *most),
        Shape::Digits(least, most) => {
            let number = value
                .as_str()
                .map_or_else(|| value.as_i64(), |text| text.parse().ok());
            outside(number, *least, *most)
        }
        Shape::Number => (!value.is_number()).then(|| "is not a number".to_owned()),
        Shape::List(item) => {
            let Some(items) = value.as_array() else {
                return wrong(path, "is not a list", value, flaws);
            };
            for (index, value) in items.iter().enumerate() {
                examine(item, value, &format!("{path}[{index}]"), flaws);
            }
            None
        }
        Shape::Map(item) => {
            let Some(fields) = value.as_object() else {
                return wrong(path, "is not an object", value, flaws);
            };
            for (name, value) in fields {
                examine(item, value, &below(path, name), flaws);
            }
            None
        }
        Shape::Object(fields) => return examine_object(fields, value, path, flaws),
        Shape::Either(shapes) => return examine_either(shapes, value, path, flaws),
    };
    if let Some(detail) = wanted {
        wrong(path, &detail, value, flaws);
    }
}

fn examine_object(fields: &[Field], value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    let Some(values) = value.as_object() else {
        return wrong(path, "is not an object", value, flaws);
    };
    for (name, value) in values {
        match fields.iter().find(|field| field.name == name) {
            None => flaws.push(Flaw {
                rule: Rule::UnknownField,
                path: below(path, name),
                detail: "unknown field".to_owned(),
            }),
            Some(field) if field.presence == Presence::Ignored => {}
            Some(field) if field.presence == Presence::Optional && value.is_null() => {}
            Some(field) => examine(&field.shape, value, &below(path, name), flaws),
        }
    }
    for field in fields {
        if field.presence == Presence::Required && !values.contains_key(field.name) {
            flaws.push(Flaw {
                rule: Rule::MissingField,
                path: below(path, field.name),
                detail: "missing".to_owned(),
            });
        }
    }
}

fn examine_either(shapes: &[Shape], value: &Value, path: &str, flaws: &mut Vec<Flaw>) {
    let mut last = Vec::new();
    for shape in shapes {
        last.clear();
        examine(shape, value, path, &mut last);
        if last.is_empty() {
            return;
        }
    }
    flaws.append(&mut last);
}

fn outside(number: Option<i64>, least: i64, most: i64) -> Option<String> {
    (!number.is_some_and(|number| (least..=most).contains(&number)))
        .then(|| format!("is not a whole number from {least} to {most}"))
}

fn wrong(path: &str, detail: &str, value: &Value, flaws: &mut Vec<Flaw>) {
    /// Enough to recognise a value in a message.
    const SHOWN: usize = 80;
    let shown: String = value.to_string().chars().take(SHOWN).collect();
    flaws.push(Flaw {
        rule: Rule::WrongValue,
        path: path.to_owned(),
        detail: format!("{shown} {detail}"),
    });
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() {
        return name.to_owned();
    }
    format!("{path}.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    static BODY: Shape = Shape::Object(&[
        required(
            "name",
            Shape::Form("a lower-case name", |text| text.chars().all(char::is_lowercase)),
        ),
        optional("size", Shape::Digits(1, 100)),
        optional(
            "parts",
            Shape::List(&Shape::Object(&[required("on", Shape::Flag)])),
        ),
        optional("labels", Shape::Map(&Shape::Text)),
        optional(
            "count",
            Shape::Either(&[Shape::Integer(1, 9), Shape::OneOf(&["auto"])]),
        ),
        ignored("selfLink"),
    ]);

    fn texts(value: &Value) -> Vec<String> {
        check(&BODY, value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_fitting_body_has_no_flaw() {
        let body = json!({
            "name": "a", "size": "7", "parts": [{"on": true}], "labels": {"k": "v"}, "count": "auto",
            "selfLink": 1,
        });
        assert_eq!(texts(&body), [""; 0]);
        assert_eq!(texts(&json!({"name": "a", "size": null, "count": 3})), [""; 0]);
    }

    #[test]
    fn every_flaw_is_found_with_its_path() {
        let body = json!({
            "name": "A", "size": 101, "parts": [{"on": true}, {"of": 1}], "labels": {"k": 1}, "count": "no",
            "extra": {},
        });
        assert_eq!(
            texts(&body),
            [
                "name: \"A\" is not a lower-case name",
                "size: 101 is not a whole number from 1 to 100",
                "parts[1].of: unknown field",
                "parts[1].on: missing",
                "labels.k: 1 is not a text",
                "count: \"no\" is none of auto",
                "extra: unknown field",
            ]
        );
        assert_eq!(texts(&json!([])), ["body: [] is not an object"]);
    }

    #[test]
    fn an_api_that_does_not_care_about_case_gets_the_right_one() {
        static CASELESS: Shape = Shape::Object(&[
            optional("diskSizeGB", Shape::Integer(1, 9)),
            optional("createOption", Shape::OneOf(&["FromImage"])),
        ]);
        let mut body = json!({"diskSizeGb": 1, "createoption": "fromImage", "Other": 1});
        spell(&CASELESS, &mut body);
        assert_eq!(
            body,
            json!({"diskSizeGB": 1, "createOption": "FromImage", "Other": 1})
        );
    }

    #[test]
    fn unknown_and_missing_parameters_are_named() {
        let pairs = [("a".to_owned(), String::new()), ("c".to_owned(), String::new())];
        let flaws = check_names(&pairs, &["a", "b"], &["d"]);
        let texts: Vec<_> = flaws.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["c: unknown parameter", "b: missing parameter"]);
    }
}
