//! `build` blocks: the plugin's own steps inside the VM.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};

use super::finding::Finding;
use super::model::{Block, Body, Value};
use super::parse::labels;
use super::paths::Paths;
use super::provisioners::{self, Privilege};
use super::source::Reader;
use crate::Code;
use crate::contract::GuestPhase;
use crate::policy::builders::{Allowed, Attribute, Kind, Rule, Table};

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
        attribute("output", Kind::OneOf(&["manifest.json"])),
        attribute("strip_path", Kind::Bool),
        attribute("strip_time", Kind::Bool),
        attribute("custom_data", Kind::ProseMap),
    ],
    blocks: &[],
};

const SHELL: Table = Table {
    attributes: &[
        // Rendered when decoded, and again until nothing changes.
        attribute("inline", Kind::Words),
        attribute("script", Kind::Word),
        // Read apart, because it is Go code.
        attribute("execute_command", Kind::Word),
    ],
    blocks: &[],
};

/// Packer renders both paths twice, hence no prose. `direction = "download"` would write files here.
const FILE: Table = Table {
    attributes: &[
        attribute("source", Kind::Word),
        attribute("destination", Kind::Word),
    ],
    blocks: &[],
};

const fn attribute(name: &'static str, kind: Kind) -> Attribute {
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
    /// `source.TYPE.LABEL` of the one source.
    pub(super) source: &'a str,
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
        source: &'a str,
    ) -> Self {
        Self {
            reader,
            granted,
            paths,
            source,
            steps: GuestSteps::default(),
            seen: Vec::new(),
        }
    }

    fn refuse(&mut self, code: Code, line: usize, construct: &str, message: impl Into<String>, remedy: &str) {
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
        if self.seen.contains(&phase) {
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
            let remedy = format!("add `sources = [\"{}\"]`", self.source);
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

    /// Exactly the one source, as a literal.
    fn sources(&mut self, value: &Expression, line: usize) {
        let named: Option<Vec<&str>> = value
            .as_array()
            .and_then(|items| items.iter().map(Expression::as_str).collect());
        if named.as_deref() != Some(&[self.source]) {
            let message = "`sources` must name the source of this template, as a literal";
            let remedy = format!("write `sources = [\"{}\"]`", self.source);
            self.refuse(Code::TemplateValue, line, "build.sources", message, &remedy);
        }
    }

    fn build_block(&mut self, block: &HclBlock, phase: GuestPhase, line: usize) {
        let kind = block.ident.as_str();
        match (kind, labels(block).as_slice()) {
            ("provisioner", [name @ ("shell" | "file")]) => {
                if !self.granted.contains(&phase) {
                    let message = "the plugin was not granted steps inside the VM in this phase";
                    let remedy = "request the phase and have the user grant it";
                    return self.refuse(Code::TemplateBlock, line, "build.provisioner", message, remedy);
                }
                let name = (*name).to_owned();
                let step = if name == "shell" {
                    self.shell(block, line)
                } else {
                    self.file(block, line)
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

    fn shell(&mut self, block: &HclBlock, line: usize) -> Option<Block> {
        const PLACE: &str = "build.provisioner.shell";
        // The command is Go code that the table's rules would refuse, so it is read first and taken out.
        let (privilege, rest) = self.privilege(&block.body, line)?;
        let read = self.body(&rest, SHELL, PLACE)?;
        let mut step = match (read.get("inline"), read.text("script")) {
            (Some(inline), None) => Block::new("shell", [("inline", inline.clone())]),
            (None, Some(script)) => {
                let path = self.paths?.resolve(script, line, &format!("{PLACE}.script"));
                let path = self.reader.findings.keep(path)?;
                Block::new("shell", [("script", Value::Path(path))])
            }
            (Some(_), Some(_)) | (None, None) => {
                let remedy = "give it `inline` or `script`";
                self.refuse(
                    Code::TemplateValue,
                    line,
                    PLACE,
                    "a shell step has one list of commands or one script",
                    remedy,
                );
                return None;
            }
        };
        step.body.set(
            "execute_command",
            Value::GoTemplate(provisioners::execute_command(privilege)),
        );
        Some(step)
    }

    /// A body without findings: one mistake should not be reported as two.
    fn body(&mut self, body: &HclBody, table: Table, place: &str) -> Option<Body> {
        let before = self.reader.findings.len();
        let read = self.reader.body(body, Allowed::Listed(table), place);
        (self.reader.findings.len() == before).then_some(read)
    }

    /// What `execute_command` means, and the body without it.
    fn privilege(&mut self, body: &HclBody, line: usize) -> Option<(Privilege, HclBody)> {
        let mut rest = body.clone();
        let Some(attribute) = rest.remove_attribute("execute_command") else {
            return Some((Privilege::LoginUser, rest));
        };
        let known = attribute.value.as_str().and_then(provisioners::privilege);
        if known.is_none() {
            let message = "this `execute_command` is not one of the known ones";
            let remedy = format!("use `{}`", provisioners::execute_command(Privilege::Root));
            self.refuse(
                Code::TemplateCode,
                line,
                "build.provisioner.shell.execute_command",
                message,
                &remedy,
            );
        }
        known.map(|privilege| (privilege, rest))
    }

    fn file(&mut self, block: &HclBlock, line: usize) -> Option<Block> {
        const PLACE: &str = "build.provisioner.file";
        let read = self.body(&block.body, FILE, PLACE)?;
        let (Some(source), Some(destination)) = (read.text("source"), read.text("destination")) else {
            self.refuse(
                Code::TemplateValue,
                line,
                PLACE,
                "a file step has a source and a destination",
                "add them",
            );
            return None;
        };
        let path = self.paths?.resolve(source, line, &format!("{PLACE}.source"));
        let path = self.reader.findings.keep(path)?;
        Some(Block::new(
            "file",
            [("source", Value::Path(path)), ("destination", destination.into())],
        ))
    }
}
