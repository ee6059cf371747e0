//! Runs one command of a test run and counts what it says.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::Tally;
use crate::process::{display, show};

/// A command that counts as one check: its exit code is the result.
pub(crate) fn gate(tally: &mut Tally, name: &str, command: &mut Command) -> Result<()> {
    heading(name);
    match show(command)?.success() {
        true => tally.pass(),
        false => tally.fail(&format!("{name}: {}", display(command))),
    }
    Ok(())
}

/// A command whose test binaries print libtest's results. Its output is shown as it comes.
pub(crate) fn libtest(tally: &mut Tally, name: &str, command: &mut Command) -> Result<()> {
    heading(name);
    println!("$ {}", display(command));
    let before = tally.failed();
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("starting {}", display(command)))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.context("reading a test runner's output")?;
            let line = String::from_utf8_lossy(&line);
            tally.read(&line);
            println!("{line}");
        }
    }
    let status = child.wait().context("waiting for a test runner")?;
    // A test binary that does not compile, or dies before its summary, counts no failed test by itself.
    if !status.success() && tally.failed() == before {
        tally.fail(&format!("{name}: {} ({status})", display(command)));
    } else if !status.success() {
        println!("{name}: {status}");
    }
    Ok(())
}

fn heading(name: &str) {
    println!("\n== {name}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_runner_that_dies_before_its_summary_is_a_failure() {
        let mut tally = Tally::default();
        libtest(
            &mut tally,
            "crash",
            &mut sh("echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured'; exit 101"),
        )
        .unwrap();
        assert_eq!(tally.failed(), 1);
    }

    #[test]
    fn a_failed_test_is_counted_once() {
        let mut tally = Tally::default();
        libtest(
            &mut tally,
            "tests",
            &mut sh("echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured'; exit 101"),
        )
        .unwrap();
        assert_eq!(tally.failed(), 2);
    }
}
