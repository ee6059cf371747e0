//! What a plugin says of itself and asks for.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ProviderInfo {
    pub id: String,
    pub title: String,
    pub version: String,
    pub aliases: Vec<String>,
    pub tools: Vec<Tool>,
    pub requests: Requests,
    /// JSON Schema text.
    #[component(name = "config-schema")]
    pub config_schema: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Tool {
    pub program: String,
    pub title: String,
    #[component(name = "install-url")]
    pub install_url: String,
    #[component(name = "login-hint")]
    pub login_hint: String,
    #[component(name = "version-args")]
    pub version_args: Vec<String>,
    #[component(name = "minimum-version")]
    pub minimum_version: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
#[serde(default, deny_unknown_fields)]
pub struct Requests {
    pub builders: Vec<BuilderRequest>,
    #[component(name = "packer-plugins")]
    pub packer_plugins: Vec<PackerPlugin>,
    pub commands: Vec<CommandRequest>,
    #[component(name = "guest-phases")]
    pub guest_phases: Vec<GuestPhase>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct BuilderRequest {
    pub name: String,
    pub attributes: Vec<String>,
}

impl BuilderRequest {
    /// A builder that the host knows: its own list of attributes counts.
    pub fn known(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            attributes: Vec::new(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct PackerPlugin {
    pub name: String,
    pub source: String,
    pub version: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
#[serde(deny_unknown_fields)]
pub struct CommandRequest {
    pub tool: String,
    pub verb: Vec<String>,
    pub flags: Vec<String>,
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    #[component(name = "read")]
    Read,
    #[component(name = "create")]
    Create,
    #[component(name = "destroy")]
    Destroy,
    #[component(name = "publish")]
    Publish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum GuestPhase {
    #[component(name = "prepare")]
    Prepare,
    #[component(name = "before-clean")]
    BeforeClean,
    #[component(name = "generalize")]
    Generalize,
}
