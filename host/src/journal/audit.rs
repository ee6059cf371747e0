//! The audit log: every decision and every program, one JSON line each, in the run's journal and, with
//! `--audit-log`, in a file that the user names. A line is written before what it says happens: no audit,
//! no action.

mod fact;
mod file;
mod log;

pub use fact::{Addition, Fact, FileDigest, Grant, How, Line, Marker, PluginIdentity, RefusedStep, SCHEMA};
pub use log::Log;

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex};

use nix::fcntl::Flock;

use self::file::AuditFile;
use self::log::WeakLog;
use crate::environment::Environment;
use crate::error::Result;
use crate::policy::redact::Redactor;

/// Names the file, like `--audit-log`.
pub const VARIABLE: &str = "SINDRI_AUDIT_LOG";

/// What a subcommand writes its decisions to. Each cloud of several has its own.
#[derive(Default)]
pub struct Audit {
    file: Option<Arc<AuditFile>>,
    command: String,
    redactor: Redactor,
    /// Of the run that goes on. Weak: the log holds the journal, and with it the run's lock.
    run: RefCell<WeakLog>,
    /// Of this command's look at things without a run.
    look: RefCell<Option<Log>>,
}

impl Audit {
    /// Opens the file that the flag or else the variable names. A file that cannot be written is an error:
    /// nothing may be done then.
    pub fn open(
        environment: &Environment,
        flag: Option<&Path>,
        command: impl Into<String>,
        redactor: Redactor,
    ) -> Result<Self> {
        let named = flag.or_else(|| environment.get_os(VARIABLE).map(Path::new));
        let file = match named {
            Some(path) => Some(Arc::new(AuditFile::open(
                &environment.working_directory().join(path),
            )?)),
            None => None,
        };
        Ok(Self {
            file,
            command: command.into(),
            redactor,
            run: RefCell::default(),
            look: RefCell::default(),
        })
    }

    /// The same for another cloud.
    #[must_use]
    pub fn share(&self) -> Self {
        Self {
            file: self.file.clone(),
            command: self.command.clone(),
            redactor: self.redactor.clone(),
            run: RefCell::default(),
            look: RefCell::default(),
        }
    }

    /// The log of a run, which is this command's from now on.
    pub(super) fn begin(&self, run: &str, cloud: &str, journal: Arc<Mutex<Flock<std::fs::File>>>) -> Log {
        let log = Log::new(
            self.file.clone(),
            Some(journal),
            log::Head {
                run: run.to_owned(),
                command: self.command.clone(),
                cloud: Some(cloud.to_owned()),
            },
            self.redactor.clone(),
        );
        self.run.replace(log.downgrade());
        log
    }

    /// Where a decision goes: to the run that goes on, else to the file alone, under an id of its own. Nowhere
    /// if there is neither.
    pub fn log(&self, cloud: Option<&str>) -> Result<Log> {
        if let Some(log) = self.run.borrow().upgrade() {
            return Ok(log);
        }
        if let Some(log) = &*self.look.borrow() {
            return Ok(log.clone());
        }
        let Some(file) = &self.file else {
            return Ok(Log::default());
        };
        let log = Log::new(
            Some(Arc::clone(file)),
            None,
            log::Head {
                run: super::run::new_id()?,
                command: self.command.clone(),
                cloud: cloud.map(str::to_owned),
            },
            self.redactor.clone(),
        );
        self.look.replace(Some(log.clone()));
        Ok(log)
    }
}

#[cfg(test)]
mod tests;
