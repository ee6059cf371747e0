//! What of a secret value is masked by itself, and what is no secret though it stands where one may be.

use serde_json::Value;

use super::SHORTEST;

/// A shorter line of a longer secret is one of `-----BEGIN` and the like.
const SHORTEST_LINE: usize = 16;
/// A longer secret is masked by pieces: the automaton grows with the longest text times its forms.
const LONGEST: usize = 4096;
const PIECE: usize = 1024;
/// A longer value is no setting of a few words.
const LONGEST_SETTING: usize = 32;
/// More letters in a row are no word: the passwords that Google makes for programs have sixteen.
const LONGEST_WORD: usize = 12;
/// Parts of names whose values are secrets.
const SECRET_NAMES: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "cred",
    "auth",
    "private",
    "signature",
    "cookie",
    "assertion",
];

/// The secret and what it consists of; empty when it is too short to be masked.
pub(super) fn parts(secret: &str) -> Vec<String> {
    let secret = secret.trim();
    let mut parts = Vec::new();
    if secret.chars().count() < SHORTEST {
        return parts;
    }
    add(&mut parts, secret);
    // Output comes by the line.
    for line in secret.lines().map(str::trim) {
        if line.len() >= SHORTEST_LINE && line.len() < secret.len() {
            add(&mut parts, line);
        }
    }
    if secret.starts_with(['{', '['])
        && let Ok(document) = serde_json::from_str(secret)
    {
        add_members(&mut parts, &document);
    }
    if let Some(password) = password_of_url(secret) {
        add(&mut parts, password);
    }
    for scheme in ["Bearer ", "Basic "] {
        if let Some(token) = secret.strip_prefix(scheme) {
            add(&mut parts, token.trim());
        }
    }
    parts
}

fn add(parts: &mut Vec<String>, text: &str) {
    if text.chars().count() < SHORTEST {
        return;
    }
    if text.len() <= LONGEST {
        parts.push(text.to_owned());
        return;
    }
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(PIECE);
        let (piece, after) = rest.split_at(end);
        // The last piece overlaps the one before rather than being a short one.
        let start = text.len() - rest.len();
        let from = if piece.len() < PIECE / 2 {
            text.floor_char_boundary(start.saturating_sub(PIECE / 2))
        } else {
            start
        };
        parts.extend(text.get(from..start + piece.len()).map(str::to_owned));
        rest = after;
    }
}

/// The secrets of a service account's file and the like: a tool may print one member alone.
fn add_members(parts: &mut Vec<String>, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if names_secret(name) => {
                        add(parts, text.trim());
                        for line in text.lines().map(str::trim) {
                            if line.len() >= SHORTEST_LINE {
                                add(parts, line);
                            }
                        }
                    }
                    _ => add_members(parts, member),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_members(parts, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The secrets of a JSON document, told by the names of its members.
pub(super) fn of_document(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    if let Ok(document) = serde_json::from_str(text) {
        add_members(&mut parts, &document);
    }
    parts
}

/// `scheme://user:password@host`
fn password_of_url(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// Whether a variable or member of this name holds a secret.
pub(crate) fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// Whether a value is a switch, a number, a word, a version or a place, as settings have them: `true`,
/// `8080`, `production`, `us-east-1`, `en_US.UTF-8`. Words have one case and no digits but at their end.
pub(crate) fn is_plain(value: &str) -> bool {
    let value = value.trim();
    if value.len() > LONGEST_SETTING {
        return false;
    }
    if value.len() <= 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let words = value.split(['-', '_', '.', '/', ':', ',', ' ']);
    let mut letters = 0_usize;
    let all_plain = words.into_iter().all(|word| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let word = word.get(..word.len() - digits.len()).unwrap_or_default();
        letters += word.len();
        let tail = word.get(1..).unwrap_or_default();
        let one_case = tail.bytes().all(|byte| byte.is_ascii_lowercase())
            || word.bytes().all(|byte| byte.is_ascii_uppercase());
        one_case
            && word.len() <= LONGEST_WORD
            && digits.len() <= 4
            && (digits.bytes().all(|byte| byte.is_ascii_digit()) || is_zone(digits))
    });
    all_plain && (letters > 0 || value.contains('.'))
}

/// `1a` of `us-east-1a`, `2b`.
fn is_zone(digits: &str) -> bool {
    digits.len() == 2
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_lowercase())
}
