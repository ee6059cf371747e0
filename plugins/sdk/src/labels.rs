//! Tags on clouds whose rules are narrower than the host's: a small alphabet, short values.
//!
//! One model for all of them. What a cloud takes as it is stays as it is; the rest is written in an escape
//! that can be read back. A text that cannot be told from another one afterwards is a problem and never a
//! guess: every label is read back before it is given out, so two different texts cannot meet.
//!
//! | text | label of a cloud with `[a-z0-9_-]` |
//! |---|---|
//! | key `ManagedBy` and the host's others | `managed-by` |
//! | `cost_center` | `cost_center` |
//! | `Team` | `team__0`: the first letter is a capital |
//! | `dataCenter` | `data__center` |
//! | `a.b` | `a__22eb`: two hexadecimal digits follow, of the character's number |
//! | key `1st` | `x__11st`: a key may not start so |
//! | version `3.1.0` | `3_1_0` |
//! | date `2026-11-22T09:30:05Z` | `2026-11-22t09-30-05z` |
//! | cache key of 64 hexadecimal digits | 52 characters in base 32 |

mod escape;
mod host;

use std::collections::BTreeMap;

use crate::contract::{Problem, Tag};

/// What a cloud allows. Lower-case letters, digits and `_` have to be lawful everywhere but at the start
/// of a key, because the escape is made of them.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The cloud's name, for problems.
    pub cloud: &'static str,
    /// Characters that a key may start with.
    pub starts_key: fn(char) -> bool,
    /// Characters of a key.
    pub in_key: fn(char) -> bool,
    /// Characters of a value.
    pub in_value: fn(char) -> bool,
    /// Longest key, in characters.
    pub longest_key: usize,
    /// Longest value, in characters.
    pub longest_value: usize,
    /// Whether a value may be empty.
    pub empty_values: bool,
    /// Most labels on one resource.
    pub most: usize,
}

impl Rules {
    /// The tags as labels, sorted by key.
    pub fn write(&self, tags: &[Tag]) -> Result<BTreeMap<String, String>, Problem> {
        if tags.len() > self.most {
            let message = format!(
                "{} tags are too many: {} takes {}, Sindri's own included",
                tags.len(),
                self.cloud,
                self.most
            );
            return Err(Problem::new("too-many-tags", message).key("tags"));
        }
        let mut labels = BTreeMap::new();
        for Tag { key, value } in tags {
            let label = self.key(key)?;
            if labels.insert(label, self.value(key, value)?).is_some() {
                return Err(
                    Problem::new("unusable-tag", format!("the tag `{key}` stands twice")).key("tags"),
                );
            }
        }
        Ok(labels)
    }

    /// The label's key for this tag.
    pub fn key(&self, key: &str) -> Result<String, Problem> {
        let candidates = [
            host::label(key).map(str::to_owned),
            Some(escape::key(key, self.starts_key, self.in_key)),
        ];
        let mut own = std::iter::once(key.to_owned()).chain(candidates.into_iter().flatten());
        own.find(|label| !key.is_empty() && self.key_fits(label) && self.read_key(label) == key)
            .ok_or_else(|| self.unusable(key, "the key", self.longest_key))
    }

    /// The label's value for this tag, also for looking it up.
    pub fn value(&self, key: &str, value: &str) -> Result<String, Problem> {
        let escaped = escape::value(value, self.in_value, self.empty_values);
        let candidates = [host::write(key, value), Some(escaped)];
        let mut own = std::iter::once(value.to_owned()).chain(candidates.into_iter().flatten());
        own.find(|label| self.value_fits(label) && self.read_value(key, label) == value)
            .ok_or_else(|| self.unusable(key, "the value", self.longest_value))
    }

    /// The tags that were written as these labels. Labels of somebody else that cannot come from
    /// [`Rules::write`] stay as they are.
    pub fn read<'a>(&self, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Tag> {
        let read = |(key, value)| {
            let key = self.read_key(key);
            let value = self.read_value(&key, value);
            Tag { key, value }
        };
        labels.into_iter().map(read).collect()
    }

    fn read_key(&self, label: &str) -> String {
        // Where the host's own spelling is lawful it is also what was written.
        if let Some(key) = host::key(label).filter(|key| !self.key_fits(key)) {
            return key.to_owned();
        }
        escape::read(label)
            .filter(|text| escape::key(text, self.starts_key, self.in_key) == label)
            .unwrap_or_else(|| label.to_owned())
    }

    fn read_value(&self, key: &str, label: &str) -> String {
        if let Some(value) = host::read(key, label).filter(|value| !self.value_fits(value)) {
            return value;
        }
        escape::read(label)
            .filter(|text| escape::value(text, self.in_value, self.empty_values) == label)
            .unwrap_or_else(|| label.to_owned())
    }

    fn key_fits(&self, label: &str) -> bool {
        label.starts_with(self.starts_key)
            && label.chars().all(self.in_key)
            && label.chars().count() <= self.longest_key
    }

    fn value_fits(&self, label: &str) -> bool {
        (self.empty_values || !label.is_empty())
            && label.chars().all(self.in_value)
            && label.chars().count() <= self.longest_value
    }

    fn unusable(&self, key: &str, what: &str, longest: usize) -> Problem {
        let message = format!(
            "tag `{key}` cannot be a label on {}: {what} does not fit into {longest} characters of what it allows",
            self.cloud
        );
        Problem::new("unusable-tag", message)
            .key("tags")
            .remedy("shorten it, or write it in lower-case letters, digits, `-` and `_`: everything else takes several characters")
    }
}

#[cfg(test)]
mod tests;
