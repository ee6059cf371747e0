//! Who the credentials belong to.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Identity, Outcome, Problem, Turn};

use super::{Run, ask};
use crate::model::CallerIdentity;

/// Works without a single permission, so a failure means the credentials themselves.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("identity") {
        return ask(
            Command::read("aws", ["sts", "get-caller-identity"]).step("identity", "Ask AWS who we are")
        );
    }
    let CallerIdentity { account, arn } = run.history.decode("identity")?;
    Ok(Turn::Done(Outcome::Identity(Identity {
        account,
        principal: arn,
    })))
}
