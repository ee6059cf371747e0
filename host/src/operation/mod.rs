//! What the subcommands do, in terms of plugins, policy and programs.

pub(crate) mod architecture;
pub mod build;
mod cache;
pub mod delete;
pub mod deploy;
pub mod destroy;
pub(crate) mod distribute;
pub mod doctor;
mod evidence;
pub mod gc;
mod inputs;
pub mod list;
pub(crate) mod outcome;
mod owned;
pub(crate) mod place;
mod planner;
mod preview;
mod programs;
mod release;
pub mod render;
mod session;
mod together;
pub(crate) mod turn;
pub mod undo;
pub mod validate;
pub mod verify;
mod vm_log;

pub use planner::Planner;
pub use preview::Preview;
pub use programs::Programs;
pub use session::Session;
pub(crate) use together::all as together;
pub(crate) use turn::TURNS;

use crate::contract::Effect;

/// The word for an effect that users see.
pub fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Create => "create",
        Effect::Destroy => "destroy",
        Effect::Publish => "publish",
    }
}
