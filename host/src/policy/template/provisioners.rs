//! The host's own steps as Packer provisioners, and how a shell step is run.

use std::collections::BTreeSet;

use super::model::{Block, Value};
use crate::provision::steps::{EnvironmentValue, GuestStep, HostSteps, ShellStep};
use crate::{Code, Error, Result};

/// As whom a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privilege {
    /// The user of the SSH connection.
    LoginUser,
    /// Root, through `sudo` without a password.
    Root,
}

/// How Packer is told to run a script. These and the next are the only live Go templates in the output.
pub(super) fn execute_command(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::LoginUser => "chmod +x {{ .Path }}; {{ .Vars }} {{ .Path }}",
        // `-n`: fail instead of waiting for a password. `env`: sudo drops the environment.
        Privilege::Root => "chmod +x {{ .Path }}; sudo -n env {{ .Vars }} {{ .Path }}",
    }
}

/// The same for a script with an environment, which comes in a file (mode 0600, removed afterwards).
///
/// On the command line the values would be seen by every user of the VM and be logged by `sudo`; and
/// Packer renders the command until nothing changes, so a value with `{{` in it would be executed.
pub(super) fn execute_with_file(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::LoginUser => "chmod +x {{ .Path }}; . {{ .EnvVarFile }} && {{ .Path }}",
        Privilege::Root => "chmod +x {{ .Path }}; sudo -n sh -c '. {{ .EnvVarFile }} && {{ .Path }}'",
    }
}

/// How Packer is told to run a playbook: as root, with the environment that the step before it left in memory. Packer
/// appends the playbook and its own arguments.
const ANSIBLE: &str = "sudo -n bash -c 'set -eu; file=/run/sindri-environment; if [ -e \"$file\" ]; then . \"$file\"; \
                       rm -f \"$file\"; fi; PYTHONUNBUFFERED=1 exec ansible-playbook \"$@\"' ansible-playbook";

/// The commands that a plugin may write, and what they mean. The text of the plugin itself is not used.
pub(super) fn privilege(command: &str) -> Option<Privilege> {
    // `{{.Path}}` and `{{ .Path }}` are the same to Go.
    let spaced = [".Path", ".Vars"].iter().fold(command.to_owned(), |text, name| {
        text.replace(&format!("{{{{{name}}}}}"), &format!("{{{{ {name} }}}}"))
    });
    let start = "chmod +x {{ .Path }}; ";
    match spaced.strip_prefix(start).unwrap_or(&spaced) {
        "{{ .Vars }} {{ .Path }}"
        | "{{ .Vars }} sh {{ .Path }}"
        | "{{ .Vars }} bash {{ .Path }}"
        | "{{ .Vars }} bash '{{ .Path }}'"
        | "{{ .Vars }} sh '{{ .Path }}'"
        | "env {{ .Vars }} {{ .Path }}" => Some(Privilege::LoginUser),
        "sudo -n env {{ .Vars }} {{ .Path }}"
        | "sudo env {{ .Vars }} {{ .Path }}"
        | "sudo -E env {{ .Vars }} {{ .Path }}"
        | "sudo {{ .Vars }} {{ .Path }}"
        | "sudo -n {{ .Vars }} {{ .Path }}"
        | "sudo -n env {{ .Vars }} bash {{ .Path }}"
        | "sudo env {{ .Vars }} bash {{ .Path }}"
        | "sudo -n env {{ .Vars }} sh {{ .Path }}"
        | "sudo env {{ .Vars }} sh {{ .Path }}"
        | "{{ .Vars }} sudo -E {{ .Path }}"
        | "{{ .Vars }} sudo -n -E {{ .Path }}"
        | "{{ .Vars }} sudo -E sh {{ .Path }}"
        | "{{ .Vars }} sudo -E bash {{ .Path }}"
        | "{{ .Vars }} sudo -E sh '{{ .Path }}'"
        | "{{ .Vars }} sudo -E bash '{{ .Path }}'"
        | "{{ .Vars }} sudo -E -S bash '{{ .Path }}'"
        | "{{ .Vars }} sudo -E -S sh '{{ .Path }}'"
        | "{{ .Vars }} sudo -n -E sh '{{ .Path }}'"
        | "{{ .Vars }} sudo -n -E bash '{{ .Path }}'"
        | "sudo -S env {{ .Vars }} {{ .Path }}"
        | "sudo -E -S bash '{{ .Path }}'"
        | "sudo -E bash '{{ .Path }}'"
        | "sudo -E sh '{{ .Path }}'"
        | "sudo sh -c '{{ .Vars }} {{ .Path }}'"
        | "sudo bash -c '{{ .Vars }} {{ .Path }}'"
        | "sudo -n sh -c '{{ .Vars }} {{ .Path }}'" => Some(Privilege::Root),
        _ => None,
    }
}

/// Paths of the bundle that belong to the host's steps.
pub(super) fn paths<'a>(steps: &'a HostSteps) -> BTreeSet<&'a str> {
    let path = |step: &'a GuestStep| match step {
        GuestStep::Shell(step) => Some(step.script.as_str()),
        GuestStep::Upload(step) => Some(step.source.as_str()),
        GuestStep::AnsibleLocal(step) => Some(step.playbook.as_str()),
        // Into the run's directory, where no bundle has a say.
        GuestStep::Download(_) => None,
    };
    steps
        .provision
        .iter()
        .chain(&steps.clean)
        .filter_map(path)
        .collect()
}

/// Sensitive variables that the host's steps use.
pub(super) fn secrets(steps: &HostSteps) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for step in steps.provision.iter().chain(&steps.clean) {
        if let GuestStep::Shell(step) = step {
            names.extend(step.environment.iter().filter_map(|entry| match &entry.value {
                EnvironmentValue::Secret(variable) => Some(variable.as_str()),
                EnvironmentValue::Plain(_) => None,
            }));
        }
    }
    names
}

/// One step of the host.
pub(super) fn provisioner(step: &GuestStep) -> Result<Block> {
    Ok(match step {
        GuestStep::Shell(step) => shell(step)?,
        GuestStep::Upload(step) => {
            // Packer renders the destination until nothing changes: braces cannot be written.
            if step.destination.contains("{{") {
                let message = format!("`{{{{` cannot be part of the destination `{}`", step.destination);
                return Err(Error::new(Code::ConfigValue, message).key("providers.packer.build.file_uploads"));
            }
            let source = Value::Path(step.source.clone());
            Block::new(
                "file",
                [
                    ("source", source),
                    ("destination", step.destination.as_str().into()),
                ],
            )
        }
        GuestStep::Download(step) => Block::new(
            "file",
            [
                ("direction", "download".into()),
                (
                    "sources",
                    Value::List(step.sources.iter().map(|path| path.as_str().into()).collect()),
                ),
                ("destination", step.destination.as_str().into()),
            ],
        ),
        GuestStep::AnsibleLocal(step) => Block::new(
            "ansible-local",
            [
                ("playbook_file", Value::Path(step.playbook.clone())),
                ("command", ANSIBLE.into()),
                ("clean_staging_directory", true.into()),
            ],
        ),
    })
}

fn shell(step: &ShellStep) -> Result<Block> {
    let mut environment = Vec::new();
    for entry in &step.environment {
        if !is_name(&entry.name) {
            let message = format!("`{}` is not a name of an environment variable", entry.name);
            return Err(Error::new(Code::ConfigValue, message).key("providers.packer.build.environment"));
        }
        environment.push(match &entry.value {
            EnvironmentValue::Plain(value) => Value::RenderedOnce(format!("{}={value}", entry.name)),
            EnvironmentValue::Secret(variable) => Value::SecretAssignment {
                name: entry.name.clone(),
                variable: variable.clone(),
            },
        });
    }
    let privilege = if step.as_root {
        Privilege::Root
    } else {
        Privilege::LoginUser
    };
    let mut block = Block::new("shell", [("script", Value::Path(step.script.clone()))]);
    if environment.is_empty() {
        block
            .body
            .set("execute_command", Value::GoTemplate(execute_command(privilege)));
    } else {
        block.body.set("environment_vars", Value::List(environment));
        block.body.set("use_env_var_file", true.into());
        block
            .body
            .set("execute_command", Value::GoTemplate(execute_with_file(privilege)));
    }
    Ok(block)
}

/// A name for a shell, and for a Packer variable.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// A name for a block.
pub(super) fn is_label(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
}
