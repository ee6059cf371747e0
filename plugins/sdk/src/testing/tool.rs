//! A stand-in for a cloud's command-line tool.

use std::cell::RefCell;

use serde_json::Value as Json;

use super::{failed, printed, silent};
use crate::contract::{Command, Step, StepResult};

/// Answers by step id, else by verb. Several answers to the same are given one after the other, the last
/// for ever.
#[derive(Debug, Default)]
pub struct Tool {
    nothing: Option<fn(verb: &str) -> Option<Json>>,
    answers: Vec<(String, RefCell<Vec<Answer>>)>,
}

#[derive(Clone, Debug)]
enum Answer {
    Prints(Json),
    Says(String),
    Fails(String),
}

impl Tool {
    /// An account without anything in it, where every change succeeds: what the tool prints for a verb
    /// that nothing else was said about.
    pub fn with_nothing(nothing: fn(verb: &str) -> Option<Json>) -> Self {
        Self {
            nothing: Some(nothing),
            answers: Vec::new(),
        }
    }

    /// Prints this JSON.
    pub fn prints(self, what: &str, output: Json) -> Self {
        self.add(what, Answer::Prints(output))
    }

    /// Prints this text.
    pub fn says(self, what: &str, output: &str) -> Self {
        self.add(what, Answer::Says(output.to_owned()))
    }

    /// Fails with this code.
    pub fn fails(self, what: &str, code: &str) -> Self {
        self.add(what, Answer::Fails(code.to_owned()))
    }

    fn add(mut self, what: &str, answer: Answer) -> Self {
        match self.answers.iter().find(|(name, _)| name == what) {
            Some((_, answers)) => answers.borrow_mut().push(answer),
            None => self.answers.push((what.to_owned(), RefCell::new(vec![answer]))),
        }
        self
    }

    /// The answer to this command.
    pub fn answer(&self, step: &Step, command: &Command) -> Result<StepResult, String> {
        let verb = command.verb.join(" ");
        let entry = [step.id.as_str(), verb.as_str()]
            .iter()
            .find_map(|key| self.answers.iter().find(|(name, _)| name == key));
        let Some((_, answers)) = entry else {
            return Ok(self.of_nothing(step, &verb));
        };
        let mut answers = answers.borrow_mut();
        let answer = match answers.len() {
            0 | 1 => answers.first().cloned(),
            _ => Some(answers.remove(0)),
        };
        let Some(answer) = answer else {
            return Ok(self.of_nothing(step, &verb));
        };
        Ok(match answer {
            Answer::Prints(output) => printed(step, &output),
            Answer::Says(text) => StepResult {
                stdout: text,
                ..silent(step)
            },
            Answer::Fails(code) => failed(step, &code),
        })
    }

    fn of_nothing(&self, step: &Step, verb: &str) -> StepResult {
        match self.nothing.and_then(|nothing| nothing(verb)) {
            Some(empty) => printed(step, &empty),
            None => silent(step),
        }
    }
}
