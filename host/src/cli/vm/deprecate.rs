//! `sindri vm deprecate`

use clap::{Args, ValueEnum};

use super::App;
use super::confirm::confirm;
use super::distribution::{DistributionArguments, document};
use crate::contract::{DeprecateRequest, DeprecationState, Operation};
use crate::error::{Code, Error, Result};
use crate::journal;
use crate::operation::distribute::{self, Proof};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm deprecate`.
#[derive(Debug, Args)]
pub struct Deprecate {
    #[command(flatten)]
    image: DistributionArguments,
    /// What it becomes: still usable but no longer offered, no longer usable, or offered again.
    #[arg(long, value_enum, default_value_t = State::Deprecated)]
    state: State,
    /// From when: `2027-01-31`, or with a time, `2027-01-31T12:00:00Z` [default: now]
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// The cloud's id of the image to use instead.
    #[arg(long, value_name = "IMAGE")]
    replacement: Option<String>,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

/// Names of the states on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// Offered as before.
    Active,
    /// No longer offered; who has it in use may go on.
    Deprecated,
    /// No more instances of it can be started.
    Obsolete,
}

impl From<State> for DeprecationState {
    fn from(state: State) -> Self {
        match state {
            State::Active => Self::Active,
            State::Deprecated => Self::Deprecated,
            State::Obsolete => Self::Obsolete,
        }
    }
}

impl Deprecate {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let at = self.date.as_deref().map(moment).transpose()?;
        let session = self.image.session(app)?;
        let operations = vec![Operation::Deprecate(DeprecateRequest {
            image_id: self.image.image.clone(),
            state: self.state.into(),
            at,
            replacement: self.replacement.clone(),
        })];
        if self.image.plan {
            return self.image.preview(&session, operations);
        }
        // The other states stop nobody.
        let asks = self.state == State::Obsolete;
        let subject = self.image.subject("deprecate");
        let done = distribute::change(
            &session,
            subject,
            operations,
            Proof::NotNeeded,
            cancel,
            |image, changes| {
                confirm(
                    app,
                    self.yes || !asks,
                    &format!(
                        "{}: let nobody start instances of {} ({}) any more?",
                        changes.join("; "),
                        image.id,
                        image.name
                    ),
                )
            },
        )
        .await?;
        Ok(document(&session, &done))
    }
}

/// A date is its first second in UTC.
fn moment(text: &str) -> Result<String> {
    journal::moment(text).ok_or_else(|| {
        Error::new(
            Code::UsageArgument,
            format!("`{text}` is neither a date nor a time"),
        )
        .remedy("write it like 2027-01-31 or 2027-01-31T12:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_moment_and_another_text_is_none() {
        assert_eq!(moment("2027-01-31").unwrap(), "2027-01-31T00:00:00Z");
        assert_eq!(
            moment("2027-01-31T14:00:05+02:00").unwrap(),
            "2027-01-31T12:00:05Z"
        );
        for text in [
            "",
            "2027-02-30",
            "2027-1-1",
            "31.1.2027",
            "tomorrow",
            "2027-01-31T25:00:00Z",
        ] {
            assert_eq!(moment(text).unwrap_err().code(), Code::UsageArgument, "{text}");
        }
    }
}
