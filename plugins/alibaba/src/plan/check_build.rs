//! What only the account can say before a build.

use sindri_plugin_sdk::contract::{Outcome, Problem, Turn};

use super::{Run, ask, zones};

/// Packer finds a name in use by itself before it makes anything, but a type that is not to be had only with its key
/// pair and VPC made.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if run.config.network().is_none() {
        if !zones::asked(run) {
            return ask(zones::step(run));
        }
        zones::offering(run)?;
    }
    Ok(Turn::Done(Outcome::Ready(Vec::new())))
}
