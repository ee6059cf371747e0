//! What somebody typed stays theirs: passwords on command lines above all.

use std::path::PathBuf;

use super::{Check, nothing};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Judgement, each};

pub(super) const CHECK: Check = Check {
    id: "shell-history",
    title: "Shell history cleared",
    proves: "no user's home has a history of commands, queries or searches",
    reads: nothing,
    judge,
};

/// Besides every `.…_history` in a home itself.
pub(super) const HOMES: &[&str] = &[
    ".history",
    ".histfile",
    ".lesshst",
    ".local/share/fish/fish_history",
    ".local/state/bash/history",
    ".local/state/zsh/history",
    ".local/share/nvim/shada",
    ".local/state/less",
    ".local/state/python_history",
    ".viminfo",
    ".wget-hsts",
    ".zhistory",
];

fn histories(scene: &Scene) -> Vec<PathBuf> {
    let mut paths = scene.in_homes(HOMES);
    for home in &scene.homes {
        let named = scene.tree.below(home).filter(|(path, entry)| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            path.parent() == Some(home.as_path())
                && name.starts_with('.')
                && name.ends_with("_history")
                && entry.is_written()
        });
        paths.extend(named.map(|(path, _)| path.to_path_buf()));
    }
    paths
}

fn judge(facts: &Facts) -> Judgement {
    Judgement::Judged(each(histories(&facts.scene), "a history that is not empty"))
}
