//! What only the account can say before a build.

use sindri_plugin_sdk::contract::{Outcome, Problem, Turn};

use super::{Run, ask, look};
use crate::model::{Firewall, last};

/// Packer asks for the image's name, the zone, the machine type and the source image before it launches
/// anything. It makes no firewall rule and asks for none, and then waits in vain until its time is up; or
/// somebody's forgotten rule opens the machine to the world.
pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    let config = run.config;
    let network = config
        .known_network()
        .filter(|_| config.network_project_id.is_none());
    let Some(network) = network else {
        return Ok(Turn::Done(Outcome::Ready(Vec::new())));
    };
    if !run.history.has("firewall-rules") {
        // Nobody needs this permission to build.
        return ask(look("firewall-rules", "list")
            .flag("filter", "direction=INGRESS")
            .tolerates_any_failure()
            .step("firewall-rules", "Look who may reach the build machine"));
    }
    let Some(rules) = run.history.decode_tolerated::<Vec<Firewall>>("firewall-rules")? else {
        return Ok(Turn::Done(Outcome::Ready(Vec::new())));
    };
    let service_account = config.service_account_email.as_deref();
    let open: Vec<Firewall> = rules
        .into_iter()
        .filter(|rule| last(&rule.network) == network && rule.lets_ssh_in())
        .filter(|rule| rule.concerns(&config.network_tags, service_account))
        .collect();
    let mut notices = Vec::new();
    if open.is_empty() {
        notices.push(format!(
            "no firewall rule of network {network} lets anybody reach port 22 of the build machine: unless a firewall policy does, Packer waits in vain"
        ));
    }
    let to_everybody = open
        .iter()
        .filter(|rule| rule.is_open_to_everybody() && !config.omit_external_ip);
    notices.extend(to_everybody.map(|rule| {
        format!(
            "firewall rule {} opens port 22 of the build machine to the whole Internet; it takes a key to get in",
            rule.name
        )
    }));
    Ok(Turn::Done(Outcome::Ready(notices)))
}
