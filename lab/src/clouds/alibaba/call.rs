//! A call with its parameters, which stand in the query, in the form or in both.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::failure::Failure;
use super::rules;
use super::store::Item;
use crate::exchange::find;
use crate::{Request, World};

/// What an endpoint serves, and so which version of an action is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Ecs,
    Vpc,
    Sts,
    Location,
}

impl Product {
    pub(super) fn version(self) -> &'static str {
        match self {
            Self::Ecs => "2014-05-26",
            Self::Vpc => "2016-04-28",
            Self::Sts => "2015-04-01",
            Self::Location => "2015-06-12",
        }
    }
}

/// A call on one product in one region.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) product: Product,
    pub(super) region: String,
    pub(super) parameters: Vec<(String, String)>,
    /// Whether the builder calls, which names itself in the user agent, and not the command line.
    pub(super) packer: bool,
}

/// A page of a list.
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Call {
    pub(super) fn new(request: &Request, product: Product, region: &str) -> Self {
        let parameters = [request.query.clone(), request.form()].concat();
        let region = find(&parameters, "RegionId")
            .filter(|region| !region.is_empty())
            .unwrap_or(region)
            .to_owned();
        Self {
            product,
            region,
            parameters,
            packer: request
                .header("user-agent")
                .is_some_and(|agent| agent.contains("HashiCorp-Packer")),
        }
    }

    /// The first value of this name; empty texts count as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        find(&self.parameters, name).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// A number, whose form was checked before.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// `NAME.1`, `NAME.2`, …
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<(usize, &str)> = self
            .parameters
            .iter()
            .filter_map(|(key, value)| {
                let number = key.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
                Some((number, value.as_str()))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// A JSON list of texts in one parameter; none if that is not there.
    pub(super) fn ids(&self, name: &str, world: &mut World) -> Result<Option<BTreeSet<String>>, Failure> {
        /// For every parameter of this kind.
        const MOST: usize = 100;
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let ids: BTreeSet<String> = serde_json::from_str(text)
            .map_err(|_| Failure::invalid(world, name, "not a JSON list of texts"))?;
        if ids.is_empty() || ids.len() > MOST {
            return Err(Failure::invalid(world, name, "not 1 to 100 entries"));
        }
        Ok(Some(ids))
    }

    /// The tags that a resource is to have.
    pub(super) fn tags(&self, world: &mut World) -> Result<BTreeMap<String, String>, Failure> {
        /// For one resource.
        const MOST: usize = 20;
        let mut tags = BTreeMap::new();
        for (key, value) in self.tag_pairs(world)? {
            if tags.insert(key.clone(), value).is_some() {
                return Err(Failure::wrong(
                    world,
                    "Duplicate.TagKey",
                    &format!("the tag {key:?} is there twice"),
                ));
            }
        }
        if tags.len() > MOST {
            return Err(Failure::wrong(world, "NumberExceed.Tags", "more than 20 tags"));
        }
        Ok(tags)
    }

    /// Keys and values as they were sent, each checked.
    fn tag_pairs(&self, world: &mut World) -> Result<Vec<(String, String)>, Failure> {
        let mut numbers: BTreeMap<usize, (Option<&str>, &str)> = BTreeMap::new();
        for (name, value) in &self.parameters {
            let Some((number, part)) = name.strip_prefix("Tag.").and_then(|rest| rest.split_once('.')) else {
                continue;
            };
            let entry = numbers.entry(number.parse().unwrap_or_default()).or_default();
            match part {
                "Key" => entry.0 = Some(value),
                _ => entry.1 = value,
            }
        }
        let mut pairs = Vec::new();
        for (number, (key, value)) in numbers {
            let Some(key) = key.filter(|key| rules::is_tag_key(key)) else {
                let detail = format!("Tag.{number}.Key is no key of a tag");
                return Err(Failure::wrong(world, "InvalidTagKey.Malformed", &detail));
            };
            if !rules::is_tag_value(value) {
                let detail = format!("Tag.{number}.Value is no value of a tag");
                return Err(Failure::wrong(world, "InvalidTagValue.Malformed", &detail));
            }
            pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(pairs)
    }

    /// The tags that a search is for.
    pub(super) fn wanted_tags(&self, world: &mut World) -> Result<Tags, Failure> {
        self.tag_pairs(world).map(Tags)
    }

    pub(super) fn page(&self) -> Page {
        let number = |name| self.number(name).and_then(|number| usize::try_from(number).ok());
        Page {
            number: number("PageNumber").unwrap_or(1).max(1),
            size: number("PageSize").unwrap_or(10).max(1),
        }
    }

    /// A page of what was found, as the API answers: `{"TotalCount": …, OUTER: {INNER: […]}}`.
    pub(super) fn listed(&self, outer: &str, inner: &str, items: Vec<Value>) -> Value {
        let Page { number, size } = self.page();
        let total = items.len();
        let shown: Vec<_> = items.into_iter().skip((number - 1) * size).take(size).collect();
        json!({
            "TotalCount": total, "PageNumber": number, "PageSize": size, "RegionId": self.region,
            outer: {inner: shown},
        })
    }

    /// Whether the field is as the parameter says; one that is absent fits all. `*` stands for anything.
    pub(super) fn fits(&self, parameter: &str, value: &str) -> bool {
        self.get(parameter)
            .is_none_or(|wanted| wanted == value || wanted.contains('*') && matches(wanted, value))
    }
}

/// Tags that a search is for; a key without a value fits every value.
pub(super) struct Tags(Vec<(String, String)>);

impl Tags {
    pub(super) fn fit(&self, item: &Item) -> bool {
        self.0.iter().all(|(key, value)| {
            item.tags
                .get(key)
                .is_some_and(|tag| value.is_empty() || tag == value)
        })
    }
}

/// Whether a text fits a pattern with `*`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            std::iter::once(tail.len())
                .chain(tail.char_indices().map(|(place, _)| place))
                .any(|place| tail.get(place..).is_some_and(|tail| matches(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("sindri-run-*", "sindri-run-1", true),
            ("sindri-run-*", "my-sindri-run-1", false),
            ("*a*b", "xaxb", true),
            ("*a*b", "xbxa", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
