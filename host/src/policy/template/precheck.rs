//! What is refused before anything is parsed: text that two parsers may read differently, and shapes
//! that are expensive to parse.
//!
//! Packer never sees these bytes, so a difference between parsers cannot turn text into code. It could
//! still show a reviewer something else than what is compiled.

use super::escape::is_invisible;
use super::finding::Finding;
use super::heredoc;
use crate::Code;

/// Bytes of a whole template.
pub(super) const MAX_TEMPLATE: usize = 1024 * 1024;
/// Brackets within brackets. The parser itself gives up at 64.
pub(super) const MAX_NESTING: usize = 16;
/// Assignments of attributes and object items. The parser looks through all earlier items of an object
/// for each new one, so that their number squared is the work of an object.
const MAX_ASSIGNMENTS: usize = 4096;

/// Where the scanner is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside of strings, within an opening bracket or at the top.
    Code(Bracket),
    Text,
    LineComment,
    BlockComment,
}

/// What closes a stretch of code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Top,
    Round,
    Square,
    Curly,
    /// `${` or `%{` in a string.
    Interpolation,
}

/// Refuses odd characters, heredocs whose end is in doubt, and oversized shapes.
pub(super) fn precheck(hcl: &str) -> Result<(), Finding> {
    if hcl.len() > MAX_TEMPLATE {
        let message = format!("the template has {} bytes, more than {MAX_TEMPLATE}", hcl.len());
        return Err(Finding::new(Code::TemplateLimit, 0, "", message));
    }
    Scanner {
        line: 1,
        assignments: 0,
        states: vec![State::Code(Bracket::Top)],
    }
    .run(hcl)
}

struct Scanner {
    line: usize,
    assignments: usize,
    states: Vec<State>,
}

impl Scanner {
    fn run(mut self, hcl: &str) -> Result<(), Finding> {
        let mut rest = hcl;
        let mut previous = '\n';
        while let Some(character) = rest.chars().next() {
            let after = rest.get(character.len_utf8()..).unwrap_or_default();
            let following = after.chars().next();
            self.character(character, following)?;
            let next = following.unwrap_or('\n');
            let state = self.states.last().copied().unwrap_or(State::Code(Bracket::Top));
            if let State::Code(bracket) = state
                && rest.starts_with("<<")
            {
                if bracket == Bracket::Interpolation {
                    return Err(heredoc::refused(self.line, "a heredoc may not stand in a string"));
                }
                let body = heredoc::scan(rest, self.line)?;
                self.line += body.lines;
                rest = body.rest;
                previous = '\n';
                continue;
            }
            let pair = match state {
                State::Code(bracket) => self.code(character, next, bracket)?,
                State::Text => self.text(character, next, previous)?,
                State::LineComment => {
                    if character == '\n' {
                        self.states.pop();
                    }
                    false
                }
                State::BlockComment => {
                    let end = (character, next) == ('*', '/');
                    if end {
                        self.states.pop();
                    }
                    end
                }
            };
            if character == '\n' {
                self.line += 1;
            }
            previous = character;
            rest = after;
            if pair && let Some(second) = following {
                rest = rest.get(second.len_utf8()..).unwrap_or_default();
                self.character(second, rest.chars().next())?;
                previous = second;
            }
        }
        Ok(())
    }

    /// Characters that are refused. In code and comments all that a reader does not see or may take for
    /// something else; in strings only control characters, because users' texts have the others
    /// (no-break spaces, the joiners of emoji, marks of direction), and the host writes them as escapes
    /// where people read them.
    fn character(&self, character: char, next: Option<char>) -> Result<(), Finding> {
        let crlf = character == '\r' && next == Some('\n');
        let odd = match character {
            ' ' | '\n' | '\t' => false,
            '\r' => !crlf,
            other if self.states.last() == Some(&State::Text) => other.is_control(),
            other => other.is_whitespace() || is_invisible(other),
        };
        if odd {
            let message = format!("the character U+{:04X} is not allowed here", u32::from(character));
            return Err(Finding::new(Code::TemplateSyntax, self.line, "", message)
                .remedy("in a string, write it as an escape such as `\\u0085`; elsewhere, leave it out"));
        }
        Ok(())
    }

    /// One character of code; true when it took the next one too.
    fn code(&mut self, character: char, next: char, bracket: Bracket) -> Result<bool, Finding> {
        match (character, next) {
            ('/', '*') => {
                self.states.push(State::BlockComment);
                return Ok(true);
            }
            ('/', '/') | ('#', _) => self.states.push(State::LineComment),
            ('"', _) => self.open(State::Text)?,
            ('{', _) => self.open(State::Code(Bracket::Curly))?,
            ('[', _) => self.open(State::Code(Bracket::Square))?,
            ('(', _) => self.open(State::Code(Bracket::Round))?,
            ('}', _) if matches!(bracket, Bracket::Curly | Bracket::Interpolation) => self.close(),
            (']', _) if bracket == Bracket::Square => self.close(),
            (')', _) if bracket == Bracket::Round => self.close(),
            ('}' | ']' | ')', _) => {
                let message = format!("`{character}` closes nothing");
                return Err(Finding::new(Code::TemplateSyntax, self.line, "", message));
            }
            ('=' | ':', _) => {
                self.assignments += 1;
                if self.assignments > MAX_ASSIGNMENTS {
                    let message = format!("more than {MAX_ASSIGNMENTS} assignments");
                    return Err(Finding::new(Code::TemplateLimit, self.line, "", message));
                }
            }
            _ => {}
        }
        Ok(false)
    }

    /// One character of a quoted string; true when it took the next one too.
    fn text(&mut self, character: char, next: char, previous: char) -> Result<bool, Finding> {
        match (character, next) {
            ('\n', _) => Err(Finding::new(
                Code::TemplateSyntax,
                self.line,
                "",
                "a string ends before its quote",
            )
            .remedy("write line breaks as `\\n`")),
            // The line break after it is seen in its own turn.
            ('\\', '\n') => Ok(false),
            ('\\', _) => Ok(true),
            ('"', _) => {
                self.close();
                Ok(false)
            }
            // `$${` and `%%{` are text.
            ('$' | '%', '{') if previous != character => {
                self.open(State::Code(Bracket::Interpolation))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn open(&mut self, state: State) -> Result<(), Finding> {
        // A string and the interpolation in it are two states, but each is a level to the parser too.
        if self.states.len() > MAX_NESTING {
            let message = format!("more than {MAX_NESTING} levels of nesting");
            return Err(Finding::new(Code::TemplateLimit, self.line, "", message));
        }
        self.states.push(state);
        Ok(())
    }

    fn close(&mut self) {
        self.states.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(hcl: &str) -> Option<Code> {
        precheck(hcl).err().map(|finding| finding.code)
    }

    #[test]
    fn characters_that_hide_code_from_a_reader_are_refused() {
        let controls = ["\u{85}", "\u{c}", "\u{b}", "\0", "\u{1b}", "\u{7f}"];
        for odd in controls.into_iter().chain([
            "\u{feff}", "\u{a0}", "\u{2028}", "\u{202e}", "\u{200b}", "\u{3000}",
        ]) {
            for hcl in [
                format!("a = 1{odd}\n"),
                format!("{odd}a = 1\n"),
                format!("# {odd}\n"),
                format!("a = \"${{{odd}1}}\"\n"),
            ] {
                assert_eq!(code(&hcl), Some(Code::TemplateSyntax), "{hcl:?}");
            }
        }
        for odd in controls {
            for hcl in [format!("a = \"{odd}\"\n"), format!("a = \"\\{odd}\"\n")] {
                assert_eq!(code(&hcl), Some(Code::TemplateSyntax), "{hcl:?}");
            }
        }
        assert_eq!(code("a = 1\r\n"), None, "CRLF");
        assert_eq!(code("a = 1\r"), Some(Code::TemplateSyntax), "a lone CR");
    }

    #[test]
    fn texts_of_users_may_have_joiners_and_odd_spaces() {
        for text in [
            "ü日本",
            "no\u{a0}break",
            "\u{1f469}\u{200d}\u{1f4bb}",
            "\u{3000}",
            "\u{200f}\u{5d0}",
        ] {
            assert_eq!(code(&format!("a = \"{text}\" # ü\n")), None, "{text}");
        }
    }

    #[test]
    fn the_same_text_in_strings_and_comments_is_harmless() {
        for hcl in [
            "a = \"cat <<EOT\"",
            "# <<EOT",
            "// <<",
            "/* << [ */",
            "a = \"\\\"<<\"",
            "a = \"$${ << %%{\"",
            "a = \"}] )\"",
        ] {
            assert_eq!(code(hcl), None, "{hcl}");
        }
        assert_eq!(code("a = \"${ <<EOT }\""), Some(Code::TemplateSyntax));
    }

    #[test]
    fn shapes_that_are_slow_to_parse_are_refused() {
        assert_eq!(code(&"[".repeat(17)), Some(Code::TemplateLimit));
        assert_eq!(code(&"a = \"${\"${".repeat(9)), Some(Code::TemplateLimit));
        assert_eq!(code(&"a = 1\n".repeat(5000)), Some(Code::TemplateLimit));
        assert_eq!(code(&" ".repeat(MAX_TEMPLATE + 1)), Some(Code::TemplateLimit));
    }
}
