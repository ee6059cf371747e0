//! Reading a component without running it.

#[path = "../../host/src/plugin/inspect.rs"]
mod inspect;
pub use inspect::{Inspection, inspect};

pub const CONTRACT: &str = "sindri:packer@0.1.0";
pub const INTERFACE: &str = "sindri:packer/packer-provider@0.1.0";
