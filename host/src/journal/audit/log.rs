//! Writes the lines of one run, or of a command that has none.

use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use nix::fcntl::Flock;

use super::fact::{Fact, How, Line, Marker, SCHEMA};
use super::file::AuditFile;
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::policy::redact::{Redactor, escape_in_strings};
use crate::runner::process::{Exit, Finished, Invocation};

/// What all lines of a log begin with.
pub(super) struct Head {
    pub(super) run: String,
    pub(super) command: String,
    pub(super) cloud: Option<String>,
}

/// A handle on where facts go. The default writes nothing.
#[derive(Clone, Default)]
pub struct Log {
    inner: Option<Arc<Inner>>,
    /// The output of what is started is a secret: a digest would let somebody try guesses.
    secret_output: bool,
}

/// Does not keep the log, its journal and the run's lock.
#[derive(Default)]
pub(super) struct WeakLog(Weak<Inner>);

impl WeakLog {
    pub(super) fn upgrade(&self) -> Option<Log> {
        let inner = self.0.upgrade()?;
        Some(Log {
            inner: Some(inner),
            secret_output: false,
        })
    }
}

/// Without the head: it is of no use.
impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

struct Inner {
    file: Option<Arc<AuditFile>>,
    journal: Option<Arc<Mutex<Flock<File>>>>,
    head: Head,
    redactor: Redactor,
    programs: AtomicU32,
}

impl Log {
    pub(super) fn new(
        file: Option<Arc<AuditFile>>,
        journal: Option<Arc<Mutex<Flock<File>>>>,
        head: Head,
        redactor: Redactor,
    ) -> Self {
        let inner = Inner {
            file,
            journal,
            head,
            redactor,
            programs: AtomicU32::new(0),
        };
        Self {
            inner: Some(Arc::new(inner)),
            secret_output: false,
        }
    }

    pub(super) fn downgrade(&self) -> WeakLog {
        WeakLog(self.inner.as_ref().map(Arc::downgrade).unwrap_or_default())
    }

    /// The same for a program whose output is a secret.
    #[must_use]
    pub fn for_secret_output(&self, secret: bool) -> Self {
        Self {
            inner: self.inner.clone(),
            secret_output: secret,
        }
    }

    /// Writes a fact down; it is made only if somebody keeps it. After an error what it announces must not
    /// happen.
    pub fn attest(&self, fact: impl FnOnce() -> Fact) -> Result<()> {
        let Some(inner) = &self.inner else {
            return Ok(());
        };
        let fact = fact();
        let lasting = fact.must_last();
        let line = Line {
            time: crate::journal::now(),
            event: Marker::Audit,
            schema: SCHEMA,
            run: inner.head.run.clone(),
            command: inner.head.command.clone(),
            cloud: inner.head.cloud.clone(),
            fact,
        };
        let mut json = serde_json::to_value(&line).map_err(|error| {
            Error::new(Code::Internal, "a line of the audit log is not JSON").source(error)
        })?;
        inner.redactor.redact_json(&mut json);
        let line = format!("{}\n", escape_in_strings(&json.to_string()));
        if let Some(file) = &inner.file {
            file.append(&line, lasting)?;
        }
        if let Some(journal) = &inner.journal {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            journal
                .write_all(line.as_bytes())
                .map_err(|error| Error::new(Code::RunFiles, "the journal cannot be written").source(error))?;
        }
        Ok(())
    }

    /// Announces a program, and says under which number its end is to be reported.
    pub(crate) fn program_starts(&self, invocation: &Invocation) -> Result<u32> {
        let number = match &self.inner {
            Some(inner) => inner.programs.fetch_add(1, Ordering::Relaxed).saturating_add(1),
            None => 0,
        };
        self.attest(|| {
            let text = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
            let mut environment: Vec<_> = invocation.env.iter().map(|(name, _)| text(name)).collect();
            environment.sort();
            Fact::ProgramStarted {
                number,
                program: invocation.program.clone(),
                arguments: invocation.args.iter().map(|argument| text(argument)).collect(),
                environment,
                directory: invocation.cwd.clone(),
                timeout_seconds: invocation.timeout.as_secs(),
            }
        })?;
        Ok(number)
    }

    /// Reports how it ended.
    pub(crate) fn program_ended(&self, number: u32, result: &Result<Finished>) -> Result<()> {
        self.attest(|| match result {
            Ok(finished) => {
                let digest = |text: &str| (!self.secret_output).then(|| digest::sha256(text.as_bytes()));
                let (how, status) = match finished.exit {
                    Exit::Code(code) => (How::Exited, Some(code)),
                    Exit::Signal(signal) => (How::Signalled, Some(signal)),
                    Exit::TimedOut => (How::TimedOut, None),
                    Exit::Cancelled => (How::Cancelled, None),
                };
                Fact::ProgramEnded {
                    number,
                    how,
                    status,
                    code: None,
                    milliseconds: u64::try_from(finished.duration.as_millis()).unwrap_or(u64::MAX),
                    stdout_sha256: digest(&finished.stdout),
                    stderr_sha256: digest(&finished.stderr),
                    truncated: finished.truncated,
                }
            }
            Err(error) => Fact::ProgramEnded {
                number,
                how: How::Failed,
                status: None,
                code: Some(error.code().as_str().to_owned()),
                milliseconds: 0,
                stdout_sha256: None,
                stderr_sha256: None,
                truncated: false,
            },
        })
    }
}
