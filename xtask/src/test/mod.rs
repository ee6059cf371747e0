//! `cargo xtask test`: sets up everything, then runs every check and every test there is.

mod fuzz;
mod gates;
pub(crate) mod runner;
mod tally;
mod tiers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::setup::{self, Tool, Toolbox, plugin_folder};
use crate::workspace::Workspace;
pub(crate) use gates::{clippy, format};
pub(crate) use tally::Tally;

/// The tier that takes a quarter of an hour, while all others together take as much again.
const LONGEST: &str = "rehearsal";
/// When a run in CI has no time for it any more.
const LATE: Duration = Duration::from_secs(35 * 60);

/// Runs all and prints one line with the sum at the end.
pub(crate) fn command(workspace: &Workspace) -> Result<bool> {
    let started = Instant::now();
    let toolbox = setup::run_within(workspace, &Tool::ALL, limit())?;
    let mut tally = Tally::default();
    format(workspace, &mut tally)?;
    clippy(workspace, &mut tally)?;
    gates::dependencies(workspace, &toolbox, &mut tally)?;
    gates::scripts(workspace, &toolbox, &mut tally)?;

    let mut targets = tiers::choose(&tiers::targets(workspace)?, &toolbox, &mut tally);
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
    if limit().is_some() && started.elapsed() > LATE {
        targets.retain(|target| target != LONGEST);
        tally.skip(
            &format!("tier {LONGEST}"),
            "too little of a CI run's 90 minutes is left",
        );
    }
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--lib", "--bins"]);
    for target in &targets {
        tests.args(["--test", target]);
    }
    tests.arg("--");
    for test in tiers::leave_out(&toolbox, &mut tally) {
        tests.args(["--skip", test]);
    }
    runner::libtest(&mut tally, "tests", &mut tests)?;
    real_packer(&toolbox, &mut tally, cargo)?;
    fuzz::run(workspace, &mut tally)?;
    runner::libtest(
        &mut tally,
        "examples in the documentation",
        &mut cargo(&["test", "--workspace", "--doc"]),
    )?;
    tally.print().context("printing the result")
}

/// How long setup may take before it leaves out what serves one cloud only. A run in CI ends after 90 minutes, of
/// which compiling and testing want up to 55; at one's own desk there is no hurry.
fn limit() -> Option<Duration> {
    const CI: Duration = Duration::from_secs(30 * 60);
    std::env::var_os("CI").map(|_| CI)
}

/// Tests of the host's library that start the `packer` on PATH; everywhere else they are ignored.
fn real_packer(toolbox: &Toolbox, tally: &mut Tally, cargo: impl Fn(&[&str]) -> Command) -> Result<()> {
    const TESTS: &str = "runner::packer::tests::real";
    let packer = match toolbox.path(Tool::PackerDebian) {
        Ok(packer) => packer,
        Err(reason) => {
            tally.skip(&format!("tests {TESTS}"), &reason);
            return Ok(());
        }
    };
    let mut folders: Vec<PathBuf> = packer.parent().map(Path::to_path_buf).into_iter().collect();
    folders.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut tests = cargo(&["test", "--workspace", "--lib", TESTS, "--", "--ignored"]);
    tests.env(
        "PATH",
        std::env::join_paths(folders).context("a folder on PATH has a colon in its name")?,
    );
    runner::libtest(tally, "the host's own tests with Debian's Packer", &mut tests)
}
