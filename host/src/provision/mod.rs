//! What happens inside the VM. The host owns it, the same for every cloud: which scripts run, in which
//! order, and what is removed at the end.

mod check;
mod manifest;
mod openscap;
mod packages;
mod releases;
mod scripts;
pub mod steps;
pub mod tags;
mod uploads;

use std::collections::BTreeMap;

pub use manifest::FOLDER as MANIFEST_FOLDER;
pub use steps::{
    AnsibleStep, DownloadStep, EnvironmentEntry, EnvironmentValue, GuestStep, HostSteps, ShellStep,
    UploadStep,
};
pub use uploads::{Upload, UploadSource};

use crate::Result;
use scripts::Scripts;

/// Docker's own key for packages (9DC8 5822 9FC7 DD38 854A E2D8 8D81 803C 0EBF CD88).
pub const DOCKER_KEY: &str = include_str!("../../../templates/scripts/docker.asc");

/// A file of the user's, already read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFile {
    /// File name; inside a directory the path below it, with `/`.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A file of the host's for the VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestFile {
    /// Path in the bundle, for example `scripts/10-init.sh`.
    pub path: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Where the container engine comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Docker<'a> {
    /// Docker's repository or a mirror of it.
    Repository {
        /// Without the distribution's name, for example `https://download.docker.com/linux`.
        url: &'a str,
        /// The key that signs it, in ASCII armor.
        key: &'a str,
    },
    /// The distribution's own package.
    Distribution,
}

/// Where Sindri comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release<'a> {
    /// The VM downloads it.
    Download {
        /// For example `https://github.com/pacphi/sindri/releases/download`.
        base_url: &'a str,
    },
    /// It is uploaded; the SHA-256 that the VM checks is that of these bytes.
    Uploaded {
        /// At least one.
        archives: &'a [ReleaseArchive],
    },
}

/// A release for one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseArchive {
    /// `x86_64` or `aarch64`.
    pub arch: &'static str,
    /// The archive.
    pub file: UserFile,
}

/// A scan with OpenSCAP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenScap<'a> {
    /// Last part of the profile's name, for example `cis_level1_server`.
    pub profile: &'a str,
    /// The build fails below this, 0 to 100.
    pub minimum_score: u8,
    /// In place of the distribution's content.
    pub data_stream: Option<&'a UserFile>,
}

/// What is to be in the image.
///
/// No `Debug`: values of the environment are secrets.
#[derive(Clone, Copy)]
pub struct ImageContent<'a> {
    /// Version of Sindri to install, with or without `v`. With `latest`, which nobody has resolved, the scripts can be
    /// looked at; run, they fail.
    pub sindri_version: &'a str,
    /// Profile to install.
    pub profile: Option<&'a str>,
    /// Extensions to install, after the profile.
    pub extensions: &'a [String],
    /// Applies CIS level 1.
    pub cis_hardening: bool,
    /// Removes credentials and caches from every home.
    pub clean_sensitive_data: bool,
    /// Removes host keys and every user's SSH folder.
    pub remove_ssh_keys: bool,
    /// Shell scripts, run as root in this order after Sindri is installed.
    pub user_scripts: &'a [UserFile],
    /// Files to put into the image before anything of Sindri is installed.
    pub uploads: &'a [Upload],
    /// Playbook, run inside the VM after the scripts.
    pub ansible_playbook: Option<&'a UserFile>,
    /// Exported to every script. Always treated as secret.
    pub environment: &'a BTreeMap<String, String>,
    /// Where Sindri comes from.
    pub release: Release<'a>,
    /// Where the container engine comes from.
    pub docker: Docker<'a>,
    /// Scans before the clean-up.
    pub openscap: Option<OpenScap<'a>>,
    /// Holds the root to the checklist after the clean-up; a point that fails fails the build.
    pub checks: bool,
    /// Writes down what is on the disk, but for these paths relative to the root, and brings that back.
    pub manifest_without: Option<&'a [&'a str]>,
}

/// The files and steps of the host, and the secrets that go to Packer beside them.
#[derive(Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// Files of the bundle.
    pub files: Vec<GuestFile>,
    /// Steps in their order.
    pub steps: HostSteps,
    /// Name and value of sensitive Packer variables. Never written to a file.
    pub secrets: Vec<(String, String)>,
}

/// Without the secrets.
impl std::fmt::Debug for Provisioned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provisioned")
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

/// Renders the scripts and puts the steps in order.
pub fn provision(content: &ImageContent<'_>) -> Result<Provisioned> {
    check::content(content)?;
    let mut scripts = Scripts::new()?;
    let (environment, secrets) = secrets(content.environment);
    let names: Vec<&str> = content.environment.keys().map(String::as_str).collect();
    let mut plan = Plan {
        files: Vec::new(),
        environment,
    };

    let with_playbook = content.ansible_playbook.is_some();
    let init = scripts.init(content.docker, with_playbook, content.cis_hardening)?;
    let mut provision = vec![plan.script("init", "10-init", init)];
    if let Some(staged) = uploads::stage(content.uploads)? {
        plan.files.extend(staged.files);
        provision.extend(staged.step.map(GuestStep::Upload));
        let script = scripts.files(uploads::STAGING, &staged.placements, &staged.directories)?;
        provision.push(plan.script("files", "15-files", script));
    }
    if let Release::Uploaded { archives } = content.release {
        let (files, step) = releases::stage(archives);
        plan.files.extend(files);
        provision.push(GuestStep::Upload(step));
    }
    let version = content.sindri_version.trim_start_matches('v');
    let script = scripts.install_sindri(&content.release, version, content.profile, content.extensions)?;
    provision.push(plan.script("install-sindri", "20-install-sindri", script));
    for (index, script) in content.user_scripts.iter().enumerate() {
        let name = format!("user-{index:02}-{}", file_stem(&script.name));
        let path = format!("30-{name}");
        provision.push(plan.script(&name, &path, script.content.clone()));
    }
    if let Some(playbook) = content.ansible_playbook {
        if !names.is_empty() {
            let script = scripts.ansible_environment(&names)?;
            provision.push(plan.script("ansible-environment", "35-ansible-environment", script));
        }
        let path = "ansible/playbook.yml".to_owned();
        plan.files.push(GuestFile {
            path: path.clone(),
            content: playbook.content.clone(),
        });
        provision.push(GuestStep::AnsibleLocal(AnsibleStep { playbook: path }));
    }
    if content.cis_hardening {
        provision.push(plan.script("harden", "40-harden", scripts.harden()?));
    }
    if let Some(scan) = &content.openscap {
        provision.extend(openscap::steps(scan, &mut scripts, &mut plan)?);
    }
    let clean = scripts.clean(content.clean_sensitive_data, content.remove_ssh_keys, &names)?;
    let mut clean = vec![plan.script("clean", "90-clean", clean)];
    if content.checks {
        let script = scripts.check(
            content.clean_sensitive_data,
            content.remove_ssh_keys,
            content.cis_hardening,
        )?;
        clean.push(plan.script("check", "92-check", script));
    }
    if let Some(exclusions) = content.manifest_without {
        clean.extend(manifest::steps(exclusions, &mut scripts, &mut plan)?);
    }
    Ok(Provisioned {
        files: plan.files,
        steps: HostSteps { provision, clean },
        secrets,
    })
}

/// Collects the bundle's files while the steps are made.
struct Plan {
    files: Vec<GuestFile>,
    environment: Vec<EnvironmentEntry>,
}

impl Plan {
    fn script(&mut self, name: &str, file: &str, content: impl Into<Vec<u8>>) -> GuestStep {
        let path = format!("scripts/{file}.sh");
        self.files.push(GuestFile {
            path: path.clone(),
            content: content.into(),
        });
        GuestStep::Shell(ShellStep {
            name: name.to_owned(),
            script: path,
            environment: self.environment.clone(),
            as_root: true,
        })
    }
}

/// The user's environment as references to Packer variables, and the values of these.
fn secrets(environment: &BTreeMap<String, String>) -> (Vec<EnvironmentEntry>, Vec<(String, String)>) {
    environment
        .iter()
        .map(|(name, value)| {
            let variable = format!("sindri_env_{name}");
            let entry = EnvironmentEntry {
                name: name.clone(),
                value: EnvironmentValue::Secret(variable.clone()),
            };
            (entry, (variable, value.clone()))
        })
        .unzip()
}

/// The name without its last extension, in letters that are safe in paths and logs.
fn file_stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .take(40)
        .collect()
}

#[cfg(test)]
mod tests;
