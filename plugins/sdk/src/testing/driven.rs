//! What tests ask of a driven plan. Whatever is missing fails the test that asked.
#![allow(clippy::panic, clippy::indexing_slicing)]

use serde_json::Value as Json;

use super::Driven;
use crate::contract::{Action, Command, Distribution, Outcome, Problem, Removal, Step, Value};

fn command<'a>(driven: &'a Driven, step: &str) -> &'a Command {
    driven.command(step).unwrap_or_else(|| panic!("no step {step}"))
}

/// The texts of a flag of a step's command, with spaces between them; none when it does not have the flag.
pub fn optional_flag(driven: &Driven, step: &str, name: &str) -> Option<String> {
    let mut flags = command(driven, step).flags.iter();
    let flag = flags.find(|flag| flag.name == name)?;
    let texts = flag.values.iter().map(|value| match value {
        Value::Text(text) | Value::File(text) => text.as_str(),
    });
    Some(texts.collect::<Vec<_>>().join(" "))
}

/// Like [`optional_flag`], of a flag that the command has.
pub fn flag(driven: &Driven, step: &str, name: &str) -> String {
    optional_flag(driven, step, name).unwrap_or_else(|| panic!("no flag {name}"))
}

/// A flag whose text is JSON.
pub fn json_flag(driven: &Driven, step: &str, name: &str) -> Json {
    let text = flag(driven, step, name);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether a step's command has this flag, with or without values.
pub fn has_flag(driven: &Driven, step: &str, name: &str) -> bool {
    let mut flags = command(driven, step).flags.iter();
    flags.any(|flag| flag.name == name)
}

/// A word for each command of each turn, and `pause` for a wait.
pub fn turns(driven: &Driven, word: impl Fn(&Command) -> String) -> Vec<Vec<String>> {
    let of_step = |step: &Step| match &step.action {
        Action::Wait(_) => "pause".to_owned(),
        Action::Command(command) => word(command),
    };
    let of_turn = |turn: &Vec<Step>| turn.iter().map(of_step).collect();
    driven.turns.iter().map(of_turn).collect()
}

/// `word@location` when the command does not run in the configured location.
pub fn located(command: &Command, word: &str) -> String {
    let location = command.location.as_ref();
    location.map_or(word.to_owned(), |location| format!("{word}@{location}"))
}

/// The outcome of a plan that removes.
pub fn removal(driven: Driven) -> Removal {
    match driven.result {
        Ok(Outcome::Removal(removal)) => removal,
        other => panic!("{other:?}"),
    }
}

/// Kind and id of what was removed.
pub fn removed(removal: &Removal) -> Vec<String> {
    let removed = removal.removed.iter();
    removed
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect()
}

/// The outcome of a plan that shares, publishes or deprecates.
pub fn distribution(driven: Driven) -> Distribution {
    match driven.result {
        Ok(Outcome::Distribution(distribution)) => distribution,
        other => panic!("{other:?}"),
    }
}

/// The problem of a plan that has to end with one.
pub fn problem(driven: Driven) -> Problem {
    match driven.result {
        Err(problem) => problem,
        Ok(outcome) => panic!("should be a problem: {outcome:?}"),
    }
}

/// A JSON document with one member changed.
pub fn with(mut document: Json, member: &str, value: Json) -> Json {
    document[member] = value;
    document
}
