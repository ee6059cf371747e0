//! The host's own form of what crosses the boundary to a plugin.
//!
//! Every served version of the WIT contract is converted to these types once, in `plugin/`. The
//! meaning of each field stands in `wit/packer-provider.wit`.
#![allow(missing_docs)]

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

#[allow(clippy::large_enum_variant)] // one at a time
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    #[component(name = "run")]
    Run(Vec<Step>),
    #[component(name = "done")]
    Done(Outcome),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Step {
    pub id: String,
    pub purpose: String,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    #[component(name = "command")]
    Command(Command),
    /// Seconds.
    #[component(name = "wait")]
    Wait(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Command {
    pub tool: String,
    pub verb: Vec<String>,
    pub flags: Vec<Flag>,
    pub positionals: Vec<String>,
    pub location: Option<String>,
    pub effect: Effect,
    #[component(name = "timeout-seconds")]
    pub timeout_seconds: u32,
    pub tolerates: Tolerance,
    #[component(name = "secret-output")]
    pub secret_output: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct Flag {
    pub name: String,
    pub values: Vec<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    #[component(name = "text")]
    Text(String),
    /// Content of a file that the host writes.
    #[component(name = "file")]
    File(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum Tolerance {
    #[component(name = "nothing")]
    Nothing,
    #[component(name = "errors")]
    Errors(Vec<String>),
    #[component(name = "any-failure")]
    AnyFailure,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(record)]
pub struct StepResult {
    #[component(name = "step-id")]
    pub step_id: String,
    pub status: StepStatus,
    pub stdout: String,
    #[component(name = "error-code")]
    pub error_code: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[component(variant)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    #[component(name = "exited")]
    Exited(i32),
    #[component(name = "timed-out")]
    TimedOut,
    #[component(name = "waited")]
    Waited,
}

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
