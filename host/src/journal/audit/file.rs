//! The file that `--audit-log` names.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::error::{Code, Error, Result};
use crate::files;

/// A file that lines are appended to, by any number of processes.
pub(super) struct AuditFile {
    path: PathBuf,
    file: Mutex<std::fs::File>,
}

impl AuditFile {
    /// Opens or makes it (0600). Not through a symbolic link, not a device or a pipe, and not a file that
    /// somebody else may write to.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = files::append_log(path).map_err(|error| broken(path, "opened", error))?;
        Ok(Self {
            path: path.to_path_buf(),
            file: Mutex::new(file),
        })
    }

    /// One that every write fails on.
    #[cfg(test)]
    #[allow(clippy::disallowed_methods)]
    pub(super) fn read_only(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            file: Mutex::new(std::fs::File::open(path).unwrap()),
        }
    }

    /// Appends a line with one `write`, so that lines of several processes do not mix. `lasting` waits until
    /// it is on the disk.
    pub(super) fn append(&self, line: &str, lasting: bool) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match file.write(line.as_bytes()) {
            Ok(count) if count == line.len() => Ok(()),
            Ok(_) => Err(ErrorKind::WriteZero.into()),
            Err(error) => Err(error),
        };
        written
            .and_then(|()| if lasting { file.sync_data() } else { Ok(()) })
            .map_err(|error| broken(&self.path, "written", error))
    }
}

fn broken(path: &Path, what: &str, error: std::io::Error) -> Error {
    Error::new(Code::AuditLog, format!("the audit log cannot be {what}"))
        .file(path)
        .source(error)
        .remedy("nothing more is done without it: name a plain file that only its owner may write to")
}
