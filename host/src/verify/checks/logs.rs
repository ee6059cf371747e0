//! Logs tell of the build: addresses, names, command lines.

use std::path::{Path, PathBuf};

use super::{Check, unreadable};
use crate::verify::facts::{Facts, Scene, State};
use crate::verify::report::{Evidence, Judgement};
use crate::verify::secrets;
use crate::verify::tree::{Entry, Kind};

pub(super) const CHECK: Check = Check {
    id: "logs",
    title: "Log files cleared",
    proves: "no log of the build is left: none rotated, none older than the start, and in those that the system writes \
             until it is off at most the lines of its last moments",
    reads,
    judge,
};

const LOGS: &str = "/var/log";
/// Written to between the clean-up and the power-off, by the build's own log-out and the shutdown.
const LAST_MOMENTS: &[&str] = &[
    "auth.log",
    "btmp",
    "daemon.log",
    "debug",
    "faillog",
    "kern.log",
    "lastlog",
    "messages",
    "secure",
    // Of the hardening: the check and a cloud's own last step run under sudo.
    "sudo.log",
    "syslog",
    "user.log",
    "wtmp",
];
/// A log-out and a shutdown write about 4 KiB.
const LAST_LINES: u64 = 16 * 1024;

fn is_rotated(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let is_number = !ending.is_empty() && ending.bytes().all(|byte| byte.is_ascii_digit());
    is_number || matches!(&*ending, "gz" | "xz" | "bz2" | "zst" | "old")
}

/// Those of which a few lines may be there.
fn reads(scene: &Scene) -> Vec<PathBuf> {
    let logs = scene.tree.files(Path::new(LOGS));
    logs.filter(|(path, entry)| objection(path, entry, scene.state).is_none() && entry.is_written())
        .filter(|(_, entry)| entry.size <= LAST_LINES)
        .map(|(path, _)| path.to_path_buf())
        .collect()
}

fn objection(path: &Path, entry: &Entry, state: State) -> Option<String> {
    if entry.kind == Kind::Directory || entry.kind == Kind::Link || entry.size == 0 {
        return None;
    }
    if is_rotated(path) {
        return Some("a rotated log".to_owned());
    }
    match state {
        State::Booted(start) => (entry.modified < start).then(|| "a log from before the start".to_owned()),
        State::AtRest => {
            let at_top = path.parent() == Some(Path::new(LOGS));
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_last = at_top && LAST_MOMENTS.contains(&&*name) && entry.size <= LAST_LINES;
            (!is_last).then(|| format!("a log of {} bytes", entry.size))
        }
    }
}

fn judge(facts: &Facts) -> Judgement {
    let scene = &facts.scene;
    let mut evidence: Vec<_> = scene
        .tree
        .below(Path::new(LOGS))
        .filter_map(|(path, entry)| Some(Evidence::at(path, objection(path, entry, scene.state)?)))
        .collect();
    for path in reads(scene) {
        match facts.text(&path) {
            Ok(text) => {
                evidence.extend(text.lines().enumerate().filter_map(|(index, line)| {
                    Some(Evidence::in_line(&path, index + 1, secrets::form(line)?))
                }))
            }
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    Judgement::Judged(evidence)
}
