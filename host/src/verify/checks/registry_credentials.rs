//! Logins of package registries, databases and assistants: not on the checklist by name, and secrets like the others.

use std::path::{Path, PathBuf};

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Judgement, each};

pub(super) const CHECK: Check = Check {
    id: "registry-credentials",
    title: "Logins of package registries and services removed",
    proves: "no user's home has a login for npm, PyPI, crates.io, Maven, RubyGems, Ansible, a database, an assistant or \
             a store of passwords, and apt has none for a mirror",
    reads,
    judge,
};

/// These are logins and nothing else.
pub(super) const STORES: &[&str] = &[
    ".ansible/galaxy_token",
    ".ansible_vault_password",
    ".bundle/config",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".claude/.credentials.json",
    ".codex/auth.json",
    ".composer/auth.json",
    ".config/composer/auth.json",
    ".config/rclone",
    ".config/sops",
    ".gem/credentials",
    ".gradle/gradle.properties",
    ".huggingface",
    ".local/share/keyrings",
    ".m2/settings-security.xml",
    ".my.cnf",
    ".mylogin.cnf",
    ".password-store",
    ".pgpass",
    ".pypirc",
    ".vault_pass",
];
pub(super) const SYSTEM: &[&str] = &["/etc/apt/auth.conf", "/etc/apt/auth.conf.d", "/etc/krb5.keytab"];
/// These are settings, with or without a login.
pub(super) const SETTINGS: &[&str] = &[
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
    let scene = &facts.scene;
    let system = SYSTEM.iter().flat_map(|path| scene.contents_of(Path::new(path)));
    let stores = scene.in_homes(STORES).into_iter().chain(system);
    let mut evidence = each(stores, "may hold a login");
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
