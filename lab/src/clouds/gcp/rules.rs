//! What has to fit together in the description of an instance.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::store::text;
use crate::World;

pub(super) fn check_metadata(metadata: Option<&Value>, world: &mut World) -> Result<(), Failure> {
    let items = metadata
        .and_then(|metadata| metadata.get("items"))
        .and_then(Value::as_array);
    let mut keys: Vec<_> = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.get("key")?.as_str())
        .collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() < count {
        return Err(Failure::invalid(world, "metadata.items", "a key twice"));
    }
    Ok(())
}

pub(super) fn check_scheduling(body: &Map<String, Value>, world: &mut World) -> Result<(), Failure> {
    let Some(scheduling) = body.get("scheduling").and_then(Value::as_object) else {
        return Ok(());
    };
    let spot = text(scheduling, "provisioningModel") == "SPOT"
        || scheduling.get("preemptible") == Some(&json!(true));
    if spot && text(scheduling, "onHostMaintenance") == "MIGRATE" {
        let detail = "a preemptible VM cannot migrate";
        return Err(Failure::invalid(world, "scheduling.onHostMaintenance", detail));
    }
    if spot && scheduling.get("automaticRestart") == Some(&json!(true)) {
        let detail = "a preemptible VM cannot restart by itself";
        return Err(Failure::invalid(world, "scheduling.automaticRestart", detail));
    }
    let limited = scheduling.contains_key("maxRunDuration");
    let action = scheduling.contains_key("instanceTerminationAction");
    if limited && !action {
        let detail = "a limited run needs an action at its end";
        return Err(Failure::invalid(
            world,
            "scheduling.instanceTerminationAction",
            detail,
        ));
    }
    if action && !limited && !spot {
        let detail = "only for a limited run or a preemptible VM";
        return Err(Failure::invalid(
            world,
            "scheduling.instanceTerminationAction",
            detail,
        ));
    }
    Ok(())
}

pub(super) fn check_accounts(body: &Map<String, Value>, world: &mut World) -> Result<(), Failure> {
    let accounts = body.get("serviceAccounts").and_then(Value::as_array);
    let accounts: Vec<_> = accounts
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .collect();
    if accounts.len() > 1 {
        return Err(Failure::invalid(world, "serviceAccounts", "more than one"));
    }
    for account in accounts {
        let scopes = account
            .get("scopes")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        // Packer sends an empty account for none.
        match (text(account, "email"), scopes) {
            ("", 0) => {}
            ("", _) => {
                return Err(Failure::invalid(
                    world,
                    "serviceAccounts[0].email",
                    "scopes of nobody",
                ));
            }
            (email, _) if email != "default" && !email.contains('@') => {
                return Err(Failure::invalid(world, "serviceAccounts[0].email", "no account"));
            }
            (_, 0) => {
                let detail = "an account without scopes";
                return Err(Failure::invalid(world, "serviceAccounts[0].scopes", detail));
            }
            _ => {}
        }
    }
    Ok(())
}
