//! Renders the scripts of `templates/scripts`. Nothing of the user's reaches a script unquoted: every
//! value that a template prints is made one shell word, whether or not it asks for it with `| sh`.

use std::io::Write;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use super::{Docker, Release, openscap, packages, releases};
use crate::verify::checks::inside::LISTS;
use crate::{Code, Error, Result};

/// The user that every image has and that Sindri is installed for.
pub(super) const IMAGE_USER: &str = "ubuntu";
/// Where the environment waits for Ansible: memory, not the image's disk.
pub(super) const ANSIBLE_ENVIRONMENT: &str = "/run/sindri-environment";
/// What the scripts include.
const PARTS: &[(&str, &str)] = &[
    (
        "prelude.sh",
        include_str!("../../../templates/scripts/prelude.sh.tera"),
    ),
    ("apt.sh", include_str!("../../../templates/scripts/apt.sh.tera")),
    (
        "homes.sh",
        include_str!("../../../templates/scripts/homes.sh.tera"),
    ),
    (
        "clean-paths.sh",
        include_str!("../../../templates/scripts/clean-paths.sh.tera"),
    ),
];
/// Names of the scripts and their templates.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "10-init.sh",
        include_str!("../../../templates/scripts/10-init.sh.tera"),
    ),
    (
        "15-files.sh",
        include_str!("../../../templates/scripts/15-files.sh.tera"),
    ),
    (
        "20-install-sindri.sh",
        include_str!("../../../templates/scripts/20-install-sindri.sh.tera"),
    ),
    (
        "35-ansible-environment.sh",
        include_str!("../../../templates/scripts/35-ansible-environment.sh.tera"),
    ),
    (
        "40-harden.sh",
        include_str!("../../../templates/scripts/40-harden.sh.tera"),
    ),
    (
        "60-openscap.sh",
        include_str!("../../../templates/scripts/60-openscap.sh.tera"),
    ),
    (
        "65-openscap-score.sh",
        include_str!("../../../templates/scripts/65-openscap-score.sh.tera"),
    ),
    (
        "90-clean.sh",
        include_str!("../../../templates/scripts/90-clean.sh.tera"),
    ),
    (
        "92-check.sh",
        include_str!("../../../templates/scripts/92-check.sh.tera"),
    ),
    (
        "95-manifest.sh",
        include_str!("../../../templates/scripts/95-manifest.sh.tera"),
    ),
];

/// A file that the files script moves from the staging folder to its place.
#[derive(Debug, Serialize)]
pub(super) struct Placement {
    /// Path below the staging folder.
    pub(super) source: String,
    /// Absolute path in the VM.
    pub(super) destination: String,
}

/// The host's scripts. Each template is parsed when it is first rendered: parsing all of them would be a
/// twentieth of a dry run, and the longest, which hardens, is seldom asked for.
pub(super) struct Scripts(Tera);

impl Scripts {
    /// No template but the parts is parsed yet.
    pub(super) fn new() -> Result<Self> {
        let mut tera = Tera::new();
        tera.set_escape_fn(|text, output| write_word(text, output));
        tera.autoescape_on([".sh"]);
        tera.register_filter("sh", quote);
        tera.add_raw_templates(PARTS.iter().copied()).map_err(defect)?;
        Ok(Self(tera))
    }

    /// `10-init.sh`: all packages at once, also those that later scripts need.
    pub(super) fn init(&mut self, docker: Docker<'_>, ansible: bool, hardening: bool) -> Result<String> {
        let mut context = Context::new();
        context.insert("user", IMAGE_USER);
        context.insert("packages", &packages::of(docker, ansible, hardening));
        if let Docker::Repository { url, key } = docker {
            context.insert("docker_repository", url.trim_end_matches('/'));
            context.insert("docker_key", key.trim_end());
        } else {
            context.insert("docker_repository", &None::<&str>);
        }
        self.render("10-init.sh", &context)
    }

    /// `15-files.sh`.
    pub(super) fn files(
        &mut self,
        staging: &str,
        files: &[Placement],
        directories: &[String],
    ) -> Result<String> {
        let mut context = Context::new();
        context.insert("staging", staging);
        context.insert("files", files);
        context.insert("directories", directories);
        self.render("15-files.sh", &context)
    }

    /// `20-install-sindri.sh`; the version without a `v`.
    pub(super) fn install_sindri(
        &mut self,
        release: &Release<'_>,
        version: &str,
        profile: Option<&str>,
        extensions: &[String],
    ) -> Result<String> {
        let mut context = Context::new();
        context.insert("user", IMAGE_USER);
        context.insert("version", version);
        context.insert("profile", &profile);
        context.insert("extensions", extensions);
        match release {
            Release::Download { base_url } => {
                context.insert("staging", &None::<&str>);
                context.insert("release_base_url", base_url.trim_end_matches('/'));
            }
            Release::Uploaded { archives } => {
                context.insert("staging", releases::STAGING);
                context.insert("archives", &releases::digests(archives));
            }
        }
        self.render("20-install-sindri.sh", &context)
    }

    /// `35-ansible-environment.sh`: what Packer's provisioner cannot be told without telling everybody.
    pub(super) fn ansible_environment(&mut self, names: &[&str]) -> Result<String> {
        let mut context = Context::new();
        context.insert("environment", names);
        context.insert("file", ANSIBLE_ENVIRONMENT);
        self.render("35-ansible-environment.sh", &context)
    }

    /// `40-harden.sh`.
    pub(super) fn harden(&mut self) -> Result<String> {
        let mut context = Context::new();
        context.insert("packages", packages::HARDENING);
        self.render("40-harden.sh", &context)
    }

    /// `60-openscap.sh`; a data stream of the user's by its path in the VM.
    pub(super) fn openscap(&mut self, profile: &str, data_stream: Option<&str>) -> Result<String> {
        let mut context = Context::new();
        context.insert("reports", openscap::REPORTS);
        context.insert("profile", profile);
        context.insert("data_stream", &data_stream);
        self.render("60-openscap.sh", &context)
    }

    /// `65-openscap-score.sh`.
    pub(super) fn openscap_score(&mut self, minimum_score: u8, data_stream: Option<&str>) -> Result<String> {
        let mut context = Context::new();
        context.insert("reports", openscap::REPORTS);
        context.insert("minimum_score", &minimum_score);
        context.insert("data_stream", &data_stream);
        self.render("65-openscap-score.sh", &context)
    }

    /// `90-clean.sh`; the names of the build's environment, whose values it looks for.
    pub(super) fn clean(
        &mut self,
        clean_sensitive_data: bool,
        remove_ssh_keys: bool,
        environment: &[&str],
    ) -> Result<String> {
        let mut context = Context::new();
        context.insert("clean_sensitive_data", &clean_sensitive_data);
        context.insert("remove_ssh_keys", &remove_ssh_keys);
        context.insert("environment", environment);
        self.render("90-clean.sh", &context)
    }

    /// `92-check.sh`: what nobody wanted cleaned is not checked.
    pub(super) fn check(
        &mut self,
        clean_sensitive_data: bool,
        remove_ssh_keys: bool,
        cis_hardening: bool,
    ) -> Result<String> {
        let mut context = Context::new();
        context.insert("clean_sensitive_data", &clean_sensitive_data);
        context.insert("remove_ssh_keys", &remove_ssh_keys);
        context.insert("cis_hardening", &cis_hardening);
        context.insert("lists", &LISTS);
        self.render("92-check.sh", &context)
    }

    /// `95-manifest.sh`: writes to this folder, and leaves out these paths relative to the root.
    pub(super) fn manifest(&mut self, folder: &str, exclusions: &[&str]) -> Result<String> {
        let mut context = Context::new();
        context.insert("folder", folder);
        context.insert("exclusions", exclusions);
        self.render("95-manifest.sh", &context)
    }

    fn render(&mut self, name: &str, context: &Context) -> Result<String> {
        if !self.0.get_template_names().any(|known| known == name)
            && let Some((_, text)) = TEMPLATES.iter().find(|(known, _)| *known == name)
        {
            self.0.add_raw_template(name, text).map_err(defect)?;
        }
        self.0.render(name, context).map_err(defect)
    }
}

/// The templates are ours and what goes in is checked before: a failure is our own.
fn defect(error: tera::Error) -> Error {
    Error::new(Code::Internal, "a provisioning script cannot be rendered").source(error.to_string())
}

/// The filter `sh`: a text becomes one word, a list of texts as many words.
fn quote(value: Value, _: Kwargs, _: &State<'_>) -> tera::TeraResult<Value> {
    let mut words = Vec::new();
    let refused = |_| tera::Error::message("NUL cannot stand in a shell word");
    if let Some(text) = value.as_str() {
        write_word(text, &mut words).map_err(refused)?;
    } else if let Some(list) = value.as_array() {
        for (index, item) in list.iter().enumerate() {
            let text = item
                .as_str()
                .ok_or_else(|| tera::Error::message("`sh` takes lists of texts"))?;
            if index > 0 {
                words.push(b' ');
            }
            write_word(text, &mut words).map_err(refused)?;
        }
    } else {
        return Err(tera::Error::message("`sh` takes a text or a list of texts"));
    }
    String::from_utf8(words)
        .map(|words| Value::safe_string(&words))
        .map_err(|_| tera::Error::message("`sh` takes UTF-8"))
}

/// Single quotes keep everything literal except the single quote itself, which stands outside of them.
fn write_word(text: &str, output: &mut dyn Write) -> std::io::Result<()> {
    if text.contains('\0') {
        return Err(std::io::Error::from(std::io::ErrorKind::InvalidInput));
    }
    output.write_all(b"'")?;
    output.write_all(text.replace('\'', "'\\''").as_bytes())?;
    output.write_all(b"'")
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests;
