//! A run that is going on: its directory, its lock and its journal.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use nix::fcntl::{Flock, FlockArg};

use super::audit::{Audit, Fact, Log};
use super::event::{Entry, Event, Finish};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::redact::{Redactor, escape_in_strings};

/// Name of the journal in the run directory.
pub(super) const JOURNAL: &str = "journal.jsonl";
/// Letters of a run id: 12 of 32 kinds are 60 bits, so that no two runs of an account share one.
const ID_LENGTH: usize = 12;
const ID_LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// An open run. The journal is locked as long as the process lives, which tells a run that is going
/// on from one that was killed.
pub struct Run {
    id: String,
    directory: PathBuf,
    started: String,
    journal: Arc<Mutex<Flock<std::fs::File>>>,
    redactor: Redactor,
    numbers: AtomicU32,
    log: Log,
}

impl Run {
    /// Makes the directory of a new run below the user's state directory.
    pub fn create(environment: &Environment, redactor: Redactor) -> Result<Self> {
        let runs = directory_of_runs(environment)?;
        files::create_private_directory(&runs).map_err(|error| broken(&runs, error))?;
        let id = new_id()?;
        let directory = runs.join(&id);
        files::create_new_private_directory(&directory).map_err(|error| broken(&directory, error))?;
        Self::open(id, directory, redactor)
    }

    /// Opens the run again, to write down what became of it.
    pub(super) fn open(id: String, directory: PathBuf, redactor: Redactor) -> Result<Self> {
        let path = directory.join(JOURNAL);
        let file = files::append_private(&path).map_err(|error| broken(&path, error))?;
        let journal =
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, _)| Self::is_going_on(&id))?;
        Ok(Self {
            id,
            directory,
            started: super::now(),
            journal: Arc::new(Mutex::new(journal)),
            redactor,
            numbers: AtomicU32::new(0),
            log: Log::default(),
        })
    }

    /// Writes facts to the journal, and to the audit log if there is one, from now on.
    #[must_use]
    pub fn audited(mut self, audit: &Audit, cloud: &str) -> Self {
        self.log = audit.begin(&self.id, cloud, Arc::clone(&self.journal));
        self
    }

    /// Where facts of the run go.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The error for a run that somebody else works on.
    pub(super) fn is_going_on(id: &str) -> Error {
        Error::new(Code::RunActive, format!("run {id} is still going on"))
            .remedy("wait for it, or press Ctrl-C where it runs")
    }

    /// `[a-z0-9]{12}`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The private directory (0700).
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// When this process opened the run, RFC 3339.
    pub fn started(&self) -> &str {
        &self.started
    }

    /// What masks secrets in everything that is printed or stored.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Writes a line. One that announces or reports something made or destroyed is on disk before this
    /// returns: the machine itself may be gone a moment later. The others survive the end of the
    /// process, however it ends.
    pub fn record(&self, event: Event) -> Result<()> {
        let lasting = event.must_last();
        let entry = Entry {
            time: super::now(),
            event,
        };
        let mut json = serde_json::to_value(&entry)
            .map_err(|error| Error::new(Code::Internal, "a journal entry is not JSON").source(error))?;
        // The texts and not the line: a secret with quotes in it would take the line's own along.
        self.redactor.redact_json(&mut json);
        let line = format!("{}\n", escape_in_strings(&json.to_string()));
        let mut journal = self
            .journal
            .lock()
            .map_err(|_| Error::new(Code::Internal, "the journal's lock is poisoned"))?;
        journal
            .write_all(line.as_bytes())
            .and_then(|()| if lasting { journal.sync_data() } else { Ok(()) })
            .map_err(|error| broken(&self.directory.join(JOURNAL), error))
    }

    /// Writes down how the run ended.
    pub fn finish(&self, finish: Finish, error: Option<&Error>) -> Result<()> {
        let code = || error.map(|error| error.code().as_str().to_owned());
        self.record(Event::Finished {
            finish,
            code: code(),
            message: error.map(|error| error.message().to_owned()),
        })?;
        self.log.attest(|| Fact::RunEnded { finish, code: code() })
    }

    /// Removes the directory of a run that only looked: it has nothing to undo and nothing to audit.
    pub fn discard(self) -> Result<()> {
        self.log.attest(|| Fact::RunEnded {
            finish: Finish::Succeeded,
            code: None,
        })?;
        files::remove_tree(&self.directory).map_err(|error| broken(&self.directory, error))
    }

    /// Counts from 1, for names that must not stand twice.
    pub fn next_number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed).saturating_add(1)
    }

    /// Makes a directory of the run, for its owner only, and returns its path.
    pub fn directory_for(&self, path: &str) -> Result<PathBuf> {
        let full = self.directory.join(path);
        files::create_private_directory(&full).map_err(|error| broken(&full, error))?;
        Ok(full)
    }

    /// Writes a file of the run, for its owner only. `path` is relative, with `/`; the directories in
    /// between are made.
    pub fn write(&self, path: &str, content: &[u8]) -> Result<PathBuf> {
        let full = self.directory.join(path);
        if let Some(parent) = full.parent() {
            files::create_private_directory(parent).map_err(|error| broken(parent, error))?;
        }
        files::write_new_private(&full, content).map_err(|error| broken(&full, error))?;
        Ok(full)
    }
}

/// `<state>/runs`.
pub(super) fn directory_of_runs(environment: &Environment) -> Result<PathBuf> {
    environment
        .state_directory()
        .map(|state| state.join("runs"))
        .ok_or_else(|| {
            Error::new(Code::RunFiles, "there is no directory to keep runs in")
                .remedy("set HOME, XDG_STATE_HOME or SINDRI_STATE_DIR")
        })
}

pub(super) fn new_id() -> Result<String> {
    let mut bytes = [0_u8; ID_LENGTH];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::new(Code::Internal, "the system gives no random numbers").source(error))?;
    Ok(bytes
        .iter()
        .filter_map(|byte| ID_LETTERS.get(usize::from(byte % 32)))
        .map(|letter| char::from(*letter))
        .collect())
}

fn broken(path: &Path, error: std::io::Error) -> Error {
    Error::new(Code::RunFiles, "a file of the run cannot be written")
        .file(path)
        .source(error)
}
