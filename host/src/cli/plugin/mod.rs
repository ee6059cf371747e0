//! `sindri plugin …`

mod check;
mod compile_component;
mod decision;
mod grant;
mod inspect;
mod install;
mod list;
mod remove;
mod revoke;
mod show;
mod target;
mod verify;

use clap::Subcommand;

use super::startup::App;
use crate::error::Result;
use crate::plugin::Catalog;
use crate::report::Document;

/// Subcommands of `sindri plugin`.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// List the plugins that can be used as `--cloud NAME`.
    List,
    /// Show what a plugin imports, exports, wants and is.
    Inspect(inspect::Inspect),
    /// Use a component as a cloud of this project, and decide what it may do.
    Install(install::Install),
    /// Call a component some thousand times to see whether it keeps the contract.
    Check(check::Check),
    /// Let a plugin do more of what it asks for.
    Grant(grant::Grant),
    /// Let a plugin do less.
    Revoke(revoke::Revoke),
    /// Use a component no longer.
    Remove(remove::Remove),
    /// Check that components, grants and policy still fit together.
    Verify(verify::Verify),
    /// The child process that compiles.
    #[command(hide = true, name = crate::plugin::compiler::SUBCOMMAND)]
    CompileComponent(compile_component::CompileComponent),
}

impl Plugin {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        match self {
            Self::List => list::run(app),
            Self::Inspect(inspect) => inspect.run(app),
            Self::Install(install) => install.run(app),
            Self::Check(check) => check.run(app),
            Self::Grant(grant) => grant.run(app),
            Self::Revoke(revoke) => revoke.run(app),
            Self::Remove(remove) => remove.run(app),
            Self::Verify(verify) => verify.run(app),
            Self::CompileComponent(compile) => compile.run(),
        }
    }
}

fn catalog(app: &App) -> Result<Catalog> {
    Catalog::open(&app.environment, app.config.as_deref())
}
