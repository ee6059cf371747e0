//! `sindri vm doctor --cloud all` beside its own commands, all started at once.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::figure::{Report, milliseconds};
use super::measure::{Job, side_by_side};
use super::site::{Programs, Site};
use crate::setup::{Tool, Toolbox};

/// The command lines of the five clouds.
const TOOLS: [Tool; 5] = [Tool::Aws, Tool::Az, Tool::Gcloud, Tool::Oci, Tool::Aliyun];
const DOCTOR: &[&str] = &["vm", "doctor", "--cloud", "all"];
/// What the slowest program may be exceeded by.
const MARGIN: Duration = Duration::from_millis(100);
const ROUNDS: usize = 5;
/// Seconds that a program takes which does nothing but wait.
const WAIT: &str = "0.5";

/// With programs that wait and with the real ones.
pub(super) fn measure(
    programs: &Programs,
    site: &Site,
    toolbox: &Toolbox,
    report: &mut Report,
) -> Result<()> {
    let plan = site
        .job(&programs.sindri, &[DOCTOR, &["--plan"]].concat())
        .run()?
        .1;
    let commands: Vec<&str> = plan
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .collect();
    let bin = site.project.join("bin");
    fs::create_dir_all(&bin).context("a folder for programs")?;
    for command in &commands {
        let program = command.split(' ').next().context("a command has a program")?;
        let path = bin.join(program);
        fs::write(&path, format!("#!/bin/sh\nexec sleep {WAIT}\n")).context("a program that waits")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).context("a program that waits")?;
    }
    compare(programs, site, &bin, &commands, "programs that only wait", report)?;

    let mut folders = Vec::new();
    for tool in TOOLS {
        match toolbox.path(tool) {
            Ok(path) => folders.extend(path.parent().map(|folder| folder.display().to_string())),
            Err(reason) => {
                report.open("`vm doctor` with the real programs", &reason);
                return Ok(());
            }
        }
    }
    compare(
        programs,
        site,
        Path::new(&folders.join(":")),
        &commands,
        "the real programs",
        report,
    )
}

/// Started at once by a shell, the commands end with the slowest, or when the processors have done the work of all: a
/// machine with fewer processors than clouds cannot be faster.
fn compare(
    programs: &Programs,
    site: &Site,
    first: &Path,
    commands: &[&str],
    with: &str,
    report: &mut Report,
) -> Result<()> {
    let mut at_once = String::new();
    for command in commands {
        let _ = write!(at_once, "{command} </dev/null >/dev/null 2>&1 & ");
    }
    // It is a result that nobody is logged in.
    let doctor = format!("'{}' {} || true", programs.sindri.display(), DOCTOR.join(" "));
    let [ours, theirs] = side_by_side(
        ROUNDS,
        [
            &shell(site, first, &doctor),
            &shell(site, first, &format!("{at_once}wait")),
        ],
    )?;
    report.goal(
        &format!("`vm doctor` of five clouds / its commands at once, {with}"),
        format!("{} / {}", milliseconds(ours.median), milliseconds(theirs.median)),
        &milliseconds(theirs.median + MARGIN),
        ours.median <= theirs.median + MARGIN,
    );
    Ok(())
}

/// Without anybody's account, and without a way to one: what asks a cloud is refused on this machine.
fn shell(site: &Site, first: &Path, script: &str) -> Job {
    let mut job = site.job("/bin/sh".as_ref(), &["-c", script]);
    job.environment.retain(|(name, _)| {
        !name.to_string_lossy().starts_with("AWS_ACCESS") && name != "AWS_SECRET_ACCESS_KEY"
    });
    for (name, value) in &mut job.environment {
        if name == "PATH" {
            let mut path = first.as_os_str().to_owned();
            path.push(":");
            path.push(&*value);
            *value = path;
        }
    }
    for name in ["HTTPS_PROXY", "HTTP_PROXY"] {
        job.environment.push((name.into(), "http://127.0.0.1:9".into()));
    }
    job
}
