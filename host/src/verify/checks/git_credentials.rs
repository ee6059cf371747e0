//! Nobody gets at the builder's repositories.

use std::path::{Path, PathBuf};

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Judgement, each};
use crate::verify::secrets;

pub(super) const CHECK: Check = Check {
    id: "git-credentials",
    title: "Git credentials removed",
    proves: "no user's home has a stored login for repositories, and no configuration of git has one in an address or \
             a header",
    reads,
    judge,
};

/// Below each home.
pub(super) const STORES: &[&str] = &[
    ".config/gh/hosts.yml",
    ".config/git/credentials",
    ".config/glab-cli",
    ".cache/git/credential",
    ".config/hub",
    ".git-credential-cache",
    ".git-credentials",
    ".netrc",
    "_netrc",
    ".ssh/environment",
];

/// Configurations, and the repositories that were cloned with a password in the address.
fn reads(scene: &Scene) -> Vec<PathBuf> {
    let mut paths = scene.in_homes(&[".gitconfig", ".config/git/config"]);
    paths.extend(scene.contents_of(Path::new("/etc/gitconfig")));
    let places = scene.homes.iter().map(PathBuf::as_path);
    for place in places.chain(["/opt", "/srv", "/var/www"].map(Path::new)) {
        let configs = scene
            .tree
            .files(place)
            .filter(|(path, entry)| path.ends_with(".git/config") && entry.is_written());
        paths.extend(configs.map(|(path, _)| path.to_path_buf()));
    }
    paths.sort();
    paths.dedup();
    paths
}

fn judge(facts: &Facts) -> Judgement {
    let mut evidence = each(facts.scene.in_homes(STORES), "may hold a login for repositories");
    evidence.extend(in_lines(facts, reads(&facts.scene), |line| {
        let is_header = line.trim_start().to_ascii_lowercase().starts_with("extraheader");
        if is_header && line.to_ascii_lowercase().contains("authorization") {
            return Some("a header with a login".to_owned());
        }
        secrets::form(line).map(str::to_owned)
    }));
    Judgement::Judged(evidence)
}
