//! Text that a terminal only shows and a CI system only stores.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Makes text from a child or a guest harmless: no terminal escapes, no control, direction or invisible
/// characters, no commands to a CI system. Line ends stay.
pub fn neutralise(text: &str) -> Cow<'_, str> {
    let clean = without_controls(text);
    if !["##", "::", "section_"].iter().any(|sign| clean.contains(sign)) {
        return clean;
    }
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    for line in clean.split('\n') {
        lines.push(without_commands(line));
    }
    Cow::Owned(lines.join("\n"))
}

/// The same for one line of a display: a line end would begin another.
pub fn neutralise_line(text: &str) -> String {
    neutralise(text).replace(['\n', '\t'], " ")
}

/// JSON text, or HCL with every string quoted on one line, in which what is not text and what a CI system
/// would act upon is written as an escape of the string that it stands in. The data stay the same.
pub fn escape_in_strings(code: &str) -> Cow<'_, str> {
    let mut escaped = String::new();
    let mut done = 0;
    for (at, character) in code.char_indices() {
        if !(character == '\u{7f}' || (!character.is_ascii() && is_not_text(character))) {
            continue;
        }
        escaped.push_str(code.get(done..at).unwrap_or_default());
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
        done = at + character.len_utf8();
    }
    let clean = if done == 0 {
        Cow::Borrowed(code)
    } else {
        escaped.push_str(code.get(done..).unwrap_or_default());
        Cow::Owned(escaped)
    };
    break_commands(clean, "\\u0023")
}

/// Drops escape sequences as a whole; other characters that are not text become a space (those that
/// move the cursor, so that nothing behind them gets to the start of a line) or nothing.
fn without_controls(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_not_text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => skip_escape(&mut rest),
            // The one-character forms of ESC [ and of ESC ], P, X, ^, _.
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{9d}' | '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => skip_string(&mut rest),
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{8}' | '\u{84}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                clean.push(' ');
            }
            other if is_not_text(other) => {}
            other => clean.push(other),
        }
    }
    Cow::Owned(clean)
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(rest: &mut Rest<'_>) {
    match rest.next_if(|next| *next != '\n') {
        Some('[') => skip_control_sequence(rest),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(rest),
        // ESC ( B and the like: intermediate characters, then one more.
        Some(' '..='/') => {
            while rest.next_if(|next| matches!(next, ' '..='/')).is_some() {}
            rest.next_if(|next| matches!(next, '0'..='~'));
        }
        _ => {}
    }
}

/// Parameters up to the final character.
fn skip_control_sequence(rest: &mut Rest<'_>) {
    while rest.next_if(|next| matches!(next, ' '..='?')).is_some() {}
    rest.next_if(|next| matches!(next, '@'..='~'));
}

/// A title, a clipboard, a link target: up to BEL or ESC \, and never beyond the line.
fn skip_string(rest: &mut Rest<'_>) {
    while let Some(next) = rest.next_if(|next| *next != '\n') {
        match next {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                rest.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Control characters but tab and line end, and what has no width, turns the direction or ends a line to
/// some programs. Variation selectors 1 to 16 stay: they are part of emoji.
pub(super) fn is_not_text(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// GitHub reads `::command` at the start of a trimmed line and `##[command]` anywhere; Azure reads
/// `##vso[`, TeamCity `##teamcity[`; GitLab folds at `section_start:` and `section_end:`.
fn without_commands(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    if line.trim_start().starts_with("::") {
        line = Cow::Owned(line.replacen("::", ": :", 1));
    }
    for section in ["section_start:", "section_end:"] {
        if line.contains(section) {
            let broken = section.replace(':', " :");
            line = Cow::Owned(line.replace(section, &broken));
        }
    }
    break_commands(line, " #")
}

/// Writes the last `#` before `word[` in another way wherever there are two of them.
fn break_commands<'a>(text: Cow<'a, str>, instead: &str) -> Cow<'a, str> {
    if !text.contains("##") {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + instead.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find("##") {
        let (before, run) = rest.split_at(at);
        let after = run.trim_start_matches('#');
        let signs = run.len().saturating_sub(after.len());
        safe.push_str(before);
        let is_command = after
            .trim_start_matches(|c: char| c.is_alphanumeric())
            .starts_with('[');
        if is_command {
            safe.push_str(run.get(..signs.saturating_sub(1)).unwrap_or_default());
            safe.push_str(instead);
        } else {
            safe.push_str(run.get(..signs).unwrap_or_default());
        }
        rest = after;
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests;
