//! One run, one private directory: what was asked, planned, run and decided.

mod event;
mod history;
mod run;

pub use event::{Entry, Event, Finish, Process};
pub use history::{State, Story, exists, find, stories};
pub use run::Run;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Now, RFC 3339 in UTC with whole seconds: what plugins and journals see of the clock.
pub fn now() -> String {
    format(OffsetDateTime::now_utc())
}

fn format(time: OffsetDateTime) -> String {
    let seconds = time.replace_nanosecond(0).unwrap_or(time);
    seconds
        .format(&Rfc3339)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".into())
}

#[cfg(test)]
mod tests;
