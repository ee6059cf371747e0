//! What the host reads from strangers, for a fuzzer: its own sources, without the engine and the programs around them.
//! Each function here takes any bytes, and panics where a promise is broken.
#![allow(dead_code, missing_docs, clippy::panic, clippy::unwrap_used)]

#[path = "../../host/src/contract/mod.rs"]
pub mod contract;
#[path = "../../host/src/digest.rs"]
pub mod digest;
#[path = "../../host/src/environment.rs"]
pub mod environment;
#[path = "../../host/src/error.rs"]
pub mod error;
#[path = "../../host/src/files.rs"]
pub mod files;

pub mod operation;
/// The parts of the policy that decide about data alone. A path on the folder, so that the modules find their own.
#[path = "../../host/src/policy"]
pub mod policy {
    pub mod argv;
    pub mod builders;
    pub mod children {
        pub mod variables;

        /// Where the host collects a child's environment; nothing here starts one.
        #[derive(Default)]
        pub struct Collected(Vec<String>);

        impl Collected {
            pub fn copy(&mut self, name: &str, _user: &crate::environment::Environment) {
                self.0.push(name.to_owned());
            }
        }
    }
    pub mod grants;
    pub mod redact;
    pub mod template;
    pub mod tools;
}

/// Reading components and lock files without running anything.
#[path = "../../host/src/plugin"]
pub mod plugin {
    mod inspect;
    pub mod lock;
    pub mod name;

    pub use inspect::{Inspection, inspect};

    pub const CONTRACT: &str = "sindri:packer@0.1.0";
    pub const INTERFACE: &str = "sindri:packer/packer-provider@0.1.0";

    /// The plugins that are built into the program.
    pub struct Plugin;

    impl Plugin {
        pub fn bundled_ids() -> Vec<&'static str> {
            vec!["alibaba", "aws", "azure", "gcp", "oci"]
        }
    }
}

/// The host's own steps, as data.
#[path = "../../host/src/provision"]
pub mod provision {
    pub mod steps;
    pub use steps::HostSteps;
}

pub use error::{Code, Error, Exit, Result};

mod argv_target;
mod component_target;
mod hcl_target;
mod lock_target;

pub use argv_target::argv;
pub use component_target::component;
pub use hcl_target::hcl;
pub use lock_target::lock;
