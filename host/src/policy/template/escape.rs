//! The two languages inside every string of a Packer template, and how plain text survives both.
//!
//! 1. HCL's template language: `${…}` and `%{…}`, also in JSON syntax, and there in object keys too.
//!    A marker is written literally by doubling its first character.
//! 2. Go's `text/template`: `{{…}}`, rendered later by Packer's plugins, whatever the syntax of the file.
//!    There is no escape. An action can print `{{`, which helps where Packer renders once (`RenderOnce` in
//!    its SDK). Most plugins use its `Render`, which renders the result again until nothing changes: no
//!    text with `{{` comes out of that, because it would have to be a template that prints itself.
//!
//! Packer normalises every string to Unicode's NFC. None of the characters that this changes into an
//! ASCII one (U+037E, U+1FEF, U+212A) becomes a brace, dollar or percent sign.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What Go's template language prints as `{{`.
pub(super) const LITERAL_BRACES: &str = "{{`{{`}}";

/// Stands between braces that Go must not see together. It has no width and allows no line break, so the
/// text looks the same.
const WORD_JOINER: char = '\u{2060}';

/// Text that Go leaves alone however often it is rendered: a word joiner between any two opening braces.
/// The only change that the host makes to a text, and it says so in a notice.
pub(super) fn go_inert(plain: &str) -> String {
    // Nearly every text.
    if !plain.contains("{{") {
        return plain.to_owned();
    }
    let mut inert = String::with_capacity(plain.len());
    for character in plain.chars() {
        if character == '{' && inert.ends_with('{') {
            inert.push(WORD_JOINER);
        }
        inert.push(character);
    }
    inert
}

/// Plain text in Go's template language, for what is rendered exactly once.
pub(super) fn go_text(plain: &str) -> String {
    plain.replace("{{", LITERAL_BRACES)
}

/// Text in the inside of an HCL template, as a JSON string of Packer's JSON syntax holds it.
///
/// Doubling works for runs too: Packer reads `$$${` as `$${` (checked with 1.6.6).
pub(super) fn hcl_template(text: &str) -> String {
    // Nearly every text.
    if !text.contains(['$', '%']) {
        return text.to_owned();
    }
    text.replace("${", "$${").replace("%{", "%%{")
}

/// Text as a quoted HCL string on one line.
pub(super) fn hcl_quoted(text: &str) -> String {
    let template = hcl_template(text);
    let mut quoted = String::with_capacity(template.len() + 2);
    quoted.push('"');
    for character in template.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Also what shows as a line break or reorders a line in an editor: U+0085, U+2028, U+202E.
            other if is_invisible(other) => quoted.push_str(&unicode_escape(other)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Control, line-breaking, direction-changing and zero-width characters.
pub(in crate::policy) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn unicode_escape(character: char) -> String {
    let code = u32::from(character);
    if code <= 0xffff {
        format!("\\u{code:04x}")
    } else {
        format!("\\U{code:08x}")
    }
}

/// Something between `{{` and `}}` that the host does not compute.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GoCode {
    /// The beginning of it, for the message.
    pub(super) excerpt: String,
}

/// The plain text that Packer makes of a string in Go's template language.
///
/// Known are the literal braces and the two time stamps without arguments; everything else can read
/// the host (`env`, `pwd`, `template_dir`, `user`, `build`) and is refused. A lone `}}` is text to Go too.
pub(super) fn render_go(text: &str, now: OffsetDateTime) -> Result<String, GoCode> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.find("{{").and_then(|at| rest.split_at_checked(at)) {
        plain.push_str(before);
        rest = match action(from, now) {
            Some((printed, after)) => {
                plain.push_str(&printed);
                after
            }
            None => {
                return Err(GoCode {
                    excerpt: from.chars().take(40).collect(),
                });
            }
        };
    }
    plain.push_str(rest);
    Ok(plain)
}

/// What the action at the beginning of `text` prints, and what follows it.
fn action(text: &str, now: OffsetDateTime) -> Option<(String, &str)> {
    if let Some(after) = text.strip_prefix(LITERAL_BRACES) {
        return Some(("{{".to_owned(), after));
    }
    for stamp in ["{{timestamp}}", "{{ timestamp }}"] {
        if let Some(after) = text.strip_prefix(stamp) {
            return Some((now.unix_timestamp().to_string(), after));
        }
    }
    for stamp in ["{{isotime}}", "{{ isotime }}"] {
        if let Some(after) = text.strip_prefix(stamp) {
            return Some((now.format(&Rfc3339).ok()?, after));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 10:20:30 UTC);

    #[test]
    fn braces_survive_go_and_everything_else_between_braces_is_refused() {
        for text in [
            "",
            "}}",
            "{",
            "{{",
            "{{{",
            "{{{{",
            "{{`{{`}}",
            "a{{ pwd }}b",
            "{{timestamp}}",
        ] {
            assert_eq!(render_go(&go_text(text), NOW).unwrap(), text);
        }
        for code in [
            "{{ pwd }}",
            "{{{`{{`}}",
            "{{- timestamp }}",
            "{{timestamp }}",
            "{{`{{` }}",
            "x{{",
            "{{isotime `x`}}",
        ] {
            assert!(render_go(code, NOW).is_err(), "{code}");
        }
    }

    #[test]
    fn time_stamps_are_the_hosts_and_the_same_everywhere() {
        let text = "{{timestamp}} {{ timestamp }} {{isotime}}";
        assert_eq!(
            render_go(text, NOW).unwrap(),
            "1795342830 1795342830 2026-11-22T10:20:30Z"
        );
    }

    #[test]
    fn quoted_hcl_has_no_live_marker_and_no_hidden_character() {
        assert_eq!(
            hcl_quoted("${a} $${b} %{c} \"\\\n"),
            r#""$${a} $$${b} %%{c} \"\\\n""#
        );
        assert_eq!(
            hcl_quoted("\u{85}\u{2028}\u{202e}\u{0}"),
            r#""\u0085\u2028\u202e\u0000""#
        );
    }
}
