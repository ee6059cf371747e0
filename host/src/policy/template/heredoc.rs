//! Heredocs whose end every parser sees in the same place.
//!
//! Packer's parser ends a heredoc at a line that is the marker once Unicode's white space is gone around it;
//! the host's ends it at ASCII white space, the marker, and whatever cannot continue a name. Between the two,
//! `EOT # x` or a no-break space before `EOT` turns text into blocks and blocks into text. Where both rules
//! give the same answer a heredoc is only another way to write a string.

use super::escape::is_invisible;
use super::finding::Finding;
use crate::Code;

/// Longest marker.
const MAX_MARKER: usize = 64;

/// A heredoc that was passed over.
#[derive(Debug)]
pub(super) struct Passed<'a> {
    /// Line ends in it.
    pub(super) lines: usize,
    /// What follows its marker.
    pub(super) rest: &'a str,
}

/// Passes over the heredoc that `text` begins with; `line` is its own.
pub(super) fn scan(text: &str, line: usize) -> Result<Passed<'_>, Finding> {
    let header = text.strip_prefix("<<").unwrap_or(text);
    let header = header.strip_prefix('-').unwrap_or(header);
    let Some((marker, mut rest)) = header.split_once('\n') else {
        return Err(refused(line, "a heredoc has no end"));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !marker.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || !marker.chars().all(plain)
        || marker.len() > MAX_MARKER
    {
        return Err(refused(
            line,
            "the marker of a heredoc is not a plain word at the end of its line",
        ));
    }
    let mut lines = 1;
    loop {
        let at = line + lines;
        let (content, after) = match rest.split_once('\n') {
            Some((content, after)) => (content, Some(after)),
            None => (rest, None),
        };
        let trimmed = content.trim();
        if trimmed == marker {
            let before = content.get(..content.len() - marker.len()).unwrap_or_default();
            if before.trim_start_matches([' ', '\t']).is_empty() {
                let rest = rest.get(content.len()..).unwrap_or_default();
                return Ok(Passed { lines, rest });
            }
            return Err(refused(at, "only spaces may stand around the end of a heredoc"));
        }
        if trimmed.starts_with(marker) {
            return Err(refused(
                at,
                "a line in a heredoc begins like its end, and parsers disagree about it",
            ));
        }
        check_line(content, at)?;
        match after {
            Some(after) => rest = after,
            None => return Err(refused(at, "a heredoc has no end")),
        }
        lines += 1;
    }
}

/// Characters as in code, and interpolations that end where they begin: a parser that is in one does not look
/// for the end of the heredoc.
fn check_line(content: &str, line: usize) -> Result<(), Finding> {
    let odd =
        |c: &char| !matches!(c, ' ' | '\t') && (c.is_whitespace() || c.is_control() || is_invisible(*c));
    if let Some(odd) = content.chars().find(odd) {
        let message = format!(
            "the character U+{:04X} is not allowed in a heredoc",
            u32::from(odd)
        );
        return Err(refused(line, &message));
    }
    let mut rest = content;
    while let Some(at) = rest.find(['$', '%']) {
        let (_, from) = rest.split_at_checked(at).unwrap_or(("", rest));
        let sign = from.chars().next().unwrap_or('$');
        let run = from.len() - from.trim_start_matches(sign).len();
        let after = from.get(run..).unwrap_or_default();
        rest = match (run, after.strip_prefix('{')) {
            (_, None) => after,
            // `$${` is text.
            (2, Some(text)) => text,
            (1, Some(inside)) if sign == '$' => interpolation(inside, line)?,
            (_, Some(_)) => {
                return Err(refused(
                    line,
                    "a heredoc may not have `%{` or a longer run of signs before `{`",
                ));
            }
        };
    }
    Ok(())
}

fn interpolation(inside: &str, line: usize) -> Result<&str, Finding> {
    match inside.split_once('}') {
        // A brace in a string would leave a quote alone.
        Some((code, rest))
            if !code.contains(['{', '#', '/', '<', '\\']) && code.matches('"').count() % 2 == 0 =>
        {
            Ok(rest)
        }
        Some(_) | None => Err(refused(
            line,
            "an interpolation in a heredoc ends on its line, without braces, comments and escapes in it",
        )),
    }
}

/// The finding for a heredoc.
pub(super) fn refused(line: usize, message: &str) -> Finding {
    Finding::new(Code::TemplateSyntax, line, "<<", message)
        .remedy("write a quoted string with `\\n`, or name what the text needs in `locals`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> Option<(usize, &str)> {
        scan(text, 1).ok().map(|passed| (passed.lines, passed.rest))
    }

    #[test]
    fn a_heredoc_with_one_possible_end_is_passed_over() {
        assert_eq!(rest("<<EOT\na\nEOT\n}"), Some((2, "\n}")));
        assert_eq!(rest("<<-END\n  a $5 100%\n\tEND\n"), Some((2, "\n")));
        assert_eq!(rest("<<E\nE"), Some((1, "")));
        assert_eq!(rest("<<EOT\n${local.a} $${b} %%{c}\nEOT\n"), Some((2, "\n")));
        assert_eq!(rest("<<EOT\n${upper(\"a b\")}x\nEOT\n"), Some((2, "\n")));
        assert_eq!(rest("<<EOT\nwhere EOT stands inside\nEOT\n"), Some((2, "\n")));
    }

    /// Each of them hid a `shell-local` block from one of two parsers.
    #[test]
    fn a_heredoc_whose_end_is_in_doubt_is_refused() {
        for end in [
            "EOT # x",
            "EOT ]",
            "EOT)",
            "EOT]",
            "EOT // x",
            "EOT /* */",
            "EOT;",
            "EOTX",
            "EOT-",
            "EOT é",
        ] {
            assert_eq!(rest(&format!("<<EOT\na\n{end}\nEOT\n")), None, "{end}");
        }
        for space in [
            "\u{a0}", "\u{85}", "\u{c}", "\u{b}", "\u{2003}", "\u{2028}", "\u{3000}",
        ] {
            assert_eq!(rest(&format!("<<EOT\na\n{space}EOT\nEOT\n")), None, "{space:?}");
            assert_eq!(rest(&format!("<<EOT\na\nEOT{space}\nEOT\n")), None, "{space:?}");
            assert_eq!(rest(&format!("<<EOT\na{space}b\nEOT\n")), None, "{space:?}");
        }
        assert_eq!(rest("<<EOT \na\nEOT\n"), None, "a space behind the marker");
        assert_eq!(rest("<<EOT\r\na\r\nEOT\r\n"), None, "CRLF");
        assert_eq!(rest("<<ÉOT\na\nÉOT\n"), None, "a marker beyond ASCII");
        assert_eq!(rest("<<\"EOT\"\na\nEOT\n"), None);
        assert_eq!(rest("<<EOT\na\n"), None, "no end");
    }

    #[test]
    fn an_interpolation_cannot_reach_over_the_end() {
        for body in [
            "${\nEOT\n}",
            "${ \"\nEOT\n\" }",
            "${ lower(\"}\") }",
            "%{ if true }",
            "$$${a}",
            "${ { } }",
            "${ # }",
        ] {
            assert_eq!(rest(&format!("<<EOT\n{body}\nEOT\n")), None, "{body}");
        }
    }
}
