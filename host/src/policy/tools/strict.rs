//! A tool that the host does not know: whatever any known tool does with a word, a flag or a value is refused here.
//!
//! Nobody here has read its manual, so names decide, and a harmless flag with a bad name is refused as well. Values are
//! joined to their flags (`--name=value`): after a flag that turns out to be a switch, a value of its own would be a
//! further word of the command.

mod words;

use std::borrow::Cow;

use super::{Surroundings, ToolProfile};
use crate::contract::Effect;

/// No files, no location, and of the environment only what the user grants to the plugin.
pub(super) fn profile(program: &str) -> ToolProfile {
    ToolProfile {
        program: Cow::Owned(program.to_owned()),
        known: false,
        ceiling,
        // The id of what the command is about.
        positionals: |_| 1,
        reserved_flags: words::FLAGS,
        abbreviates_flags: true,
        refuses,
        takes_json: false,
        file_prefix: None,
        location_flag: None,
        fixed_arguments: &[],
        error_code,
        credential_errors: &[
            "unauthorized",
            "Unauthorized",
            "unauthenticated",
            "Unauthenticated",
            "401",
        ],
        surroundings: Surroundings::NONE,
    }
}

/// Whether no plugin may run a program of this name.
pub(super) fn is_never_a_tool(program: &str) -> bool {
    let version = |c: char| c.is_ascii_digit() || c == '.';
    let is_never = |name: &str| words::PROGRAMS.split_whitespace().any(|never| never == name);
    // `python3.11`, `qemu-system-x86_64`, `x86_64-linux-gnu-gcc-13`, `ld.so`.
    let whole = program.trim_end_matches(version);
    let mut parts = program
        .split(['-', '_', '.'])
        .map(|part| part.trim_end_matches(version));
    let first = parts.next().unwrap_or_default();
    let last = parts.rfind(|part| !part.is_empty()).unwrap_or_default();
    [program, whole, first, last].into_iter().any(is_never)
}

/// A command that is called harmless has to look so. None for words that run something, log in, print a secret or
/// change the tool itself.
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let lower: Vec<String> = verb.iter().map(|word| word.to_ascii_lowercase()).collect();
    let first = lower.first().map(String::as_str).unwrap_or_default();
    let parts = || verb.iter().flat_map(|word| parts(word));
    if words::FIRST_VERBS.contains(&first)
        || lower.iter().any(|word| words::VERBS.contains(&word.as_str()))
        || parts().any(|part| words::VERB_PARTS.contains(&part.as_str()))
    {
        return &[];
    }
    let last: Vec<String> = verb
        .last()
        .map(|word| self::parts(word).collect())
        .unwrap_or_default();
    if parts().any(|part| words::DESTROYING.contains(&part.as_str())) {
        &[Effect::Destroy]
    } else if last
        .first()
        .is_some_and(|part| words::READING.contains(&part.as_str()))
    {
        &[Effect::Read]
    } else {
        &[Effect::Create, Effect::Publish]
    }
}

/// Why no plugin sets a flag of this name, beside those that are reserved by their whole names.
pub(crate) fn refuses_flag(flag: &str) -> Option<&'static str> {
    parts(flag).find_map(|part| {
        let of_part = |(_, parts): &&(&str, &[&str])| parts.contains(&part.as_str());
        words::FLAG_PARTS
            .iter()
            .find(of_part)
            .map(|(because, _)| *because)
    })
}

/// Why this word is not the id of something: a name could be a further word of the command, and `hcloud image` with
/// `delete` behind it is no harmless command.
pub(crate) fn refuses_positional(word: &str) -> Option<&'static str> {
    let is_number = !word.is_empty() && word.len() <= 32 && word.bytes().all(|byte| byte.is_ascii_digit());
    let groups: Vec<usize> = word.split('-').map(str::len).collect();
    let is_uuid =
        groups == [8, 4, 4, 4, 12] && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    (!is_number && !is_uuid)
        .then_some("of a tool that the host does not know it may be a number or a UUID only")
}

/// `user-data-from-file`, `Tag.1.Key`, `configFile` and `CONFIG_FILE` in parts, in lower case.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let mut parts = vec![String::new()];
    let mut after_small = false;
    for character in name.chars() {
        let begins = character.is_ascii_uppercase() && after_small;
        if matches!(character, '-' | '_' | '.') || begins {
            parts.push(String::new());
        }
        if let (Some(part), true) = (parts.last_mut(), character.is_ascii_alphanumeric()) {
            part.push(character.to_ascii_lowercase());
        }
        after_small = character.is_ascii_lowercase() || character.is_ascii_digit();
    }
    parts.into_iter().filter(|part| !part.is_empty())
}

fn refuses(value: &str) -> Option<&'static str> {
    let text = value.trim_start();
    // In `key=value,key=value` each part is read by itself.
    let mut inner = value.split(['=', ',', ':', ' ', '"', '\'', '[', '(', '{']);
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if text.starts_with('@') || value.contains("=@") || value.contains("@=") {
        Some("`@` means a file to some tools")
    } else if value.contains("://")
        || matches!(
            scheme.as_deref(),
            Some("file" | "fileb" | "env" | "data" | "http" | "https")
        )
    {
        Some("an address would be read by some tools")
    } else if text.starts_with(['/', '~', '.'])
        || value.contains("..")
        || inner.any(|part| part.starts_with(['/', '~', '@']))
    {
        Some("a path would be read by some tools")
    } else if value.contains("{{") {
        Some("it would be code to tools that format their output by templates")
    } else if value.contains(['$', '`', '\\', ';', '|', '<', '>', '&']) {
        Some("it would mean something to a shell")
    } else {
        None
    }
}

/// The code that many tools print in brackets behind the message: `image not found (not_found, 1a2b)`.
fn error_code(stderr: &str) -> Option<String> {
    let line = stderr.lines().rev().find(|line| !line.trim().is_empty())?;
    let (_, inside) = line.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let code = inside.split(',').next()?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    ((3..=64).contains(&code.len()) && code.chars().all(plain)).then(|| code.to_owned())
}

#[cfg(test)]
#[path = "strict/tests.rs"]
mod tests;
