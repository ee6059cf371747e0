//! Who the credentials belong to.

use sindri_plugin_sdk::History;
use sindri_plugin_sdk::contract::{Identity, Outcome, PlanRequest, Problem, Turn};

use super::{ask, look};
use crate::config::Login;

/// Any valid key may list the regions, so a failure means the credentials themselves. OCI has no question for one's own
/// name: what is known of it stands in the configuration.
pub(super) fn check(request: &PlanRequest, history: &History<'_>) -> Result<Turn, Problem> {
    if !history.has("regions") {
        return ask(look("iam region list").step("regions", "Ask OCI whether it knows us"));
    }
    history.json("regions")?;
    let login: Login = sindri_plugin_sdk::config::parse(&request.config)?;
    let principal = match (login.auth.as_deref(), login.user_ocid) {
        (Some("instance_principal"), _) => "this instance".to_owned(),
        (_, Some(user)) => user,
        (_, None) => format!("profile {}", login.profile.as_deref().unwrap_or("DEFAULT")),
    };
    let account = login.tenancy_ocid.or(login.compartment_ocid);
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: account.unwrap_or_else(|| "the tenancy of the profile".to_owned()),
        principal,
    })))
}
