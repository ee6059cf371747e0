//! `build` blocks: the plugin's own steps inside the VM.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};

use super::finding::Finding;
use super::model::Block;
use super::parse::labels;
use super::paths::Paths;
use super::source::Reader;
use crate::Code;
use crate::contract::GuestPhase;
use crate::policy::builders::{Allowed, Attribute, Form, Kind, Rule, Table};

/// The plugin's steps, by phase.
#[derive(Debug, Default)]
pub(super) struct GuestSteps {
    /// Before the host's.
    pub(super) prepare: Vec<Block>,
    /// After the host's provisioning.
    pub(super) before_clean: Vec<Block>,
    /// After everything.
    pub(super) generalize: Vec<Block>,
}

impl GuestSteps {
    fn of(&mut self, phase: GuestPhase) -> &mut Vec<Block> {
        match phase {
            GuestPhase::Prepare => &mut self.prepare,
            GuestPhase::BeforeClean => &mut self.before_clean,
            GuestPhase::Generalize => &mut self.generalize,
        }
    }
}

/// The manifest that a plugin may declare; the host writes its own in its place.
const MANIFEST: Table = Table {
    attributes: &[
        attribute("output", Kind::Literal(OUTPUT)),
        attribute("strip_path", Kind::Bool),
        attribute("strip_time", Kind::Bool),
        attribute("custom_data", Kind::ProseMap),
    ],
    blocks: &[],
};

/// Packer's default, and where the host has it written.
const OUTPUT: Form = Form {
    name: "manifest.json",
    fits: |path| {
        matches!(
            path,
            "manifest.json" | "out/manifest.json" | "packer-manifest.json"
        )
    },
};

pub(super) const fn attribute(name: &'static str, kind: Kind) -> Attribute {
    Attribute {
        name,
        kind,
        rule: Rule::Free,
        since: None,
    }
}

/// Reads build blocks.
pub(super) struct GuestReader<'a, 's> {
    /// Reads bodies.
    pub(super) reader: Reader<'a, 's>,
    /// Granted phases.
    pub(super) granted: &'a [GuestPhase],
    /// Files that steps may name.
    pub(super) paths: Option<&'a Paths<'a>>,
    /// `source.TYPE.LABEL` of every source.
    pub(super) sources: &'a [String],
    /// A review: builds may have any name, and stand several times.
    pub(super) open: bool,
    /// Result.
    pub(super) steps: GuestSteps,
    seen: Vec<GuestPhase>,
}

impl<'a, 's> GuestReader<'a, 's> {
    /// A reader without results.
    pub(super) fn new(
        reader: Reader<'a, 's>,
        granted: &'a [GuestPhase],
        paths: Option<&'a Paths<'a>>,
        sources: &'a [String],
        open: bool,
    ) -> Self {
        Self {
            reader,
            granted,
            paths,
            sources,
            open,
            steps: GuestSteps::default(),
            seen: Vec::new(),
        }
    }

    /// Adds a finding.
    pub(super) fn refuse(
        &mut self,
        code: Code,
        line: usize,
        construct: &str,
        message: impl Into<String>,
        remedy: &str,
    ) {
        self.reader
            .findings
            .push(Finding::new(code, line, construct, message).remedy(remedy));
    }

    /// One `build` block.
    pub(super) fn build(&mut self, build: &HclBlock) {
        let line = self.reader.lines.of(build).unwrap_or(0);
        if !build.labels.is_empty() {
            return self.refuse(
                Code::TemplateBlock,
                line,
                "build",
                "a build block has no labels",
                "use `name`",
            );
        }
        let Some(phase) = self.phase(&build.body, line) else {
            return;
        };
        if self.seen.contains(&phase) && !self.open {
            return self.refuse(
                Code::TemplateBlock,
                line,
                "build",
                "two build blocks have this name",
                "join them",
            );
        }
        self.seen.push(phase);
        let mut has_sources = false;
        for structure in &build.body {
            let line = self.reader.lines.of(structure).unwrap_or(line);
            match structure {
                Structure::Attribute(attribute) => match attribute.key.as_str() {
                    "name" => {}
                    // Dropped, but not unread.
                    "description" if attribute.value.as_str().is_some() => {}
                    "sources" => {
                        has_sources = true;
                        self.sources(&attribute.value, line);
                    }
                    other => {
                        let message = format!("a build block may not set `{other}`");
                        self.refuse(Code::TemplateAttribute, line, "build", message, "leave it out");
                    }
                },
                Structure::Block(block) => self.build_block(block, phase, line),
            }
        }
        if !has_sources {
            let remedy = format!("add `{}`", self.all_sources());
            self.refuse(
                Code::TemplateValue,
                line,
                "build",
                "a build block must name its source",
                &remedy,
            );
        }
    }

    /// The name is the phase; a block without a name prepares.
    fn phase(&mut self, body: &HclBody, line: usize) -> Option<GuestPhase> {
        let Some(attribute) = body.get_attribute("name") else {
            return Some(GuestPhase::Prepare);
        };
        let line = self.reader.lines.of(attribute).unwrap_or(line);
        let phase = match attribute.value.as_str() {
            Some("prepare") => Some(GuestPhase::Prepare),
            Some("before-clean") => Some(GuestPhase::BeforeClean),
            Some("generalize") => Some(GuestPhase::Generalize),
            Some(_) if self.open => Some(GuestPhase::Prepare),
            _ => None,
        };
        if phase.is_none() {
            let remedy = "name it \"prepare\", \"before-clean\" or \"generalize\"";
            self.refuse(
                Code::TemplateValue,
                line,
                "build.name",
                "the name of a build block is a phase",
                remedy,
            );
        }
        phase
    }

    /// Sources of this template, as literals. A build without a review has exactly one.
    fn sources(&mut self, value: &Expression, line: usize) {
        let named: Option<Vec<&str>> = value
            .as_array()
            .and_then(|items| items.iter().map(Expression::as_str).collect());
        // Packer takes everything before the last two parts for a prefix.
        let declared = |name: &&str| {
            self.sources.iter().any(|source| {
                source == name
                    || source.strip_prefix("source.") == Some(name)
                    || Some(source.as_str())
                        == name
                            .strip_prefix("sources.")
                            .map(|rest| format!("source.{rest}"))
                            .as_deref()
            })
        };
        let right = named.is_some_and(|named| {
            !named.is_empty()
                && named.iter().all(declared)
                && (self.open || named.len() == self.sources.len())
        });
        if !right {
            let message = "`sources` must name the source of this template, as a literal";
            let remedy = format!("write `{}`", self.all_sources());
            self.refuse(Code::TemplateValue, line, "build.sources", message, &remedy);
        }
    }

    fn all_sources(&self) -> String {
        let quoted: Vec<_> = self
            .sources
            .iter()
            .map(|source| format!("\"{source}\""))
            .collect();
        format!("sources = [{}]", quoted.join(", "))
    }

    fn build_block(&mut self, block: &HclBlock, phase: GuestPhase, line: usize) {
        let kind = block.ident.as_str();
        match (kind, labels(block).as_slice()) {
            (
                "provisioner",
                [name @ ("shell" | "file" | "powershell" | "windows-shell" | "windows-restart")],
            ) => {
                if !self.granted.contains(&phase) {
                    let message = "the plugin was not granted steps inside the VM in this phase";
                    let remedy = "request the phase and have the user grant it";
                    return self.refuse(Code::TemplateBlock, line, "build.provisioner", message, remedy);
                }
                let name = (*name).to_owned();
                let step = match name.as_str() {
                    "shell" => self.shell(block, line),
                    "file" => self.file(block, line),
                    _ => self.windows(&name, block, line),
                };
                if let Some(step) = step {
                    self.steps.of(phase).push(step);
                }
            }
            ("post-processor", ["manifest"]) => {
                self.reader.body(
                    &block.body,
                    Allowed::Listed(MANIFEST),
                    "build.post-processor.manifest",
                );
            }
            (kind, labels) => {
                let construct = format!("build.{kind}.{}", labels.join("."));
                let message = format!("a template may not have `{kind} {}`", labels.join(" "));
                let remedy = "only `provisioner \"shell\"` and `provisioner \"file\"` are allowed";
                self.refuse(
                    Code::TemplateBlock,
                    line,
                    construct.trim_end_matches('.'),
                    message,
                    remedy,
                );
            }
        }
    }
}
