//! The plugin's configuration section.

use serde::Deserialize;
use sindri_plugin_sdk::contract::Architecture;

/// `providers.packer.hcloud`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) location: String,
    pub(crate) server_type: String,
    pub(crate) image: String,
}

impl Config {
    /// Servers with Ampere's processors are called `cax…`; all others are x86.
    pub(crate) fn architecture(&self) -> Architecture {
        if self.server_type.starts_with("cax") {
            Architecture::Arm64
        } else {
            Architecture::X8664
        }
    }
}
