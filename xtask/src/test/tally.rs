//! Counts over all runners, and what was skipped or failed, said again at the end.

use std::io::Write as _;

use anyhow::Result;

/// The sum of everything that ran.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
    failures: Vec<String>,
    skips: Vec<String>,
}

impl Tally {
    /// One check that held.
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// One check that did not hold.
    pub(crate) fn fail(&mut self, what: &str) {
        self.failed += 1;
        self.failures.push(what.to_owned());
    }

    /// Something that could not run. Never silent: said here and again at the end.
    pub(crate) fn skip(&mut self, what: &str, reason: &str) {
        println!("SKIPPED {what}: {reason}");
        self.skipped += 1;
        self.skips.push(format!("{what}: {reason}"));
    }

    /// Takes over a line of a test runner's output when it is one of those that count.
    pub(crate) fn read(&mut self, line: &str) -> bool {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            return false;
        };
        let count = |label: &str| {
            let before = result
                .split(label)
                .next()
                .filter(|before| before.len() < result.len())?;
            before
                .rsplit([' ', ';', '.'])
                .find(|word| !word.is_empty())?
                .parse::<u64>()
                .ok()
        };
        let (Some(passed), Some(failed), Some(ignored)) =
            (count(" passed"), count(" failed"), count(" ignored"))
        else {
            return false;
        };
        self.passed += passed;
        self.failed += failed;
        self.skipped += ignored;
        true
    }

    /// How many failed so far.
    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    /// Says what was skipped and what failed; the last line is the sum. True when nothing failed and something passed.
    pub(crate) fn print(&self) -> Result<bool> {
        println!();
        for skip in &self.skips {
            println!("SKIPPED {skip}");
        }
        for failure in &self.failures {
            println!("FAILED {failure}");
        }
        println!(
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
        std::io::stdout().flush()?;
        Ok(self.failed == 0 && self.passed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_all_runners_are_added_up() {
        let mut tally = Tally::default();
        assert!(tally.read(
            "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.1s"
        ));
        assert!(tally.read("test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out"));
        assert!(!tally.read("test policy::denies_shell_local ... ok"));
        assert!(!tally.read("test result: ok. many passed"));
        assert_eq!((tally.passed, tally.failed, tally.skipped), (17, 2, 3));
    }

    #[test]
    fn a_run_in_which_nothing_ran_is_no_success() {
        assert!(!Tally::default().print().unwrap());
        let mut tally = Tally::default();
        tally.pass();
        tally.skip("tier ssh", "no root");
        assert!(
            tally.print().unwrap(),
            "a skipped tier is said, and is no failure"
        );
        tally.fail("rustfmt");
        assert!(!tally.print().unwrap());
    }
}
