//! Renders the scripts of `templates/scripts`. Nothing of the user's reaches a script unquoted: every
//! value that a template prints is made one shell word, whether or not it asks for it with `| sh`.

use std::io::Write;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use crate::{Code, Error, Result};

/// The user that every image has and that Sindri is installed for.
pub(super) const IMAGE_USER: &str = "ubuntu";
/// The releases whose commands the install script knows.
const SINDRI_MAJOR: &str = "3";
/// Only what the distribution signs: no script from the web and no third party's key.
const BASE_PACKAGES: &[&str] = &[
    "apt-transport-https",
    "build-essential",
    "ca-certificates",
    "curl",
    "docker.io",
    "git",
    "gnupg",
    "jq",
    "libssl-dev",
    "lsb-release",
    "pkg-config",
    "sudo",
    "unattended-upgrades",
    "unzip",
    "wget",
];
const ANSIBLE_PACKAGE: &str = "ansible-core";
const HARDENING_PACKAGES: &[&str] = &[
    "apparmor",
    "auditd",
    "fail2ban",
    "libpam-pwquality",
    "openssh-server",
    "python3-systemd",
    "sudo",
    "ufw",
];

const TEMPLATES: &[(&str, &str)] = &[
    (
        "prelude.sh",
        include_str!("../../../templates/scripts/prelude.sh.tera"),
    ),
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
        "40-harden.sh",
        include_str!("../../../templates/scripts/40-harden.sh.tera"),
    ),
    (
        "90-clean.sh",
        include_str!("../../../templates/scripts/90-clean.sh.tera"),
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

/// The host's scripts.
pub(super) struct Scripts(Tera);

impl Scripts {
    /// Parses the embedded templates.
    pub(super) fn new() -> Result<Self> {
        let mut tera = Tera::new();
        tera.set_escape_fn(|text, output| write_word(text, output));
        tera.autoescape_on([".sh"]);
        tera.register_filter("sh", quote);
        tera.add_raw_templates(TEMPLATES.iter().copied())
            .map_err(defect)?;
        Ok(Self(tera))
    }

    /// `10-init.sh`.
    pub(super) fn init(&self, ansible: bool) -> Result<String> {
        let mut packages = BASE_PACKAGES.to_vec();
        if ansible {
            packages.push(ANSIBLE_PACKAGE);
        }
        let mut context = Context::new();
        context.insert("user", IMAGE_USER);
        context.insert("packages", &packages);
        self.render("10-init.sh", &context)
    }

    /// `15-files.sh`.
    pub(super) fn files(&self, staging: &str, files: &[Placement], directories: &[String]) -> Result<String> {
        let mut context = Context::new();
        context.insert("staging", staging);
        context.insert("files", files);
        context.insert("directories", directories);
        self.render("15-files.sh", &context)
    }

    /// `20-install-sindri.sh`; the version without a `v`, or `latest`.
    pub(super) fn install_sindri(
        &self,
        release_base_url: &str,
        version: &str,
        profile: Option<&str>,
        extensions: &[String],
    ) -> Result<String> {
        let mut context = Context::new();
        context.insert("user", IMAGE_USER);
        context.insert("release_base_url", release_base_url.trim_end_matches('/'));
        context.insert("version", version);
        context.insert("major", SINDRI_MAJOR);
        context.insert("profile", &profile);
        context.insert("extensions", extensions);
        self.render("20-install-sindri.sh", &context)
    }

    /// `40-harden.sh`.
    pub(super) fn harden(&self) -> Result<String> {
        let mut context = Context::new();
        context.insert("packages", HARDENING_PACKAGES);
        self.render("40-harden.sh", &context)
    }

    /// `90-clean.sh`.
    pub(super) fn clean(&self, clean_sensitive_data: bool, remove_ssh_keys: bool) -> Result<String> {
        let mut context = Context::new();
        context.insert("clean_sensitive_data", &clean_sensitive_data);
        context.insert("remove_ssh_keys", &remove_ssh_keys);
        self.render("90-clean.sh", &context)
    }

    /// `95-manifest.sh`: writes to this folder, and leaves out these paths relative to the root.
    pub(super) fn manifest(&self, folder: &str, exclusions: &[&str]) -> Result<String> {
        let mut context = Context::new();
        context.insert("folder", folder);
        context.insert("exclusions", exclusions);
        self.render("95-manifest.sh", &context)
    }

    fn render(&self, name: &str, context: &Context) -> Result<String> {
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
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    /// Standard output of a script that real bash reads.
    fn bash(script: &str) -> Vec<u8> {
        let output = Command::new("bash").args(["-c", script]).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }

    /// Fails unless shellcheck has nothing to say, or is not installed (then bash only parses).
    fn assert_clean(script: &str) {
        check(script, "style");
    }

    /// The same where hostile values stand in the script: shellcheck's hints about `$` in single quotes
    /// are then about the very thing that is wanted.
    fn assert_parses(script: &str) {
        check(script, "warning");
    }

    fn check(script: &str, severity: &str) {
        let parsed = run("bash", &["-n"], script).unwrap();
        assert!(parsed.0, "{}\n{script}", parsed.1);
        let severity = format!("--severity={severity}");
        if let Some((clean, said)) = run("shellcheck", &["--shell=bash", &severity, "-"], script) {
            assert!(clean, "{said}\n{script}");
        }
    }

    fn run(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Some((
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    fn render(template: &str, value: &impl Serialize) -> String {
        let mut scripts = Scripts::new().unwrap();
        scripts.0.add_raw_template("test.sh", template).unwrap();
        let mut context = Context::new();
        context.insert("value", value);
        scripts.render("test.sh", &context).unwrap()
    }

    #[test]
    fn a_value_that_a_template_forgot_to_quote_is_quoted_all_the_same() {
        assert_eq!(
            render("echo {{ value }}", &"$(id) 'x'"),
            r"echo '$(id) '\''x'\'''"
        );
        assert_eq!(render("echo {{ value | sh }}", &"a b"), "echo 'a b'");
    }

    #[test]
    fn nul_is_refused_because_the_shell_would_drop_it() {
        let mut scripts = Scripts::new().unwrap();
        for template in ["{{ value }}", "{{ value | sh }}"] {
            scripts.0.add_raw_template("test.sh", template).unwrap();
            let mut context = Context::new();
            context.insert("value", "a\0b");
            assert!(scripts.render("test.sh", &context).is_err());
        }
    }

    #[test]
    fn every_rendered_script_is_clean_under_shellcheck() {
        let scripts = Scripts::new().unwrap();
        for ansible in [false, true] {
            assert_clean(&scripts.init(ansible).unwrap());
        }
        let hostile = "a'; touch /tmp/owned; '$(id)`id`\n\"\\".to_owned();
        for (profile, extensions) in [(None, vec![]), (Some("base"), vec!["docker".to_owned()])] {
            assert_clean(
                &scripts
                    .install_sindri("https://example.org/d/", "3.1.0", profile, &extensions)
                    .unwrap(),
            );
        }
        let list = std::slice::from_ref(&hostile);
        assert_parses(
            &scripts
                .install_sindri(&hostile, &hostile, Some(&hostile), list)
                .unwrap(),
        );
        let placement = Placement {
            source: hostile.clone(),
            destination: format!("/opt/{hostile}"),
        };
        assert_parses(&scripts.files("/tmp/x", &[placement], list).unwrap());
        let placement = Placement {
            source: "0/a".to_owned(),
            destination: "/opt/a".to_owned(),
        };
        assert_clean(
            &scripts
                .files("/tmp/x", &[placement], &["/opt/b".to_owned()])
                .unwrap(),
        );
        assert_clean(&scripts.harden().unwrap());
        for (data, keys) in [(false, false), (false, true), (true, false), (true, true)] {
            assert_clean(&scripts.clean(data, keys).unwrap());
        }
    }

    #[test]
    fn every_script_stops_at_the_first_failure_and_refuses_to_run_without_root() {
        let scripts = Scripts::new().unwrap();
        for script in [
            scripts.init(false).unwrap(),
            scripts.files("/tmp/x", &[], &[]).unwrap(),
            scripts
                .install_sindri("https://example.org", "latest", None, &[])
                .unwrap(),
            scripts.harden().unwrap(),
            scripts.clean(true, true).unwrap(),
        ] {
            assert!(script.starts_with("#!/usr/bin/env bash\n"));
            assert!(script.contains("\nset -euo pipefail\n") && script.contains("id -u"));
        }
    }

    #[test]
    fn switches_of_the_clean_up_have_an_effect() {
        let scripts = Scripts::new().unwrap();
        let nothing = scripts.clean(false, false).unwrap();
        assert!(!nothing.contains(".aws") && !nothing.contains("ssh_host_"));
        assert!(scripts.clean(true, false).unwrap().contains(".aws"));
        let keys = scripts.clean(false, true).unwrap();
        assert!(keys.contains("ssh_host_") && !keys.contains("dpkg-reconfigure openssh"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_bash_as_exactly_one_word(texts in prop::collection::vec("[^\0]{0,40}|['\"\\\\$`!\n\r\t ;&|*?{}%#~-]{0,20}", 1..6)) {
            let script = format!("printf '%s\\0' {}", render("{{ value | sh }}", &texts));
            let words: Vec<_> = texts.iter().map(|text| [text.as_bytes(), b"\0"].concat()).collect();
            prop_assert_eq!(bash(&script), words.concat());
        }
    }
}
