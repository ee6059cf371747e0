//! What a command-line tool may do instead of what a plan expects.

use crate::contract::{Command, StepResult, StepStatus, Tolerance};

/// One way to answer every command of a plan.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// Succeeds and prints this.
    Prints(&'static str),
    /// Succeeds and prints as much as the host keeps of a listing.
    PrintsALot,
    /// Succeeds and prints JSON that is nested deeper than any parser likes.
    PrintsDeeply,
    /// Fails with this code of its own.
    Fails(Option<&'static str>),
    /// Is killed for taking too long.
    Hangs,
}

/// Nothing, empty documents of every kind, garbage, half of a document, wrong types, failures.
pub(super) const ANSWERS: &[Answer] = &[
    Answer::Prints(""),
    Answer::Prints("{}"),
    Answer::Prints("[]"),
    Answer::Prints("null"),
    Answer::Prints("{\"data\":[]}"),
    Answer::Prints("{\"data\":null}"),
    Answer::Prints("[null,[],{},\"\",-1,1e300]"),
    Answer::Prints("\"ok\""),
    Answer::Prints("-99999999999999999999"),
    Answer::Prints("<html><body>502 Bad Gateway</body></html>"),
    Answer::Prints("WARNING: a newer version is available\n{}"),
    Answer::Prints("{\"Images\":[{\"ImageId\":"),
    Answer::Prints(
        "{\"id\":\"../../etc/passwd\",\"name\":\"--help\",\"tags\":{\"a\":\"\\u0000\\u001b[2J\"}}",
    ),
    Answer::PrintsALot,
    Answer::PrintsDeeply,
    Answer::Fails(None),
    Answer::Fails(Some("AccessDenied")),
    Answer::Fails(Some("\u{1b}[2J")),
    Answer::Hangs,
];

impl Answer {
    /// The result, and whether the plan goes on after it.
    pub(super) fn to(self, step_id: &str, command: &Command) -> (StepResult, bool) {
        let result = |status, stdout: String, code: Option<&str>| StepResult {
            step_id: step_id.to_owned(),
            status,
            stdout,
            error_code: code.map(str::to_owned),
        };
        let goes_on = |code: Option<&str>| match &command.tolerates {
            Tolerance::Nothing => false,
            Tolerance::AnyFailure => true,
            Tolerance::Errors(codes) => code.is_some_and(|code| codes.iter().any(|one| one == code)),
        };
        match self {
            Self::Prints(text) => (result(StepStatus::Exited(0), text.to_owned(), None), true),
            Self::PrintsALot => {
                let text = format!("[{}0]", "\"0123456789abcdef\",".repeat(20_000));
                (result(StepStatus::Exited(0), text, None), true)
            }
            Self::PrintsDeeply => {
                let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
                (result(StepStatus::Exited(0), text, None), true)
            }
            Self::Fails(code) => (result(StepStatus::Exited(1), String::new(), code), goes_on(code)),
            Self::Hangs => (result(StepStatus::TimedOut, String::new(), None), goes_on(None)),
        }
    }
}
