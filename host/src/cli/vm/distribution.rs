//! What the commands that give an image to others have in common.

use std::str::FromStr;

use clap::Args;
use serde_json::{Value, json};

use super::App;
use super::arguments::{CloudArgument, PlaceArguments};
use crate::config::Flags;
use crate::contract::{Operation, Principal};
use crate::error::Result;
use crate::operation::distribute::{Distributed, Subject};
use crate::operation::{Preview, Session};
use crate::report::Document;

/// Which image, where, and whether to do it.
#[derive(Clone, Debug, Args)]
pub(super) struct DistributionArguments {
    /// The cloud's id of the image.
    pub image: String,
    #[command(flatten)]
    pub cloud: CloudArgument,
    #[command(flatten)]
    pub place: PlaceArguments,
    /// Print the commands that would run next, and run nothing.
    #[arg(long, visible_alias = "dry-run")]
    pub plan: bool,
    /// Also an image that sindri did not make.
    #[arg(short, long)]
    pub force: bool,
}

impl DistributionArguments {
    pub(super) fn flags(&self, app: &App) -> Result<Flags> {
        self.place.flags(app)
    }

    pub(super) fn session<'a>(&self, app: &'a App) -> Result<Session<'a>> {
        Session::open(app, self.cloud.cloud.as_deref(), &self.flags(app)?)
    }

    pub(super) fn subject(&self, command: &'static str) -> Subject<'_> {
        Subject {
            command,
            image: &self.image,
            force: self.force,
        }
    }

    /// The look at the image and the first commands of each operation.
    pub(super) fn preview(&self, session: &Session<'_>, operations: Vec<Operation>) -> Result<Document> {
        let mut preview = Preview::default();
        let show = Operation::ShowImage(self.image.clone());
        for operation in std::iter::once(show).chain(operations) {
            preview.operation(session, session.preview_context(), operation)?;
        }
        Ok(preview.into_document())
    }
}

/// Who gets or loses the right to use an image, as the command line writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named(pub Principal);

impl FromStr for Named {
    type Err = String;

    /// `account:ID`, `organization:ID` or `user:ID`; without a kind it is a user if it has an `@`, else an account.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (kind, id) = match text.split_once(':') {
            Some((kind @ ("account" | "organization" | "user"), id)) => (kind, id),
            Some(_) => return Err("write account:ID, organization:ID or user:ID".to_owned()),
            None if text.contains('@') => ("user", text),
            None => ("account", text),
        };
        if id.trim().is_empty() {
            return Err("nobody is named".to_owned());
        }
        let id = id.to_owned();
        Ok(Self(match kind {
            "organization" => Principal::Organization(id),
            "user" => Principal::User(id),
            _ => Principal::Account(id),
        }))
    }
}

/// A principal as [`Named`] reads it.
fn written(principal: &Principal) -> String {
    match principal {
        Principal::Account(id) => format!("account:{id}"),
        Principal::Organization(id) => format!("organization:{id}"),
        Principal::User(id) => format!("user:{id}"),
    }
}

/// What holds now.
pub(super) fn document(session: &Session<'_>, done: &Distributed) -> Document {
    let now = &done.distribution;
    let shared: Vec<_> = now.shared_with.iter().map(written).collect();
    let list = |words: &[String]| match words {
        [] => "-".to_owned(),
        words => words.join(", "),
    };
    let copies: Vec<_> = now
        .copies
        .iter()
        .map(|copy| format!("{} ({})", copy.id, copy.location))
        .collect();
    let text = format!(
        "image        {}\npublic       {}\nshared with  {}\ncopies       {}\ndeprecated   {}",
        now.image_id,
        if now.public { "yes" } else { "no" },
        list(&shared),
        list(&copies),
        now.deprecated_at.as_deref().unwrap_or("-"),
    );
    let json = json!({
        "success": true,
        "cloud": session.plugin.identity().id,
        "image_id": now.image_id,
        "public": now.public,
        "shared_with": shared,
        "copies": now.copies,
        "deprecated_at": now.deprecated_at,
        "run_id": done.run_id,
        "verification": done.report.as_ref().map_or(Value::Null, super::verify::of_report),
    });
    Document::new(text, json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_read_as_they_are_written() {
        let arn = "organization:arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5";
        for text in ["account:123456789012", arn, "user:group:builders@example.com"] {
            assert_eq!(written(&text.parse::<Named>().unwrap().0), text);
        }
        let read = |text: &str| written(&text.parse::<Named>().unwrap().0);
        assert_eq!(read("123456789012"), "account:123456789012");
        assert_eq!(read("jane@example.com"), "user:jane@example.com");
    }

    /// A misspelt kind must not become an account of that name.
    #[test]
    fn what_names_nobody_is_refused() {
        for text in [
            "",
            " ",
            "account:",
            "user: ",
            "acount:1",
            "arn:aws:iam::1:root",
            "group:a@b.c",
        ] {
            assert!(text.parse::<Named>().is_err(), "{text}");
        }
    }
}
