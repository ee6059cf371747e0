//! The plugin's own steps inside the VM, one by one.

use hcl_edit::structure::{Block as HclBlock, Body as HclBody};

use super::guest::{GuestReader, attribute};
use super::model::{Block, Body, Value};
use super::provisioners::{self, Privilege};
use crate::Code;
use crate::policy::builders::{Allowed, Form, Kind, Table};

const SHELL: Table = Table {
    attributes: &[
        // Rendered when decoded, and again until nothing changes.
        attribute("inline", Kind::Words),
        attribute("script", Kind::Path),
        attribute("scripts", Kind::Paths),
        attribute("environment_vars", Kind::Words),
        attribute("env", Kind::WordMap),
        attribute("only", Kind::Words),
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
        attribute("only", Kind::Words),
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
        attribute("env", Kind::WordMap),
        attribute("only", Kind::Words),
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

impl GuestReader<'_, '_> {
    /// A step of a POSIX shell.
    pub(super) fn shell(&mut self, block: &HclBlock, line: usize) -> Option<Block> {
        const PLACE: &str = "build.provisioner.shell";
        // The command is Go code that the table's rules would refuse, so it is read first and taken out.
        let (privilege, rest) = self.privilege(&block.body, line)?;
        let read = self.body(&rest, SHELL, PLACE)?;
        let mut step = self.what(&read, "shell", PLACE, line)?;
        self.only(&read, PLACE, line)?;
        let variables = self.variables(&read, PLACE, line)?;
        for name in KEPT {
            if let Some(value) = read.get(name) {
                step.body.set(name, value.clone());
            }
        }
        let command = match variables {
            Some(variables) => {
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

    /// A step for every source, or for those of this template that it names: there is one.
    fn only(&mut self, read: &Body, place: &str, line: usize) -> Option<()> {
        let Some(Value::List(names)) = read.get("only") else {
            return Some(());
        };
        let declared = |name: &Value| {
            let Value::Text(name) = name else { return false };
            self.sources
                .iter()
                .any(|source| source.strip_prefix("source.") == Some(name.as_str()))
        };
        if !names.is_empty() && names.iter().all(declared) {
            return Some(());
        }
        let remedy = "leave it out";
        let construct = format!("{place}.only");
        self.refuse(
            Code::TemplateValue,
            line,
            &construct,
            "`only` names a source that is not in this template",
            remedy,
        );
        None
    }

    /// The environment of a step, whichever way it is written; the outer `None` after a finding.
    fn variables(&mut self, read: &Body, place: &str, line: usize) -> Option<Option<Value>> {
        let mut all = match read.get("environment_vars") {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        if let Some(Value::Map(items)) = read.get("env") {
            all.extend(items.iter().filter_map(|(name, value)| {
                let Value::Text(value) = value else { return None };
                Some(Value::Text(format!("{name}={value}")))
            }));
        }
        if all.is_empty() {
            return Some(None);
        }
        let all = Value::List(all);
        self.assignments(&all, place, line)?;
        Some(Some(all))
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
    pub(super) fn windows(&mut self, name: &str, block: &HclBlock, line: usize) -> Option<Block> {
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
        self.only(&read, &place, line)?;
        if let Some(variables) = self.variables(&read, &place, line)? {
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

    /// A file of the bundle into the machine.
    pub(super) fn file(&mut self, block: &HclBlock, line: usize) -> Option<Block> {
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
        self.only(&read, PLACE, line)?;
        // To Packer `files/` is what is in it, and `files` the directory itself.
        let (source, slash) = match source.strip_suffix('/') {
            Some(directory) => (directory, "/"),
            None => (source, ""),
        };
        let Value::Path(mut path) = self.path(source, line, &format!("{PLACE}.source"))? else {
            return None;
        };
        path.push_str(slash);
        let mut step = Block::new(
            "file",
            [("source", Value::Path(path)), ("destination", destination.into())],
        );
        for name in KEPT {
            if let Some(value) = read.get(name) {
                step.body.set(name, value.clone());
            }
        }
        Some(step)
    }
}
