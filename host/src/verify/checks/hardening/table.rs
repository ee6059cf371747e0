//! The table of settings.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Code, Error, Result};

/// Also read by the InSpec profile and by its stand-in on pytest-testinfra.
const TEXT: &str = include_str!("../../../../../tests/inspec/sindri/files/hardening.toml");

/// What the hardening script sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Keywords of `sshd_config`.
    pub sshd: BTreeMap<String, String>,
    /// Keys of `sysctl`.
    pub sysctl: BTreeMap<String, String>,
    /// Keys of `login.defs`.
    pub login_defs: BTreeMap<String, String>,
    /// Modules that must not be loaded.
    pub modules: Vec<String>,
    /// What stands in ufw's place in some images.
    pub own_firewall: OwnFirewall,
    /// Lines that files must have, words separated by one space.
    pub file_lines: Vec<FileLine>,
    /// Files of root and the permissions that they may have at most.
    pub modes: Vec<Mode>,
    /// Services that must be enabled: only a start shows that they run.
    pub services: Vec<String>,
}

/// A line of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLine {
    /// Absolute.
    pub path: String,
    /// The line.
    pub line: String,
    /// Whether it is ufw's, and so not there where an image keeps rules of its own.
    #[serde(default)]
    pub firewall: bool,
}

/// Rules that an image brings along and that stay, as in Oracle's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFirewall {
    /// Loads them at each start.
    pub service: String,
    /// The rules, absolute.
    pub rules: String,
    /// Beginnings of lines that let nothing in but what stands before them.
    pub denies: Vec<String>,
}

impl OwnFirewall {
    /// The link that starts the service.
    pub fn wanted(&self) -> String {
        format!(
            "/etc/systemd/system/multi-user.target.wants/{}.service",
            self.service
        )
    }

    /// Whether these are rules of a firewall.
    pub fn holds(&self, rules: &str) -> bool {
        rules.lines().any(|line| {
            self.denies
                .iter()
                .any(|denies| line.trim_start().starts_with(denies.as_str()))
        })
    }
}

/// Permissions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// Absolute.
    pub path: String,
    /// Octal digits.
    pub most: String,
}

impl Mode {
    /// The permissions as a number; none at all where the digits are none.
    pub fn bits(&self) -> u32 {
        u32::from_str_radix(&self.most, 8).unwrap_or_default()
    }
}

/// Reads the table.
pub fn table() -> Result<Table> {
    toml::from_str(TEXT).map_err(|error| {
        Error::new(Code::Internal, "the table of hardening settings is not one").source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn the_table_is_one_and_says_something_of_each_kind() {
        let table = table().unwrap();
        assert!(table.sshd.len() > 8 && table.sysctl.len() > 15 && table.modules.len() > 4);
        assert!(!table.file_lines.is_empty() && !table.services.is_empty());
        assert!(table.modes.iter().all(|mode| mode.bits() != 0));
    }
}
