//! The body of a source block, or of a block nested in it, against the builder's table.

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block as HclBlock, Body as HclBody, Structure};
use semver::Version;

use super::finding::{Finding, Findings};
use super::fold::{Folded, Scope};
use super::model::{Block, Body};
use super::parse::Lines;
use super::values::{Candidate, Judge};
use crate::Code;
use crate::policy::builders::{Allowed, Attribute as Known, SHARED, Since, Use, knows};

/// Reads bodies by their tables.
pub(super) struct Reader<'a, 's> {
    /// Compares values.
    pub(super) judge: &'a Judge<'a>,
    /// Evaluates expressions.
    pub(super) scope: &'a mut Scope<'s>,
    /// Lines.
    pub(super) lines: &'a Lines,
    /// The Packer that will read the template.
    pub(super) packer: Option<&'a Version>,
    /// Where refusals go.
    pub(super) findings: &'a mut Findings,
}

impl Reader<'_, '_> {
    /// A source block: its builder's table and what all builders share.
    pub(super) fn source(&mut self, body: &HclBody, allowed: Allowed<'_>, place: &str) -> Body {
        self.tabled(body, allowed, SHARED, place)
    }

    /// All of a body that is allowed; what is not is in the findings.
    pub(super) fn body(&mut self, body: &HclBody, allowed: Allowed<'_>, place: &str) -> Body {
        self.tabled(body, allowed, &[], place)
    }

    fn tabled(
        &mut self,
        body: &HclBody,
        allowed: Allowed<'_>,
        shared: &'static [Known],
        place: &str,
    ) -> Body {
        let mut read = Body::default();
        let mut seen = BTreeSet::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str();
                    let shared = || shared.iter().find(|known| known.name == name).map(Use::from);
                    let known = allowed.attribute(name).or_else(shared);
                    self.attribute(attribute, known, place, &mut read);
                }
                Structure::Block(block) => self.block(block, allowed, place, &mut read, &mut seen),
            }
        }
        read
    }

    fn attribute(&mut self, attribute: &Attribute, known: Option<Use<'_>>, place: &str, read: &mut Body) {
        let name = attribute.key.as_str();
        let construct = format!("{place}.{name}");
        let line = self.lines.of(attribute).unwrap_or(0);
        let Some(known) = known else {
            let message = format!("a template may not set `{name}` here");
            self.findings
                .push(Finding::new(Code::TemplateAttribute, line, construct, message).remedy("leave it out"));
            return;
        };
        if !self.known_to_packer(known.since, Code::TemplateAttribute, line, &construct) {
            return;
        }
        if known.kind.is_written_out() && !is_written_out(&attribute.value) {
            let message = format!("`{name}` must be written out, without names and interpolations");
            self.findings.push(
                Finding::new(Code::TemplateExpression, line, construct, message)
                    .remedy("write the value itself; the plugin knows it when it writes the template"),
            );
            return;
        }
        let Some(value) = self.findings.keep(self.scope.fold(&attribute.value, line)) else {
            return;
        };
        if value == Folded::Null {
            // To Packer an attribute that is null is one that is not there.
            return;
        }
        let candidate = Candidate {
            value: &value,
            line,
            construct: &construct,
        };
        if let Some(value) = self
            .findings
            .keep(self.judge.value(&candidate, known.kind, known.rule))
        {
            read.set(name, value);
        }
    }

    fn block<'b>(
        &mut self,
        block: &'b HclBlock,
        allowed: Allowed<'_>,
        place: &str,
        read: &mut Body,
        seen: &mut BTreeSet<&'b str>,
    ) {
        let name = block.ident.as_str();
        let construct = format!("{place}.{name}");
        let line = self.lines.of(block).unwrap_or(0);
        let mut refuse = |message: String| {
            self.findings.push(
                Finding::new(Code::TemplateBlock, line, construct.as_str(), message).remedy("leave it out"),
            );
        };
        let Some((inside, repeats, since)) = allowed.block(name) else {
            return refuse(format!("a template may not have a block `{name}` here"));
        };
        if !block.labels.is_empty() {
            return refuse(format!("the block `{name}` has no labels"));
        }
        if !seen.insert(name) && !repeats {
            return refuse(format!("the block `{name}` stands twice"));
        }
        if !self.known_to_packer(since, Code::TemplateBlock, line, &construct) {
            return;
        }
        let body = self.body(&block.body, inside, &construct);
        read.blocks.push(Block {
            name: name.to_owned(),
            body,
        });
    }

    fn known_to_packer(&mut self, since: Option<Since>, code: Code, line: usize, construct: &str) -> bool {
        if knows(self.packer, since) {
            return true;
        }
        let version = self.packer.map(ToString::to_string).unwrap_or_default();
        let message = format!("Packer {version} does not know it");
        self.findings.push(
            Finding::new(code, line, construct, message)
                .remedy("leave it out for this version, with a notice, or use a newer Packer"),
        );
        false
    }
}

/// A string, or a list of strings, as it stands.
fn is_written_out(value: &Expression) -> bool {
    match value.as_array() {
        Some(items) => items.iter().all(|item| item.as_str().is_some()),
        None => value.as_str().is_some(),
    }
}
