//! `sindri` builds, checks, ships and deploys golden VM images with Packer. Each cloud is a
//! WebAssembly component that returns templates and command plans as data; this library checks them
//! and runs Packer and the cloud's command-line tool on the component's behalf.

pub mod cli;
pub mod config;
pub mod conformance;
pub mod contract;
pub mod digest;
pub mod environment;
pub mod error;
pub mod evidence;
pub mod files;
#[cfg(target_os = "linux")]
pub mod foreign;
pub mod journal;
pub mod operation;
pub mod plugin;
pub mod policy;
pub mod provision;
pub mod report;
pub mod runner;
pub mod verify;

pub use error::{Code, Error, Exit, Result};
