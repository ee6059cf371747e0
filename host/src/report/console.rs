//! Standard error: progress, notices and errors.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::environment::Environment;
use crate::error::Error;
use crate::policy::redact::{Redactor, neutralise_line};

/// How often the spinner turns.
const SPIN: Duration = Duration::from_millis(120);

/// Where everything goes that is not the result. Whatever it is given is masked and made harmless here, last,
/// whoever it comes from: a tool, a guest, a plugin, the machine that is built.
pub struct Console {
    quiet: bool,
    verbose: bool,
    spinner: Option<ProgressBar>,
    color: bool,
    /// The cloud whose console this is, when several work at the same time.
    cloud: Option<String>,
    redactor: Redactor,
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
            redactor: Redactor::default(),
        }
    }

    /// What masks everything that this process prints. What it learns, all consoles and results mask.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
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
                    redactor: self.redactor.clone(),
                }
            })
            .collect()
    }

    /// What is being done now, in one line.
    pub fn step(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => {
                spinner.enable_steady_tick(SPIN);
                spinner.set_message(self.in_one_line(text));
            }
            None => self.say(&format!("==> {}", self.in_one_line(text))),
        }
    }

    /// A line that stays, for example of Packer's own output. Of several clouds only the newest is seen on
    /// a terminal: five builds at once would bury each other.
    pub fn line(&self, text: &str) {
        match &self.spinner {
            Some(spinner) if self.cloud.is_some() && !self.verbose => {
                spinner.set_message(self.in_one_line(text.trim()));
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
        if !self.quiet {
            self.print(Some(("note:", "1;33")), text);
        }
    }

    /// An error; also with `--quiet`.
    pub fn error(&self, error: &Error) {
        self.print(Some(("error:", "1;31")), &error.to_string());
    }

    /// What became of this cloud; its progress line stays until all have ended.
    pub fn ended(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => spinner.finish_with_message(self.in_one_line(text)),
            None => self.say(&format!("==> {}", self.in_one_line(text))),
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
            self.print(None, text);
        }
    }

    /// One line of a display that others' text must not leave.
    fn in_one_line(&self, text: &str) -> String {
        self.redactor
            .redact(&neutralise_line(&self.redactor.redact(text)))
            .into_owned()
    }

    fn print(&self, label: Option<(&str, &str)>, text: &str) {
        let text = self.composed(label, text);
        // Nothing can be done about a closed standard error; the result still goes to standard output.
        let write = || {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// Label and text as they are written. The label's color is the only escape sequence.
    fn composed(&self, label: Option<(&str, &str)>, text: &str) -> String {
        let text = self.redactor.line(text);
        match label {
            Some((label, style)) => self.named(&format!("{} {text}", self.paint(label, style))),
            None => self.named(&text),
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

    /// A name of an image, a line of a VM, a message of a plugin: all of it comes through here.
    #[test]
    fn what_is_printed_acts_on_no_terminal_and_no_ci_system_and_holds_no_secret() {
        let console = Console::new(&Environment::default(), false, false);
        console.redactor().learn("wJalrXUtnFEMIK7MDENG");
        for (text, expected) in [
            ("ok\n::error::x", "note: ok\n: :error::x"),
            ("##vso[task.complete]", "note: # #vso[task.complete]"),
            ("\u{1b}[2Jcleared\u{202e}", "note: cleared"),
            ("key wJalrXUtn\u{1b}[0mFEMIK7MDENG", "note: key ***"),
        ] {
            assert_eq!(console.composed(Some(("note:", "1;33")), text), expected);
        }
        assert_eq!(console.composed(None, "::add-mask::x"), ": :add-mask::x");
        assert_eq!(
            console.in_one_line("a\r\n::x\twJalrXUtnFEMIK7MDENG"),
            "a : :x ***"
        );
        let clouds = console.share(&["aws".to_owned()]);
        assert_eq!(clouds[0].composed(None, "wJalrXUtnFEMIK7MDENG"), "aws: ***");
    }
}
