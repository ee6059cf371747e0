//! What an operation ends with.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{Architecture, Principal, Tag};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    #[component(name = "identity")]
    Identity(Identity),
    #[component(name = "ready")]
    Ready(Vec<String>),
    #[component(name = "image")]
    Image(Option<Image>),
    #[component(name = "images")]
    Images(Vec<Image>),
    #[component(name = "removal")]
    Removal(Removal),
    #[component(name = "instance")]
    Instance(Instance),
    #[component(name = "runs")]
    Runs(Vec<RunTrace>),
    #[component(name = "distribution")]
    Distribution(Distribution),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Identity {
    pub account: String,
    pub principal: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Image {
    pub id: String,
    pub name: String,
    pub description: String,
    pub state: ImageState,
    #[component(name = "created-at")]
    pub created_at: Option<String>,
    #[component(name = "size-gib")]
    pub size_gib: Option<u32>,
    pub architecture: Option<Architecture>,
    pub location: String,
    pub public: bool,
    pub copies: Vec<Resource>,
    pub tags: Vec<Tag>,
    pub labels: Labels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum ImageState {
    #[component(name = "available")]
    Available,
    #[component(name = "pending")]
    Pending,
    #[component(name = "failed")]
    Failed,
    #[component(name = "deregistered")]
    Deregistered,
    #[component(name = "unknown")]
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Labels {
    pub managed: bool,
    #[component(name = "sindri-version")]
    pub sindri_version: Option<String>,
    pub profile: Option<String>,
    #[component(name = "cache-key")]
    pub cache_key: Option<String>,
    #[component(name = "run-id")]
    pub run_id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Resource {
    pub kind: String,
    pub id: String,
    pub location: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Removal {
    pub removed: Vec<Resource>,
    pub leftovers: Vec<Leftover>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct RunTrace {
    #[component(name = "run-id")]
    pub run_id: String,
    pub purpose: RunPurpose,
    /// RFC 3339.
    pub started: Option<String>,
    pub resources: Vec<Resource>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum RunPurpose {
    #[component(name = "build")]
    Build,
    #[component(name = "deploy")]
    Deploy,
    #[component(name = "unknown")]
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Leftover {
    pub resource: Resource,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Instance {
    pub id: String,
    pub name: String,
    #[component(name = "run-id")]
    pub run_id: String,
    pub location: String,
    #[component(name = "public-ip")]
    pub public_ip: Option<String>,
    #[component(name = "private-ip")]
    pub private_ip: Option<String>,
    #[component(name = "ssh-user")]
    pub ssh_user: String,
    pub resources: Vec<Resource>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Distribution {
    #[component(name = "image-id")]
    pub image_id: String,
    pub public: bool,
    #[component(name = "shared-with")]
    pub shared_with: Vec<Principal>,
    pub copies: Vec<Resource>,
    #[component(name = "deprecated-at")]
    pub deprecated_at: Option<String>,
}
