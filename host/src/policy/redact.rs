//! What must not be seen: secrets, and what a terminal or a CI system would act upon.

mod files;
mod forms;
mod neutral;
mod secrets;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;

pub use files::secrets_of_file;
pub use neutral::{escape_in_strings, neutralise, neutralise_line};
pub(crate) use secrets::{is_plain, names_secret};

/// A shorter value is part of too many words to be masked.
const SHORTEST: usize = 6;
/// A piece of a secret that is shorter than this tells nobody anything.
const SHORTEST_FRAGMENT: usize = 4;
const MASK: &str = "***";

/// Masks secrets in everything that is printed or stored. A handle: what one clone learns, all mask.
///
/// Text is searched for all forms of all secrets at once, in one pass. The automaton for that is built
/// when the first text comes, so that a command that prints nothing of others' pays nothing.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    secrets: BTreeSet<String>,
    matcher: Option<Arc<Matcher>>,
}

/// Without the secrets.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor of these secrets. Values of fewer than 6 characters are ignored.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let redactor = Self::default();
        for secret in secrets {
            redactor.learn(secret.as_ref());
        }
        redactor
    }

    /// Masks this from now on, and what it consists of: the lines of a key, the keys in a document.
    pub fn learn(&self, secret: &str) {
        let parts = secrets::parts(secret);
        if parts.is_empty() {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for part in parts {
            if known.secrets.insert(part) {
                known.matcher = None;
            }
        }
    }

    /// Masks the value of a variable that may hold a secret or a setting: `TOKEN` and `REGION` stand side
    /// by side in `build.environment`. A plain word is a secret only if the name says so.
    pub fn learn_variable(&self, name: &str, value: &str) {
        if secrets::names_secret(name) || !secrets::is_plain(value) {
            self.learn(value);
        }
    }

    /// Masks the output of a command that the plugin marked as secret.
    pub fn learn_output(&self, output: &str) {
        match serde_json::from_str::<Value>(output) {
            Ok(document) => self.learn_texts(&document),
            Err(_) => self.learn(output),
        }
    }

    fn learn_texts(&self, value: &Value) {
        match value {
            Value::String(text) => self.learn_variable("", text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_texts(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(text) => self.learn_variable(name, text),
                        None => self.learn_texts(member),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text with every secret replaced by `***`.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.matcher().and_then(|matcher| matcher.mask(text)) {
            Some(masked) => Cow::Owned(masked),
            None => Cow::Borrowed(text),
        }
    }

    /// The same for a piece of a text that was cut somewhere: what is left of a secret at its ends is masked
    /// too.
    pub fn redact_fragment(&self, text: &str) -> String {
        let masked = self.redact(text);
        match self.matcher() {
            Some(matcher) => matcher.mask_ends(&masked),
            None => masked.into_owned(),
        }
    }

    /// Masks every text of a JSON document, and its names.
    pub fn redact_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.redact(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_json(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.redact_json(member));
                if members
                    .keys()
                    .any(|name| matches!(self.redact(name), Cow::Owned(_)))
                {
                    *members = std::mem::take(members)
                        .into_iter()
                        .map(|(name, member)| (self.redact(&name).into_owned(), member))
                        .collect();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Redacted and harmless: what may be printed of a program's output. Redacted twice, because an
    /// escape sequence in the middle hides a secret from the first look.
    pub fn line(&self, text: &str) -> String {
        self.redact(&neutralise(&self.redact(text))).into_owned()
    }

    /// None when there is nothing to mask.
    fn matcher(&self) -> Option<Arc<Matcher>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.secrets.is_empty() {
            return None;
        }
        if known.matcher.is_none() {
            known.matcher = Some(Arc::new(Matcher::new(&known.secrets)));
        }
        known.matcher.clone()
    }
}

/// Finds all forms of some secrets.
struct Matcher {
    needles: Vec<String>,
    /// None when it would be too large: then nothing is shown at all.
    automaton: Option<AhoCorasick>,
}

impl Matcher {
    fn new(secrets: &BTreeSet<String>) -> Self {
        let needles: BTreeSet<_> = secrets
            .iter()
            .flat_map(|secret| forms::forms(secret))
            .filter(|form| form.len() >= SHORTEST)
            .collect();
        let needles: Vec<_> = needles.into_iter().collect();
        // Every hit, also inside and across others: the longest alone would leave the rest of a neighbour.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&needles)
            .ok();
        Self { needles, automaton }
    }

    /// None when there is nothing to mask.
    fn mask(&self, text: &str) -> Option<String> {
        let Some(automaton) = &self.automaton else {
            return Some(MASK.to_owned());
        };
        let mut found: Vec<(usize, usize)> = automaton
            .find_overlapping_iter(text)
            .map(|hit| (hit.start(), hit.end()))
            .collect();
        if found.is_empty() {
            return None;
        }
        // Secrets may overlap; together they are one hole.
        found.sort_unstable();
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        let mut first = true;
        for (start, end) in found {
            if first || start >= done {
                masked.push_str(text.get(done..start).unwrap_or_default());
                masked.push_str(MASK);
            }
            first = false;
            done = done.max(end);
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        Some(masked)
    }

    fn mask_ends(&self, text: &str) -> String {
        let ends = |length: &usize| *length >= SHORTEST_FRAGMENT;
        let before = self
            .needles
            .iter()
            .filter_map(|needle| {
                let cut = |at: &usize| needle.get(*at..).is_some_and(|rest| text.starts_with(rest));
                (1..needle.len()).find(cut).map(|at| needle.len() - at)
            })
            .filter(ends)
            .max()
            .unwrap_or(0);
        let behind = self
            .needles
            .iter()
            .filter_map(|needle| {
                let cut = |at: &usize| needle.get(..*at).is_some_and(|rest| text.ends_with(rest));
                (1..needle.len()).rev().find(cut)
            })
            .filter(ends)
            .max()
            .unwrap_or(0);
        let end = text.len().saturating_sub(behind).max(before);
        let middle = text.get(before..end).unwrap_or_default();
        let mask = |length: usize| if length > 0 { MASK } else { "" };
        format!("{}{middle}{}", mask(before), mask(behind))
    }
}

#[cfg(test)]
#[path = "redact/tests.rs"]
mod tests;
