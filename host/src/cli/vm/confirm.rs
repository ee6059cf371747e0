//! Questions before something is destroyed.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use super::App;
use crate::error::{Code, Error, Result};

/// Whether there is somebody to ask.
pub(in crate::cli) fn can_ask(app: &App) -> bool {
    std::io::stdin().is_terminal() && !app.json
}

/// Asks on the terminal; the answer is no unless it is `y` or `yes`. Without a terminal nothing is
/// destroyed unless `yes` was given on the command line.
pub(in crate::cli) fn confirm(app: &App, yes: bool, question: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    let stdin = std::io::stdin();
    if !can_ask(app) {
        return Err(Error::new(
            Code::UsageConfirmation,
            "this needs a confirmation, and there is no terminal",
        )
        .remedy("give --yes"));
    }
    app.console.finish();
    let mut stderr = std::io::stderr();
    let mut answer = String::new();
    // A name in it may be somebody else's: nothing may show another question than the one that is asked.
    let question = app.console.redactor().line(question);
    write!(stderr, "{question} [y/N] ")
        .and_then(|()| stderr.flush())
        .and_then(|()| stdin.lock().read_line(&mut answer))
        .map_err(|error| Error::new(Code::UsageConfirmation, "the terminal cannot be read").source(error))?;
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Error::new(
        Code::UsageConfirmation,
        "not confirmed; nothing was changed",
    ))
}
