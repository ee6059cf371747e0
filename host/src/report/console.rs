//! Standard error: progress, notices and errors.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::environment::Environment;
use crate::error::Error;

/// How often the spinner turns.
const SPIN: Duration = Duration::from_millis(120);

/// Where everything goes that is not the result.
pub struct Console {
    quiet: bool,
    verbose: bool,
    spinner: Option<ProgressBar>,
    color: bool,
}

impl Console {
    /// A spinner on a terminal, plain lines elsewhere (CI), nothing but errors with `quiet`.
    pub fn new(environment: &Environment, quiet: bool, verbose: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && environment.get("TERM") != Some("dumb");
        let continuous_integration = environment.get("CI").is_some();
        let spinner = (terminal && !quiet && !continuous_integration).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>4} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        // https://no-color.org: set and not empty.
        let color = terminal && environment.get_os("NO_COLOR").is_none();
        Self {
            quiet,
            verbose,
            spinner,
            color,
        }
    }

    /// What is being done now, in one line.
    pub fn step(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => {
                spinner.enable_steady_tick(SPIN);
                spinner.set_message(text.to_owned());
            }
            None => self.line(&format!("==> {text}")),
        }
    }

    /// A line that stays, for example of Packer's own output.
    pub fn line(&self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// A line for `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose && !self.quiet {
            self.print(text);
        }
    }

    /// Something the user should know and need not act on.
    pub fn notice(&self, text: &str) {
        self.line(&format!("{} {text}", self.paint("note:", "1;33")));
    }

    /// An error; also with `--quiet`.
    pub fn error(&self, error: &Error) {
        self.print(&format!("{} {error}", self.paint("error:", "1;31")));
    }

    /// Ends the progress display.
    pub fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    fn paint(&self, text: &str, style: &str) -> String {
        if self.color {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn print(&self, text: &str) {
        // Nothing can be done about a closed standard error; the result still goes to standard output.
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}
