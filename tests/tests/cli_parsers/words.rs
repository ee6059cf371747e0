//! From the commands of a plan to the words that the host would run.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use sindri::contract as host;
use sindri::policy::argv::{Argv, Placement, render};
use sindri::policy::tools::profile;
use sindri_plugin_sdk::contract as plugin;

/// The words of one command.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    argv: Argv,
    /// What a test adds.
    extra: Vec<&'static str>,
}

impl Words {
    /// What the host's policy makes of the commands, each once.
    ///
    /// # Panics
    /// When the policy refuses one.
    pub(crate) fn of(
        requests: &[plugin::CommandRequest],
        location: &str,
        commands: &[plugin::Command],
    ) -> Vec<Self> {
        let granted: Vec<host::CommandRequest> = requests.iter().map(request).collect();
        // Where a command may act is the business of other tests.
        let allowed: Vec<String> = commands
            .iter()
            .filter_map(|command| command.location.clone())
            .collect();
        let placement = Placement {
            default: location,
            allowed: &allowed,
        };
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for command in commands {
            let profile = profile(&command.tool).unwrap();
            let argv = render(&self::command(command), &granted, &profile, &placement)
                .unwrap_or_else(|error| panic!("{error:?}: {command:?}"));
            if seen.insert(format!("{:?}", argv.args)) {
                all.push(Self {
                    argv,
                    extra: Vec::new(),
                });
            }
        }
        all
    }

    /// The same with a flag that no tool has.
    pub(crate) fn misspelt(&self) -> Self {
        Self {
            argv: self.argv.clone(),
            extra: vec!["--no-tool-has-this-flag", "x"],
        }
    }

    /// The arguments, after the files that they name were written.
    pub(crate) fn arguments(&self, directory: &Path) -> Vec<OsString> {
        let mut arguments = self.argv.materialise(directory).unwrap();
        arguments.extend(self.extra.iter().map(OsString::from));
        arguments
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.argv.display(), self.extra.join(" "))
    }
}

fn request(request: &plugin::CommandRequest) -> host::CommandRequest {
    host::CommandRequest {
        tool: request.tool.clone(),
        verb: request.verb.clone(),
        flags: request.flags.clone(),
        effect: effect(request.effect),
    }
}

fn command(command: &plugin::Command) -> host::Command {
    let value = |value: &plugin::Value| match value {
        plugin::Value::Text(text) => host::Value::Text(text.clone()),
        plugin::Value::File(content) => host::Value::File(content.clone()),
    };
    let flag = |flag: &plugin::Flag| host::Flag {
        name: flag.name.clone(),
        values: flag.values.iter().map(value).collect(),
    };
    host::Command {
        tool: command.tool.clone(),
        verb: command.verb.clone(),
        flags: command.flags.iter().map(flag).collect(),
        positionals: command.positionals.clone(),
        location: command.location.clone(),
        effect: effect(command.effect),
        timeout_seconds: command.timeout_seconds,
        // Neither makes a word.
        tolerates: host::Tolerance::Nothing,
        secret_output: command.secret_output,
    }
}

fn effect(effect: plugin::Effect) -> host::Effect {
    match effect {
        plugin::Effect::Read => host::Effect::Read,
        plugin::Effect::Create => host::Effect::Create,
        plugin::Effect::Destroy => host::Effect::Destroy,
        plugin::Effect::Publish => host::Effect::Publish,
    }
}
