//! What an account must be allowed so that a plugin's commands and Packer's builder work: the least there is.
//!
//! It is derived from the commands that the plans of each operation run, none of which the plugin could run without
//! requesting it. A command without a known permission is an error, whatever its tool: a policy that lacks one is found
//! out in the middle of a build.

mod clouds;
mod document;
mod plans;
mod task;

use std::collections::BTreeSet;

pub use document::{Form, document};
pub use task::Task;

use crate::contract::{CommandRequest, ProviderInfo};
use crate::error::{Code, Error, Result};

/// The permissions for these tasks, in the cloud's own names.
pub fn permissions(info: &ProviderInfo, tasks: &[Task]) -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for request in &info.requests.commands {
        if tasks.iter().any(|task| runs(info, *task, request)) {
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

/// Whether a plan of this task runs the command. Of a plugin whose plans are not known, the command's effect decides.
fn runs(info: &ProviderInfo, task: Task, request: &CommandRequest) -> bool {
    let mut operations = plans::operations(&info.id, request).peekable();
    if operations.peek().is_none() {
        return task.has(request.effect);
    }
    operations.any(|operation| task.operations().contains(&operation))
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
