//! What happened in the VM, kept line by line as it is said: a machine that is gone, or never answered again, has no
//! log to fetch.

use std::fs::File;
use std::io::Write as _;
use std::time::Instant;

use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::Run;
use crate::runner::packer::Event;

/// Name in the run directory.
pub(super) const FILE: &str = "vm.log";

/// The log of one build: seconds since its beginning, then the line, secrets masked.
pub(super) struct VmLog {
    file: File,
    began: Instant,
}

impl VmLog {
    pub(super) fn open(run: &Run) -> Result<Self> {
        let path = run.directory().join(FILE);
        let file = files::append_private(&path).map_err(|error| {
            Error::new(Code::RunFiles, "the VM's log cannot be written")
                .file(&path)
                .source(error)
        })?;
        Ok(Self {
            file,
            began: Instant::now(),
        })
    }

    /// Keeps what Packer passes on. A log that cannot be written is no reason to leave a build half done.
    pub(super) fn keep(&mut self, event: &Event) {
        let text = match event {
            Event::Say(text) | Event::Message(text) | Event::Error(text) => text,
            Event::BuildFailed { message, .. } => message,
            Event::Text(_) | Event::Artifact { .. } | Event::Other { .. } => return,
        };
        let seconds = self.began.elapsed().as_secs_f64();
        for line in text.lines() {
            let _ = writeln!(self.file, "{seconds:8.1} {line}");
        }
    }
}
