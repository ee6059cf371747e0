//! Work requests: what a change that takes time is asked for by.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;
use super::region::{Region, ocid};
use super::store::{Store, timestamp};
use crate::{Reply, Rule, World};

/// All work requests, by their id.
#[derive(Debug, Default)]
pub(super) struct WorkRequests(BTreeMap<String, Work>);

#[derive(Debug)]
struct Work {
    body: Value,
    /// What gets its last state when this is through.
    target: String,
    /// `SUCCEEDED`, `COMPLETED` or `FAILED`.
    end: &'static str,
    /// How often it is still under way.
    polls: u32,
}

/// What a work request is about.
pub(super) struct Task<'a> {
    /// For example `TerminateInstance`.
    pub(super) operation: &'a str,
    pub(super) compartment: &'a str,
    /// For example `instance`.
    pub(super) entity: &'a str,
    /// `CREATED`, `UPDATED`, `DELETED` and the like.
    pub(super) action: &'a str,
    pub(super) target: &'a str,
    pub(super) end: &'static str,
}

impl WorkRequests {
    /// Begins one and returns its id.
    pub(super) fn begin(&mut self, task: &Task<'_>, region: &Region, world: &mut World) -> String {
        let id = ocid("coreservicesworkrequest", region, world.serial());
        let body = json!({
            "id": id, "operationType": task.operation, "compartmentId": task.compartment,
            "status": "IN_PROGRESS", "percentComplete": 0.0, "timeAccepted": timestamp(world),
            "timeStarted": timestamp(world),
            "resources": [{
                "actionType": task.action, "entityType": task.entity, "identifier": task.target,
                "entityUri": Value::Null,
            }],
        });
        let work = Work {
            body,
            target: task.target.to_owned(),
            end: task.end,
            polls: world.delay(),
        };
        self.0.insert(id.clone(), work);
        id
    }

    /// What a client that asks gets.
    pub(super) fn poll(&mut self, id: &str, store: &mut Store, world: &mut World) -> Result<Reply, Failure> {
        let Some(work) = self.0.get_mut(id) else {
            world.violation(Rule::WrongOrder, "the work request was never begun");
            return Err(Failure::not_found(id));
        };
        if work.polls > 0 {
            work.polls -= 1;
        } else if let Some(fields) = work.body.as_object_mut() {
            store.settle(&work.target);
            fields.insert("status".to_owned(), work.end.into());
            fields.insert("percentComplete".to_owned(), json!(100.0));
            fields.insert("timeFinished".to_owned(), timestamp(world).into());
        }
        Ok(Reply::json(200, &work.body))
    }
}
