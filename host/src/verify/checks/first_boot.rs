//! An instance sets itself up at its first start.

use std::path::{Path, PathBuf};

use super::{Check, nothing};
use crate::verify::facts::{Facts, State};
use crate::verify::report::{Evidence, Judgement, each};
use crate::verify::tree::{Kind, Tree};

pub(super) const CHECK: Check = Check {
    id: "first-boot",
    title: "Cloud-init set up for the first boot",
    proves: "cloud-init is there, is not switched off, and believes that it has never run",
    reads: nothing,
    judge,
};

const PROGRAM: &str = "/usr/bin/cloud-init";
const SWITCHED_OFF: &str = "/etc/cloud/cloud-init.disabled";
/// What the build's own first boot wrote.
const TRACES: &[&str] = &[
    "/var/lib/cloud/instances",
    "/var/lib/cloud/data",
    "/var/lib/cloud/sem",
];
const CURRENT: &str = "/var/lib/cloud/instance";

fn judge(facts: &Facts) -> Judgement {
    let tree = &facts.scene.tree;
    let mut evidence = Vec::new();
    if tree.follow(Path::new(PROGRAM)).is_none() {
        evidence.push(Evidence::at(Path::new(PROGRAM), "cloud-init is not installed"));
    }
    if tree.get(Path::new(SWITCHED_OFF)).is_some() {
        evidence.push(Evidence::at(
            Path::new(SWITCHED_OFF),
            "cloud-init is switched off",
        ));
    }
    match facts.scene.state {
        State::AtRest => evidence.extend(each(traces(tree), "a trace of the build's own first boot")),
        State::Booted(start) => {
            let instances = instances(tree);
            if instances.is_empty() {
                let found = "cloud-init has not run for this instance";
                evidence.push(Evidence::at(Path::new(CURRENT), found));
            }
            let older = instances.into_iter().filter(|(_, made)| *made < start);
            evidence.extend(each(
                older.map(|(path, _)| path),
                "an instance from before the start",
            ));
        }
    }
    Judgement::Judged(evidence)
}

fn traces(tree: &Tree) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = TRACES
        .iter()
        .flat_map(|path| tree.files(Path::new(path)))
        .map(|(path, _)| path.to_path_buf())
        .collect();
    if tree.get(Path::new(CURRENT)).is_some() {
        found.push(CURRENT.into());
    }
    found
}

/// The directories that cloud-init keeps of instances, and when each was made: the time of its oldest file.
fn instances(tree: &Tree) -> Vec<(PathBuf, i64)> {
    let all = Path::new("/var/lib/cloud/instances");
    tree.below(all)
        .filter(|(path, entry)| path.parent() == Some(all) && entry.kind == Kind::Directory)
        .filter_map(|(path, _)| {
            let oldest = tree.files(path).map(|(_, entry)| entry.modified).min()?;
            Some((path.to_path_buf(), oldest))
        })
        .collect()
}
