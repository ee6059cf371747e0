//! What must not be seen: secrets, and what a terminal or a CI system would act upon.

use std::borrow::Cow;

/// A shorter value is part of too many words to be masked.
const SHORTEST: usize = 6;
/// A shorter line of a longer secret is one of `-----BEGIN` and the like.
const SHORTEST_LINE: usize = 16;
const MASK: &str = "***";

/// Masks secrets in everything that is printed or stored.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Every form of every secret, each once.
    needles: Vec<String>,
}

/// Without the secrets.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// A redactor of these secrets. Values of fewer than 6 characters are ignored.
    pub fn new<S: AsRef<str>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut redactor = Self::default();
        for secret in secrets {
            redactor.add(secret.as_ref());
        }
        redactor
    }

    /// Adds a secret that became known later.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.chars().count() < SHORTEST {
            return;
        }
        self.add_forms(secret);
        // Output comes by the line.
        for line in secret.lines().map(str::trim) {
            if line.len() >= SHORTEST_LINE && line.len() < secret.len() {
                self.add_forms(line);
            }
        }
    }

    fn add_forms(&mut self, secret: &str) {
        for form in forms(secret) {
            if form.len() >= SHORTEST && !self.needles.contains(&form) {
                self.needles.push(form);
            }
        }
    }

    /// The text with every secret replaced by `***`.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for needle in &self.needles {
            found.extend(
                text.match_indices(needle.as_str())
                    .map(|(at, hit)| (at, at + hit.len())),
            );
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        // Secrets may overlap; together they are one hole.
        found.sort_unstable();
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in found {
            if start > done || (start == 0 && done == 0) {
                masked.push_str(text.get(done..start).unwrap_or_default());
                masked.push_str(MASK);
            } else if start == done {
                masked.push_str(MASK);
            }
            done = done.max(end);
        }
        masked.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(masked)
    }

    /// Redacted and harmless: what may be printed of a program's output. Redacted twice, because an
    /// escape sequence in the middle hides a secret from the first look.
    pub fn line(&self, text: &str) -> String {
        self.redact(&neutralise(&self.redact(text))).into_owned()
    }
}

/// The forms in which a secret turns up in a tool's messages, requests and logs.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned();
    // Go writes these three as \u… in JSON.
    let go_json = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    let mut forms = vec![
        secret.to_owned(),
        go_json,
        json,
        percent_encoded(secret),
        percent_encoded(secret).replace("%20", "+"),
        percent_encoded_lower(secret),
        // Packer's machine-readable lines.
        secret.replace(',', "%!(PACKER_COMMA)"),
        secret.replace("${", "$${").replace("%{", "%%{"),
        secret.replace('\'', "'\\''"),
    ];
    for offset in 0..3 {
        let standard = base64_at(secret.as_bytes(), offset);
        forms.push(standard.replace('+', "-").replace('/', "_"));
        forms.push(standard);
    }
    forms
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn percent_encoded_lower(text: &str) -> String {
    let mut lower = String::new();
    let mut escape = 0;
    for character in percent_encoded(text).chars() {
        escape = if character == '%' { 2_u8 } else { escape };
        lower.push(if escape > 0 {
            character.to_ascii_lowercase()
        } else {
            character
        });
        escape = if character == '%' {
            2
        } else {
            escape.saturating_sub(1)
        };
    }
    lower
}

/// The characters of the base64 text that depend on this value alone when `offset` bytes stand before
/// it (`user:password` for example): the first and the last character may be shared with a neighbour.
fn base64_at(bytes: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, offset)
        .chain(bytes.iter().copied())
        .collect();
    let mut text = String::new();
    for group in padded.chunks(3) {
        let mut bits = 0_u32;
        for index in 0..3 {
            bits = (bits << 8) | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for shift in [18, 12, 6, 0] {
            let digit = usize::try_from((bits >> shift) & 63).unwrap_or(0);
            text.push(ALPHABET.get(digit).copied().map_or('A', char::from));
        }
    }
    // Characters that hold at least one bit of a neighbour: before the value …
    let before = (offset * 8).div_ceil(6);
    // … and behind it.
    let whole = padded.len() * 8 / 6;
    text.get(before..whole).unwrap_or_default().to_owned()
}

/// Makes text from a child or a guest harmless: no terminal escapes, no control or direction
/// characters, no commands to a CI system. Line ends stay.
pub fn neutralise(text: &str) -> Cow<'_, str> {
    let clean = without_controls(text);
    if !clean.contains("##") && !clean.contains("::") {
        return clean;
    }
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    for line in clean.split('\n') {
        lines.push(without_commands(line));
    }
    Cow::Owned(lines.join("\n"))
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
            '\r' | '\u{b}' | '\u{c}' | '\u{8}' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push(' '),
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

/// Whether a character does something to what is shown besides being shown. Line ends and tabs are text.
pub(crate) fn is_not_text(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character,
            // Direction marks and isolates, line and paragraph separators, invisible spaces.
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// GitHub reads `::command` at the start of a trimmed line and `##[command]` anywhere; Azure reads
/// `##vso[`, TeamCity `##teamcity[`.
fn without_commands(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    if line.trim_start().starts_with("::") {
        line = Cow::Owned(line.replacen("::", ": :", 1));
    }
    if !line.contains("##") {
        return line;
    }
    let mut safe = String::with_capacity(line.len() + 1);
    let mut rest = line.as_ref();
    while let Some(at) = rest.find("##") {
        let (before, after) = rest.split_at(at + 1);
        safe.push_str(before);
        let word = after
            .trim_start_matches('#')
            .trim_start_matches(|c: char| c.is_alphanumeric());
        if word.starts_with('[') {
            safe.push(' ');
        }
        rest = after;
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

#[cfg(test)]
#[path = "redact/tests.rs"]
mod tests;
