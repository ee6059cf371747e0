//! A value of the template against what an attribute may have.

use serde_json::Map;
use time::OffsetDateTime;

use super::escape;
use super::finding::Finding;
use super::fold::Folded;
use super::model::Value;
use super::plain;
use crate::Code;
use crate::policy::builders::{Kind, Rule};

/// What values are compared with.
pub(super) struct Judge<'a> {
    /// The cloud's section of the configuration.
    pub(super) config: &'a Map<String, serde_json::Value>,
    /// The time of the run.
    pub(super) now: OffsetDateTime,
    /// A review: keys that the configuration does not set are open.
    pub(super) open: bool,
}

/// A value and where it stands.
pub(super) struct Candidate<'a> {
    /// The value.
    pub(super) value: &'a Folded,
    /// Its line.
    pub(super) line: usize,
    /// The attribute, dotted.
    pub(super) construct: &'a str,
}

impl Candidate<'_> {
    pub(super) fn finding(&self, code: Code, message: impl Into<String>) -> Finding {
        Finding::new(code, self.line, self.construct, message)
    }

    pub(super) fn mismatch(&self, wanted: &str) -> Finding {
        let message = format!("{} stands where {wanted} must", self.value.type_name());
        self.finding(Code::TemplateValue, message)
    }

    pub(super) fn part<'b>(&'b self, value: &'b Folded) -> Candidate<'b> {
        Candidate {
            value,
            line: self.line,
            construct: self.construct,
        }
    }
}

impl Judge<'_> {
    /// The plain value, if the attribute may have it.
    pub(super) fn value(
        &self,
        candidate: &Candidate<'_>,
        kind: Kind,
        rule: Rule<'_>,
    ) -> Result<Value, Finding> {
        let kind = match (kind, rule) {
            // Compared with the user's own word, whose form the configuration's schema knows.
            (Kind::Literal(_), Rule::Pinned(key)) if !self.open || self.configured(key).is_some() => {
                Kind::Word
            }
            (kind, _) => kind,
        };
        let value = self.shape(candidate, kind)?;
        match rule {
            Rule::Free => Ok(value),
            Rule::PinnedIfSet(key) if self.configured(key).is_none() => Ok(value),
            Rule::Pinned(key) if self.open && self.configured(key).is_none() => Ok(value),
            Rule::Pinned(key) | Rule::PinnedIfSet(key) | Rule::UserOnly(key) => {
                self.pinned(candidate, value, key)
            }
            Rule::With(key) if self.configured(key).is_some() => Ok(value),
            Rule::With(key) => {
                let message = format!("it has no place here without `{key}`, which only the user chooses");
                Err(candidate
                    .finding(Code::TemplatePinned, message)
                    .remedy(format!("leave it out, or set `{key}` in the configuration")))
            }
        }
    }

    fn pinned(&self, candidate: &Candidate<'_>, value: Value, key: &str) -> Result<Value, Finding> {
        let configured = self.configured(key);
        let same = match (&value, configured) {
            // Of a list the plugin may use a part (the build's own region needs no copy), but add nothing.
            (Value::List(items), configured) => {
                let allowed = configured.and_then(serde_json::Value::as_array);
                items
                    .iter()
                    .all(|item| allowed.is_some_and(|allowed| allowed.contains(&json(item))))
            }
            // Of the endpoints of several services every one is the configured one.
            (Value::Map(items), Some(one @ serde_json::Value::String(_))) => {
                !items.is_empty() && items.iter().all(|(_, item)| *one == json(item))
            }
            (value, Some(configured)) => *configured == json(value),
            (_, None) => false,
        };
        if same {
            return Ok(value);
        }
        let message = match configured {
            Some(configured) => {
                format!("only the user chooses this value, and the configuration says {configured}")
            }
            None => "only the user chooses this value, and the configuration does not set it".to_owned(),
        };
        Err(candidate
            .finding(Code::TemplatePinned, message)
            .remedy(format!("set `{key}` in the configuration")))
    }

    /// The value of a key, dotted for a nested one.
    fn configured(&self, key: &str) -> Option<&serde_json::Value> {
        let mut parts = key.split('.');
        let first = self.config.get(parts.next()?)?;
        parts
            .try_fold(first, |value, part| value.get(part))
            .filter(|configured| !configured.is_null())
    }

    fn shape(&self, candidate: &Candidate<'_>, kind: Kind) -> Result<Value, Finding> {
        match kind {
            Kind::Prose => Ok(Value::Text(self.prose(candidate)?)),
            Kind::Script => Ok(Value::RenderedOnce(self.prose(candidate)?)),
            Kind::Word => Ok(Value::Text(self.word(candidate)?)),
            Kind::OneOf(allowed) => self.one_of(candidate, allowed),
            Kind::Bool => {
                // HCL converts both ways, so `"true"` is a boolean.
                match (candidate.value, candidate.value.as_text()) {
                    (Folded::Bool(value), _) => Ok(Value::Bool(*value)),
                    (_, Some(text @ ("true" | "false"))) => Ok(Value::Bool(text == "true")),
                    (_, _) => Err(candidate.mismatch("a boolean")),
                }
            }
            Kind::Integer(least, most) => {
                let Some(value) = whole(candidate.value) else {
                    return Err(candidate.mismatch("a number"));
                };
                if (least..=most).contains(&value) {
                    return Ok(Value::Integer(value));
                }
                let message = format!("{value} is not between {least} and {most}");
                Err(candidate.finding(Code::TemplateValue, message))
            }
            Kind::Words => self.list(candidate, Kind::Word),
            Kind::SomeOf(allowed) => self.list(candidate, Kind::OneOf(allowed)),
            Kind::ProseMap => self.map(candidate, Kind::Prose),
            Kind::ScriptMap => self.map(candidate, Kind::Script),
            Kind::WordMap => self.map(candidate, Kind::Word),
            Kind::Metadata { never, code } => {
                let value = self.map(candidate, Kind::Word)?;
                let Folded::Map(items) = candidate.value else {
                    return Ok(value);
                };
                let code = if self.open { &[] } else { code };
                let taken = |key: &str| {
                    let mut all = never.iter().chain(code);
                    all.any(|taken| taken.eq_ignore_ascii_case(key.trim()))
                };
                match items.iter().find(|(key, _)| taken(key)) {
                    None => Ok(value),
                    Some((key, _)) => Err(candidate
                        .finding(
                            Code::TemplateAttribute,
                            format!("a template may not set the key `{key}` here"),
                        )
                        .remedy("leave the key out")),
                }
            }
            Kind::True if *candidate.value == Folded::Bool(true) => Ok(Value::Bool(true)),
            Kind::True => Err(candidate
                .finding(Code::TemplateValue, "the only value is `true`")
                .remedy("write `true`, or leave it out: the host adds it")),
            Kind::Integers(least, most) => self.list(candidate, Kind::Integer(least, most)),
            Kind::Duration(most) => self.duration(candidate, most),
            Kind::Literal(form) => {
                let word = self.word(candidate)?;
                if (form.fits)(&word) {
                    return Ok(Value::Text(word));
                }
                let message = format!("`{word}` is not {}", form.name);
                Err(candidate
                    .finding(Code::TemplateValue, message)
                    .remedy(format!("write {}", form.name)))
            }
            Kind::Path => Ok(Value::Text(self.word(candidate)?)),
            Kind::Paths => self.list(candidate, Kind::Path),
            Kind::Plain => plain::value(self, candidate),
            Kind::PlainScript => plain::script(self, candidate),
        }
    }

    /// Go's way to write a duration, without signs and fractions.
    fn duration(&self, candidate: &Candidate<'_>, most: u32) -> Result<Value, Finding> {
        let text = self.word(candidate)?;
        match seconds(&text) {
            Some(seconds) if seconds <= u64::from(most) => Ok(Value::Text(text)),
            Some(_) => {
                let message = format!("`{text}` is longer than {most} s");
                Err(candidate
                    .finding(Code::TemplateLimit, message)
                    .remedy("wait less"))
            }
            None => Err(candidate
                .finding(Code::TemplateValue, format!("`{text}` is not a duration"))
                .remedy("write one such as `90s` or `10m`")),
        }
    }

    fn list(&self, candidate: &Candidate<'_>, each: Kind) -> Result<Value, Finding> {
        let Folded::List(items) = candidate.value else {
            return Err(candidate.mismatch("a list"));
        };
        let items = items.iter().map(|item| self.shape(&candidate.part(item), each));
        Ok(Value::List(items.collect::<Result<_, _>>()?))
    }

    fn map(&self, candidate: &Candidate<'_>, each: Kind) -> Result<Value, Finding> {
        let Folded::Map(items) = candidate.value else {
            return Err(candidate.mismatch("a map"));
        };
        let items = items.iter().map(|(key, value)| {
            self.key(candidate, key)?;
            Ok((key.clone(), self.shape(&candidate.part(value), each)?))
        });
        Ok(Value::Map(items.collect::<Result<_, _>>()?))
    }

    /// What Go makes of a string: rendered here, made inert again by the emitter.
    fn prose(&self, candidate: &Candidate<'_>) -> Result<String, Finding> {
        // A number or boolean in the place of a string is its text.
        let Some(text) = candidate.value.to_text() else {
            return Err(candidate.mismatch("a string"));
        };
        match escape::render_go(&text, self.now) {
            Ok(plain) => Ok(plain),
            Err(code) => {
                let message = format!("`{}` is code of Packer's template language", code.excerpt);
                Err(candidate.finding(Code::TemplateCode, message).remedy(
                    "write literal braces as {{`{{`}} (the SDK's `hcl` filter does); `{{timestamp}}` and `{{isotime}}` are allowed",
                ))
            }
        }
    }

    pub(super) fn word(&self, candidate: &Candidate<'_>) -> Result<String, Finding> {
        let text = self.prose(candidate)?;
        if text.contains("{{") {
            return Err(candidate
                .finding(Code::TemplateCode, "`{{` is not allowed in this value")
                .remedy("put it into a file of the bundle if it is part of a script"));
        }
        Ok(text)
    }

    fn one_of(&self, candidate: &Candidate<'_>, allowed: &[&str]) -> Result<Value, Finding> {
        let text = self.word(candidate)?;
        if allowed.contains(&text.as_str()) {
            return Ok(Value::Text(text));
        }
        let message = format!("`{text}` is not allowed");
        Err(candidate
            .finding(Code::TemplateValue, message)
            .remedy(format!("use {}", allowed.join(" or "))))
    }

    /// In Packer's JSON syntax the keys of objects are templates as well, and Go renders keys of tags.
    pub(super) fn key(&self, candidate: &Candidate<'_>, key: &str) -> Result<(), Finding> {
        if key.is_empty() || key.contains('{') || key.chars().any(char::is_control) {
            let message = format!("the key {key:?} is empty or has a character of a template language");
            return Err(candidate.finding(Code::TemplateCode, message));
        }
        Ok(())
    }
}

/// A number, or its only spelling as a text.
fn whole(value: &Folded) -> Option<i64> {
    if let Folded::Integer(number) = value {
        return Some(*number);
    }
    let text = value.as_text()?;
    text.parse()
        .ok()
        .filter(|number: &i64| number.to_string() == text)
}

/// `1h30m`, `90s`, `250ms`: whole seconds, rounded up.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut milliseconds: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = rest.split_at_checked(digits)?;
        let number: u64 = number.parse().ok()?;
        let (factor, after) = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
            .iter()
            .find_map(|(name, factor)| unit.strip_prefix(name).map(|after| (*factor, after)))?;
        milliseconds = milliseconds.checked_add(number.checked_mul(factor)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(milliseconds.div_ceil(1000))
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Text(text) | Value::RenderedOnce(text) | Value::Path(text) => text.as_str().into(),
        Value::GoTemplate(text) => (*text).into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(items) => items
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
        // Not made from a plugin's template, so never compared.
        Value::SecretAssignment { .. } => serde_json::Value::Null,
    }
}
