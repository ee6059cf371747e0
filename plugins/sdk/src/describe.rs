//! What a plugin says of itself, written down as a table of constants.

use crate::contract::{
    BuilderRequest, CommandRequest, Effect, GuestPhase, PackerPlugin, ProviderInfo, Requests, Tool,
};

/// One command that plans use: verb with spaces between its words, names of flags without dashes, effect.
pub type Command = (&'static str, &'static [&'static str], Effect);

/// A plugin for one cloud with one tool and one builder, which asks for no attributes of the builder beyond
/// those that everybody may set.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Name as in `--cloud ID`.
    pub id: &'static str,
    /// Name shown to people.
    pub title: &'static str,
    /// Version of the plugin.
    pub version: &'static str,
    /// Other names for `--cloud`.
    pub aliases: &'static [&'static str],
    /// The command-line program of the cloud.
    pub tool: Program,
    /// Packer's builder.
    pub builder: &'static str,
    /// Packer plugin that has the builder since Packer 1.7: local name, address, versions.
    pub packer_plugin: (&'static str, &'static str, &'static str),
    /// Every command that the plans use.
    pub commands: &'static [Command],
    /// Phases in which the plugin adds steps of its own inside the machine.
    pub guest_phases: &'static [GuestPhase],
    /// JSON Schema of the plugin's section.
    pub config_schema: &'static str,
}

/// The command-line program of a cloud.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// File name.
    pub name: &'static str,
    /// Name shown to people.
    pub title: &'static str,
    /// Where its makers say how to install it.
    pub install_url: &'static str,
    /// What a person does to log in, in one line.
    pub login_hint: &'static str,
    /// The argument that makes the program print its version.
    pub version_argument: &'static str,
    /// The first version that has all the commands, when that is known.
    pub minimum_version: Option<&'static str>,
}

impl Description {
    /// The contract's form.
    pub fn info(&self) -> ProviderInfo {
        let (name, source, version) = self.packer_plugin;
        ProviderInfo {
            id: self.id.to_owned(),
            title: self.title.to_owned(),
            version: self.version.to_owned(),
            aliases: owned(self.aliases),
            tools: vec![Tool {
                program: self.tool.name.to_owned(),
                title: self.tool.title.to_owned(),
                install_url: self.tool.install_url.to_owned(),
                login_hint: self.tool.login_hint.to_owned(),
                version_args: owned(&[self.tool.version_argument]),
                minimum_version: self.tool.minimum_version.map(str::to_owned),
            }],
            requests: Requests {
                builders: vec![BuilderRequest {
                    name: self.builder.to_owned(),
                    attributes: Vec::new(),
                }],
                packer_plugins: vec![PackerPlugin {
                    name: name.to_owned(),
                    source: source.to_owned(),
                    version: version.to_owned(),
                }],
                commands: commands(self.tool.name, self.commands),
                guest_phases: self.guest_phases.to_vec(),
            },
            config_schema: self.config_schema.to_owned(),
        }
    }
}

/// Requests for these commands of one tool.
pub fn commands(tool: &str, commands: &[Command]) -> Vec<CommandRequest> {
    let request = |(verb, flags, effect): &Command| CommandRequest {
        tool: tool.to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: owned(flags),
        effect: *effect,
    };
    commands.iter().map(request).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_is_split_into_words_and_every_command_is_of_the_tool() {
        let requests = commands(
            "cloud",
            &[
                ("vm list", &["all", "filter"], Effect::Read),
                ("vm delete", &[], Effect::Destroy),
            ],
        );
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].verb, ["vm", "list"]);
        assert_eq!(requests[0].flags, ["all", "filter"]);
        assert!(requests.iter().all(|request| request.tool == "cloud"));
        assert_eq!(requests[1].effect, Effect::Destroy);
    }
}
