//! The keys of a cloud and the values to try, from its schema and from examples.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sindri_tests::lab::Sindri;
use sindri_tests::pairwise::{Choice, Row};

/// A cloud, and what its schema does not say.
pub(crate) struct Cloud {
    /// The plugin's id, and the name of its section.
    pub(crate) id: &'static str,
    /// The plugin's schema.
    pub(crate) schema: &'static str,
    /// For each key that is neither yes or no nor one of a list: values to try, as JSON. A key that must be set is
    /// tried with these only, any other also without.
    pub(crate) examples: &'static [(&'static str, &'static [&'static str])],
    /// Keys that change nothing in the template.
    pub(crate) irrelevant: &'static [&'static str],
    /// Values that Packer 1.6 cannot do, each as `key=value`.
    pub(crate) not_with_debian: &'static [&'static str],
    /// Gives the program credentials, and says which keys of the cloud's section go with them.
    pub(crate) log_in: fn(&mut Sindri) -> Map<String, Value>,
}

/// All keys with all values to try; none stands for a key that is not set.
pub(crate) struct Keys {
    pub(crate) choices: Vec<Choice<Option<Value>>>,
}

impl Keys {
    /// The keys of this cloud, and those of every cloud that end in the template.
    ///
    /// # Panics
    /// When a key is new and nobody has said what to try.
    pub(crate) fn of(cloud: &Cloud) -> Self {
        let schema: Value = serde_json::from_str(cloud.schema).unwrap();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut choices = vec![
            choice("architecture", false, vec![json!("x86_64"), json!("arm64")]),
            choice("description", false, vec![json!("100% \"of\" ${it} {{`all`}}")]),
            choice("tags", false, vec![json!({ "cost-center": "r-d" })]),
        ];
        for (key, property) in schema["properties"].as_object().unwrap() {
            // `"not": {}`: a key that is known in order to be refused.
            if cloud.irrelevant.contains(&key.as_str()) || property["not"].is_object() {
                continue;
            }
            let examples = cloud.examples.iter().find(|(name, _)| name == key);
            let values = match (examples, &property["enum"], property["type"].as_str()) {
                (Some((_, examples)), ..) => examples
                    .iter()
                    .map(|text| {
                        serde_json::from_str(text).unwrap_or_else(|error| panic!("{key}: {text}: {error}"))
                    })
                    .collect(),
                (None, Value::Array(values), _) => values.clone(),
                (None, _, Some("boolean")) => vec![json!(true), json!(false)],
                (None, ..) => panic!(
                    "say what to try for the key `{key}` of {}, or that it is irrelevant",
                    cloud.id
                ),
            };
            choices.push(choice(key, required.contains(&key.as_str()), values));
        }
        Self { choices }
    }

    /// The keys that a row sets.
    pub(crate) fn settings(&self, row: &Row) -> Map<String, Value> {
        let set = self.choices.iter().zip(row);
        set.filter_map(|(choice, value)| Some((choice.key.clone(), choice.values[*value].clone()?)))
            .collect()
    }

    /// Values that stand in no row, as `key=value`.
    pub(crate) fn values_in_none_of(&self, rows: &[Row]) -> BTreeSet<String> {
        let mut missing = BTreeSet::new();
        for (index, choice) in self.choices.iter().enumerate() {
            for (number, value) in choice.values.iter().enumerate() {
                if !rows.iter().any(|row| row[index] == number) {
                    let value = value.as_ref().map_or("(not set)".to_owned(), Value::to_string);
                    missing.insert(format!("{}={value}", choice.key));
                }
            }
        }
        missing
    }
}

fn choice(key: &str, required: bool, values: Vec<Value>) -> Choice<Option<Value>> {
    let unset = (!required).then_some(None);
    Choice {
        key: key.to_owned(),
        values: unset.into_iter().chain(values.into_iter().map(Some)).collect(),
    }
}
