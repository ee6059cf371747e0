//! A plugin that does whatever a plugin must not.
//!
//! `sindri doctor sandbox` runs it on the user's own machine and prints what stopped it. It holds no exploit: what
//! it wants to reach are canaries, and without a host that grants it something it is a pure function like every
//! plugin.
//!
//! What it does is named in its configuration, `{"attack":"…"}`. `describe` has no configuration and neither has
//! the start of an instance, so the name may also be written over [`attack::SLOT`] in the component's bytes.

mod attack;
mod bundle;
mod describe;
mod plan;
mod resources;

use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{
    BuildRequest, Bundle, PlanRequest, Problem, ProviderInfo, StepResult, Turn,
};

/// The plugin.
#[derive(Debug)]
pub struct Hostile;

impl Provider for Hostile {
    fn describe() -> ProviderInfo {
        describe::describe(attack::of_bytes())
    }

    fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
        bundle::render(attack::of_config(&request.config), &request.config)
    }

    fn plan(request: &PlanRequest, history: &[StepResult]) -> Result<Turn, Problem> {
        plan::plan(attack::of_config(&request.config), history)
    }
}

sindri_plugin_sdk::export_provider!(Hostile);

/// Runs when the component is instantiated, before any function of the contract is called.
#[cfg(target_family = "wasm")]
#[allow(unsafe_code)]
// SAFETY: the name is the one that component tools call at the start, and no other function has it.
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    match attack::of_bytes() {
        "start-loop" => resources::loop_for_ever(),
        "start-memory" => resources::take_all_memory(),
        _ => {}
    }
}
