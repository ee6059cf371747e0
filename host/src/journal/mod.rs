//! One run, one private directory: what was asked, planned, run and decided.

pub mod audit;
mod event;
mod history;
mod run;

pub use audit::{Audit, Fact, Log};
pub use event::{Entry, Event, Finish, Process};
pub use history::{State, Story, exists, find, stories};
pub use run::Run;

use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Now, RFC 3339 in UTC with whole seconds: what plugins and journals see of the clock.
pub fn now() -> String {
    format(OffsetDateTime::now_utc())
}

/// How long ago an RFC 3339 time is; none for any other text. Clocks differ between machines: what lies
/// ahead began just now.
pub fn since(text: &str) -> Option<Duration> {
    let began = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some((OffsetDateTime::now_utc() - began).try_into().unwrap_or_default())
}

/// A date or an RFC 3339 time in the form of [`now`]; none for any other text. A date is its first second in UTC.
pub fn moment(text: &str) -> Option<String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339))
        .ok()?;
    Some(format(time.to_offset(UtcOffset::UTC)))
}

fn format(time: OffsetDateTime) -> String {
    let seconds = time.replace_nanosecond(0).unwrap_or(time);
    seconds
        .format(&Rfc3339)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".into())
}

#[cfg(test)]
mod tests;
