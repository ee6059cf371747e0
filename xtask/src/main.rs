//! The project's own commands, as `cargo xtask COMMAND`.
//!
//! This program prepares a machine and drives the real tools; it is not shipped. Hence it may do what the
//! host itself must not: read the environment, start programs, touch files and print.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool: starting programs and printing what it does is its purpose"
)]

mod apt;
mod bench;
mod demo;
mod fast;
mod probe;
mod process;
mod setup;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup [TOOL…]          make the tools for development and tests available (all, or those named)
  demo [--program PATH]  build a machine image with the real Packer against a local EC2, then list, deploy, destroy, delete
  test                   set up everything, then run every check and every test
  fast                   the checks and tests that need no tools
  bench [micro|program]  measure the program beside what it is compared with

Tools are kept in $SINDRI_TOOLS_DIR, else in ${XDG_CACHE_HOME:-~/.cache}/sindri-tools.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command; `false` means that it ran to its end and has already said what is wrong.
fn dispatch(arguments: &[String]) -> Result<bool> {
    let Some((command, rest)) = arguments.split_first() else {
        println!("{USAGE}");
        return Ok(false);
    };
    match command.as_str() {
        "setup" => setup::command(&Workspace::locate()?, rest),
        "demo" => demo::command(&Workspace::locate()?, rest),
        "test" => none(rest).and_then(|()| test::command(&Workspace::locate()?)),
        "fast" => none(rest).and_then(|()| fast::command(&Workspace::locate()?)),
        "bench" => bench::command(&Workspace::locate()?, rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        unknown => bail!("there is no command `{unknown}`\n\n{USAGE}"),
    }
}

fn none(rest: &[String]) -> Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(extra) => bail!("unexpected argument `{extra}`\n\n{USAGE}"),
    }
}
