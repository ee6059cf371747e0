//! What the policy takes from the operations: one word, for messages.

use crate::contract::Effect;

/// The word for an effect.
pub fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Create => "create",
        Effect::Destroy => "destroy",
        Effect::Publish => "publish",
    }
}
