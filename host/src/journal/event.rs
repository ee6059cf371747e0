//! The lines of a journal.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::{Effect, Image, Instance, PlanRequest, Removal, StepResult, Turn};
use crate::runner::orphan;

/// One line: when, and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// RFC 3339, UTC.
    pub time: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// A process: the id alone is used again, with the start it names one process for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Start time in clock ticks since boot.
    pub start_ticks: u64,
}

impl Process {
    /// This one; none where there is no `/proc`.
    pub fn own() -> Option<Self> {
        let pid = std::process::id();
        orphan::start_ticks(pid).map(|start_ticks| Self { pid, start_ticks })
    }

    /// Whether it still runs, as far as this machine's `/proc` shows.
    pub fn is_alive(self) -> bool {
        orphan::start_ticks(self.pid) == Some(self.start_ticks)
    }
}

/// What can happen in a run. Written before and after everything that touches the outside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run began.
    Started {
        /// The subcommand, for example `build`.
        command: String,
        /// The plugin's id.
        cloud: String,
        /// Digest of the plugin's component.
        plugin_sha256: String,
        /// Version of the plugin, as it says itself.
        plugin_version: String,
        /// Version of the host.
        host_version: String,
        /// The cloud's section of the configuration. Holds no secrets.
        config: Value,
        /// Who runs it. The lock alone does not say: a child that was just being started when this process
        /// was killed holds it until it has become another program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
    },
    /// A later process took the journal over, to write down what became of the run.
    Reopened {
        /// Who.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
    },
    /// An operation was begun; with the turns and results that follow it can be replayed.
    Operation {
        /// What the plugin was asked.
        request: PlanRequest,
    },
    /// The plugin's answer.
    Turn {
        /// What to do next.
        turn: Turn,
    },
    /// A command is about to be started.
    CommandStarted {
        /// The step's id.
        step: String,
        /// The complete argument vector, the program first.
        argv: Vec<String>,
        /// What it does to the account.
        effect: Effect,
    },
    /// It ended.
    CommandFinished {
        /// Its result as the plugin gets it; empty output when the output is a secret.
        result: StepResult,
        /// Digest of the complete output; empty when the output is a secret.
        stdout_sha256: String,
        /// How long it took.
        milliseconds: u64,
    },
    /// Something the plugin returned was refused.
    Refused {
        /// Stable code.
        code: String,
        /// What and why.
        message: String,
    },
    /// Packer is about to build.
    PackerStarted {
        /// Process id of Packer, which is also its process group.
        pid: u32,
        /// Start time of that process in clock ticks since boot, so that a reused id is not mistaken for it.
        start_ticks: u64,
        /// Name of the image it will make.
        image_name: String,
        /// The complete argument vector.
        argv: Vec<String>,
        /// Digest of the template it reads.
        template_sha256: String,
    },
    /// It ended.
    PackerFinished {
        /// Exit status; none when it was killed by a signal.
        exit: Option<i32>,
    },
    /// An image was made.
    Built {
        /// The image.
        image: Image,
    },
    /// An instance was made.
    Deployed {
        /// The instance.
        instance: Instance,
    },
    /// Resources were removed.
    Removed {
        /// Which, and which not.
        removal: Removal,
    },
    /// An image was held against the checklist.
    Verified {
        /// The image's id.
        image: String,
        /// Whether it is what it claims to be.
        holds: bool,
        /// Ids of the points that failed.
        failed: Vec<String>,
    },
    /// An image may be published although it was not verified, or failed: somebody has said why.
    UnverifiedAllowed {
        /// The image's id.
        image: String,
        /// What speaks against it.
        objection: String,
        /// Why it is allowed all the same.
        reason: String,
    },
    /// A line of the audit log, see `audit::Line`.
    Audit {
        /// Version of the line format.
        schema: u32,
        /// The rest: a reader of the journal has no use for it.
        #[serde(flatten)]
        line: serde_json::Map<String, Value>,
    },
    /// The run ended.
    Finished {
        /// How.
        finish: Finish,
        /// The error's code, when it failed.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// The error's text.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// What the run made was removed later, by `vm destroy` or `vm undo`.
    Undone {
        /// Files of the run directory that went with it, for example the private key.
        forgotten: Vec<PathBuf>,
    },
}

impl Event {
    /// Whether the account is about to change or has changed.
    pub(super) fn must_last(&self) -> bool {
        match self {
            Self::CommandStarted { effect, .. } => *effect != Effect::Read,
            Self::PackerStarted { .. }
            | Self::Built { .. }
            | Self::Deployed { .. }
            | Self::Removed { .. }
            | Self::UnverifiedAllowed { .. } => true,
            Self::Started { .. }
            | Self::Reopened { .. }
            | Self::Operation { .. }
            | Self::Turn { .. }
            | Self::CommandFinished { .. }
            | Self::Refused { .. }
            | Self::Audit { .. }
            | Self::PackerFinished { .. }
            | Self::Finished { .. }
            | Self::Verified { .. }
            | Self::Undone { .. } => false,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finish {
    /// Everything was done.
    Succeeded,
    /// It failed, and nothing of it is left.
    Failed,
    /// It failed, and something may be left: `vm undo` removes it.
    Unclean,
}
