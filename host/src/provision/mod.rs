//! What happens inside the VM. The host owns it, the same for every cloud: which scripts run, in which
//! order, and what is removed at the end.

mod check;
mod manifest;
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
use crate::contract::BundleFile;
use scripts::Scripts;

/// A file of the user's, already read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFile {
    /// File name; inside a directory the path below it, with `/`.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// What is to be in the image.
///
/// No `Debug`: values of the environment are secrets.
#[derive(Clone, Copy)]
pub struct ImageContent<'a> {
    /// Version of Sindri to install, with or without `v`, or `latest`.
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
    /// Where releases lie, for example `https://github.com/pacphi/sindri/releases/download`.
    pub release_base_url: &'a str,
    /// Writes down what is on the disk, but for these paths relative to the root, and brings that back.
    pub manifest_without: Option<&'a [&'a str]>,
}

/// The files and steps of the host, and the secrets that go to Packer beside them.
#[derive(Clone, PartialEq, Eq)]
pub struct Provisioned {
    /// Files of the bundle.
    pub files: Vec<BundleFile>,
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
    let scripts = Scripts::new()?;
    let (environment, secrets) = secrets(content.environment);
    let mut plan = Plan {
        files: Vec::new(),
        environment,
    };

    let mut provision = vec![plan.script(
        "init",
        "10-init",
        scripts.init(content.ansible_playbook.is_some())?,
    )];
    if let Some(staged) = uploads::stage(content.uploads)? {
        plan.files.extend(staged.files);
        provision.extend(staged.step.map(GuestStep::Upload));
        let script = scripts.files(uploads::STAGING, &staged.placements, &staged.directories)?;
        provision.push(plan.script("files", "15-files", script));
    }
    let version = content.sindri_version.trim_start_matches('v');
    let script = scripts.install_sindri(
        content.release_base_url,
        version,
        content.profile,
        content.extensions,
    )?;
    provision.push(plan.script("install-sindri", "20-install-sindri", script));
    for (index, script) in content.user_scripts.iter().enumerate() {
        let name = format!("user-{index:02}-{}", file_stem(&script.name));
        let path = format!("30-{name}");
        provision.push(plan.script(&name, &path, script.content.clone()));
    }
    if let Some(playbook) = content.ansible_playbook {
        let path = "ansible/playbook.yml".to_owned();
        plan.files.push(BundleFile {
            path: path.clone(),
            content: playbook.content.clone(),
        });
        provision.push(GuestStep::AnsibleLocal(AnsibleStep { playbook: path }));
    }
    if content.cis_hardening {
        provision.push(plan.script("harden", "40-harden", scripts.harden()?));
    }
    let clean = scripts.clean(content.clean_sensitive_data, content.remove_ssh_keys)?;
    let mut clean = vec![plan.script("clean", "90-clean", clean)];
    if let Some(exclusions) = content.manifest_without {
        clean.extend(manifest::steps(exclusions, &scripts, &mut plan)?);
    }
    Ok(Provisioned {
        files: plan.files,
        steps: HostSteps { provision, clean },
        secrets,
    })
}

/// Collects the bundle's files while the steps are made.
struct Plan {
    files: Vec<BundleFile>,
    environment: Vec<EnvironmentEntry>,
}

impl Plan {
    fn script(&mut self, name: &str, file: &str, content: String) -> GuestStep {
        let path = format!("scripts/{file}.sh");
        self.files.push(BundleFile {
            path: path.clone(),
            content,
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
