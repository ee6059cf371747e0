//! YAML text to nodes that know their lines.
//!
//! Built on the parser's events, not on its tree: the tree is built by recursion and forgets how a
//! number was written. Nothing is resolved that YAML 1.1 and 1.2 read differently (`0644`, `1_000`,
//! `12:30`, `yes`): such words stay text, so that a key of another type refuses them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::Number;

use crate::{Code, Error, Result};

/// Deeper nesting is refused, aliases followed: everything that walks the tree may then do so by
/// recursion, and dropping it is such a walk.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    pub(super) data: Data,
    /// Levels below this one.
    depth: usize,
}

#[derive(Debug)]
pub(super) enum Data {
    Null,
    Bool(bool),
    /// The number and how it was written: `1.10` is not `1.1` where text was meant.
    Number(Number, String),
    Text(String),
    List(Vec<Rc<Node>>),
    Map(Vec<Entry>),
    /// Something that JSON has no word for, described.
    Foreign(String),
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    /// Of the key.
    pub(super) line: usize,
    pub(super) node: Rc<Node>,
}

impl Node {
    /// The entries of a mapping.
    pub(super) fn entries(&self) -> Option<&[Entry]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            Data::Null
            | Data::Bool(_)
            | Data::Number(..)
            | Data::Text(_)
            | Data::List(_)
            | Data::Foreign(_) => None,
        }
    }
}

/// Reads exactly one document. None when there is nothing but comments.
pub(super) fn parse(text: &str) -> Result<Option<Rc<Node>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str(text);
    let mut builder = Builder::default();
    while let Some((event, span)) = next(&mut parser, text)? {
        builder.take(event, span)?;
    }
    Ok(builder.document)
}

fn next<'t>(parser: &mut Parser<'t, StrInput<'t>>, text: &str) -> Result<Option<(Event<'t>, Span)>> {
    parser.next_event().transpose().map_err(|error: ScanError| {
        let line = error.marker().line();
        // The parser names the line where the text before the tab began.
        let tab = text
            .lines()
            .enumerate()
            .skip(line.saturating_sub(1))
            .find(|(_, line)| is_tabbed(line));
        match tab {
            Some((before, _)) if error.info().contains("tab") => {
                syntax(before + 1, "a tab in the indentation").remedy("indent with spaces, never with tabs")
            }
            _ => syntax(line, error.info())
                .remedy("put text with `: ` or ` #` in it, or with one of `{[*&!%@` at its start, in quotes"),
        }
    })
}

fn is_tabbed(line: &str) -> bool {
    line.trim_start_matches(' ').starts_with('\t')
}

fn syntax(line: usize, message: impl Into<String>) -> Error {
    Error::new(Code::ConfigSyntax, message).line(line)
}

fn too_deep(line: usize) -> Error {
    syntax(line, format!("nested deeper than {MAX_DEPTH} levels"))
}

/// A collection that is not finished.
struct Open {
    line: usize,
    anchor: usize,
    foreign: Option<String>,
    content: Content,
    depth: usize,
}

enum Content {
    List(Vec<Rc<Node>>),
    Map {
        entries: Vec<Entry>,
        lines: HashMap<String, usize>,
        key: Option<(String, usize)>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    /// Shared, never copied: an alias costs nothing until someone expands it.
    anchors: BTreeMap<usize, Rc<Node>>,
    documents: usize,
    document: Option<Rc<Node>>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<()> {
        let line = span.start.line();
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(syntax(line, "the file has a second document")
                        .remedy("remove the `---` line or keep the documents in files of their own"));
                }
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), "seq", Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let content = Content::Map {
                    entries: Vec::new(),
                    lines: HashMap::new(),
                    key: None,
                };
                self.begin(line, anchor, tag.as_deref(), "map", content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Scalar(text, style, anchor, tag) => {
                if let Some(open) = self.awaiting_key() {
                    return open.name(text.into_owned(), line);
                }
                let data = scalar(&text, style, tag.as_deref());
                self.add(Rc::new(Node { line, data, depth: 0 }), anchor)
            }
            Event::Alias(anchor) => {
                if self.awaiting_key().is_some() {
                    return Err(syntax(line, "an alias cannot be a key"));
                }
                // An anchor is known from its node's end on, so no node can contain itself.
                let node = self.anchors.get(&anchor).map(Rc::clone);
                self.add(
                    node.ok_or_else(|| {
                        syntax(line, "the alias names a key, or stands inside what it names")
                    })?,
                    0,
                )
            }
        }
    }

    fn begin(
        &mut self,
        line: usize,
        anchor: usize,
        tag: Option<&Tag>,
        core: &str,
        content: Content,
    ) -> Result<()> {
        if self.awaiting_key().is_some() {
            return Err(syntax(line, "a key must be a word, not a list or mapping"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(line));
        }
        let foreign = tag
            .filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == core))
            .map(|tag| format!("a value with the tag `{tag}`"));
        self.open.push(Open {
            line,
            anchor,
            foreign,
            content,
            depth: 0,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some(open) = self.open.pop() else {
            return Err(Error::new(
                Code::Internal,
                "the YAML parser closed what it had not opened",
            ));
        };
        let data = match (open.foreign, open.content) {
            (Some(foreign), _) => Data::Foreign(foreign),
            (None, Content::List(items)) => Data::List(items),
            (None, Content::Map { entries, .. }) => Data::Map(entries),
        };
        self.add(
            Rc::new(Node {
                line: open.line,
                data,
                depth: open.depth,
            }),
            open.anchor,
        )
    }

    /// The mapping that waits for its next key.
    fn awaiting_key(&mut self) -> Option<&mut Open> {
        self.open
            .last_mut()
            .filter(|open| matches!(open.content, Content::Map { key: None, .. }))
    }

    fn add(&mut self, node: Rc<Node>, anchor: usize) -> Result<()> {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        if let Some(open) = self.open.last_mut() {
            open.depth = open.depth.max(node.depth + 1);
            if open.depth > MAX_DEPTH {
                return Err(too_deep(node.line));
            }
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.document = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, .. }) => match key.take() {
                Some((key, line)) => entries.push(Entry { key, line, node }),
                None => return Err(syntax(node.line, "a key must be a word, not a list or mapping")),
            },
        }
        Ok(())
    }
}

impl Open {
    fn name(&mut self, name: String, line: usize) -> Result<()> {
        let Content::Map { lines, key, .. } = &mut self.content else {
            return Ok(());
        };
        if let Some(first) = lines.insert(name.clone(), line) {
            return Err(syntax(
                line,
                format!("the key `{name}` stands here again; first in line {first}"),
            )
            .remedy("keep one of the two"));
        }
        *key = Some((name, line));
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Data {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Data::Text(text.into()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == "str" => Data::Text(text.into()),
        // The non-specific tag `!` means text, too.
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Data::Text(text.into()),
        Some(tag) => Data::Foreign(format!("a value with the tag `{tag}`")),
    }
}

/// The core schema of YAML 1.2, without what YAML 1.1 reads as something else.
fn plain(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ => number(text).map_or_else(
            || Data::Text(text.into()),
            |number| Data::Number(number, text.into()),
        ),
    }
}

/// Exactly the numbers of JSON: no `0644` (octal for some), no `0x10`, no `1_000`, no `.5`, no `+1`.
fn number(text: &str) -> Option<Number> {
    let first = text.bytes().next()?;
    (first == b'-' || first.is_ascii_digit()).then(|| serde_json::from_str(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Data {
        let node = parse(text).unwrap().unwrap();
        let Data::Map(mut entries) = Rc::try_unwrap(node).unwrap().data else {
            panic!("no mapping")
        };
        Rc::try_unwrap(entries.remove(0).node).unwrap().data
    }

    fn error(text: &str) -> (Code, Option<usize>, String) {
        let error = parse(text).unwrap_err();
        (error.code(), error.place().line, error.message().to_owned())
    }

    #[test]
    fn words_that_two_versions_of_yaml_read_differently_stay_text() {
        for word in [
            "no",
            "NO",
            "on",
            "off",
            "yes",
            "y",
            "n",
            "0644",
            "0o644",
            "0x1f",
            "1_000",
            "12:30",
            "+1",
            ".5",
            ".inf",
            "1e999",
            "0123456789",
            "1.",
        ] {
            assert!(
                matches!(entry(&format!("k: {word}")), Data::Text(text) if text == word),
                "{word}"
            );
        }
        assert!(
            matches!(entry("k: 1.10"), Data::Number(number, text) if number.as_f64() == Some(1.1) && text == "1.10")
        );
        assert!(matches!(entry("k: -3"), Data::Number(number, _) if number.as_i64() == Some(-3)));
        assert!(matches!(entry("k: True"), Data::Bool(true)));
        assert!(matches!(entry("k:"), Data::Null));
        assert!(matches!(entry("k: \"true\""), Data::Text(_)));
        assert!(matches!(entry("k: !!str true"), Data::Text(_)));
        assert!(matches!(entry("k: !!int 3"), Data::Foreign(_)));
        assert!(matches!(entry("k: !include x"), Data::Foreign(_)));
        assert!(matches!(entry("k: !x {a: b}"), Data::Foreign(_)));
    }

    #[test]
    fn a_key_that_stands_twice_is_an_error_that_names_both_lines() {
        let (code, line, message) = error("a: 1\nb: 2\n\"a\": 3\n");
        assert_eq!((code, line), (Code::ConfigSyntax, Some(3)));
        assert!(message.contains("line 1"), "{message}");
    }

    #[test]
    fn tabs_documents_and_broken_text_are_errors_with_their_line() {
        for (text, line) in [
            ("a: 1\n\tb: 2\n", 2),
            ("a: 1\n---\nb: 2\n", 2),
            ("a: [1,\n", 2),
            ("a: 1\nb: *x\n", 2),
            ("a:\n  - b\n c: d\n", 3),
            ("? [a]\n: b\n", 1),
            ("a: 1\n*x : 2\n", 2),
        ] {
            let (code, found, message) = error(text);
            assert_eq!(code, Code::ConfigSyntax, "{text:?}");
            assert!(
                found.is_some_and(|found| found.abs_diff(line) <= 1),
                "{text:?} {found:?} {message}"
            );
        }
    }

    #[test]
    fn an_alias_bomb_is_read_without_being_expanded() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let alias = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 10].join(", "));
        }
        assert!(parse(&text).unwrap().is_some());
        assert_eq!(error("a: &a [*a]\n").0, Code::ConfigSyntax);
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let many = 500_000;
        for text in [
            "[".repeat(many),
            "- ".repeat(many),
            "{a: ".repeat(many),
            "? ".repeat(many),
            "a:\n".to_owned()
                + &(1..2000)
                    .map(|depth| " ".repeat(depth) + "a:\n")
                    .collect::<String>(),
        ] {
            assert_eq!(error(&text).0, Code::ConfigSyntax);
        }
    }

    #[test]
    fn nothing_but_comments_is_an_empty_configuration() {
        for text in ["", "# nothing\n", "\u{feff}# nothing\n"] {
            assert!(parse(text).unwrap().is_none(), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[-?:,\\[\\]{}#&*!|>'\"%@` \ta-c0-9\n.~]{0,60}") {
            let _ = parse(&text);
        }
    }
}
