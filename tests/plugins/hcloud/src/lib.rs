//! A cloud plugin as a third party writes it: Hetzner Cloud by Packer's `hcloud` builder and the `hcloud` command, neither
//! of which the host knows.

mod config;
mod describe;
mod labels;
mod model;
mod plan;
mod render;

use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{
    BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn,
};

/// The plugin.
#[derive(Debug)]
pub struct Hcloud;

/// JSON Schema of the plugin's configuration section; the one source of its defaults.
pub const CONFIG_SCHEMA: &str = include_str!("../config.schema.json");

impl Provider for Hcloud {
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

sindri_plugin_sdk::export_provider!(Hcloud);
