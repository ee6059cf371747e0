//! The lines of the audit log. Their format is stable: `docs/security/audit.md`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::contract::{Command, CommandRequest, Effect, Step};
use crate::journal::Finish;

/// Version of the line format. A new kind of fact or a new member is a new version.
pub const SCHEMA: u32 = 2;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// RFC 3339, UTC, whole seconds.
    pub time: String,
    /// Tells these lines from the others of a journal.
    pub event: Marker,
    /// [`SCHEMA`].
    pub schema: u32,
    /// Id of the run; of this start of the program, where the command makes no run.
    pub run: String,
    /// The subcommand, for example `vm build`.
    pub command: String,
    /// The plugin's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// What was decided or done.
    pub fact: Fact,
}

/// The value of `event`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Marker {
    /// `audit`
    Audit,
}

/// What was decided or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fact {
    /// A run began.
    RunBegan {
        /// Whose data it acts upon.
        plugin: PluginIdentity,
        /// Version of this program.
        host_version: String,
        /// Process id of this program.
        pid: u32,
    },
    /// A plugin's template was compiled.
    TemplateAllowed {
        /// Who returned it.
        plugin: PluginIdentity,
        /// The granted builder, for example `amazon-ebs`.
        builder: String,
        /// Final name of the image.
        image_name: String,
        /// Digest of the emitted `build.pkr.json`.
        template_sha256: String,
        /// The files beside it.
        files: Vec<FileDigest>,
        /// Granted plugins of Packer that it requires: `source version`.
        packer_plugins: Vec<String>,
        /// Names of variables whose values travel in Packer's environment.
        secret_variables: Vec<String>,
        /// What the compiler set, whatever the plugin wrote.
        added: Vec<Addition>,
    },
    /// A plugin's template was refused.
    TemplateRefused {
        /// Who returned it.
        plugin: PluginIdentity,
        /// Stable code of the rule.
        code: String,
        /// What is wrong.
        message: String,
        /// Line, construct and reason of each finding.
        findings: Vec<String>,
    },
    /// A command of a plugin may run.
    CommandAllowed {
        /// The step's id.
        step: String,
        /// What the plugin says it is for.
        purpose: String,
        /// The tool and its arguments; files are `<file>`.
        argv: Vec<String>,
        /// The grant that allows it.
        grant: Grant,
    },
    /// One of these commands was refused, so none of them runs.
    CommandRefused {
        /// Stable code of the rule.
        code: String,
        /// Which command, and why.
        message: String,
        /// The step and the like.
        details: Vec<String>,
        /// Commands of the turn, without values.
        steps: Vec<RefusedStep>,
    },
    /// A program is about to be started.
    ProgramStarted {
        /// Counts the programs of the run from 1.
        number: u32,
        /// Absolute path.
        program: PathBuf,
        /// Its arguments, secrets masked.
        arguments: Vec<String>,
        /// Names of all variables that it gets.
        environment: Vec<String>,
        /// Working directory.
        directory: PathBuf,
        /// After this it is stopped.
        timeout_seconds: u64,
    },
    /// It ended.
    ProgramEnded {
        /// As when it was started.
        number: u32,
        /// How.
        how: How,
        /// Exit status, or the number of the signal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<i32>,
        /// Stable code, where the host could not start it or had to end it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// How long it ran.
        milliseconds: u64,
        /// Digest of its standard output; none when the output is a secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stdout_sha256: Option<String>,
        /// The same of its standard error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stderr_sha256: Option<String>,
        /// The digests are of the end of the output alone.
        truncated: bool,
    },
    /// What a plugin may do was decided: it is about to be written to the lock file.
    GrantsDecided {
        /// Whose grants they are.
        plugin: PluginIdentity,
        /// The component that it replaces.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces_sha256: Option<String>,
        /// Everything that it may do, one item each, as `plugin grant` has them.
        granted: Vec<String>,
        /// What it asks for and may not do.
        withheld: Vec<String>,
        /// Names of the user's variables that its tools get.
        environment: Vec<String>,
    },
    /// A plugin is about to be taken out of the lock file.
    PluginRemoved {
        /// Its name.
        id: String,
        /// Digest of the component.
        sha256: String,
    },
    /// `policy check` judged a file.
    FileReviewed {
        /// Whose requests counted as granted.
        plugin: PluginIdentity,
        /// `template` or `argv`.
        subject: String,
        /// As the user named it.
        file: PathBuf,
        /// Of its content.
        sha256: String,
        /// Rule, line and construct of each finding; nothing is refused where there is none.
        findings: Vec<String>,
    },
    /// A run ended.
    RunEnded {
        /// How.
        finish: Finish,
        /// The error's stable code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
}

impl Fact {
    /// Whether the account, or what a plugin may do to it, is about to change: the line has to be on the disk then.
    pub(super) fn must_last(&self) -> bool {
        match self {
            Self::CommandAllowed { grant, .. } => grant.effect != Effect::Read,
            Self::TemplateAllowed { .. } | Self::GrantsDecided { .. } | Self::PluginRemoved { .. } => true,
            Self::RunBegan { .. }
            | Self::TemplateRefused { .. }
            | Self::CommandRefused { .. }
            | Self::ProgramStarted { .. }
            | Self::ProgramEnded { .. }
            | Self::FileReviewed { .. }
            | Self::RunEnded { .. } => false,
        }
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// By itself.
    Exited,
    /// By a signal that did not come from the host.
    Signalled,
    /// Its time ran out.
    TimedOut,
    /// Somebody pressed Ctrl-C.
    Cancelled,
    /// It was not started, or the host had to end it.
    Failed,
}

/// What a plugin is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginIdentity {
    /// Name under which the user reaches it.
    pub id: String,
    /// Digest of the component.
    pub sha256: String,
    /// For example `bundled`.
    pub origin: String,
}

impl From<&crate::plugin::Identity> for PluginIdentity {
    fn from(identity: &crate::plugin::Identity) -> Self {
        let origin = match serde_json::to_value(identity.origin) {
            Ok(serde_json::Value::String(text)) => text,
            Ok(other) => other.to_string(),
            Err(_) => String::new(),
        };
        Self {
            id: identity.id.clone(),
            sha256: identity.sha256.clone(),
            origin,
        }
    }
}

/// A file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Relative to the template.
    pub path: String,
    /// Of its content.
    pub sha256: String,
}

/// Something that the compiler set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addition {
    /// For example `source.ssh_agent_auth` or `provisioner.shell`.
    pub place: String,
    /// As Packer's JSON has it.
    pub value: String,
}

/// A granted command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The program.
    pub tool: String,
    /// Words of the command.
    pub verb: Vec<String>,
    /// Flags that may be set.
    pub flags: Vec<String>,
    /// What the command may do.
    pub effect: Effect,
}

impl Grant {
    /// The grant that covers an allowed command: the one by which the policy checks its flags.
    pub fn of(command: &Command, granted: &[CommandRequest]) -> Self {
        let covers = |grant: &&CommandRequest| {
            grant.tool == command.tool && grant.verb == command.verb && grant.effect == command.effect
        };
        Self {
            tool: command.tool.clone(),
            verb: command.verb.clone(),
            flags: granted
                .iter()
                .find(covers)
                .map(|grant| grant.flags.clone())
                .unwrap_or_default(),
            effect: command.effect,
        }
    }
}

/// A command of a refused turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedStep {
    /// The step's id.
    pub step: String,
    /// The program.
    pub tool: String,
    /// Words of the command.
    pub verb: Vec<String>,
    /// Names of its flags.
    pub flags: Vec<String>,
}

impl RefusedStep {
    /// The commands among some steps.
    pub fn of(steps: &[Step]) -> Vec<Self> {
        let command = |step: &Step| match &step.action {
            crate::contract::Action::Command(command) => Some(Self {
                step: step.id.clone(),
                tool: command.tool.clone(),
                verb: command.verb.clone(),
                flags: command.flags.iter().map(|flag| flag.name.clone()).collect(),
            }),
            crate::contract::Action::Wait(_) => None,
        };
        steps.iter().filter_map(command).collect()
    }
}
