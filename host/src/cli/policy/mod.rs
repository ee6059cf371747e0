//! `sindri policy …`

mod argv;
mod bundle;
mod check;
mod template;
mod verdict;

use clap::Subcommand;

use super::App;
use crate::error::Result;
use crate::report::Document;

/// Subcommands of `sindri policy`.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Say whether a template or command lines of a plugin would be allowed, and what is wrong with them.
    Check(check::Check),
}

impl Policy {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        match self {
            Self::Check(check) => check.run(app),
        }
    }
}
