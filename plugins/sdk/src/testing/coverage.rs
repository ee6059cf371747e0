//! What holds for the plans of every plugin: they use what was requested and nothing else, leave to the host
//! what is the host's, and survive whatever a tool prints.

use std::collections::BTreeSet;

use super::{Driven, Tool, covers, drive, silent};
use crate::Provider;
use crate::command::requested_as;
use crate::contract::{Command, Effect, PlanRequest, StepResult};

/// What no tool should print and some did: nothing, half of something, a proxy's error page.
const GARBAGE: [&str; 8] = ["", "\u{0}", "null", "[]", "{}", "<html>", "\"x\"", "1e999"];

/// Every command of these plans is covered by a request: else the host refuses it in the middle of a run.
pub fn every_command_is_requested<P: Provider>(plans: &[Driven]) -> Result<(), String> {
    let requests = P::describe().requests.commands;
    let missing = commands(plans).find(|command| !requests.iter().any(|request| covers(request, command)));
    missing.map_or(Ok(()), |command| Err(format!("not requested: {command:?}")))
}

/// These plans use every request and every flag of it: what is requested for nothing is granted for nothing.
pub fn every_request_is_used<P: Provider>(plans: &[Driven]) -> Result<(), String> {
    let used: BTreeSet<String> = commands(plans)
        .flat_map(|command| {
            let flags = command.flags.iter().map(|flag| requested_as(&flag.name));
            words(command.effect, &command.verb, flags)
        })
        .collect();
    let requests = P::describe().requests.commands;
    let mut wanted = requests
        .iter()
        .flat_map(|request| words(request.effect, &request.verb, request.flags.iter().cloned()));
    let unused = wanted.find(|word| !used.contains(word));
    unused.map_or(Ok(()), |word| Err(format!("no plan uses {word}")))
}

/// The verb alone, and with each of its flags.
fn words(effect: Effect, verb: &[String], flags: impl Iterator<Item = String>) -> Vec<String> {
    let verb = format!("{effect:?} {}", verb.join(" "));
    let with_flags = flags.map(|flag| format!("{verb} --{flag}"));
    [verb.clone()].into_iter().chain(with_flags).collect()
}

/// These plans run this tool only, with none of the flags that are the host's to set.
pub fn nothing_of_the_host_is_set(plans: &[Driven], tool: &str, hosts: &[&str]) -> Result<(), String> {
    for command in commands(plans) {
        if command.tool != tool {
            return Err(format!("another tool: {command:?}"));
        }
        if let Some(flag) = command
            .flags
            .iter()
            .find(|flag| hosts.contains(&flag.name.as_str()))
        {
            return Err(format!("--{} is the host's to set: {command:?}", flag.name));
        }
    }
    Ok(())
}

fn commands(plans: &[Driven]) -> impl Iterator<Item = &Command> {
    plans.iter().flat_map(Driven::commands)
}

/// How a tool goes wrong after a while.
#[derive(Clone, Copy, Debug)]
pub struct Garbage<'a> {
    /// What it prints then, in the shapes of the cloud, besides what is garbage for every cloud.
    pub texts: &'a [&'a str],
    /// The most answers that are still good.
    pub most_good_answers: usize,
    /// Codes of the problems that plans may report of it.
    pub problems: &'a [&'a str],
}

impl Garbage<'_> {
    /// No plan panics, hangs, or ends with a problem that says something else.
    pub fn survived_by<P: Provider>(
        &self,
        requests: &[PlanRequest],
        tool: impl Fn() -> Tool,
    ) -> Result<(), String> {
        for request in requests {
            for good_answers in 0..=self.most_good_answers {
                for text in GARBAGE.iter().chain(self.texts) {
                    let driven = goes_wrong::<P>(request, &tool(), good_answers, text);
                    let told = |what: String| format!("{:?} `{text}`: {what}", request.operation);
                    match driven.map_err(told)?.result {
                        Err(problem) if !self.problems.contains(&problem.code.as_str()) => {
                            return Err(told(format!("{problem:?}")));
                        }
                        Ok(_) | Err(_) => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// The tool answers so many times and then prints this, whatever it is asked.
fn goes_wrong<P: Provider>(
    request: &PlanRequest,
    tool: &Tool,
    good_answers: usize,
    text: &str,
) -> Result<Driven, String> {
    let mut answered = 0;
    drive::<P>(request, |step, command| {
        answered += 1;
        if answered <= good_answers {
            return tool.answer(step, command);
        }
        Ok(StepResult {
            stdout: text.to_owned(),
            ..silent(step)
        })
    })
}
