//! Text to syntax tree, and places in the tree to lines.

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body, Structure};

use super::finding::Finding;
use super::precheck;
use crate::Code;

/// Blocks of a whole template.
const MAX_BLOCKS: usize = 1000;

/// Where lines begin.
pub(super) struct Lines {
    ends: Vec<usize>,
}

impl Lines {
    /// Those of a text.
    pub(super) fn new(text: &str) -> Self {
        Self {
            ends: text.match_indices('\n').map(|(at, _)| at).collect(),
        }
    }

    /// Line of a node, from 1.
    pub(super) fn of(&self, node: &impl Span) -> Option<usize> {
        node.span().map(|span| self.at(span.start))
    }

    /// Line of a byte, from 1.
    fn at(&self, offset: usize) -> usize {
        self.ends.partition_point(|end| *end < offset) + 1
    }
}

/// Parses what passes the pre-check.
pub(super) fn parse(hcl: &str) -> Result<Body, Finding> {
    precheck::precheck(hcl)?;
    let body: Body = hcl.parse().map_err(|error: hcl_edit::parser::Error| {
        let line = error.location().line();
        Finding::new(
            Code::TemplateSyntax,
            line,
            "",
            format!("the template is not HCL: {}", error.message()),
        )
    })?;
    let blocks = count(&body);
    if blocks > MAX_BLOCKS {
        let message = format!("the template has {blocks} blocks, more than {MAX_BLOCKS}");
        return Err(Finding::new(Code::TemplateLimit, 0, "", message));
    }
    Ok(body)
}

/// The recursion is bounded by the pre-check's limit of nesting.
fn count(body: &Body) -> usize {
    body.iter()
        .filter_map(Structure::as_block)
        .map(|block| 1 + count(&block.body))
        .fold(0, usize::saturating_add)
}

/// The decoded labels of a block: `shell-local`, `"shell-local"` and `"shell\u002dlocal"` are the same.
pub(super) fn labels(block: &Block) -> Vec<&str> {
    block.labels.iter().map(|label| label.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_text() {
        let hcl = "a = 1\n\nb {\n  c = 2\n}\n";
        let body = parse(hcl).unwrap();
        let lines = Lines::new(hcl);
        let found: Vec<_> = body
            .iter()
            .map(|structure| lines.of(structure).unwrap())
            .collect();
        assert_eq!(found, [1, 3]);
        let inner = body
            .get_blocks("b")
            .next()
            .unwrap()
            .body
            .get_attribute("c")
            .unwrap();
        assert_eq!(lines.of(&inner.value).unwrap(), 4);
    }

    #[test]
    fn a_syntax_error_names_its_line() {
        assert_eq!(parse("a = 1\nb = \n").unwrap_err().line, 2);
        let twice = parse("a = 1\na = 2\n").unwrap_err();
        assert_eq!((twice.code, twice.line), (Code::TemplateSyntax, 2));
    }

    #[test]
    fn too_many_blocks_are_refused() {
        assert_eq!(
            parse(&"b {\n}\n".repeat(1001)).unwrap_err().code,
            Code::TemplateLimit
        );
    }
}
