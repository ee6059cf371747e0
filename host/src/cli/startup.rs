//! From the process to one document and one exit status.

use std::any::Any;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

use super::{Cli, Command};
use crate::environment::Environment;
use crate::error::{Code, Error, Exit, Result};
use crate::journal::Audit;
use crate::policy::redact::Redactor;
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
    /// Where decisions are written down.
    pub(crate) audit: Audit,
}

impl App {
    /// The same with another way to standard error.
    pub(crate) fn with_console(&self, console: Console) -> Self {
        Self {
            environment: self.environment.clone(),
            console,
            config: self.config.clone(),
            json: self.json,
            audit: self.audit.share(),
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
            audit: Audit::default(),
        }
    }
}

/// The whole program: parses, runs, prints one result, and says how it went.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // Nothing is left to do if that fails.
        let _ = std::io::stderr().write_all(defect(&place, panic.payload()).as_bytes());
    }));
    let arguments: Vec<_> = std::env::args_os().collect();
    let parsed = Cli::command()
        .try_get_matches_from(&arguments)
        .and_then(|matches| {
            let cli = Cli::from_arg_matches(&matches)?;
            Ok((cli, name(&matches)))
        });
    let (cli, command) = match parsed {
        Ok(parsed) => parsed,
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
            return print(&Document::failure(&error), json, &Redactor::default());
        }
    };
    let console = Console::new(&environment, cli.quiet, cli.verbose > 0);
    let opened = Audit::open(
        &environment,
        cli.audit_log.as_deref(),
        command,
        console.redactor().clone(),
    );
    let audit = match opened {
        Ok(audit) => audit,
        Err(error) => {
            console.error(&error);
            return print(&Document::failure(&error), json, console.redactor());
        }
    };
    let app = App {
        environment,
        console,
        config: cli.config,
        json,
        audit,
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
    print(&document, json, app.console.redactor())
}

/// The subcommand's name, for example `vm build`.
fn name(matches: &ArgMatches) -> String {
    let mut words = Vec::new();
    let mut inner = matches.subcommand();
    while let Some((word, matches)) = inner {
        words.push(word);
        inner = matches.subcommand();
    }
    words.join(" ")
}

fn run(app: &App, command: Command) -> Result<Document> {
    match command {
        Command::Vm(vm) => vm.run(app),
        Command::Plugin(plugin) => plugin.run(app),
        Command::Policy(policy) => policy.run(app),
        Command::Evidence(evidence) => evidence.run(app),
        Command::Config(config) => config.run(app),
        Command::Doctor(doctor) => doctor.run(app),
        Command::Completions(completions) => Ok(completions.run()),
        Command::Man(man) => man.run(app),
    }
}

/// What a crash says. Only a text that stands in the program: a formatted one may hold any value that the
/// program has seen, and there is nobody left to mask it.
fn defect(place: &str, payload: &dyn Any) -> String {
    let what = payload.downcast_ref::<&'static str>().unwrap_or(&"a defect");
    format!("error: sindri crashed at {place}: {what}\n  next: report this\n  code: internal\n")
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
        &Redactor::default(),
    )
}

fn print(document: &Document, json: bool, redactor: &Redactor) -> ExitCode {
    let text = document.render(json, redactor);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_says_where_and_prints_no_value() {
        let formatted: Box<dyn Any> = Box::new(format!("no such key: {}", "wJalrXUtnFEMI"));
        let text = defect("host/src/x.rs:1:2", formatted.as_ref());
        assert!(text.contains("x.rs:1:2") && !text.contains("wJalr"), "{text}");
        assert!(defect("x", &"index out of range").contains("index out of range"));
    }
}
