//! A hostile program: what `sindri doctor sandbox` starts in the place of a cloud's tool. It is the program itself, so
//! that nothing has to be installed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::App;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::report::Document;

/// How it says that the system did not let it.
pub(super) const REFUSED: &str = "refused: ";

/// Arguments of `sindri doctor hostile-child`.
#[derive(Debug, Args)]
pub struct HostileChild {
    #[arg(value_enum)]
    behaviour: Behaviour,
    /// What it reads or writes.
    path: Option<PathBuf>,
}

/// What it does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Behaviour {
    /// Prints bytes that are no text, escapes and commands.
    Garbage,
    /// Prints for ever.
    Flood,
    /// Goes on for ever, also when it is asked to stop.
    Hang,
    /// Prints its environment.
    Environment,
    /// Prints a file that it has no business with.
    ReadFile,
    /// Makes one.
    WriteFile,
}

impl Behaviour {
    /// The word on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::Flood => "flood",
            Self::Hang => "hang",
            Self::Environment => "environment",
            Self::ReadFile => "read-file",
            Self::WriteFile => "write-file",
        }
    }
}

impl HostileChild {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let mut stdout = std::io::stdout().lock();
        let written = match self.behaviour {
            Behaviour::Garbage => {
                stdout.write_all(b"\xff\xfe\xc0\x80\x1b[2J\n::set-env name=PATH::/tmp\n##vso[x]y\n")
            }
            Behaviour::Flood => loop {
                if let Err(error) = stdout.write_all(&[b'x'; 4096]) {
                    break Err(error);
                }
            },
            Behaviour::Hang => return hang(),
            Behaviour::Environment => app
                .environment
                .variables()
                .try_for_each(|(name, value)| writeln!(stdout, "{}={}", name.display(), value.display())),
            Behaviour::ReadFile => match files::read(self.path.as_deref().unwrap_or(Path::new("")), 4096) {
                Ok(content) => stdout.write_all(&content),
                Err(error) => writeln!(stdout, "{REFUSED}{error}"),
            },
            Behaviour::WriteFile => {
                match files::write_new_private(self.path.as_deref().unwrap_or(Path::new("")), b"x") {
                    Ok(()) => Ok(()),
                    Err(error) => writeln!(stdout, "{REFUSED}{error}"),
                }
            }
        };
        written
            .map(|()| Document::only_code(""))
            .map_err(|error| Error::new(Code::Internal, "nobody reads").source(error))
    }
}

/// With a handler of its own, so that SIGTERM does not end it.
fn hang() -> Result<Document> {
    let failed = |error| Error::new(Code::Internal, "the hostile program cannot hang").source(error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminations = signal(SignalKind::terminate()).map_err(failed)?;
        loop {
            tokio::select! {
                _ = terminations.recv() => {}
                () = tokio::time::sleep(Duration::from_secs(60)) => {}
            }
        }
    })
}
