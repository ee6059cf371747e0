//! Secrets in the credential files that children read: the host reads them too, only to know what to mask.

use std::path::{Path, PathBuf};

use super::secrets::{self, names_secret};
use crate::files;

/// A longer file holds no credentials: a bundle of certificates, a database.
const LONGEST: u64 = 64 * 1024;
/// A shorter file of one word is no token.
const SHORTEST_TOKEN: usize = 16;

/// The secrets of a file, and of the key that it names. None if it cannot be read: then the tool cannot
/// read it either, or it is nothing that this program understands.
pub fn secrets_of_file(path: &Path, home: Option<&Path>) -> Vec<String> {
    let Some(text) = read(path) else {
        return Vec::new();
    };
    let mut found = of_text(&text);
    for named in named_files(&text) {
        let named = match (named.strip_prefix("~/"), home) {
            (Some(below), Some(home)) => home.join(below),
            _ => PathBuf::from(named),
        };
        if named.is_absolute()
            && let Some(text) = read(&named)
        {
            found.extend(of_text(&text));
        }
    }
    found
}

fn read(path: &Path) -> Option<String> {
    // A pipe would wait for a writer.
    if !files::is_plain(path) {
        return None;
    }
    files::read_text(path, LONGEST).ok()
}

/// JSON, a private key, `name = value` lines (INI, YAML), or one token.
fn of_text(text: &str) -> Vec<String> {
    let trimmed = text.trim();
    if trimmed.starts_with('{') {
        return secrets::of_document(trimmed);
    }
    if trimmed.contains("PRIVATE KEY-----") {
        return secrets::parts(trimmed);
    }
    let values: Vec<_> = settings(trimmed)
        .filter(|(name, _)| names_secret(name) && !names_file(name))
        .flat_map(|(_, value)| secrets::parts(value))
        .collect();
    if values.is_empty() && trimmed.len() >= SHORTEST_TOKEN && !trimmed.contains(char::is_whitespace) {
        return secrets::parts(trimmed);
    }
    values
}

fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (name, value) = line.split_once(['=', ':'])?;
        Some((name.trim(), value.trim().trim_matches(['"', '\''])))
    })
}

fn names_file(name: &str) -> bool {
    name.ends_with("file") || name.ends_with("path")
}

/// `key_file` of OCI's configuration and the like.
fn named_files(text: &str) -> impl Iterator<Item = &str> {
    settings(text)
        .filter(|(name, _)| names_file(name) && names_secret(name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::redact::Redactor;

    #[test]
    fn what_credential_files_hold_is_known_and_the_rest_of_them_is_not_masked() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let write = |name: &str, text: &str| files::write_new_private(&at(name), text.as_bytes()).unwrap();
        let key =
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n";
        write("key.pem", key);
        write(
            "credentials",
            "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=wJalrXUtnFEMIK7MDENG\nregion = eu-central-1\n",
        );
        write(
            "config",
            "[DEFAULT]\nuser=ocid1.user.oc1..aaaa\nkey_file=~/key.pem\npass_phrase=correct-horse\n",
        );
        write(
            "adc.json",
            r#"{"type": "authorized_user", "client_id": "32555940559.apps", "refresh_token": "1//0abcdefgh-refresh"}"#,
        );
        write("token", "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.c2ln\n");
        let redactor = Redactor::default();
        for name in ["credentials", "config", "adc.json", "token", "missing"] {
            for secret in secrets_of_file(&at(name), Some(directory.path())) {
                redactor.learn(&secret);
            }
        }
        for secret in [
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMIK7MDENG",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
            "correct-horse",
            "1//0abcdefgh-refresh",
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.c2ln",
        ] {
            assert_eq!(redactor.redact(secret), "***", "{secret}");
        }
        for text in [
            "eu-central-1",
            "ocid1.user.oc1..aaaa",
            "authorized_user",
            "32555940559.apps",
            "~/key.pem",
        ] {
            assert_eq!(redactor.redact(text), text);
        }
    }

    #[test]
    fn a_pipe_and_a_device_are_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(secrets_of_file(&pipe, None), [""; 0]);
        assert_eq!(secrets_of_file(Path::new("/dev/zero"), None), [""; 0]);
    }
}
