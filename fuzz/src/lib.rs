//! What the host reads from strangers, for a fuzzer: its own sources, without the engine and the programs around them.
//! Each function here takes any bytes, and panics where a promise is broken.
#![allow(dead_code, missing_docs, clippy::panic, clippy::unwrap_used)]

#[path = "../../host/src/contract/mod.rs"]
pub mod contract;
#[path = "../../host/src/digest.rs"]
pub mod digest;
#[path = "../../host/src/error.rs"]
pub mod error;
#[path = "../../host/src/files.rs"]
pub mod files;

pub mod policy;

pub mod plugin;

pub mod provision;

pub use error::{Code, Error, Exit, Result};

mod argv_target;
mod component_target;
mod hcl_target;

pub use argv_target::argv;
pub use component_target::component;
pub use hcl_target::hcl;
