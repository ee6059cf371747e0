//! The points that an image is held to, one file each.
//!
//! Another group of checks (the digests of a manifest, for example) is another constant of [`GROUPS`]; what it has to
//! know of the image from elsewhere is another field of [`Expectation`](super::facts::Expectation).

mod authorized_keys;
mod cloud_credentials;
mod complete;
mod docker_credentials;
mod environment;
mod first_boot;
mod git_credentials;
pub mod hardening;
pub(crate) mod inside;
mod logs;
mod machine_identity;
mod private_keys;
mod registry_credentials;
mod root_password;
mod shell_history;
mod vulnerability_scan;

use std::path::{Path, PathBuf};

use super::facts::{Facts, Scene};
use super::report::{Evidence, Judgement, Point};

/// One point.
pub struct Check {
    /// Stable name, for scripts.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it shows when it passes.
    pub proves: &'static str,
    /// The files whose content it needs.
    pub reads: fn(&Scene) -> Vec<PathBuf>,
    /// Its judgement.
    pub judge: fn(&Facts) -> Judgement,
}

/// Groups in the order of the report.
pub const GROUPS: [&[Check]; 2] = [CHECKLIST, FURTHER];

/// The checklist for images that are given to others, in its order.
const CHECKLIST: &[Check] = &[
    root_password::CHECK,
    authorized_keys::CHECK,
    cloud_credentials::CHECK,
    shell_history::CHECK,
    logs::CHECK,
    git_credentials::CHECK,
    docker_credentials::CHECK,
    private_keys::CHECK,
    environment::CHECK,
    first_boot::CHECK,
    hardening::CHECK,
    vulnerability_scan::CHECK,
];

/// What the checklist takes for granted.
const FURTHER: &[Check] = &[
    complete::CHECK,
    registry_credentials::CHECK,
    machine_identity::CHECK,
];

/// All files that any check wants to read, each once.
pub fn wanted(scene: &Scene) -> Vec<PathBuf> {
    let mut paths: Vec<_> = GROUPS
        .iter()
        .flat_map(|group| group.iter())
        .flat_map(|check| (check.reads)(scene))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Every check's point.
pub fn points(facts: &Facts) -> Vec<Point> {
    GROUPS
        .iter()
        .flat_map(|group| group.iter())
        .map(|check| Point::new(check.id, check.title, check.proves, (check.judge)(facts)))
        .collect()
}

/// For checks that look at names alone.
fn nothing(_: &Scene) -> Vec<PathBuf> {
    Vec::new()
}

/// Findings in the lines of these files. What cannot be read is a finding.
fn in_lines(
    facts: &Facts,
    paths: impl IntoIterator<Item = PathBuf>,
    found: impl Fn(&str) -> Option<String>,
) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for path in paths {
        match facts.text(&path) {
            Ok(text) => evidence.extend(
                text.lines()
                    .enumerate()
                    .filter_map(|(index, line)| Some(Evidence::in_line(&path, index + 1, found(line)?))),
            ),
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    evidence
}

fn unreadable(path: &Path, why: &str) -> Evidence {
    Evidence::at(path, format!("could not be checked: {why}"))
}

#[cfg(test)]
mod tests;
