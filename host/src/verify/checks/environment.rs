//! What the build was told in variables is gone with the build.

use std::path::{Path, PathBuf};

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::Judgement;
use crate::verify::secrets;
use crate::verify::tree::Kind;

pub(super) const CHECK: Check = Check {
    id: "environment-secrets",
    title: "Environment variables with secrets cleared",
    proves: "no file from which shells, logins, services or programs take their variables gives one a secret",
    reads,
    judge,
};

/// Files, and directories with all that is below.
pub(super) const SYSTEM: &[&str] = &[
    "/etc/apt/apt.conf",
    "/etc/apt/apt.conf.d",
    "/etc/bash.bashrc",
    "/etc/default",
    "/etc/environment",
    "/etc/environment.d",
    "/etc/profile",
    "/etc/profile.d",
    "/etc/security/pam_env.conf",
    "/etc/sysconfig",
    "/etc/systemd",
    "/etc/zsh",
    "/usr/local/lib/systemd",
];
pub(super) const HOMES: &[&str] = &[
    ".bash_login",
    ".bash_logout",
    ".bash_profile",
    ".bashrc",
    ".config/environment.d",
    ".config/fish/config.fish",
    ".config/systemd",
    ".pam_environment",
    ".profile",
    ".zprofile",
    ".zshenv",
    ".zshrc",
];
/// Where applications are put that bring a `.env` of their own.
pub(super) const APPLICATIONS: &[&str] = &["/opt", "/srv", "/usr/local", "/var/www"];

fn reads(scene: &Scene) -> Vec<PathBuf> {
    let system = SYSTEM.iter().flat_map(|path| scene.contents_of(Path::new(path)));
    let mut paths: Vec<_> = system.chain(scene.in_homes(HOMES)).collect();
    let places = scene.homes.iter().map(PathBuf::as_path);
    for place in places.chain(APPLICATIONS.iter().map(Path::new)) {
        let files = scene.tree.below(place).filter(|(path, entry)| {
            entry.is_written() && is_environment_file(path) && !path.iter().any(|name| name == "node_modules")
        });
        paths.extend(files.map(|(path, _)| path.to_path_buf()));
    }
    // A unit that is enabled is a link to it, and stands in the list itself.
    paths.retain(|path| scene.tree.get(path).is_some_and(|entry| entry.kind == Kind::File));
    paths.sort();
    paths.dedup();
    paths
}

fn is_environment_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_sample = [".example", ".sample", ".template", ".dist"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name == ".env" || name == ".envrc" || (name.starts_with(".env.") && !is_sample)
}

fn judge(facts: &Facts) -> Judgement {
    Judgement::Judged(in_lines(facts, reads(&facts.scene), secrets::assigned))
}
