//! Logins of package registries: not on the checklist by name, and secrets like the others.

use std::path::PathBuf;

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Judgement, each};

pub(super) const CHECK: Check = Check {
    id: "registry-credentials",
    title: "Logins of package registries removed",
    proves: "no user's home has a login for npm, PyPI, crates.io, Maven, RubyGems or Ansible",
    reads,
    judge,
};

/// These are logins and nothing else.
const STORES: &[&str] = &[
    ".ansible/galaxy_token",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".composer/auth.json",
    ".gem/credentials",
    ".pypirc",
    ".vault_pass",
];
/// These are settings, with or without a login.
const SETTINGS: &[&str] = &[
    ".config/pip/pip.conf",
    ".m2/settings.xml",
    ".npmrc",
    ".pip/pip.conf",
    ".yarnrc",
    ".yarnrc.yml",
];
const LOGINS: &[&str] = &["_auth", "_password", "authtoken", "npmauthident", "<password>"];

fn reads(scene: &Scene) -> Vec<PathBuf> {
    scene.in_homes(SETTINGS)
}

fn judge(facts: &Facts) -> Judgement {
    let mut evidence = each(facts.scene.in_homes(STORES), "a login of a registry");
    evidence.extend(in_lines(facts, reads(&facts.scene), |line| {
        let low = line.to_ascii_lowercase();
        let is_login = LOGINS.iter().any(|login| low.contains(login));
        if is_login {
            return Some("a login of a registry".to_owned());
        }
        crate::verify::secrets::form(line).map(str::to_owned)
    }));
    Judgement::Judged(evidence)
}
