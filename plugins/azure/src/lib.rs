//! Sindri's cloud plugin for Microsoft Azure: Packer's `azure-arm` builder and plans of `az` commands.

mod check;
mod config;
mod describe;
mod ids;
mod model;
mod plan;
mod render;
mod size;
mod version;

use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{
    BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn,
};

/// The plugin.
#[derive(Debug)]
pub struct Azure;

/// JSON Schema of the plugin's configuration section; the one source of its defaults.
pub const CONFIG_SCHEMA: &str = include_str!("../config.schema.json");

impl Provider for Azure {
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

sindri_plugin_sdk::export_provider!(Azure);
