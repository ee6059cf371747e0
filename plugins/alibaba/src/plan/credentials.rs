//! Who the credentials belong to.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Identity, Outcome, Problem, Turn};

use super::{Run, ask};
use crate::model::CallerIdentity;

/// Works without a single permission, so a failure means the credentials themselves. `aliyun configure list`
/// would not do: it exits with 0 whatever is configured.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("identity") {
        let command = Command::read("aliyun", ["sts", "GetCallerIdentity"]);
        return ask(command.step("identity", "Ask Alibaba Cloud who we are"));
    }
    let CallerIdentity { account_id, arn } = run.history.decode("identity")?;
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: account_id,
        principal: arn,
    })))
}
