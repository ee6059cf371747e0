//! Secrets in text, told by their form or by the name that they are given.

use crate::policy::redact::{is_plain, names_secret};

/// What a token begins with, how many characters follow at least, and whose it is.
const TOKENS: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "a key of AWS"),
    ("ASIA", 16, "a key of AWS"),
    ("LTAI", 12, "a key of Alibaba Cloud"),
    ("AIza", 35, "a key of Google"),
    ("ya29.", 20, "a token of Google"),
    ("ghp_", 30, "a token of GitHub"),
    ("gho_", 30, "a token of GitHub"),
    ("ghu_", 30, "a token of GitHub"),
    ("ghs_", 30, "a token of GitHub"),
    ("github_pat_", 30, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("npm_", 36, "a token of npm"),
    ("pypi-", 40, "a token of PyPI"),
    ("dckr_pat_", 20, "a token of Docker"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("hvs.", 24, "a token of Vault"),
];

/// Names whose values are secrets whatever they look like.
const NAMES: &[&str] = &[
    "accesskey",
    "apikey",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

/// A shorter value of a name such as `key` is a setting.
const SHORTEST_RANDOM: usize = 12;

/// What kind of secret a line contains by its form.
pub(super) fn form(line: &str) -> Option<&'static str> {
    if has_password_in_address(line) {
        return Some("an address with a password");
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    TOKENS.iter().find_map(|(start, least, whose)| {
        line.match_indices(start).find_map(|(at, _)| {
            let before = line.as_bytes().get(at.wrapping_sub(1)).copied();
            let after = line.as_bytes().get(at + start.len()..).unwrap_or_default();
            let length = after.iter().take_while(|byte| is_part(**byte)).count();
            let is_word = at == 0 || !before.is_some_and(|byte| byte.is_ascii_alphanumeric());
            (is_word && length >= *least).then_some(*whose)
        })
    })
}

/// `scheme://user:password@host`
fn has_password_in_address(line: &str) -> bool {
    line.split("://").skip(1).any(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>'));
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let login = authority.rsplit_once('@').map(|(login, _)| login);
        let password = login
            .and_then(|login| login.split_once(':'))
            .map(|(_, password)| password);
        password.is_some_and(|password| !password.is_empty() && !is_reference(password))
    })
}

/// What kind of secret a line gives to a variable: of a shell, a unit of systemd, `pam_env`, a `.env` file. Comments
/// count too: a secret that is commented out is still there.
pub(super) fn assigned(line: &str) -> Option<String> {
    if let Some(found) = form(line) {
        return Some(found.to_owned());
    }
    let line = line.trim().trim_start_matches('#').trim_start();
    assignments(line).into_iter().find_map(|(name, value)| {
        is_secret(name, value).then(|| format!("`{name}` has a value that looks like a secret"))
    })
}

fn assignments(line: &str) -> Vec<(&str, &str)> {
    let line = ["export ", "declare -x ", "Environment=", "DefaultEnvironment="]
        .iter()
        .find_map(|start| line.strip_prefix(start))
        .unwrap_or(line);
    for start in ["set -gx ", "set -Ux ", "setenv "] {
        if let Some((name, value)) = line.strip_prefix(start).and_then(|rest| rest.split_once(' ')) {
            return vec![(name, value)];
        }
    }
    if let Some((name, value)) = line.split_once("DEFAULT=") {
        return vec![(name.trim(), value)];
    }
    let mut found = Vec::new();
    for (at, _) in line.match_indices('=') {
        let (before, after) = (
            line.get(..at).unwrap_or_default(),
            line.get(at + 1..).unwrap_or_default(),
        );
        let name_start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .map_or(0, |at| at + 1);
        let name = before.get(name_start..).unwrap_or_default();
        let prefix = before.get(..name_start).unwrap_or_default();
        if !name.is_empty() && (prefix.is_empty() || prefix.ends_with([' ', '\t', '"', '\'', ';'])) {
            found.push((name, first_word(after)));
        }
    }
    found
}

/// Up to the closing quote, or to the next space.
fn first_word(text: &str) -> &str {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    let (text, end) = match quote {
        Some(quote) => {
            let inner = text.get(1..).unwrap_or_default();
            (inner, inner.find(quote))
        }
        None => (
            text,
            text.find(|c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'')),
        ),
    };
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

fn is_secret(name: &str, value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let is_switch = matches!(
        value.to_ascii_lowercase().as_str(),
        "" | "true" | "false" | "yes" | "no" | "none" | "null" | "on" | "off" | "0" | "1"
    );
    if is_switch || is_reference(value) || value.starts_with(['/', '~']) {
        return false;
    }
    let squeezed = name.to_ascii_lowercase().replace('_', "");
    if NAMES.iter().any(|part| squeezed.contains(part)) {
        let is_number = value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit());
        // `SECRETS_FILE=name`, `TOKEN_TTL=5m`: about a secret, not one.
        let is_about = ["dir", "file", "name", "path", "ttl", "type", "url"]
            .iter()
            .any(|ending| squeezed.ends_with(ending));
        return !(is_number || is_about && is_plain(value));
    }
    names_secret(name) && !is_plain(value) && is_random(value)
}

/// Long, of letters and digits: `key` and `auth` are words of many scripts.
fn is_random(value: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.');
    value.len() >= SHORTEST_RANDOM
        && value.bytes().all(is_part)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Filled in when it is used.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '`', '%', '<', '{']) || value.contains("$(") || value.contains("${")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_form_wherever_they_stand() {
        for line in [
            "key=AKIAIOSFODNN7EXAMPLE",
            "Authorization: token ghp_0123456789abcdefghijABCDEFGHIJ0123",
            "url = https://user:hunter2@git.example/x.git",
            "clone https://x-access-token:abc@github.com/a/b",
        ] {
            assert!(form(line).is_some(), "{line}");
        }
        for line in [
            "AKIA is what such keys begin with",
            "url = https://git@git.example/x.git",
            "http://proxy.example:3128/",
            "https://user:${PASSWORD}@host/",
            "XAKIAIOSFODNN7EXAMPLE0",
        ] {
            assert_eq!(form(line), None, "{line}");
        }
    }

    #[test]
    fn secrets_are_told_by_their_names_in_every_notation() {
        for line in [
            "DB_PASSWORD=hunter2",
            "export API_KEY='abc def'",
            "Environment=\"A=b\" \"GITHUB_TOKEN=abc\"",
            "set -gx AWS_SECRET_ACCESS_KEY x1y2z3",
            "TOKEN DEFAULT=abc",
            "#export TOKEN=abc",
            "A=1; SECRET=abc",
            "SIGNING_KEY=q8Zr0Lk2mWx7",
        ] {
            assert!(assigned(line).is_some(), "{line}");
        }
        for line in [
            "PATH=/usr/bin",
            "export SINDRI_STATE_DIR=\"$SINDRI_HOME/state\"",
            "TOKEN=$1",
            "TOKEN=\"$(cat /run/secret)\"",
            "PASSWORD=",
            "SSH_AUTH_SOCK=/run/x",
            "KEYMAP=us",
            "PASSWORD_STORE_DIR=/x",
            "TOKEN_TTL=300",
            "# passwords are kept elsewhere",
            "if [ \"$x\" = token ]; then",
            "key=(",
            "AUTH_METHOD=keyboard-interactive",
            "GCC_COLORS='error=01;31:warning=01;35'",
        ] {
            assert_eq!(assigned(line), None, "{line}");
        }
    }
}
