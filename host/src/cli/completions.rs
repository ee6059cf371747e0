//! `sindri completions SHELL`

use clap::{Args, CommandFactory as _, ValueEnum};
use serde_json::json;

use super::Cli;
use crate::report::Document;

/// Arguments of `sindri completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(&self) -> Document {
        let mut command = Cli::command();
        let mut script = Vec::new();
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        clap_complete::generate(shell, &mut command, "sindri", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        Document::new(
            script.clone(),
            json!({"shell": shell.to_string(), "script": script}),
        )
    }
}
