//! Long-running operations: every change is one, and the client has to ask whether it is done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;
use super::link;
use super::store::Store;
use crate::{Rule, World};

/// All operations, by their path.
#[derive(Debug, Default)]
pub(super) struct Operations(BTreeMap<String, Operation>);

#[derive(Debug)]
struct Operation {
    body: Value,
    target: String,
    /// How often it still says RUNNING.
    polls: u32,
}

impl Operations {
    /// Begins one on a resource. `kind` is the API's, for example `insert`, `delete`, `setLabels`.
    pub(super) fn begin(&mut self, kind: &str, target: &str, world: &mut World) -> Value {
        let serial = world.serial();
        let scope = scope(target);
        let path = format!("{scope}/operations/operation-{serial}");
        let mut body = json!({
            "kind": "compute#operation",
            "id": (8_000_000_000_000_000_000 + serial).to_string(),
            "name": format!("operation-{serial}"),
            "operationType": kind,
            "targetLink": link::url(target),
            "selfLink": link::url(&path),
            "status": "RUNNING",
            "progress": 0,
            "insertTime": world.timestamp(),
            "startTime": world.timestamp(),
        });
        for (marker, field) in [("/zones/", "zone"), ("/regions/", "region")] {
            if scope.contains(marker)
                && let Some(fields) = body.as_object_mut()
            {
                fields.insert(field.to_owned(), link::url(scope).into());
            }
        }
        let operation = Operation {
            body: body.clone(),
            target: target.to_owned(),
            polls: world.delay(),
        };
        self.0.insert(path, operation);
        body
    }

    /// What a client that asks gets.
    pub(super) fn poll(
        &mut self,
        path: &str,
        store: &mut Store,
        world: &mut World,
    ) -> Result<Value, Failure> {
        let Some(operation) = self.0.get_mut(path) else {
            world.violation(Rule::WrongOrder, "the operation was never begun");
            return Err(Failure::not_found(path));
        };
        if operation.polls > 0 {
            operation.polls -= 1;
            return Ok(operation.body.clone());
        }
        store.settle(&operation.target);
        if let Some(fields) = operation.body.as_object_mut() {
            fields.insert("status".to_owned(), "DONE".into());
            fields.insert("progress".to_owned(), 100.into());
            fields.insert("endTime".to_owned(), world.timestamp().into());
        }
        Ok(operation.body.clone())
    }

    /// `wait` comes back when it is done, or after two minutes: here always when it is done.
    pub(super) fn wait(
        &mut self,
        path: &str,
        store: &mut Store,
        world: &mut World,
    ) -> Result<Value, Failure> {
        if let Some(operation) = self.0.get_mut(path) {
            operation.polls = 0;
        }
        self.poll(path, store, world)
    }
}

/// `projects/p/zones/z` of `projects/p/zones/z/disks/d`.
fn scope(target: &str) -> &str {
    let collection = target.rsplit_once('/').map_or("", |(collection, _)| collection);
    collection.rsplit_once('/').map_or("", |(scope, _)| scope)
}
