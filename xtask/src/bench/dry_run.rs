//! `sindri vm build --cloud aws --dry-run` as a whole process.

use anyhow::Result;

use super::figure::{Report, megabytes, milliseconds};
use super::measure::{ratio, side_by_side};
use super::site::{Programs, Site};

const ROUNDS: usize = 50;
/// The largest part of a process of a few milliseconds is over before it can be looked at; of many runs one is
/// looked at late enough.
const LOOKS: usize = 20;
const MEMORY: u64 = 30_000_000;

/// Beside a native program that renders the same template.
pub(super) fn against_native(programs: &Programs, site: &Site, report: &mut Report) -> Result<()> {
    let dry_run = site.job(&programs.sindri, &["vm", "build", "--cloud", "aws", "--dry-run"]);
    let version = site.job(&programs.sindri, &["--version"]);
    let native = site.job(&programs.native, &[]);
    let nothing = site.job("/bin/true".as_ref(), &[]);
    let [ours, bare, theirs, least] = side_by_side(ROUNDS, [&dry_run, &version, &native, &nothing])?;
    let times = ratio(ours.median, theirs.median);
    report.goal(
        "dry run / native program that renders the same template",
        format!(
            "{} / {} = {times:.2}",
            milliseconds(ours.median),
            milliseconds(theirs.median)
        ),
        "2",
        times <= 2.0,
    );
    report.note(
        "the same, fastest runs",
        format!(
            "{} / {} = {:.2}",
            milliseconds(ours.fastest),
            milliseconds(theirs.fastest),
            ratio(ours.fastest, theirs.fastest)
        ),
    );
    report.note(
        "for comparison: `sindri --version`, `true`",
        format!("{}, {}", milliseconds(bare.median), milliseconds(least.median)),
    );
    let mut peak = 0;
    for _ in 0..LOOKS {
        peak = peak.max(dry_run.peak_memory()?);
    }
    report.goal(
        "memory of a dry run, at most",
        megabytes(peak),
        "30 MB",
        peak <= MEMORY,
    );
    Ok(())
}
