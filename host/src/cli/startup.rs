//! From the process to one document and one exit status.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use super::{Cli, Command};
use crate::environment::Environment;
use crate::error::{Code, Error, Exit, Result};
use crate::report::{Console, Document};

/// What every subcommand is handed.
pub(crate) struct App {
    /// The process's surroundings.
    pub(crate) environment: Environment,
    /// Standard error.
    pub(crate) console: Console,
    /// `--config`.
    pub(crate) config: Option<std::path::PathBuf>,
    /// Whether the result is printed as JSON.
    pub(crate) json: bool,
}

impl App {
    /// The same with another way to standard error.
    pub(crate) fn with_console(&self, console: Console) -> Self {
        Self {
            environment: self.environment.clone(),
            console,
            config: self.config.clone(),
            json: self.json,
        }
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        let environment = Environment::of("/", [("CI", "true")]);
        let console = Console::new(&environment, true, false);
        Self {
            environment,
            console,
            config: None,
            json: true,
        }
    }
}

/// The whole program: parses, runs, prints one result, and says how it went.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Whoever asked for JSON gets it for a wrong command line too.
            let json = arguments
                .iter()
                .skip(1)
                .take_while(|word| *word != "--")
                .any(|word| word == "--json");
            return refuse(&error, json);
        }
    };
    let json = cli.json;
    let environment = match Environment::of_process() {
        Ok(environment) => environment,
        Err(error) => {
            let error = Error::new(Code::Internal, "the working directory cannot be read").source(error);
            return print(&Document::failure(&error), json);
        }
    };
    let console = Console::new(&environment, cli.quiet, cli.verbose > 0);
    let app = App {
        environment,
        console,
        config: cli.config,
        json,
    };
    let document = match run(&app, cli.command) {
        Ok(document) => {
            app.console.finish();
            document
        }
        Err(error) => {
            app.console.finish();
            app.console.error(&error);
            Document::failure(&error)
        }
    };
    print(&document, json)
}

fn run(app: &App, command: Command) -> Result<Document> {
    match command {
        Command::Vm(vm) => vm.run(app),
        Command::Plugin(plugin) => plugin.run(app),
        Command::Config(config) => config.run(app),
        Command::Completions(completions) => Ok(completions.run()),
    }
}

/// Help and version are results; everything else is an error of usage.
fn refuse(error: &clap::Error, json: bool) -> ExitCode {
    let is_result = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if is_result || !json {
        // A closed pipe is the reader's choice.
        let _ = error.print();
        return if is_result {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(Exit::Usage as u8)
        };
    }
    let message = error.to_string();
    let message = message
        .trim()
        .strip_prefix("error: ")
        .unwrap_or(message.trim())
        .to_owned();
    print(
        &Document::failure(&Error::new(Code::UsageArgument, message)),
        true,
    )
}

fn print(document: &Document, json: bool) -> ExitCode {
    let text = document.render(json);
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => ExitCode::from(document.status() as u8),
        // `sindri … | head` is no failure of sindri.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::from(document.status() as u8)
        }
        Err(_) => ExitCode::from(Exit::Failure as u8),
    }
}
