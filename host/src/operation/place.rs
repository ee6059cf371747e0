//! Where a cloud's commands may act, as the configuration says.

use serde_json::{Map, Value};

use crate::policy::argv::Placement;

/// The configured region or zone, and others that the configuration names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Empty when the cloud has no such key.
    pub(crate) default: String,
    /// For example the regions that get copies.
    pub(crate) others: Vec<String>,
}

impl Place {
    /// Reads the values of the keys that the plugin's schema marks: `"x-sindri": {"location":
    /// "default"}` or `"other"`. The values are the user's, because only the user writes the section.
    pub(crate) fn of(schema: &str, section: &Map<String, Value>) -> Self {
        let schema: Value = serde_json::from_str(schema).unwrap_or_default();
        let mut place = Self::default();
        for (key, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let values = match section.get(key) {
                Some(Value::String(text)) => vec![text.clone()],
                Some(Value::Array(items)) => items
                    .iter()
                    .filter_map(|item| item.as_str().map(Into::into))
                    .collect(),
                _ => continue,
            };
            match property.pointer("/x-sindri/location").and_then(Value::as_str) {
                Some("default") => place.default = values.into_iter().next().unwrap_or_default(),
                Some("other") => place.others.extend(values),
                _ => {}
            }
        }
        place
    }

    /// Adds places that the user has named elsewhere, on the command line for example, to the key that the plugin's
    /// schema marks as `"other"`; without such a key there is nowhere to go.
    pub(crate) fn add_others(schema: &str, section: &mut Map<String, Value>, named: &[String]) {
        let schema: Value = serde_json::from_str(schema).unwrap_or_default();
        let marked = |(_, property): &(&String, &Value)| {
            property.pointer("/x-sindri/location").and_then(Value::as_str) == Some("other")
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let Some((key, _)) = properties.into_iter().flatten().find(marked) else {
            return;
        };
        let places = section
            .entry(key.clone())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(places) = places {
            for name in named {
                let name = Value::from(name.as_str());
                if !places.contains(&name) {
                    places.push(name);
                }
            }
        }
    }

    /// The form in which the policy takes it.
    pub(crate) fn placement(&self) -> Placement<'_> {
        Placement {
            default: &self.default,
            allowed: &self.others,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_keys_are_places() {
        let schema = r#"{"properties": {
            "region": {"x-sindri": {"location": "default"}},
            "ami_regions": {"x-sindri": {"location": "other"}},
            "instance_type": {}
        }}"#;
        let section = serde_json::json!({
            "region": "us-west-2", "ami_regions": ["eu-west-1"], "instance_type": "t3.large"
        });
        let mut section = section.as_object().unwrap().clone();
        let place = Place::of(schema, &section);
        assert_eq!(
            place,
            Place {
                default: "us-west-2".into(),
                others: vec!["eu-west-1".into()]
            }
        );
        let named = ["eu-west-1".to_owned(), "ap-south-1".to_owned()];
        Place::add_others(schema, &mut section, &named);
        assert_eq!(
            Place::of(schema, &section).others,
            named,
            "named twice, there once"
        );
        assert_eq!(section.len(), 3);
        let unmarked = r#"{"properties": {"region": {"x-sindri": {"location": "default"}}}}"#;
        Place::add_others(unmarked, &mut section, &["us-east-1".to_owned()]);
        assert_eq!(Place::of(unmarked, &section).others, [""; 0]);
    }
}
