//! The command line: one module per subcommand, each of which returns one document.

mod completions;
mod config;
mod deferred;
mod plugin;
mod startup;
pub mod vm;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use deferred::Deferred;
pub(crate) use startup::App;
pub use startup::main;

/// Build, check, ship and deploy golden VM images with Packer and sandboxed cloud plugins.
#[derive(Debug, Parser)]
#[command(
    name = "sindri",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Say more on standard error.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on standard error but errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Configuration file [default: sindri.yaml, if there is one]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print exactly one JSON document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)] // made once, by clap
pub enum Command {
    /// Build, list, deploy and remove VM images.
    #[command(subcommand, alias = "packer")]
    Vm(vm::Vm),
    /// Look at cloud plugins.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// Print the completions for a shell.
    Completions(completions::Completions),
}
