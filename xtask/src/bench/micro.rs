//! The benchmarks inside the program, and what the sandbox costs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::figure::{Report, milliseconds};
use super::measure::ratio;
use crate::process::show;
use crate::workspace::Workspace;

/// Groups of benchmarks that do the same in WebAssembly and without it.
const COMPARED: [&str; 4] = ["describe", "render", "plan-first-turn", "plan-100-images"];

/// Runs criterion's benchmarks, then prints the ratios.
pub(super) fn run(workspace: &Workspace, filter: Option<&str>) -> Result<bool> {
    let results = workspace.root.join("target/criterion");
    for group in COMPARED {
        // What an earlier run left would look like a result of this one.
        let old = results.join(group);
        if filter.is_none() && old.exists() {
            fs::remove_dir_all(&old).with_context(|| old.display().to_string())?;
        }
    }
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "bench",
            "--workspace",
            "--bench",
            "plugin",
            "--bench",
            "start",
            "--bench",
            "template",
            "--",
            "--noplot",
        ])
        .args(filter)
        .env("CRITERION_HOME", &results)
        .current_dir(&workspace.root);
    if !show(&mut cargo)?.success() {
        bail!("the benchmarks failed")
    }
    let mut report = Report::default();
    for group in COMPARED {
        let median = |way: &str| median(&results.join(group).join(way).join("new/estimates.json"));
        let (Ok(sandboxed), Ok(native)) = (median("sandboxed"), median("native")) else {
            continue;
        };
        report.note(
            &format!("sandbox / native: {group}"),
            format!(
                "{} / {} = {:.2}",
                milliseconds(sandboxed),
                milliseconds(native),
                ratio(sandboxed, native)
            ),
        );
    }
    report.print();
    Ok(true)
}

/// The median that criterion wrote down.
fn median(estimates: &Path) -> Result<Duration> {
    let text = fs::read_to_string(estimates).with_context(|| estimates.display().to_string())?;
    nanoseconds(&text).with_context(|| format!("{} has no median", estimates.display()))
}

fn nanoseconds(estimates: &str) -> Option<Duration> {
    let estimates: Value = serde_json::from_str(estimates).ok()?;
    let nanoseconds = estimates.pointer("/median/point_estimate")?.as_f64()?;
    Some(Duration::from_secs_f64(nanoseconds / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_read_from_criterions_own_file() {
        let text = r#"{"mean":{"point_estimate":9.0},"median":{"point_estimate":152345.25}}"#;
        assert_eq!(nanoseconds(text), Some(Duration::from_nanos(152_345)));
        assert_eq!(nanoseconds("{}"), None);
    }
}
