//! The suite finds what it is for: it is held against plugins that break one rule each elsewhere, and here
//! against those that keep all of them.

use super::*;
use crate::contract::{Command, Value};
use crate::plugin::Engine;
use crate::policy::argv::parse;
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
