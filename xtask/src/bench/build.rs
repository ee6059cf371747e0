//! `sindri vm build` beside bare Packer, on the same template.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::figure::{Report, megabytes, milliseconds};
use super::measure::{Job, median, ratio, side_by_side};
use super::site::{Packer, Programs, Site};

/// A build against the local EC2 takes a second or two.
const ROUNDS: usize = 15;
const CHECKS: usize = 20;
const MEMORY: u64 = 30_000_000;
const TEMPLATE: &str = "build.pkr.json";

/// Everything about one Packer.
pub(super) fn measure(programs: &Programs, site: &Site, report: &mut Report) -> Result<()> {
    let packer = site.packer.as_ref().context("a site with a Packer")?;
    let name = packer.name;
    let sindri = site.job(&programs.sindri, &["vm", "build", "--force", "--json"]);
    // Also the first of each, which is slower: the server imports the service when it is first asked.
    let folder = build(site, &sindri)?.1;
    bare_build(site, packer, &folder)?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut more = Vec::new();
    for _ in 0..ROUNDS {
        let (took, folder) = build(site, &sindri)?;
        let bare = bare_build(site, packer, &folder)?;
        ours.push(took);
        theirs.push(bare);
        more.push(took.as_secs_f64() - bare.as_secs_f64());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    more.sort_unstable_by(f64::total_cmp);
    let more = more.get(ROUNDS / 2).copied().unwrap_or_default() * 1e3;
    let allowed = theirs.mul_f64(1.05) + Duration::from_millis(20);
    report.goal(
        &format!("build / bare `packer build`, Packer {name}"),
        format!(
            "{} / {}, median of differences {more:+.0} ms",
            milliseconds(ours),
            milliseconds(theirs)
        ),
        &format!("{} (1.05 × + 20 ms)", milliseconds(allowed)),
        ours <= allowed,
    );

    site.empty_ec2()?;
    let peak = sindri.peak_memory()?;
    report.goal(
        &format!("memory of a build, Packer {name}"),
        megabytes(peak),
        "30 MB",
        peak <= MEMORY,
    );
    checks(programs, site, packer, &folder, report)
}

/// What else Packer is asked before a build, and the dry run beside it.
fn checks(
    programs: &Programs,
    site: &Site,
    packer: &Packer,
    folder: &Path,
    report: &mut Report,
) -> Result<()> {
    let name = packer.name;
    let dry_run = site.job(&programs.sindri, &["vm", "build", "--dry-run=json"]);
    let validate = site.packer_job(folder, &packer.program, &["validate", TEMPLATE]);
    let version = site.packer_job(folder, &packer.program, &["--version"]);
    let [ours, theirs, version] = side_by_side(CHECKS, [&dry_run, &validate, &version])?;
    let times = ratio(theirs.median, ours.median);
    report.goal(
        &format!("`packer validate` / dry run, Packer {name}"),
        format!(
            "{} / {} = {times:.1}",
            milliseconds(theirs.median),
            milliseconds(ours.median)
        ),
        "30",
        times >= 30.0,
    );
    let init = match packer.plugins {
        Some(_) => {
            let init = site.packer_job(folder, &packer.program, &["init", TEMPLATE]);
            let [init] = side_by_side(CHECKS, [&init])?;
            format!(", `packer init` {}", milliseconds(init.median))
        }
        None => String::new(),
    };
    report.note(
        &format!("for comparison, Packer {name}"),
        format!("`packer --version` {}{init}", milliseconds(version.median)),
    );
    Ok(())
}

/// One build by `sindri`, and its run directory.
fn build(site: &Site, sindri: &Job) -> Result<(Duration, PathBuf)> {
    site.empty_ec2()?;
    let (took, output) = sindri.run()?;
    let result: Value =
        serde_json::from_str(&output).with_context(|| format!("the result of the build: {output}"))?;
    let id = result
        .get("run_id")
        .and_then(Value::as_str)
        .context("the result names its run")?;
    Ok((took, site.run_directory(id)?))
}

/// One build by Packer alone of the template that `sindri` gave it.
fn bare_build(site: &Site, packer: &Packer, run: &Path) -> Result<Duration> {
    let folder = site.project.join("bare");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    fs::copy(run.join(TEMPLATE), folder.join(TEMPLATE)).context("the template of the run")?;
    site.empty_ec2()?;
    let job = site.packer_job(&folder, &packer.program, &["build", TEMPLATE]);
    job.time()
}
