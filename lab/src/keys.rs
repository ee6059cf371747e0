//! The SSH keys that clients put into their VMs.

use std::collections::BTreeSet;

use serde_json::Value;

/// Beginnings of the public keys that the five clouds take.
const KINDS: [&str; 5] = [
    "ssh-ed25519 ",
    "ssh-rsa ",
    "ecdsa-sha2-nistp256 ",
    "ecdsa-sha2-nistp384 ",
    "ecdsa-sha2-nistp521 ",
];

/// Public keys in OpenSSH's form, without comments.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuthorizedKeys(BTreeSet<String>);

impl AuthorizedKeys {
    /// One a line, as in an `authorized_keys` file.
    pub(crate) fn lines(&self) -> String {
        self.0.iter().map(|key| format!("{key}\n")).collect()
    }

    /// Adds the keys in all texts of a document.
    pub(crate) fn find_in_json(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.find_in_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.find_in_json(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.find_in_json(field)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Adds the keys in a text, wherever in it they stand.
    pub(crate) fn find_in_text(&mut self, text: &str) {
        for kind in KINDS {
            for (start, _) in text.match_indices(kind) {
                let key: String = text
                    .get(start..)
                    .unwrap_or_default()
                    .split([' ', '\n', '\r', '\t', '"', '\''])
                    .take(2)
                    .collect::<Vec<_>>()
                    .join(" ");
                // Only what parses: this goes into the file that decides who may log in.
                if let Ok(mut key) = key.parse::<ssh_key::PublicKey>() {
                    key.set_comment("");
                    self.0.extend(key.to_openssh());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn keys_are_found_inside_of_other_text() {
        let mut keys = AuthorizedKeys::default();
        keys.find_in_json(&serde_json::json!({"items": [{"value": format!("ubuntu:{KEY} packer\nother")}]}));
        assert_eq!(keys.lines(), format!("{KEY}\n"));
    }

    #[test]
    fn what_only_looks_like_a_key_lets_nobody_in() {
        let mut keys = AuthorizedKeys::default();
        keys.find_in_text("ssh-rsa AAAA and ssh-ed25519 \ncommand=\"x\"");
        assert_eq!(keys.lines(), "");
    }
}
