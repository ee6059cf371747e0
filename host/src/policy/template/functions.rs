//! The functions that a template may call: pure, cheap, and the same for everybody.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::dates;
use super::fold::Folded;

/// A function; the error says what is wrong with its arguments.
pub(super) type Function = fn(&[Folded], OffsetDateTime) -> Result<Folded, String>;

/// The function of this name.
pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "timestamp" => timestamp,
        "formatdate" => formatdate,
        "lower" => |arguments, _| text(arguments).map(|text| map_characters(text, char::to_lowercase)),
        "upper" => |arguments, _| text(arguments).map(|text| map_characters(text, char::to_uppercase)),
        "trimspace" => |arguments, _| text(arguments).map(|text| Folded::Text(text.trim().to_owned())),
        "concat" => concat,
        "jsonencode" => jsonencode,
        "base64encode" => |arguments, _| text(arguments).map(|text| Folded::Text(base64(text.as_bytes()))),
        _ => return None,
    })
}

fn text(arguments: &[Folded]) -> Result<&str, String> {
    match arguments {
        [Folded::Text(text)] => Ok(text),
        _ => Err("wants one string".to_owned()),
    }
}

fn timestamp(arguments: &[Folded], now: OffsetDateTime) -> Result<Folded, String> {
    if !arguments.is_empty() {
        return Err("wants no arguments".to_owned());
    }
    now.format(&Rfc3339)
        .map(Folded::Text)
        .map_err(|error| error.to_string())
}

fn formatdate(arguments: &[Folded], _: OffsetDateTime) -> Result<Folded, String> {
    let [Folded::Text(format), Folded::Text(date)] = arguments else {
        return Err("wants a format and a time".to_owned());
    };
    let date = OffsetDateTime::parse(date, &Rfc3339).map_err(|_| "the time is not RFC 3339".to_owned())?;
    dates::format(format, date).map(Folded::Text)
}

/// Go maps character by character; Rust's `str` functions would make two of some (`ß`, `ﬁ`).
fn map_characters<I: Iterator<Item = char>>(text: &str, map: fn(char) -> I) -> Folded {
    let one = |character: char| {
        let mut mapped = map(character);
        match (mapped.next(), mapped.next()) {
            (Some(single), None) => single,
            _ => character,
        }
    };
    Folded::Text(text.chars().map(one).collect())
}

fn concat(arguments: &[Folded], _: OffsetDateTime) -> Result<Folded, String> {
    let mut all = Vec::new();
    for argument in arguments {
        let Folded::List(items) = argument else {
            return Err(format!("wants lists, not {}", argument.type_name()));
        };
        all.extend_from_slice(items);
    }
    Ok(Folded::List(all))
}

fn jsonencode(arguments: &[Folded], _: OffsetDateTime) -> Result<Folded, String> {
    let [value] = arguments else {
        return Err("wants one value".to_owned());
    };
    let json = serde_json::to_string(&json(value)).map_err(|error| error.to_string())?;
    // As Go does, so that the text may stand in HTML. Neither character occurs outside of JSON's strings.
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => text.push(other),
        }
    }
    Ok(Folded::Text(text))
}

fn json(value: &Folded) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Folded::Null => Value::Null,
        Folded::Bool(value) => Value::Bool(*value),
        Folded::Integer(number) => Value::Number((*number).into()),
        Folded::Text(text) => Value::String(text.clone()),
        Folded::List(items) => Value::Array(items.iter().map(json).collect()),
        Folded::Map(items) => {
            // Packer sorts the keys of an object.
            let mut items: Vec<_> = items.iter().collect();
            items.sort_by(|(left, _), (right, _)| left.cmp(right));
            Value::Object(
                items
                    .into_iter()
                    .map(|(key, value)| (key.clone(), json(value)))
                    .collect(),
            )
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for position in 0..4 {
            let index = (bits >> (18 - 6 * position)) & 63;
            let digit = usize::try_from(index)
                .ok()
                .and_then(|index| ALPHABET.get(index))
                .copied();
            // n bytes fill n + 1 digits.
            text.push(if position <= chunk.len() {
                char::from(digit.unwrap_or(b'='))
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 10:20:30 UTC);

    fn call(name: &str, arguments: &[Folded]) -> Result<Folded, String> {
        find(name).unwrap()(arguments, NOW)
    }

    fn string(text: &str) -> Folded {
        Folded::Text(text.to_owned())
    }

    #[test]
    fn functions_give_what_packer_gives() {
        assert_eq!(call("timestamp", &[]).unwrap(), string("2026-11-22T10:20:30Z"));
        assert_eq!(call("lower", &[string("ABCÜ")]).unwrap(), string("abcü"));
        assert_eq!(call("upper", &[string("straße")]).unwrap(), string("STRAßE"));
        assert_eq!(call("trimspace", &[string("\n a b\t")]).unwrap(), string("a b"));
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(call("base64encode", &[string(plain)]).unwrap(), string(encoded));
        }
        let map = Folded::Map(vec![
            ("b".into(), Folded::List(vec![Folded::Null])),
            ("a".into(), string("<&>\"")),
        ]);
        assert_eq!(
            call("jsonencode", &[map]).unwrap(),
            string(r#"{"a":"\u003c\u0026\u003e\"","b":[null]}"#)
        );
        let list = Folded::List(vec![Folded::Bool(true)]);
        assert_eq!(
            call("concat", &[list.clone(), list]).unwrap(),
            Folded::List(vec![Folded::Bool(true), Folded::Bool(true)])
        );
    }

    #[test]
    fn functions_that_reach_the_host_do_not_exist() {
        for name in [
            "file",
            "filebase64",
            "templatefile",
            "fileexists",
            "fileset",
            "env",
            "vault",
            "consul_key",
            "abspath",
            "pathexpand",
            "aws_secretsmanager",
            "aws_secretsmanager_raw",
            "try",
            "can",
            "format",
            "base64decode",
            "uuidv4",
        ] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn wrong_arguments_are_errors_and_not_guesses() {
        assert!(call("lower", &[Folded::Null]).is_err());
        assert!(call("timestamp", &[string("x")]).is_err());
        assert!(call("formatdate", &[string("YYYY"), string("yesterday")]).is_err());
        assert!(call("concat", &[string("x")]).is_err());
        assert!(call("jsonencode", &[]).is_err());
    }
}
