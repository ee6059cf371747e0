//! Who the credentials belong to.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Identity, Outcome, Problem, Turn};

use super::{Run, look};
use crate::model::Account;

/// `gcloud auth list` reads a file and takes expired tokens for good ones, so the API is asked as well: for
/// the zone, which every build needs. `gcloud auth print-access-token` would hand a token to the plugin.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("access") {
        let accounts = Command::read("gcloud", ["auth", "list"]).flag("filter", "status:ACTIVE");
        let zone = look("zones", "describe").positional(&run.config.zone);
        return Ok(Turn::Run(vec![
            accounts.step("accounts", "Read whose credentials gcloud uses"),
            zone.step("access", "Ask Google Cloud for the zone"),
        ]));
    }
    run.history.json("access")?;
    let accounts: Vec<Account> = run.history.decode("accounts")?;
    // None with credentials that come from a file or a token alone.
    let principal = accounts.into_iter().next().map_or_else(
        || "credentials from the environment".to_owned(),
        |account| account.account,
    );
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: run.config.project_id.clone(),
        principal,
    })))
}
