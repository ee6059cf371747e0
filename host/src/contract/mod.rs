//! The host's own form of what crosses the boundary to a plugin.
//!
//! Every served version of the WIT contract is converted to these types once, in `plugin/`. The
//! meaning of each field stands in `wit/packer-provider.wit`.
#![allow(missing_docs)]

mod build;
mod operation;
mod outcome;
mod provider;
mod turn;

pub use build::{Architecture, BuildRequest, Bundle, BundleFile, Context, ImageSpec, Problem, Tag};
pub use operation::{
    Artifact, CopyRequest, DeployRequest, DeprecateRequest, DeprecationState, DestroyTarget, ImageFilter,
    InterruptedRun, Operation, PlanRequest, PlannedImage, Principal, PublishRequest, ShareRequest,
};
pub use outcome::{
    Distribution, Identity, Image, ImageState, Instance, Labels, Leftover, Outcome, Removal, Resource,
    RunPurpose, RunTrace,
};
pub use provider::{
    BuilderRequest, CommandRequest, Effect, GuestPhase, PackerPlugin, ProviderInfo, Requests, Tool,
};
pub use turn::{Action, Command, Flag, Step, StepResult, StepStatus, Tolerance, Turn, Value};
