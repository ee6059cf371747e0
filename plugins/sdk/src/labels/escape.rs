//! Any text in a few characters. `__` starts an escape:
//!
//! * `__0` at the end: the first letter is a capital;
//! * `__1` alone: an empty text; `x__1` at the start of a key: nothing, and the key starts behind it;
//! * `__2` to `__6`: so many hexadecimal digits follow, of a character's number;
//! * `__a` to `__z`: a capital.

const MARK: &str = "__";
const CAPITAL: &str = "__0";
const EMPTY: &str = "__1";
const ODD_START: &str = "x__1";

/// A text as a value.
pub(super) fn value(text: &str, lawful: fn(char) -> bool, may_be_empty: bool) -> String {
    if text.is_empty() && !may_be_empty {
        return EMPTY.to_owned();
    }
    escaped(text, lawful)
}

/// A text as a key, which may start with fewer characters than it may hold.
pub(super) fn key(text: &str, starts: fn(char) -> bool, lawful: fn(char) -> bool) -> String {
    let escaped = escaped(text, lawful);
    if escaped.starts_with(starts) && !escaped.starts_with(ODD_START) {
        escaped
    } else {
        format!("{ODD_START}{escaped}")
    }
}

fn escaped(text: &str, lawful: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + CAPITAL.len());
    let is_capital = |c: char| c.is_ascii_uppercase() && !lawful(c);
    let capital = text.starts_with(is_capital);
    let mut characters = text.chars().peekable();
    let mut first = capital;
    while let Some(character) = characters.next() {
        // A `_` stays if no other one follows it, which an escape would begin with.
        let stands_alone = || {
            let mut rest = characters.clone();
            rest.next().is_none_or(|next| next != '_' && lawful(next))
        };
        if std::mem::take(&mut first) {
            out.push(character.to_ascii_lowercase());
        } else if lawful(character) && (character != '_' || stands_alone()) {
            out.push(character);
        } else if is_capital(character) {
            out.push_str(MARK);
            out.push(character.to_ascii_lowercase());
        } else {
            let digits = format!("{:02x}", u32::from(character));
            out.push_str(&format!("{MARK}{}{digits}", digits.len()));
        }
    }
    if capital {
        out.push_str(CAPITAL);
    }
    out
}

/// What was escaped; none when an escape is broken. The caller compares: the same label may have been
/// written by somebody who knows of no escapes.
pub(super) fn read(label: &str) -> Option<String> {
    if label == EMPTY {
        return Some(String::new());
    }
    let label = label.strip_prefix(ODD_START).unwrap_or(label);
    let (mut rest, capital) = match label.strip_suffix(CAPITAL) {
        Some(rest) => (rest, true),
        None => (label, false),
    };
    let mut out = String::with_capacity(label.len());
    while let Some((plain, escape)) = rest.split_once(MARK) {
        out.push_str(plain);
        let kind = escape.chars().next()?;
        rest = escape.get(kind.len_utf8()..)?;
        match kind {
            'a'..='z' => out.push(kind.to_ascii_uppercase()),
            '2'..='6' => {
                let digits = rest.get(..kind.to_digit(10)? as usize)?;
                rest = rest.get(digits.len()..)?;
                out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
            }
            _ => return None,
        }
    }
    out.push_str(rest);
    if !capital {
        return Some(out);
    }
    let mut characters = out.chars();
    let first = characters.next()?.to_ascii_uppercase();
    Some(std::iter::once(first).chain(characters).collect())
}
