//! `sindri evidence …`

mod create;
mod keygen;
mod verify;

use clap::Subcommand;

use super::startup::App;
use crate::error::Result;
use crate::report::Document;

/// Subcommands of `sindri evidence`.
#[derive(Debug, Subcommand)]
pub enum Evidence {
    /// Make a key pair to sign and verify evidence with.
    Keygen(keygen::Keygen),
    /// Write down what is in a root file system, and sign it.
    Create(create::Create),
    /// Check the signature of evidence, and whether a root file system is still what was signed.
    Verify(verify::Verify),
}

impl Evidence {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        match self {
            Self::Keygen(keygen) => keygen.run(),
            Self::Create(create) => create.run(app),
            Self::Verify(verify) => verify.run(app),
        }
    }
}
