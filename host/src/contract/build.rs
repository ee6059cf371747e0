//! What a template is made of.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Context {
    #[component(name = "run-id")]
    pub run_id: String,
    pub now: String,
    #[component(name = "packer-version")]
    pub packer_version: Option<String>,
    #[component(name = "ssh-public-key")]
    pub ssh_public_key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Architecture {
    #[serde(rename = "x86_64")]
    #[component(name = "x86-64")]
    X86_64,
    #[serde(rename = "arm64")]
    #[component(name = "arm64")]
    Arm64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Tag {
    pub key: String,
    pub value: String,
}

impl Tag {
    /// A tag of these two texts.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ImageSpec {
    pub name: String,
    pub description: String,
    pub architecture: Option<Architecture>,
    pub tags: Vec<Tag>,
    #[component(name = "run-tags")]
    pub run_tags: Vec<Tag>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct BuildRequest {
    pub context: Context,
    pub image: ImageSpec,
    /// JSON text.
    pub config: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Bundle {
    /// HCL.
    pub template: String,
    pub files: Vec<BundleFile>,
    pub notices: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct BundleFile {
    pub path: String,
    pub content: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Problem {
    pub code: String,
    pub message: String,
    pub key: Option<String>,
    pub remedy: Option<String>,
}
