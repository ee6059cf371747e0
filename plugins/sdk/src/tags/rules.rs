//! What a cloud takes as tags, checked before anything costs money.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::contract::{Problem, Tag};

/// The rules of one cloud.
pub struct Rules {
    /// The cloud's name in a sentence, for example `AWS`.
    pub cloud: &'static str,
    /// Most tags on one resource, the host's own included.
    pub most: usize,
    /// Whether keys that differ in case only are one and the same.
    pub ignores_case: bool,
    /// What the cloud dislikes about one tag, as the end of a sentence.
    pub fault: fn(&Tag) -> Option<&'static str>,
}

impl Rules {
    /// Refuses the first tag that the cloud would refuse, by its key.
    pub fn check(&self, tags: &[Tag]) -> Result<(), Problem> {
        let Self { cloud, most, .. } = self;
        if tags.len() > *most {
            let message = format!(
                "{} tags are too many: {cloud} takes {most}, Sindri's own included",
                tags.len()
            );
            return Err(Problem::new("too-many-tags", message)
                .key("tags")
                .remedy("leave some of your own tags out"));
        }
        let mut keys = BTreeSet::new();
        for tag in tags {
            let fault = (self.fault)(tag).or_else(|| {
                let repeated = !keys.insert(self.compared(&tag.key));
                repeated.then_some("a key stands only once")
            });
            if let Some(fault) = fault {
                return Err(self.unusable(&tag.key, fault));
            }
        }
        Ok(())
    }

    /// The problem with one tag.
    pub fn unusable(&self, key: &str, fault: &str) -> Problem {
        let message = format!("tag `{key}` is not usable on {}: {fault}", self.cloud);
        Problem::new("unusable-tag", message).key("tags")
    }

    fn compared<'a>(&self, key: &'a str) -> Cow<'a, str> {
        if self.ignores_case {
            key.to_lowercase().into()
        } else {
            key.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        cloud: "Nowhere",
        most: 2,
        ignores_case: false,
        fault: |tag| tag.key.is_empty().then_some("a key is not empty"),
    };

    fn code(rules: &Rules, keys: &[&str]) -> Option<String> {
        let tags: Vec<Tag> = keys
            .iter()
            .map(|key| Tag {
                key: (*key).to_owned(),
                value: "v".to_owned(),
            })
            .collect();
        rules.check(&tags).err().map(|problem| problem.code)
    }

    #[test]
    fn what_a_cloud_refuses_late_is_refused_at_once() {
        let insensitive = Rules {
            ignores_case: true,
            ..RULES
        };
        for (rules, keys, expected) in [
            (&RULES, &["a", "A"][..], None),
            (&insensitive, &["a", "A"], Some("unusable-tag")),
            (&RULES, &["a", "a"], Some("unusable-tag")),
            (&RULES, &[""], Some("unusable-tag")),
            (&RULES, &["a", "b", "c"], Some("too-many-tags")),
        ] {
            assert_eq!(code(rules, keys).as_deref(), expected, "{keys:?}");
        }
    }
}
