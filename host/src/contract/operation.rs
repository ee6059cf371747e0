//! What a plan is asked for.

use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

use super::{Architecture, Context, Tag};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct PlanRequest {
    pub context: Context,
    /// JSON text.
    pub config: String,
    pub operation: Operation,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    #[component(name = "check-credentials")]
    CheckCredentials,
    #[component(name = "check-build")]
    CheckBuild(PlannedImage),
    #[component(name = "find-image")]
    FindImage(String),
    #[component(name = "list-images")]
    ListImages(ImageFilter),
    #[component(name = "show-image")]
    ShowImage(String),
    #[component(name = "resolve-artifact")]
    ResolveArtifact(Artifact),
    #[component(name = "delete-image")]
    DeleteImage(String),
    #[component(name = "deploy")]
    Deploy(DeployRequest),
    #[component(name = "destroy")]
    Destroy(DestroyTarget),
    #[component(name = "find-runs")]
    FindRuns,
    #[component(name = "share")]
    Share(ShareRequest),
    #[component(name = "publish")]
    Publish(PublishRequest),
    #[component(name = "copy")]
    Copy(CopyRequest),
    #[component(name = "deprecate")]
    Deprecate(DeprecateRequest),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct PlannedImage {
    pub name: String,
    pub architecture: Option<Architecture>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ImageFilter {
    #[component(name = "name-prefix")]
    pub name_prefix: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Artifact {
    #[component(name = "builder-type")]
    pub builder_type: String,
    #[component(name = "artifact-id")]
    pub artifact_id: String,
    #[component(name = "image-name")]
    pub image_name: String,
    #[component(name = "unwritten-tags")]
    pub unwritten_tags: Vec<Tag>,
    #[component(name = "unwritten-description")]
    pub unwritten_description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct DeployRequest {
    #[component(name = "image-id")]
    pub image_id: String,
    pub name: String,
    #[component(name = "ssh-source")]
    pub ssh_source: String,
    pub tags: Vec<Tag>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum DestroyTarget {
    #[component(name = "instance")]
    Instance(String),
    #[component(name = "run")]
    Run(InterruptedRun),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct InterruptedRun {
    #[component(name = "run-id")]
    pub run_id: String,
    #[component(name = "image-name")]
    pub image_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct ShareRequest {
    #[component(name = "image-id")]
    pub image_id: String,
    pub principals: Vec<Principal>,
    pub revoke: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Principal {
    #[component(name = "account")]
    Account(String),
    #[component(name = "organization")]
    Organization(String),
    #[component(name = "user")]
    User(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct PublishRequest {
    #[component(name = "image-id")]
    pub image_id: String,
    pub withdraw: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct CopyRequest {
    #[component(name = "image-id")]
    pub image_id: String,
    pub locations: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct DeprecateRequest {
    #[component(name = "image-id")]
    pub image_id: String,
    pub state: DeprecationState,
    pub at: Option<String>,
    pub replacement: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[serde(rename_all = "kebab-case")]
pub enum DeprecationState {
    #[component(name = "active")]
    Active,
    #[component(name = "deprecated")]
    Deprecated,
    #[component(name = "obsolete")]
    Obsolete,
}
