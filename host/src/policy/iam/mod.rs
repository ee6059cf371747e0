//! What an account must be allowed so that a plugin's commands and Packer's builder work: the least there is.
//!
//! It is derived from what the plugin requests, which is all that its plans can run. A command without a known
//! permission is an error: a policy that lacks one is found out in the middle of a build.

mod clouds;
mod document;

use std::collections::BTreeSet;

use clap::ValueEnum;

pub use document::{Form, document};

use crate::contract::{CommandRequest, Effect, ProviderInfo};
use crate::error::{Code, Error, Result};

/// What somebody is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Task {
    /// Look: list, validate, doctor.
    Inspect,
    /// Build images, find them again, delete them, clean up after builds.
    Build,
    /// Start instances and remove them.
    Deploy,
    /// Copy images to other places.
    Copy,
    /// Share, publish and deprecate images.
    Publish,
}

impl Task {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::Inspect,
        Self::Build,
        Self::Deploy,
        Self::Copy,
        Self::Publish,
    ];

    /// Whether commands of this effect belong to it.
    pub fn has(self, effect: Effect) -> bool {
        match effect {
            Effect::Read => true,
            Effect::Create | Effect::Destroy => matches!(self, Self::Build | Self::Deploy | Self::Copy),
            Effect::Publish => self == Self::Publish,
        }
    }
}

/// The permissions for these tasks, in the cloud's own names.
pub fn permissions(info: &ProviderInfo, tasks: &[Task]) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for request in &info.requests.commands {
        if tasks.iter().any(|task| task.has(request.effect)) {
            all.extend(of_command(request)?);
        }
    }
    if tasks.contains(&Task::Build) {
        for builder in &info.requests.builders {
            let needed = clouds::of_builder(&builder.name)
                .ok_or_else(|| unknown(&format!("the builder `{}`", builder.name)))?;
            all.extend(needed.iter().map(|permission| (*permission).to_owned()));
        }
    }
    Ok(all)
}

/// The permissions that one command needs.
pub fn of_command(request: &CommandRequest) -> Result<Vec<String>> {
    clouds::of_command(request)
        .ok_or_else(|| unknown(&format!("`{} {}`", request.tool, request.verb.join(" "))))
}

fn unknown(what: &str) -> Error {
    Error::new(
        Code::UsageArgument,
        format!("which permissions {what} needs is not known"),
    )
    .remedy("name a cloud whose plugin comes with sindri, or ask the plugin's author")
}

#[cfg(test)]
mod tests;
