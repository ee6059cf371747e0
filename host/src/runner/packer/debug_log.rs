//! Packer's debug log, `--debug`. Packer would write the file itself, with every secret that a plugin logs;
//! so it logs to its standard error, and what is kept is masked.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::redact::Redactor;

/// Name of the log in the run directory.
const FILE: &str = "packer.log";

/// The log of one run.
pub struct DebugLog {
    file: RefCell<File>,
    redactor: Redactor,
}

impl DebugLog {
    /// Makes it, or goes on with it, in the run directory.
    pub fn open(directory: &Path, redactor: Redactor) -> Result<Self> {
        let path = directory.join(FILE);
        let file = files::append_private(&path).map_err(|error| {
            Error::new(Code::RunFiles, "Packer's log cannot be written")
                .file(&path)
                .source(error)
        })?;
        Ok(Self {
            file: RefCell::new(file),
            redactor,
        })
    }

    /// Keeps a line. A log that cannot be written is no reason to leave a build half done.
    pub(super) fn keep(&self, line: &str) {
        let line = self.redactor.line(line);
        let _ = writeln!(self.file.borrow_mut(), "{line}");
    }
}

/// Whether a line of standard error belongs to the log: `2026/11/23 12:47:18 …`.
pub(super) fn is_of_log(line: &str) -> bool {
    let shape = b"0000/00/00 00:00:00 ";
    line.len() >= shape.len()
        && line.bytes().zip(shape).all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_is_told_from_an_error() {
        assert!(is_of_log("2026/11/23 12:47:18 [INFO] Packer version: 1.6.6"));
        for line in [
            "",
            "Error: 2026/11/23 12:47:18 x",
            "2026/11/23",
            "2026-11-23 12:47:18 x",
        ] {
            assert!(!is_of_log(line), "{line}");
        }
    }

    #[test]
    fn what_is_kept_is_masked() {
        let directory = tempfile::tempdir().unwrap();
        let log = DebugLog::open(directory.path(), Redactor::new(["wJalrXUtnFEMI"])).unwrap();
        log.keep("2026/11/23 12:47:18 key wJalrXUtnFEMI\u{1b}[2J");
        let text = files::read_text(&directory.path().join(FILE), 1 << 10).unwrap();
        assert_eq!(text, "2026/11/23 12:47:18 key ***\n");
    }
}
