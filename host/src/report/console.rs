//! Standard error: progress, notices and errors.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

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
    /// The cloud whose console this is, when several work at the same time.
    cloud: Option<String>,
}

impl Console {
    /// A spinner on a terminal, plain lines elsewhere (CI), nothing but errors with `quiet`.
    pub fn new(environment: &Environment, quiet: bool, verbose: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && environment.get("TERM") != Some("dumb");
        let continuous_integration = environment.get("CI").is_some();
        let spinner = (terminal && !quiet && !continuous_integration)
            .then(|| styled(ProgressBar::new_spinner(), "{spinner} {elapsed:>4} {wide_msg}"));
        // https://no-color.org: set and not empty.
        let color = terminal && environment.get_os("NO_COLOR").is_none();
        Self {
            quiet,
            verbose,
            spinner,
            color,
            cloud: None,
        }
    }

    /// A console for each of several clouds: a progress line each on a terminal, the cloud's name before
    /// every line elsewhere.
    pub fn share(&self, clouds: &[String]) -> Vec<Self> {
        let all = MultiProgress::new();
        let width = clouds
            .iter()
            .map(|cloud| cloud.chars().count())
            .max()
            .unwrap_or_default();
        clouds
            .iter()
            .map(|cloud| {
                let spinner = self.spinner.as_ref().map(|_| {
                    let bar = all.add(ProgressBar::new_spinner());
                    bar.set_prefix(format!("{cloud:<width$}"));
                    styled(bar, "{spinner} {elapsed:>4} {prefix} {wide_msg}")
                });
                Self {
                    quiet: self.quiet,
                    verbose: self.verbose,
                    spinner,
                    color: self.color,
                    cloud: Some(cloud.clone()),
                }
            })
            .collect()
    }

    /// What is being done now, in one line.
    pub fn step(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => {
                spinner.enable_steady_tick(SPIN);
                spinner.set_message(text.to_owned());
            }
            None => self.say(&format!("==> {text}")),
        }
    }

    /// A line that stays, for example of Packer's own output. Of several clouds only the newest is seen on
    /// a terminal: five builds at once would bury each other.
    pub fn line(&self, text: &str) {
        match &self.spinner {
            Some(spinner) if self.cloud.is_some() && !self.verbose => {
                spinner.set_message(text.trim().to_owned());
            }
            Some(_) | None => self.say(text),
        }
    }

    /// A line for `--verbose`.
    pub fn detail(&self, text: &str) {
        if self.verbose {
            self.say(text);
        }
    }

    /// Something the user should know and need not act on.
    pub fn notice(&self, text: &str) {
        self.say(&format!("{} {text}", self.paint("note:", "1;33")));
    }

    /// An error; also with `--quiet`.
    pub fn error(&self, error: &Error) {
        self.print(&format!("{} {error}", self.paint("error:", "1;31")));
    }

    /// What became of this cloud; its progress line stays until all have ended.
    pub fn ended(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.finish_with_message(text.to_owned()),
            None => self.say(&format!("==> {text}")),
        }
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

    fn say(&self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    fn print(&self, text: &str) {
        let text = self.named(text);
        // Nothing can be done about a closed standard error; the result still goes to standard output.
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// The text with the cloud's name before each line.
    fn named(&self, text: &str) -> String {
        match &self.cloud {
            None => text.to_owned(),
            Some(cloud) => text
                .lines()
                .map(|line| format!("{cloud}: {line}"))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_several_clouds_says_whose_it_is() {
        let console = Console::new(&Environment::default(), false, false);
        let clouds = console.share(&["aws".to_owned(), "gcp".to_owned()]);
        let (aws, gcp) = (&clouds[0], &clouds[1]);
        assert_eq!(console.named("a\n  b"), "a\n  b");
        assert_eq!(aws.named("a\n  b"), "aws: a\naws:   b");
        assert_eq!(gcp.named("a"), "gcp: a");
    }
}
