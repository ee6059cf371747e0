//! Shapes of single values: time spans, address ranges, variables, and text taken from flags and the
//! environment.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::environment::Environment;

/// A time span such as `90s`, `20m` or `2h`: at least one second, at most 24 hours.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeSpan {
    count: u32,
    unit: Unit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
}

impl Unit {
    fn seconds(self) -> u32 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 3600,
        }
    }

    fn suffix(self) -> char {
        match self {
            Self::Seconds => 's',
            Self::Minutes => 'm',
            Self::Hours => 'h',
        }
    }
}

impl TimeSpan {
    /// Name of the schema format that the host checks.
    const FORMAT: &'static str = "time-span";
    /// Form of the text for editors; the limit is the format's.
    const PATTERN: &'static str = "^[1-9][0-9]{0,4}[smh]$";
    const DAY: u32 = 86_400;

    /// So many minutes.
    pub const fn minutes(count: u32) -> Self {
        Self {
            count,
            unit: Unit::Minutes,
        }
    }

    /// So many hours.
    pub const fn hours(count: u32) -> Self {
        Self {
            count,
            unit: Unit::Hours,
        }
    }

    /// None unless the text is a whole number from 1 followed by `s`, `m` or `h`, at most a day in all.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = match text.chars().next_back()? {
            's' => Unit::Seconds,
            'm' => Unit::Minutes,
            'h' => Unit::Hours,
            _ => return None,
        };
        let digits = text.get(..text.len().checked_sub(1)?)?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let count: u32 = digits.parse().ok()?;
        (count.checked_mul(unit.seconds())? <= Self::DAY).then_some(Self { count, unit })
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_secs(u64::from(self.count.saturating_mul(self.unit.seconds())))
    }
}

/// The form that Packer reads too: `20m`.
impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.suffix())
    }
}

impl fmt::Debug for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl From<TimeSpan> for String {
    fn from(span: TimeSpan) -> Self {
        span.to_string()
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a time span such as `90s`, `20m` or `2h`")
    }
}

impl JsonSchema for TimeSpan {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TimeSpan".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": Self::FORMAT,
            "pattern": Self::PATTERN
        })
    }
}

/// A range of addresses such as `203.0.113.7/32` or `2001:db8::/32`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr(String);

impl Cidr {
    /// Name of the schema format that the host checks.
    const FORMAT: &'static str = "cidr";

    /// None unless the text is an address and a prefix length, with no bits set behind the prefix:
    /// clouds disagree on `10.0.0.1/8` (an error for one, `10.0.0.0/8` for another).
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        if length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if length.len() > 1 && length.starts_with('0') {
            return None;
        }
        let length: u32 = length.parse().ok()?;
        let host_bits_clear = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(v4) => length <= 32 && v4.to_bits().checked_shl(length).unwrap_or(0) == 0,
            IpAddr::V6(v6) => length <= 128 && v6.to_bits().checked_shl(length).unwrap_or(0) == 0,
        };
        host_bits_clear.then(|| Self(text.into()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> Self {
        cidr.0
    }
}

impl TryFrom<String> for Cidr {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a range of addresses such as `203.0.113.7/32`")
    }
}

impl JsonSchema for Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": Self::FORMAT
        })
    }
}

/// What a value of a schema format that the host checks must look like; none if it does.
pub(super) fn check_format(format: &str, text: &str) -> Option<&'static str> {
    match format {
        Cidr::FORMAT if Cidr::parse(text).is_none() => Some(
            "write an address and a prefix length with no bits set behind it, for example `203.0.113.7/32`",
        ),
        TimeSpan::FORMAT if TimeSpan::parse(text).is_none() => {
            Some("write a time span such as `90s`, `20m` or `2h`, at most 24 hours")
        }
        // All other formats are annotations, as draft 2020-12 has it.
        _ => None,
    }
}

/// Turns text of a flag or variable into a value of the property's type. The error says what was
/// expected.
pub(super) fn from_text(text: &str, type_name: &str) -> Result<Value, &'static str> {
    match type_name {
        "string" => Ok(Value::String(text.into())),
        "boolean" => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("expected `true` or `false`"),
        },
        "integer" => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| "expected a whole number"),
        "number" => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::from(number)),
            _ => Err("expected a number"),
        },
        // `a,b`; an empty entry (`a,,b`) stays and fails the item's own check.
        "array" => Ok(text
            .split(',')
            .map(|item| Value::String(item.trim().into()))
            .collect()),
        _ => Err("cannot be set this way"),
    }
}

/// Replaces `${env.NAME}` by the variable's value and `$${env.NAME}` by that text itself; everything
/// else stays as it is. The error is the name of a variable that is not set, or what is malformed.
pub(super) fn expand(text: &str, environment: &Environment) -> Result<String, String> {
    const START: &str = "${env.";
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(START) {
        if let Some(before) = before.strip_suffix('$') {
            output.push_str(before);
            output.push_str(START);
            rest = after;
            continue;
        }
        output.push_str(before);
        let (name, after) = after.split_once('}').ok_or("`${env.` without `}`")?;
        if !is_variable_name(name) {
            return Err(format!("`{name}` cannot be the name of an environment variable"));
        }
        match environment.get(name) {
            Some(value) => output.push_str(value),
            None => {
                return Err(format!(
                    "the environment variable {name} is not set, empty, or not UTF-8"
                ));
            }
        }
        rest = after;
    }
    output.push_str(rest);
    Ok(output)
}

/// `[A-Za-z_][A-Za-z0-9_]*`.
pub(super) fn is_variable_name(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn time_spans_are_whole_numbers_with_a_unit_up_to_a_day() {
        for (text, seconds) in [
            ("1s", 1),
            ("90s", 90),
            ("20m", 1200),
            ("2h", 7200),
            ("24h", 86_400),
        ] {
            assert_eq!(
                TimeSpan::parse(text).unwrap().duration().as_secs(),
                seconds,
                "{text}"
            );
            assert_eq!(TimeSpan::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "s",
            "0s",
            "-1s",
            "+1s",
            "1.5h",
            "1h30m",
            "20",
            "020m",
            "25h",
            "86401s",
            "99999999999s",
            "1 m",
            "1d",
            "٣m",
        ] {
            assert!(TimeSpan::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_range_with_host_bits_or_a_wide_prefix_is_refused() {
        for text in [
            "0.0.0.0/0",
            "10.0.0.0/8",
            "203.0.113.7/32",
            "::/0",
            "2001:db8::/32",
            "::1/128",
        ] {
            assert!(Cidr::parse(text).is_some(), "{text}");
        }
        for text in [
            "10.0.0.1/8",
            "10.0.0.0",
            "10.0.0.0/33",
            "::1/129",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "x/8",
            "10.0.0/8",
            "2001:db8::1/32",
            "1.2.3.4/",
            " 1.2.3.4/32",
        ] {
            assert!(Cidr::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_the_explicit_form_is_expanded_and_an_unset_variable_is_an_error() {
        let environment = Environment::of("/", [("TOKEN", "${env.OTHER}"), ("EMPTY", "")]);
        assert_eq!(
            expand("a ${env.TOKEN} $TOKEN ${TOKEN} %{x} {{y}}", &environment).unwrap(),
            "a ${env.OTHER} $TOKEN ${TOKEN} %{x} {{y}}"
        );
        assert_eq!(expand("$${env.TOKEN}", &environment).unwrap(), "${env.TOKEN}");
        for text in [
            "${env.NONE}",
            "${env.EMPTY}",
            "${env.TOKEN",
            "${env.}",
            "${env.A B}",
        ] {
            assert!(expand(text, &environment).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_published_pattern_accepts_every_time_span(text in "[0-9]{0,6}[smhd]?") {
            let pattern = regex_lite::Regex::new(TimeSpan::PATTERN).unwrap();
            prop_assert!(pattern.is_match(&text) || TimeSpan::parse(&text).is_none());
        }

        #[test]
        fn text_without_the_marker_is_never_changed(text in "\\PC*") {
            prop_assume!(!text.contains("${env."));
            prop_assert_eq!(expand(&text, &Environment::default()).unwrap(), text);
        }
    }
}
