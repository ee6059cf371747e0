//! The command line: one module per subcommand, each of which returns one document.

mod completions;
mod config;
mod deferred;
mod doctor;
mod evidence;
mod man;
mod plugin;
mod policy;
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
    /// Append every decision and every program that is started to this file, one JSON line each; without it
    /// nothing is done [env: SINDRI_AUDIT_LOG]
    #[arg(long, global = true, value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
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
    /// Look at cloud plugins, install them, and decide what they may do.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Check what plugins return against the policy.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Bind an image to what is on its disk, and check that.
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// Check what this machine protects against.
    #[command(subcommand)]
    Doctor(doctor::Doctor),
    /// Print the completions for a shell.
    Completions(completions::Completions),
    /// Print or write the manual pages.
    Man(man::Man),
}
