//! Command lines against the policy.

use std::path::Path;

use serde::Deserialize;

use super::check::Basis;
use super::verdict::{Refusal, Verdict};
use crate::cli::App;
use crate::contract::{CommandRequest, Effect};
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::operation::place::Place;
use crate::policy::argv::{Placement, parse, quote, render};
use crate::policy::tools;

/// Bytes of the file.
const SIZE_LIMIT: u64 = 1 << 20;
/// Command lines in it.
const ENTRY_LIMIT: usize = 10_000;

/// One command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    program: String,
    argv: Vec<String>,
    /// The author's note. Not used.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

/// Checks all command lines of a file; one refused one refuses the file.
pub(super) fn check(app: &App, basis: &Basis, file: &Path, effects: &[Effect]) -> Result<Verdict> {
    let path = app.environment.working_directory().join(file);
    let text = files::read_text(&path, SIZE_LIMIT).map_err(|error| {
        Error::new(Code::UsageArgument, "cannot read the command lines")
            .file(file)
            .source(error)
            .remedy("name a readable JSON file of at most 1 MiB")
    })?;
    let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| {
        Error::new(Code::UsageArgument, "these are no command lines")
            .file(file)
            .line(error.line())
            .source(error)
            .remedy(r#"write a list such as [{"program": "aws", "argv": ["sts", "get-caller-identity"]}]"#)
    })?;
    if entries.len() > ENTRY_LIMIT {
        let message = format!("more than {ENTRY_LIMIT} command lines");
        return Err(Error::new(Code::UsageArgument, message).file(file));
    }
    let lines = lines(&text);
    let place = Place::of(&basis.info.config_schema, &basis.config);
    let mut findings = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Err(error) = allowed(entry, basis, effects, &place.placement()) {
            let line = lines.get(index).copied().unwrap_or(0);
            findings.push(Refusal::of_entry(&error, index, line, shown(index, entry)));
        }
    }
    Ok(Verdict {
        subject: "argv",
        file: file.to_path_buf(),
        sha256: digest::sha256(text.as_bytes()),
        findings,
    })
}

fn allowed(entry: &Entry, basis: &Basis, effects: &[Effect], place: &Placement<'_>) -> Result<()> {
    let profile = tools::profile(&entry.program)?;
    let named = basis.info.tools.iter().any(|tool| tool.program == entry.program);
    if !named {
        let message = format!("the plugin `{}` does not use {}", basis.info.id, entry.program);
        return Err(Error::new(Code::ArgvTool, message));
    }
    let requested = basis.info.requests.commands.iter().filter(|request| {
        request.tool == entry.program && (request.effect == Effect::Read || effects.contains(&request.effect))
    });
    let granted: Vec<CommandRequest> = requested
        .cloned()
        .chain(tools::harmless(&entry.program))
        .collect();
    let command = parse(&entry.argv, &granted, &profile)?;
    // The verb may be granted twice, with other flags.
    let same: Vec<CommandRequest> = granted
        .into_iter()
        .filter(|grant| grant.verb == command.verb && grant.effect == command.effect)
        .collect();
    let mut refusal = None;
    for grant in same {
        match render(&command, &[grant], &profile, place) {
            Ok(_) => return Ok(()),
            Err(error) => refusal = Some(error),
        }
    }
    Err(refusal.unwrap_or_else(|| Error::new(Code::Internal, "a command was read that is not granted")))
}

/// `[3] aws ec2 describe-images …`, cut where it gets long.
fn shown(index: usize, entry: &Entry) -> String {
    const LONGEST: usize = 120;
    let mut text = format!("[{index}] {}", quote(&entry.program));
    for word in &entry.argv {
        if text.chars().count() > LONGEST {
            text.push_str(" …");
            break;
        }
        text.push(' ');
        let word = quote(word);
        text.extend(word.chars().take(LONGEST));
    }
    text
}

/// The line of every entry of a JSON list, from 1. The text has been read as JSON before.
fn lines(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                if depth == 1 {
                    found.push(line);
                }
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_behind_braces_in_strings() {
        let text = "[\n {\"program\": \"}\\\"{\", \"argv\": [\"{\"]},\n\n {\"a\": [[]]}, {}]";
        assert_eq!(lines(text), [2, 4, 4]);
    }

    #[test]
    fn an_entry_has_no_other_keys() {
        for (text, right) in [
            (r#"{"program": "aws", "argv": [], "reason": "x"}"#, true),
            (r#"{"program": "aws", "argv": [], "expect": "allow"}"#, false),
            (r#"{"program": "aws"}"#, false),
            (r#"{"program": "aws", "argv": "x"}"#, false),
            (r#"{"program": "aws", "argv": [1]}"#, false),
            (r#"{"program": "aws", "program": "sh", "argv": []}"#, false),
        ] {
            assert_eq!(serde_json::from_str::<Entry>(text).is_ok(), right, "{text}");
        }
    }
}
