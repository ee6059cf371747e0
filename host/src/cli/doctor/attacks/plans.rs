//! Plans that never end, or that reach for the run's directory.

use super::super::attack::{Attack, Verdict};
use crate::error::Code;

/// Name, what it tries, attack of the plugin, wall.
const ROWS: &[(&str, &str, &str, Code)] = &[
    ("endless-plan", "to plan for ever", "endless", Code::RunTurns),
    ("endless-wait", "to wait for ever", "wait", Code::PluginReturn),
    (
        "endless-waits",
        "the same by waits that are each short enough",
        "waits",
        Code::RunTurns,
    ),
    (
        "many-steps",
        "to plan 100 000 steps at once",
        "steps",
        Code::PluginReturn,
    ),
    (
        "same-step",
        "to give two steps one id",
        "same-step",
        Code::PluginReturn,
    ),
    (
        "step-path",
        "to leave the run's directory by a step's id",
        "step-path",
        Code::PluginReturn,
    ),
];

pub(in super::super) fn attacks() -> Vec<Attack> {
    ROWS.iter()
        .map(|(name, tries, attack, wall)| Attack {
            name,
            tries,
            run: Box::new(move |lab| Verdict::of_refusal(lab.drive(attack, ""), &[*wall])),
        })
        .collect()
}
