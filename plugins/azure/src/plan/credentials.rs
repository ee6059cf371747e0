//! Who the credentials belong to.

use sindri_plugin_sdk::History;
use sindri_plugin_sdk::contract::{Identity, Outcome, Problem, Turn};

use super::look;
use crate::model::Account;

/// Any group will do: whether it exists is not what is asked.
const GROUP: &str = "sindri";

/// `account show` reads what the last login left behind and is content with a token that has expired, so
/// that something has to be asked that Azure itself answers. Nothing here needs the configuration, so that
/// it works before there is one.
pub(super) fn check(history: &History<'_>) -> Result<Turn, Problem> {
    if !history.has("token") {
        let asked = look("group exists").flag("name", GROUP);
        return Ok(Turn::Run(vec![
            look("account show").step("account", "Ask az which account it is logged in to"),
            // Who may not read groups is logged in all the same.
            asked.tolerates(["AuthorizationFailed"]).step(
                "token",
                "Ask Azure something, which needs a token that is still good",
            ),
        ]));
    }
    let account: Account = history.decode("account")?;
    if let Some(state) = account.state.filter(|state| state != "Enabled") {
        return Err(Problem::new(
            "subscription-disabled",
            format!("the subscription {} is {state}", account.id),
        )
        .key("subscription_id"));
    }
    let principal = account.user.and_then(|user| user.name);
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: account.id,
        principal: principal.unwrap_or_else(|| "unknown".to_owned()),
    })))
}
