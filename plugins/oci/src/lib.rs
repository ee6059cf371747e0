//! Sindri's cloud plugin for Oracle Cloud Infrastructure: Packer's `oracle-oci` builder and plans of
//! `oci` commands.

mod check;
mod config;
mod describe;
mod model;
mod plan;
mod render;
mod shape;

use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{
    BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn,
};

/// The plugin.
#[derive(Debug)]
pub struct Oci;

/// JSON Schema of the plugin's configuration section; the one source of its defaults.
pub const CONFIG_SCHEMA: &str = include_str!("../config.schema.json");

impl Provider for Oci {
    fn describe() -> ProviderInfo {
        describe::describe()
    }

    fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
        render::render(request)
    }

    fn plan(request: &PlanRequest, history: &[StepResult]) -> Result<Turn, Problem> {
        plan::plan(request, history)
    }
}

sindri_plugin_sdk::export_provider!(Oci);
