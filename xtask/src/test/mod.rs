//! `cargo xtask test`: sets up everything, then runs every check and every test there is.

mod gates;
pub(crate) mod runner;
mod tally;
mod tiers;

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::setup::{self, Tool, plugin_folder};
use crate::workspace::Workspace;
pub(crate) use gates::{clippy, format};
pub(crate) use tally::Tally;

/// Runs all and prints one line with the sum at the end.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let toolbox = setup::run(workspace, &Tool::ALL)?;
    let mut tally = Tally::default();
    format(workspace, &mut tally)?;
    clippy(workspace, &mut tally)?;
    gates::dependencies(workspace, &toolbox, &mut tally)?;
    gates::scripts(workspace, &toolbox, &mut tally)?;

    let targets = tiers::choose(&tiers::targets(workspace)?, &toolbox, &mut tally);
    let mut environment = tiers::environment(&toolbox);
    environment.push(("SINDRI_TEST_PACKER_PLUGINS", plugin_folder(workspace).into()));
    environment.push(("SINDRI_TEST_PROGRAM", workspace.program().into()));
    let cargo = |words: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(words).current_dir(&workspace.root);
        cargo.envs(environment.iter().map(|(name, value)| (*name, value)));
        cargo
    };
    // One selection of packages for all of it, so that each dependency is compiled once. The whole-program tests
    // start the program that this first command leaves in the target folder.
    runner::gate(
        &mut tally,
        "build",
        &mut cargo(&["build", "--workspace", "--lib", "--bins", "--tests"]),
    )?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    for target in &targets {
        tests.args(["--test", target]);
    }
    runner::libtest(&mut tally, "tests", &mut tests)?;
    runner::libtest(
        &mut tally,
        "examples in the documentation",
        &mut cargo(&["test", "--workspace", "--doc"]),
    )?;
    tally.print().context("printing the result")
}
