//! Runs the `sindri` program and shows what it says.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::capture_stdout;

/// Longer than any step takes against a local EC2; shorter than a person waits.
const LIMIT: Duration = Duration::from_secs(600);

/// The program, where and with what it runs.
pub(super) struct Program<'a> {
    pub(super) path: &'a Path,
    pub(super) folder: &'a Path,
    pub(super) environment: &'a [(OsString, OsString)],
}

impl Program<'_> {
    /// Runs it and returns its standard output.
    pub(super) fn text(&self, arguments: &[&str]) -> Result<String> {
        let line = format!("sindri {}", arguments.join(" "));
        println!("\n$ {line}");
        let mut command = Command::new(self.path);
        command.args(arguments).current_dir(self.folder);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let finished = capture_stdout(&mut command, LIMIT)?;
        print!("{}", finished.stdout);
        match finished.status {
            Some(status) if status.success() => Ok(finished.stdout),
            Some(status) => bail!("`{line}` failed ({status})"),
            None => bail!("`{line}` did not end within {} s and was killed", LIMIT.as_secs()),
        }
    }

    /// Runs it and reads its standard output, which must be exactly one JSON document.
    pub(super) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.text(arguments)?;
        serde_json::from_str(&text)
            .with_context(|| format!("`sindri {}` printed no single JSON document", arguments.join(" ")))
    }
}
