//! Everything that is wrong with a configuration, as one error: the first as its message, the others
//! as details, each with its place and what to do.

use serde_json::Value;

use super::File;
use super::origin::{self, Origin, Origins};
use super::validate::{Finding, Missing, Report};
use crate::{Code, Error, Result};

/// More details than anyone reads in one go.
const MOST_DETAILS: usize = 50;

/// Succeeds when the report is empty.
pub(super) fn none(report: Report, file: &File, origins: &Origins) -> Result<()> {
    let Report {
        mut findings,
        missing,
    } = report;
    findings.sort_by_key(|finding| match origins.at(&finding.at) {
        Origin::File { line } => line,
        Origin::Default | Origin::Environment { .. } | Origin::Flag { .. } => 0,
    });
    let mut findings = findings.into_iter();
    let (error, rest_of_missing) = match findings.next() {
        Some(first) => (first_error(first, file, origins), missing),
        None if missing.is_empty() => return Ok(()),
        None => (missing_error(&missing, file, origins), Vec::new()),
    };
    let details = findings.map(|finding| finding_line(&finding, origins)).chain(
        rest_of_missing
            .iter()
            .map(|missing| missing_line(missing, origins)),
    );
    Err(details.take(MOST_DETAILS).fold(error, Error::detail))
}

fn first_error(finding: Finding, file: &File, origins: &Origins) -> Error {
    let (code, message, line) = match origins.at(&finding.at) {
        Origin::Default => (finding.code, finding.message, None),
        Origin::File { line } => (finding.code, finding.message, Some(line)),
        origin @ Origin::Environment { .. } => {
            (finding.code, format!("{} ({origin})", finding.message), None)
        }
        origin @ Origin::Flag { .. } => (
            Code::UsageArgument,
            format!("{} ({origin})", finding.message),
            None,
        ),
    };
    let mut error = Error::new(code, message).key(origin::dotted(&finding.at));
    if let Some(line) = line {
        error = file.name(error.line(line));
    }
    match finding.remedy {
        Some(remedy) => error.remedy(remedy),
        None => error,
    }
}

fn finding_line(finding: &Finding, origins: &Origins) -> String {
    let key = origin::dotted(&finding.at);
    let mut text = match origins.at(&finding.at) {
        Origin::Default => format!("{key}: {}", finding.message),
        origin @ (Origin::File { .. } | Origin::Environment { .. } | Origin::Flag { .. }) => {
            format!("{origin}: {key}: {}", finding.message)
        }
    };
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!("; {remedy}"));
    }
    text
}

fn missing_error(missing: &[Missing], file: &File, origins: &Origins) -> Error {
    let keys: Vec<String> = missing
        .iter()
        .map(|missing| origin::dotted(&missing.at))
        .collect();
    let message = match keys.as_slice() {
        [key] => format!("the required key `{key}` is missing"),
        _ => format!("required keys are missing: {}", keys.join(", ")),
    };
    let error = Error::new(Code::ConfigMissingKeys, message).remedy(format!(
        "set {} as listed",
        if keys.len() == 1 { "it" } else { "each of them" }
    ));
    let line = missing
        .first()
        .and_then(|missing| origins.line_around(&missing.at));
    let error = file.name(line.into_iter().fold(error, Error::line));
    missing
        .iter()
        .map(|missing| missing_line(missing, origins))
        .fold(error, Error::detail)
}

/// The key and each place where it can be set.
fn missing_line(missing: &Missing, origins: &Origins) -> String {
    let key = origin::dotted(&missing.at);
    let mut ways = vec![match origins.line_around(&missing.at) {
        Some(line) => format!("key `{key}` below line {line}"),
        None => format!("key `{key}` in sindri.yaml"),
    }];
    for variable in missing
        .settable
        .get("env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        ways.push(format!(
            "environment variable {}",
            variable.as_str().unwrap_or_default()
        ));
    }
    if let Some(flag) = missing.settable.get("flag").and_then(Value::as_str) {
        ways.push(format!("flag --{flag}"));
    }
    format!("missing: {}", ways.join(", or "))
}
