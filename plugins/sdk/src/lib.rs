//! What authors of Sindri cloud plugins use.
//!
//! A plugin is a pure function: it gets configuration and results, and returns a Packer template or
//! the next commands. It has no clock, no files, no network and no environment. The same crate is a
//! WebAssembly component for the host and an ordinary library for its own tests.
//!
//! ```
//! use sindri_plugin_sdk::Provider;
//! use sindri_plugin_sdk::contract::{
//!     BuildRequest, Bundle, Effect, PlanRequest, Problem, ProviderInfo, StepResult, Turn,
//! };
//! use sindri_plugin_sdk::describe::{Description, Program};
//!
//! struct Nowhere;
//!
//! impl Provider for Nowhere {
//!     fn describe() -> ProviderInfo {
//!         Description {
//!             id: "nowhere",
//!             title: "Nowhere",
//!             version: "0.1.0",
//!             aliases: &[],
//!             tool: Program {
//!                 name: "nowhere",
//!                 title: "Nowhere CLI",
//!                 install_url: "https://nowhere.example/cli",
//!                 login_hint: "run `nowhere login`",
//!                 version_argument: "--version",
//!                 minimum_version: None,
//!             },
//!             builder: "nowhere",
//!             packer_plugin: ("nowhere", "github.com/nowhere/nowhere", ">= 1.0.0"),
//!             commands: &[("image list", &["filter"], Effect::Read)],
//!             guest_phases: &[],
//!             config_schema: r#"{"type": "object", "additionalProperties": false, "properties": {}}"#,
//!         }
//!         .info()
//!     }
//!     fn render(_request: &BuildRequest) -> Result<Bundle, Problem> {
//!         Err(Problem::new("unsupported", "there are no machines nowhere"))
//!     }
//!     fn plan(_request: &PlanRequest, _history: &[StepResult]) -> Result<Turn, Problem> {
//!         Err(Problem::new("unsupported", "there is nothing to run"))
//!     }
//! }
//!
//! sindri_plugin_sdk::export_provider!(Nowhere);
//! ```

pub mod check;
pub mod command;
pub mod config;
pub mod contract;
pub mod describe;
pub mod hcl;
pub mod history;
pub mod labels;
#[cfg(any(test, target_family = "wasm"))]
mod memory;
pub mod moment;
pub mod names;
mod problem;
pub mod removal;
pub mod runs;
mod step_id;
pub mod tags;
pub mod version;

#[cfg(not(target_family = "wasm"))]
pub mod testing;

pub use command::{Command, wait};
pub use history::History;
pub use step_id::step_id;

use contract::{BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn};

/// A cloud plugin. The contract's own words on each function stand in `wit/packer-provider.wit`.
pub trait Provider {
    /// Who the plugin is, what it requests and the schema of its configuration.
    fn describe() -> ProviderInfo;

    /// The cloud's part of the Packer template.
    fn render(request: &BuildRequest) -> Result<Bundle, Problem>;

    /// The next commands, or the outcome, decided from all results so far.
    fn plan(request: &PlanRequest, history: &[StepResult]) -> Result<Turn, Problem>;
}

/// Makes the crate a component that exports this [`Provider`]. Expands to nothing outside
/// WebAssembly, so that the crate stays an ordinary library for tests and benchmarks.
#[macro_export]
macro_rules! export_provider {
    ($provider:ty) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, unreachable_pub)]
        const _: () = {
            struct Component;

            impl $crate::contract::Guest for Component {
                fn describe() -> $crate::contract::ProviderInfo {
                    <$provider as $crate::Provider>::describe()
                }

                fn render(
                    request: $crate::contract::BuildRequest,
                ) -> ::core::result::Result<$crate::contract::Bundle, $crate::contract::Problem> {
                    <$provider as $crate::Provider>::render(&request)
                }

                fn plan(
                    request: $crate::contract::PlanRequest,
                    history: ::std::vec::Vec<$crate::contract::StepResult>,
                ) -> ::core::result::Result<$crate::contract::Turn, $crate::contract::Problem> {
                    <$provider as $crate::Provider>::plan(&request, &history)
                }
            }

    $crate::contract::export!(Component with_types_in $crate::contract);
        };
    };
}
