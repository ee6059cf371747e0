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

const SHELL: Table = Table {
    attributes: &[
        // Rendered when decoded, and again until nothing changes.
        attribute("inline", Kind::Words),
        attribute("script", Kind::Path),
        attribute("scripts", Kind::Paths),
        attribute("environment_vars", Kind::Words),
        attribute("inline_shebang", Kind::OneOf(SHEBANGS)),
        attribute("expect_disconnect", Kind::Bool),
        attribute("valid_exit_codes", Kind::Integers(0, 255)),
        attribute("start_retry_timeout", Kind::Duration(600)),
        attribute("pause_before", Kind::Duration(600)),
        attribute("timeout", Kind::Duration(14_400)),
        attribute("max_retries", Kind::Integer(0, 10)),
        // Read apart, because it is Go code.
        attribute("execute_command", Kind::Word),
    ],
    blocks: &[],
};

const SHEBANGS: &[&str] = &[
    "/bin/sh -e",
    "/bin/sh -ex",
    "/bin/sh",
    "/bin/bash -e",
    "/bin/bash -ex",
    "/bin/bash",
    "/usr/bin/env bash",
];

/// Attributes of a shell step that are as the plugin writes them.
const KEPT: &[&str] = &[
    "inline_shebang",
    "expect_disconnect",
    "valid_exit_codes",
    "start_retry_timeout",
    "pause_before",
    "timeout",
    "max_retries",
];

/// Packer renders both paths twice, hence no prose. `direction = "download"` would write files here.
const FILE: Table = Table {
    attributes: &[
        attribute("source", Kind::Path),
        attribute("destination", Kind::Word),
        attribute("direction", Kind::Literal(UPLOAD)),
        attribute("pause_before", Kind::Duration(600)),
        attribute("timeout", Kind::Duration(14_400)),
        attribute("max_retries", Kind::Integer(0, 10)),
    ],
    blocks: &[],
};

const WINDOWS: Table = Table {
    attributes: &[
        attribute("inline", Kind::Words),
        attribute("script", Kind::Path),
        attribute("scripts", Kind::Paths),
        attribute("environment_vars", Kind::Words),
        attribute("valid_exit_codes", Kind::Integers(0, 65_535)),
        attribute("start_retry_timeout", Kind::Duration(600)),
        attribute("pause_before", Kind::Duration(600)),
        attribute("timeout", Kind::Duration(14_400)),
        attribute("max_retries", Kind::Integer(0, 10)),
    ],
    blocks: &[],
};

const RESTART: Table = Table {
    attributes: &[
        attribute("restart_timeout", Kind::Duration(7200)),
        attribute("check_registry", Kind::Bool),
        attribute("pause_before", Kind::Duration(600)),
        attribute("timeout", Kind::Duration(14_400)),
        attribute("max_retries", Kind::Integer(0, 10)),
    ],
    blocks: &[],
};

const UPLOAD: Form = Form {
    name: "upload",
    fits: |word| word == "upload",
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

    fn shell(&mut self, block: &HclBlock, line: usize) -> Option<Block> {
        const PLACE: &str = "build.provisioner.shell";
        // The command is Go code that the table's rules would refuse, so it is read first and taken out.
        let (privilege, rest) = self.privilege(&block.body, line)?;
        let read = self.body(&rest, SHELL, PLACE)?;
        let mut step = self.what(&read, "shell", PLACE, line)?;
        let variables = read.get("environment_vars").cloned();
        for name in KEPT {
            if let Some(value) = read.get(name) {
                step.body.set(name, value.clone());
            }
        }
        let command = match variables {
            Some(variables) => {
                self.assignments(&variables, PLACE, line)?;
                step.body.set("environment_vars", variables);
                step.body.set("use_env_var_file", true.into());
                provisioners::execute_with_file(privilege)
            }
            None => provisioners::execute_command(privilege),
        };
        step.body.set("execute_command", Value::GoTemplate(command));
        Some(step)
    }

    /// What a step runs: exactly one of commands, a script, and scripts.
    fn what(&mut self, read: &Body, name: &str, place: &str, line: usize) -> Option<Block> {
        match (read.get("inline"), read.text("script"), read.get("scripts")) {
            (Some(inline), None, None) => Some(Block::new(name, [("inline", inline.clone())])),
            (None, Some(script), None) => {
                let path = self.path(script, line, &format!("{place}.script"))?;
                Some(Block::new(name, [("script", path)]))
            }
            (None, None, Some(Value::List(scripts))) if !scripts.is_empty() => {
                let construct = format!("{place}.scripts");
                let mut paths = Vec::with_capacity(scripts.len());
                for script in scripts {
                    let Value::Text(script) = script else { return None };
                    paths.push(self.path(script, line, &construct)?);
                }
                Some(Block::new(name, [("scripts", Value::List(paths))]))
            }
            _ => {
                let remedy = "give it `inline`, `script` or `scripts`";
                self.refuse(
                    Code::TemplateValue,
                    line,
                    place,
                    "a step has one list of commands, one script or one list of scripts",
                    remedy,
                );
                None
            }
        }
    }

    fn path(&mut self, path: &str, line: usize, construct: &str) -> Option<Value> {
        let resolved = self.paths?.resolve(path, line, construct);
        self.reader.findings.keep(resolved).map(Value::Path)
    }

    /// `NAME=value` each.
    fn assignments(&mut self, variables: &Value, place: &str, line: usize) -> Option<()> {
        let Value::List(items) = variables else {
            return None;
        };
        let named = |item: &Value| {
            let Value::Text(text) = item else { return false };
            text.split_once('=').is_some_and(|(name, value)| {
                provisioners::is_name(name) && !value.contains(['\0', '\n', '\r'])
            })
        };
        if items.iter().all(named) {
            return Some(());
        }
        self.refuse(
            Code::TemplateValue,
            line,
            &format!("{place}.environment_vars"),
            "an environment variable is written `NAME=value`, on one line",
            "write it so",
        );
        None
    }

    /// A step of a Windows machine. `execute_command` and elevated users, whose passwords stand in templates, have
    /// no place here.
    fn windows(&mut self, name: &str, block: &HclBlock, line: usize) -> Option<Block> {
        let place = format!("build.provisioner.{name}");
        if name == "windows-restart" {
            let read = self.body(&block.body, RESTART, &place)?;
            return Some(Block {
                name: name.to_owned(),
                body: read,
            });
        }
        let read = self.body(&block.body, WINDOWS, &place)?;
        let mut step = self.what(&read, name, &place, line)?;
        if let Some(variables) = read.get("environment_vars").cloned() {
            self.assignments(&variables, &place, line)?;
            step.body.set("environment_vars", variables);
        }
        for name in KEPT {
            if let Some(value) = read.get(name) {
                step.body.set(name, value.clone());
            }
        }
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
        let path = self.path(source, line, &format!("{PLACE}.source"))?;
        let mut step = Block::new("file", [("source", path), ("destination", destination.into())]);
        for name in KEPT {
            if let Some(value) = read.get(name) {
                step.body.set(name, value.clone());
            }
        }
        Some(step)
    }
}
