//! Time and memory of the host.

use serde_json::json;

use super::super::attack::{Attack, Lab, Verdict};
use crate::error::Code;

/// Attacks that last until a time limit ends them: each for itself, all at the same time.
pub(in super::super) fn slow() -> Vec<Attack> {
    vec![
        Attack {
            name: "endless-loop",
            tries: "never to return from `render`",
            run: Box::new(|lab| render(lab, "loop", Code::PluginTimeout)),
        },
        Attack {
            name: "endless-loop-in-plan",
            tries: "never to return from `plan`",
            run: Box::new(|lab| Verdict::of_refusal(lab.drive("loop", ""), &[Code::PluginTimeout])),
        },
        Attack {
            name: "endless-loop-in-describe",
            tries: "never to return from `describe`",
            run: Box::new(|lab| described(lab, "describe-loop", Code::PluginTimeout)),
        },
        Attack {
            name: "endless-loop-at-start",
            tries: "never to be instantiated",
            run: Box::new(|lab| described(lab, "start-loop", Code::PluginTimeout)),
        },
    ]
}

/// Attacks that fill the memory they can get: one after the other.
pub(in super::super) fn attacks() -> Vec<Attack> {
    let attack = |name, tries, attack: &'static str, wall| Attack {
        name,
        tries,
        run: Box::new(move |lab| render(lab, attack, wall)),
    };
    vec![
        attack("memory-bomb", "to take all memory", "memory", Code::PluginMemory),
        Attack {
            name: "memory-bomb-at-start",
            tries: "to take all memory before any function is called",
            run: Box::new(|lab| described(lab, "start-memory", Code::PluginMemory)),
        },
        attack(
            "large-text",
            "to return a text of 100 MiB",
            "text",
            Code::PluginMemory,
        ),
        attack(
            "many-large-texts",
            "to return the same 16 MiB 64 times, 1 GiB for the host",
            "texts",
            Code::PluginMemory,
        ),
        Attack {
            name: "many-empty-texts",
            tries: "to return three million tags without text",
            run: Box::new(|lab| Verdict::of_refusal(lab.drive("tags", ""), &[Code::PluginMemory])),
        },
        attack(
            "deep-recursion",
            "to overflow the host's stack",
            "recursion",
            Code::PluginTrap,
        ),
        attack("trap", "to crash the host with itself", "trap", Code::PluginTrap),
        attack(
            "no-utf8",
            "to return a text that is not UTF-8",
            "no-utf8",
            Code::PluginTrap,
        ),
        attack(
            "foreign-memory",
            "to return a text from outside of its memory",
            "outside-memory",
            Code::PluginTrap,
        ),
        Attack {
            name: "state-between-calls",
            tries: "to remember one call in the next",
            run: Box::new(|lab| {
                let notices = || {
                    lab.render(&json!({"attack": "state"}))
                        .map(|bundle| bundle.notices)
                };
                let same = matches!((notices(), notices()), (Ok(one), Ok(other)) if one == other);
                Verdict::of_mechanism(
                    same,
                    "fresh instance",
                    "two calls in a row gave the same answer",
                    "the second call knew of the first",
                )
            }),
        },
    ]
}

fn render(lab: &Lab, attack: &str, wall: Code) -> Verdict {
    Verdict::of_refusal(lab.render(&json!({ "attack": attack })), &[wall])
}

fn described(lab: &Lab, attack: &str, wall: Code) -> Verdict {
    Verdict::of_refusal(lab.with(attack).and_then(|plugin| plugin.ask()), &[wall])
}
