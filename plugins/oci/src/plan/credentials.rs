//! Who the credentials belong to.

use sindri_plugin_sdk::contract::{Identity, Outcome, Problem, Turn};

use super::{Run, ask, look};

/// Any valid key may list the regions, so a failure means the credentials themselves. OCI has no question for
/// one's own name; the compartment is what everything is done in.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("regions") {
        return ask(look("iam region list").step("regions", "Ask OCI whether it knows us"));
    }
    if !run.history.succeeded("regions") {
        return Err(Problem::new("step-failed", "OCI does not know us"));
    }
    Ok(Turn::Done(Outcome::Identity(Identity {
        account: run.config.compartment_ocid.clone(),
        principal: "the OCI profile in use".to_owned(),
    })))
}
