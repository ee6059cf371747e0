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

/// The tiers that take minutes on a machine with two processors, in the order in which a run in CI that is late
/// leaves them out.
const LONG: [(&str, Duration); 5] = [
    ("rehearsal", minutes(22)),
    ("workflows", minutes(8)),
    ("verify", minutes(6)),
    ("provisioning", minutes(6)),
    ("evidence", minutes(4)),
];
/// Everything else together, once it is compiled.
const REST: Duration = minutes(30);
/// A run in CI ends after 90.
const CI: Duration = minutes(85);

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

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
    if limit().is_some() {
        for tier in too_long(started.elapsed()) {
            targets.retain(|target| target != tier);
            tally.skip(
                &format!("tier {tier}"),
                "too little of a CI run's 90 minutes is left",
            );
        }
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

/// The tiers for which no time is left after this one.
fn too_long(elapsed: Duration) -> Vec<&'static str> {
    let mut all = elapsed + REST + LONG.iter().map(|(_, takes)| *takes).sum::<Duration>();
    let late = LONG.iter().take_while(|(_, takes)| {
        let is_late = all > CI;
        all = all.saturating_sub(*takes);
        is_late
    });
    late.map(|(tier, _)| *tier).collect()
}

/// How long setup may take before it leaves out what serves one cloud only. A run in CI ends after 90 minutes, of
/// which compiling and testing want up to 55; at one's own desk there is no hurry.
fn limit() -> Option<Duration> {
    std::env::var_os("CI").map(|_| minutes(30))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_run_leaves_out_no_more_than_it_must() {
        assert!(too_long(minutes(9)).is_empty());
        assert_eq!(too_long(minutes(10)), ["rehearsal"]);
        assert_eq!(too_long(minutes(35)), ["rehearsal", "workflows"]);
        assert_eq!(too_long(minutes(60)).len(), 5);
    }
}
