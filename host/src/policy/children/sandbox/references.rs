//! Files that the user's own configuration of a tool names: keys, tokens, trust anchors, programs that print
//! credentials. Who wrote that configuration chose them.

use std::path::Path;

use serde_json::Value;

use super::installation::{Installations, first_word};
use super::{Told, allow_file};
use crate::files;
use crate::runner::sandbox::Rules;

/// A configuration file is a few kilobytes; a longer one names nothing.
const LIMIT: u64 = 1 << 20;

/// Files to look into and what they may name there.
struct Source {
    /// The variable with the file or directory …
    variable: Option<&'static str>,
    /// … or where it is below the child's home, and then below both this.
    below: &'static str,
    /// Keys of paths.
    paths: &'static [&'static str],
    /// Keys of commands.
    commands: &'static [&'static str],
}

const AWS: &[&str] = &["web_identity_token_file", "ca_bundle"];
const AWS_COMMANDS: &[&str] = &["credential_process"];
const OCI: &[&str] = &["key_file", "security_token_file", "delegation_token_file"];
/// Workload identity federation: `credential_source.file`, and `executable.command` there.
const GOOGLE: &[&str] = &["file", "output_file"];
const GOOGLE_COMMANDS: &[&str] = &["command"];
/// Of `gcloud config`.
const GCLOUD: &[&str] = &[
    "custom_ca_certs_file",
    "credential_file_override",
    "access_token_file",
];
const ALIYUN: &[&str] = &["oidc_token_file", "private_key"];
const ALIYUN_COMMANDS: &[&str] = &["process_command"];

const fn file(
    variable: &'static str,
    paths: &'static [&'static str],
    commands: &'static [&'static str],
) -> Source {
    Source {
        variable: Some(variable),
        below: "",
        paths,
        commands,
    }
}

const SOURCES: &[Source] = &[
    file("AWS_CONFIG_FILE", AWS, AWS_COMMANDS),
    file("AWS_SHARED_CREDENTIALS_FILE", AWS, AWS_COMMANDS),
    file("OCI_CLI_CONFIG_FILE", OCI, &[]),
    file("GOOGLE_APPLICATION_CREDENTIALS", GOOGLE, GOOGLE_COMMANDS),
    file("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", GOOGLE, GOOGLE_COMMANDS),
    file("ALICLOUD_SHARED_CREDENTIALS_FILE", ALIYUN, ALIYUN_COMMANDS),
    Source {
        variable: Some("AZURE_CONFIG_DIR"),
        below: "service_principal_entries.json",
        paths: &["certificate"],
        commands: &[],
    },
];

/// Directories of `gcloud`: the variable's, and the one in the home.
const GCLOUD_DIRECTORY: (&str, &str) = ("CLOUDSDK_CONFIG", ".config/gcloud");

/// Allows what the child's own configuration names.
pub(super) fn follow(told: &Told<'_>, home: &Path, rules: &mut Rules, installations: &mut Installations<'_>) {
    for source in SOURCES {
        if let Some(path) = source.variable.and_then(|name| told.path(name)) {
            let path = match source.below {
                "" => path.to_path_buf(),
                below => path.join(below),
            };
            look_into(&path, source.paths, source.commands, rules, installations);
        }
    }
    let (variable, below_home) = GCLOUD_DIRECTORY;
    let gcloud = told
        .path(variable)
        .map_or_else(|| home.join(below_home), Path::to_path_buf);
    gcloud_directory(&gcloud, rules, installations);
}

fn gcloud_directory(directory: &Path, rules: &mut Rules, installations: &mut Installations<'_>) {
    if rules
        .get(files::canonical(directory).unwrap_or_default())
        .is_none()
        && rules.get(directory).is_none()
    {
        // Another cloud's child.
        return;
    }
    let logins = files::list(&directory.join("legacy_credentials")).unwrap_or_default();
    let logins = logins.iter().map(|login| login.join("adc.json"));
    for path in logins.chain([directory.join("application_default_credentials.json")]) {
        look_into(&path, GOOGLE, GOOGLE_COMMANDS, rules, installations);
    }
    for path in files::list(&directory.join("configurations")).unwrap_or_default() {
        look_into(&path, GCLOUD, &[], rules, installations);
    }
    let environment = directory.join("virtenv");
    if files::exists(&environment.join("pyvenv.cfg")) {
        installations.virtual_environment(&environment, rules, 0);
    }
}

fn look_into(
    path: &Path,
    paths: &[&str],
    commands: &[&str],
    rules: &mut Rules,
    installations: &mut Installations<'_>,
) {
    let Ok(text) = files::read_text(path, LIMIT) else {
        return;
    };
    for named in values(&text, paths) {
        // A relative one would start at the child's own, empty directory, `~` at its own home.
        allow_file(rules, Path::new(&named));
    }
    for command in values(&text, commands) {
        let Some(program) = first_word(&command) else {
            continue;
        };
        installations.add_named(program.as_ref(), rules);
        // Keys and certificates, as `aws_signing_helper` takes them.
        for word in command.split_whitespace().skip(1) {
            let word = word.trim_matches(['"', '\'']);
            let named = Path::new(word.split_once('=').map_or(word, |(_, value)| value));
            if named.is_absolute() && !files::is_directory(named) {
                allow_file(rules, named);
            }
        }
    }
}

/// The texts that stand for these keys, in JSON at any depth, else in lines `key = value`.
fn values(text: &str, keys: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    if keys.is_empty() {
        return found;
    }
    if text.trim_start().starts_with('{') {
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            collect(&value, keys, &mut found);
        }
        return found;
    }
    let lines = text.lines().filter_map(|line| line.split_once('='));
    found.extend(
        lines
            .filter(|(key, _)| keys.contains(&key.trim().to_ascii_lowercase().as_str()))
            .map(|(_, value)| value.trim().to_owned()),
    );
    found
}

fn collect(value: &Value, keys: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value.as_str().filter(|_| keys.contains(&key.as_str())) {
                    Some(text) => found.push(text.to_owned()),
                    None => collect(value, keys, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_files_are_found_in_both_formats() {
        let ini =
            "[profile a]\nweb_identity_token_file = /run/token\n# key_file=/no\n[b]\nCA_BUNDLE=/ca.pem\n";
        assert_eq!(values(ini, AWS), ["/run/token", "/ca.pem"]);
        let json = r#"{"type": "external_account", "credential_source": {"file": "/var/token", "format": {"type": "text"}}}"#;
        assert_eq!(values(json, GOOGLE), ["/var/token"]);
        assert_eq!(values("{ not json, file = /x", GOOGLE), [""; 0]);
        assert_eq!(values("", GOOGLE), [""; 0]);
    }
}
