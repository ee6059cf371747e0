//! The subnet that a deployed machine is put into.

use sindri_plugin_sdk::contract::{Problem, Step};

use super::{Run, look};
use crate::model::Network;

/// Where the machine's network card goes.
pub(super) enum Place {
    /// Into a network that is made with it.
    New,
    /// Into this subnet.
    Subnet(String),
}

/// What has to be asked before the subnet is known.
pub(super) fn question(run: &Run<'_>) -> Option<Step> {
    let config = run.config;
    config.virtual_network_name.as_ref()?;
    if config.virtual_network_subnet_name.is_some() && config.virtual_network_resource_group_name.is_some() {
        return None;
    }
    Some(look("network vnet list").step("networks", "Find the configured network"))
}

/// The subnet, with the answer to [`question`]. What is not configured has to be the only one, as it has to
/// be for Packer.
pub(super) fn place(run: &Run<'_>) -> Result<Place, Problem> {
    let config = run.config;
    let Some(network) = config.virtual_network_name.as_deref() else {
        return Ok(Place::New);
    };
    let group = config.virtual_network_resource_group_name.as_deref();
    let subnet = config.virtual_network_subnet_name.as_deref();
    if let (Some(group), Some(subnet)) = (group, subnet) {
        return Ok(Place::Subnet(format!(
            "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{network}/subnets/{subnet}",
            config.subscription_id
        )));
    }
    let networks: Vec<Network> = run.history.decode("networks")?;
    let found = networks.into_iter().filter(|candidate| {
        candidate.name.eq_ignore_ascii_case(network)
            && group.is_none_or(|group| candidate.resource_group.eq_ignore_ascii_case(group))
    });
    let found = only(
        found,
        "virtual_network_resource_group_name",
        &format!("networks called {network}"),
    )?;
    let subnets = found.subnets.unwrap_or_default().into_iter();
    let candidates =
        subnets.filter(|candidate| subnet.is_none_or(|subnet| candidate.name.eq_ignore_ascii_case(subnet)));
    let subnet = only(
        candidates,
        "virtual_network_subnet_name",
        &format!("fitting subnets in {network}"),
    )?;
    Ok(Place::Subnet(subnet.id))
}

fn only<T>(candidates: impl Iterator<Item = T>, key: &str, what: &str) -> Result<T, Problem> {
    let mut candidates: Vec<T> = candidates.collect();
    match (candidates.pop(), candidates.len()) {
        (Some(one), 0) => Ok(one),
        (Some(_), others) => Err(Problem::new(
            "ambiguous-network",
            format!("there are {} {what}", others + 1),
        )
        .key(key)
        .remedy(format!("set {key}"))),
        (None, _) => Err(Problem::new("network-not-found", format!("there are no {what}")).key(key)),
    }
}
