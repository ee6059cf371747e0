//! Parameters with dots as one object.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Flaw;
use crate::Rule;

/// A name's parts below one another; a leaf has a value and no parts.
#[derive(Default)]
struct Node {
    value: Option<String>,
    parts: BTreeMap<String, Node>,
}

/// `Tag.1.Key=a&Tag.1.Value=b&Size=3` as `{"Size": "3", "Tag": [{"Key": "a", "Value": "b"}]}`. Numbers count from 1 without
/// a gap and make a list; all values are texts.
///
/// # Errors
/// A parameter that is there twice, is both a value and an object, or whose numbers have a gap.
pub fn nested(pairs: &[(String, String)]) -> Result<Value, Flaw> {
    let mut root = Node::default();
    for (name, value) in pairs {
        let mut node = &mut root;
        for part in name.split('.') {
            node = node.parts.entry(part.to_owned()).or_default();
        }
        if node.value.replace(value.clone()).is_some() {
            return Err(flaw(name, "is there twice"));
        }
    }
    build(root, "")
}

fn build(node: Node, path: &str) -> Result<Value, Flaw> {
    if let Some(value) = node.value {
        return match node.parts.is_empty() {
            true => Ok(Value::String(value)),
            false => Err(flaw(path, "is both a value and an object")),
        };
    }
    let numbers: Option<Vec<usize>> = node.parts.keys().map(|key| key.parse().ok()).collect();
    let built = node.parts.into_iter().map(|(key, part)| {
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        Ok((key, build(part, &path)?))
    });
    let built: Vec<(String, Value)> = built.collect::<Result<_, _>>()?;
    let Some(mut numbers) = numbers.filter(|numbers| !numbers.is_empty()) else {
        return Ok(Value::Object(built.into_iter().collect::<Map<_, _>>()));
    };
    // The keys are in the order of texts: 10 before 2.
    let mut items: Vec<_> = numbers
        .iter()
        .copied()
        .zip(built.into_iter().map(|(_, value)| value))
        .collect();
    numbers.sort_unstable();
    if !numbers.iter().copied().eq(1..=numbers.len()) {
        return Err(flaw(path, "is not numbered 1, 2, 3, …"));
    }
    items.sort_by_key(|(number, _)| *number);
    Ok(items.into_iter().map(|(_, value)| value).collect())
}

fn flaw(path: &str, detail: &str) -> Flaw {
    Flaw {
        rule: Rule::WrongValue,
        path: path.to_owned(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Value, String> {
        nested(&crate::percent::decode_form(text)).map_err(|flaw| flaw.to_string())
    }

    #[test]
    fn dots_make_objects_and_numbers_lists() {
        let many: Vec<_> = (1..=11).map(|number| format!("L.{number}={number}")).collect();
        let expected: Vec<_> = (1..=11).map(|number: u8| number.to_string()).collect();
        assert_eq!(read(&many.join("&")), Ok(json!({"L": expected})));
        assert_eq!(
            read("Disk.1.Size=3&Disk.2.Size=4&System.Size=5&Size=6"),
            Ok(json!({"Disk": [{"Size": "3"}, {"Size": "4"}], "Size": "6", "System": {"Size": "5"}}))
        );
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for (text, expected) in [
            ("a=1&a=2", "a: is there twice"),
            ("a=1&a.b=2", "a: is both a value and an object"),
            ("a.1=x&a.3=y", "a: is not numbered 1, 2, 3, …"),
            ("a.0=x", "a: is not numbered 1, 2, 3, …"),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()));
        }
    }
}
