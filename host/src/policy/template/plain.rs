//! Values of attributes that the host does not know: whatever some builder does with a value is refused here.

use super::finding::Finding;
use super::fold::Folded;
use super::model::Value;
use super::values::{Candidate, Judge};
use crate::Code;

/// Bytes of a text.
const LONGEST_TEXT: usize = 4096;
/// Bytes of `user_data`; clouds take 16 to 64 KiB.
const LONGEST_SCRIPT: usize = 32 * 1024;
/// Items of a list or map.
const MOST_ITEMS: usize = 128;
/// Lists and maps in one another.
const DEEPEST: usize = 3;
/// What every reader of numbers takes for the same number: 2^53 - 1.
const LARGEST: i64 = 9_007_199_254_740_991;

/// Any plain value.
pub(super) fn value(judge: &Judge<'_>, candidate: &Candidate<'_>) -> Result<Value, Finding> {
    at(judge, candidate, DEEPEST)
}

/// A text of several lines for the build machine.
pub(super) fn script(judge: &Judge<'_>, candidate: &Candidate<'_>) -> Result<Value, Finding> {
    let text = judge.word(candidate)?;
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if text.len() > LONGEST_SCRIPT {
        let message = format!("it is longer than {LONGEST_SCRIPT} bytes");
        return Err(candidate.finding(Code::TemplateLimit, message));
    }
    if !text.chars().all(is_text) {
        return Err(candidate.finding(Code::TemplateValue, "it contains a control character"));
    }
    match names_a_file(&text) {
        Some(why) => Err(refused(candidate, why)),
        None => Ok(Value::Text(text)),
    }
}

fn at(judge: &Judge<'_>, candidate: &Candidate<'_>, depth: usize) -> Result<Value, Finding> {
    let too_much = |message: String| Err(candidate.finding(Code::TemplateLimit, message));
    let inside = |item: &Folded| match depth.checked_sub(1) {
        Some(depth) => at(judge, &candidate.part(item), depth),
        None => too_much(format!("lists and maps are nested more than {DEEPEST} deep")),
    };
    match candidate.value {
        Folded::Null => Err(candidate.mismatch("a value")),
        Folded::Bool(value) => Ok(Value::Bool(*value)),
        Folded::Integer(value) if (-LARGEST..=LARGEST).contains(value) => Ok(Value::Integer(*value)),
        Folded::Integer(_) => too_much(format!("the number is larger than {LARGEST}")),
        Folded::Text(_) => Ok(Value::Text(text(judge, candidate)?)),
        Folded::List(items) if items.len() > MOST_ITEMS => too_much(format!("more than {MOST_ITEMS} items")),
        Folded::Map(items) if items.len() > MOST_ITEMS => too_much(format!("more than {MOST_ITEMS} items")),
        Folded::List(items) => Ok(Value::List(items.iter().map(inside).collect::<Result<_, _>>()?)),
        Folded::Map(items) => {
            let items = items.iter().map(|(key, item)| {
                judge.key(candidate, key)?;
                Ok((key.clone(), inside(item)?))
            });
            Ok(Value::Map(items.collect::<Result<_, _>>()?))
        }
    }
}

fn text(judge: &Judge<'_>, candidate: &Candidate<'_>) -> Result<String, Finding> {
    let text = judge.word(candidate)?;
    if text.len() > LONGEST_TEXT {
        let message = format!("the text is longer than {LONGEST_TEXT} bytes");
        return Err(candidate.finding(Code::TemplateLimit, message));
    }
    let why = if text.chars().any(char::is_control) {
        Some("it contains a control character")
    } else if text.contains("://") {
        Some("an address could send requests elsewhere")
    } else {
        names_a_file(&text)
    };
    match why {
        Some(why) => Err(refused(candidate, why)),
        None => Ok(text),
    }
}

/// What builders and the libraries below them take for a file: absolute and relative paths, `~`, `@file`,
/// `file:x`, a drive of Windows.
fn names_a_file(text: &str) -> Option<&'static str> {
    let start = text.trim_start();
    let scheme = start
        .split_once(':')
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if start.starts_with(['/', '\\', '~', '@']) || start.starts_with("./") || start.starts_with("..") {
        Some("a path could be read on this machine")
    } else if matches!(
        scheme.as_deref(),
        Some("file" | "fileb" | "env" | "exec" | "cmd" | "data")
    ) || scheme.is_some_and(|scheme| scheme.len() == 1 && start.get(2..3) == Some("\\"))
    {
        Some("its beginning could mean a file or a variable of this machine")
    } else {
        None
    }
}

fn refused(candidate: &Candidate<'_>, why: &str) -> Finding {
    let message = format!("the host does not know this builder, and takes no such value: {why}");
    candidate
        .finding(Code::TemplateValue, message)
        .remedy("give it as a plain word; what must be a file or an address is the host's to set")
}
