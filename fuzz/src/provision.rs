//! The host's own steps, as data.

#[path = "../../host/src/provision/steps.rs"]
pub mod steps;
pub use steps::HostSteps;
