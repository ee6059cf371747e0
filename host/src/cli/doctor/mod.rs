//! `sindri doctor sandbox`

mod attack;
mod attacks;
mod child;
mod sandbox;

use clap::Subcommand;

use super::startup::App;
use crate::error::Result;
use crate::report::Document;

/// Subcommands of `sindri doctor`.
#[derive(Debug, Subcommand)]
pub enum Doctor {
    /// Run hostile plugins on this very machine and print what was blocked.
    Sandbox,
    /// What `sandbox` starts as a hostile program.
    #[command(hide = true)]
    HostileChild(child::HostileChild),
}

impl Doctor {
    pub(super) fn run(self, app: &App) -> Result<Document> {
        match self {
            Self::Sandbox => sandbox::run(app),
            Self::HostileChild(child) => child.run(app),
        }
    }
}
