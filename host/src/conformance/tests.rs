//! The suite finds what it is for: it is held against plugins that break one rule each elsewhere, and here
//! against those that keep all of them.

use super::*;
use crate::contract::{Command, CommandRequest, DestroyTarget, Operation, Value};
use crate::plugin::Engine;
use crate::policy::argv::parse;
use crate::policy::iam::{self, Task};
use crate::policy::tools;

#[test]
fn every_bundled_plugin_keeps_the_contract() {
    let engine = Engine::new().unwrap();
    for plugin in Plugin::all_bundled(&engine) {
        let report = check(&plugin).unwrap();
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, Vec::<String>::new(), "{}", plugin.identity().id);
        assert!(report.calls > 1000, "{} calls", report.calls);
    }
}

/// Who reviews a plugin's command lines must not refuse what its plans really run.
pub(super) fn reads_back(suite: &mut Suite<'_>, command: &Command) {
    let mut words = command.verb.clone();
    words.extend(command.positionals.iter().cloned());
    for flag in &command.flags {
        words.push(format!("--{}", flag.name));
        for value in &flag.values {
            let Value::Text(text) = value else {
                // A file has no name yet.
                return;
            };
            words.push(text.clone());
        }
    }
    let profile = tools::profile(&command.tool).unwrap();
    match parse(&words, &suite.info.requests.commands, &profile) {
        Ok(read) => assert_eq!(
            (&read.verb, &read.flags, &read.positionals, read.effect),
            (
                &command.verb,
                &command.flags,
                &command.positionals,
                command.effect
            )
        ),
        Err(error) => suite.find(Rule::Command, format!("{words:?} does not read back: {error}")),
    }
}

/// A policy made for an operation must allow every command that its plans run, whatever the tool answers.
pub(super) fn is_permitted(suite: &mut Suite<'_>, operation: &Operation, command: &CommandRequest) {
    let word = match operation {
        Operation::CheckCredentials => "check-credentials",
        Operation::FindImage(_) => "find-image",
        Operation::ListImages(_) => "list-images",
        Operation::ShowImage(_) => "show-image",
        Operation::CheckBuild(_) => "check-build",
        Operation::FindRuns => "find-runs",
        Operation::ResolveArtifact(_) => "resolve-artifact",
        Operation::DeleteImage(_) => "delete-image",
        Operation::Deploy(_) => "deploy",
        Operation::Destroy(DestroyTarget::Instance(_)) => "destroy-instance",
        Operation::Destroy(DestroyTarget::Run(_)) => "destroy-run",
        Operation::Copy(_) => "copy",
        Operation::Share(_) => "share",
        Operation::Publish(_) => "publish",
        Operation::Deprecate(_) => "deprecate",
    };
    for task in Task::ALL
        .into_iter()
        .filter(|task| task.operations().contains(&word))
    {
        let allowed = iam::permissions(&suite.info, &[task]).unwrap();
        for permission in iam::of_command(command).unwrap() {
            if !allowed.contains(&permission) {
                let verb = command.verb.join(" ");
                let message = format!("{task:?} runs `{verb}` for {word} without {permission}");
                suite.find(Rule::Command, message);
            }
        }
    }
}
