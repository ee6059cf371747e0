//! Private keys in files.

use std::path::Path;

/// The heads that a search looks for; whoever finds one asks [`line_of`] whether a key follows.
pub(super) const MARKS: [&str; 2] = ["PRIVATE KEY", "PuTTY-User-Key-File-"];
/// A larger file is no key.
pub(super) const LARGEST: u64 = 256 * 1024;
/// A line of a key's body: shorter ones are words of a text.
const SHORTEST_BODY: usize = 16;
/// Headers of an encrypted key stand before its body: `Proc-Type`, `DEK-Info`, `Version`, an empty line.
const HEADERS: usize = 6;

/// Where such a search looks: everywhere but where packages alone write, and what is no disk.
pub(super) const PLACES: [&str; 11] = [
    "/etc",
    "/home",
    "/mnt",
    "/media",
    "/opt",
    "/root",
    "/srv",
    "/tmp",
    "/usr/local",
    "/var",
    "/data",
];

/// Container layers and package databases: others' files, in others' formats.
pub(super) const NOT_IN: [&str; 5] = [
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/dpkg",
    "/var/lib/snapd",
    "/var/cache/apt",
];

/// Whether bytes hold a head at all.
pub(super) fn is_marked(bytes: &[u8]) -> bool {
    MARKS.iter().any(|mark| contains(bytes, mark.as_bytes()))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The line, from 1, at which a private key begins. Programs and documents that only name the head have no body
/// after it.
pub(super) fn line_of(bytes: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    // A key in JSON or in a variable has its line ends written as `\n`.
    for (index, line) in text.lines().enumerate() {
        let written_out = line.replace("\\n", "\n");
        let mut following = written_out.lines().skip_while(|part| !is_head(part)).peekable();
        if following.peek().is_none() {
            continue;
        }
        let rest = text.lines().skip(index + 1);
        let after_head = following.skip(1).chain(rest).take(HEADERS);
        let is_putty = is_putty(line);
        if is_putty || after_head.map(str::trim).any(is_body) {
            return Some(index + 1);
        }
    }
    None
}

/// With the number of its format. sudo writes down the words that a search is started with, and those have the mark alone.
fn is_putty(line: &str) -> bool {
    let mut after = line.split(MARKS[1]).skip(1);
    after.any(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
}

fn is_head(line: &str) -> bool {
    is_putty(line) || (line.contains("-----BEGIN ") && line.contains("PRIVATE KEY"))
}

fn is_body(line: &str) -> bool {
    let line = line.trim_end_matches(['"', '\'', ',']);
    line.len() >= SHORTEST_BODY
        && line
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// Folders of what the package manager of a language has installed.
pub(super) const INSTALLED: [&str; 6] = [
    "dist-packages",
    "installs",
    "node_modules",
    "pkg",
    "registry",
    "site-packages",
];

/// Names of test data in them.
pub(super) const SAMPLES: [&str; 8] = [
    "certdata",
    "example",
    "examples",
    "fixtures",
    "test",
    "testdata",
    "tests",
    "test_data",
];

/// Keys that everybody has: test data inside installed packages of a language, below the homes where version managers
/// put them.
pub(super) fn is_published_sample(path: &Path) -> bool {
    let mut names = path.components().map(|part| part.as_os_str().to_string_lossy());
    names.any(|name| INSTALLED.contains(&&*name)) && names.any(|name| SAMPLES.contains(&&*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";

    #[test]
    fn keys_of_all_kinds_are_found_at_their_line() {
        for (text, line) in [
            (format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n"), 1),
            (format!("# mine\n-----BEGIN PRIVATE KEY-----\r\n{BODY}\r\n"), 2),
            (
                format!(
                    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n{BODY}"
                ),
                1,
            ),
            (
                format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{BODY}\n"),
                1,
            ),
            (
                format!("{{\n\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{BODY}\\n-----END\"}}"),
                2,
            ),
            ("PuTTY-User-Key-File-3: ssh-ed25519\n".to_owned(), 1),
            (format!("key: |\n  -----BEGIN EC PRIVATE KEY-----\n  {BODY}\n"), 2),
        ] {
            assert!(is_marked(text.as_bytes()), "{text}");
            assert_eq!(line_of(text.as_bytes()), Some(line), "{text}");
        }
    }

    #[test]
    fn what_only_speaks_of_keys_is_none() {
        for text in [
            "grep -r 'BEGIN PRIVATE KEY' .\n",
            "-----BEGIN PRIVATE KEY-----\nis the head of a key\n",
            "if line == \"-----BEGIN PRIVATE KEY-----\" {\n    found();\n}\n",
            "COMMAND=/bin/sh -c find sindri survey 513 PRIVATE KEY|PuTTY-User-Key-File- /etc /home\n",
            "-----BEGIN PUBLIC KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n",
        ] {
            assert_eq!(line_of(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn test_data_of_an_installed_language_is_no_secret_and_a_users_own_tests_are() {
        for (path, expected) in [
            (
                "/home/u/.local/share/mise/installs/python/3.12/lib/python3.12/test/certdata/keycert.pem",
                true,
            ),
            ("/home/u/app/node_modules/x/test/key.pem", true),
            ("/home/u/app/test/key.pem", false),
            ("/home/u/test/installs/key.pem", false),
            ("/root/key.pem", false),
        ] {
            assert_eq!(is_published_sample(Path::new(path)), expected, "{path}");
        }
    }
}
