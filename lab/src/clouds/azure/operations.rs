//! Long-running operations, in both forms: `Azure-AsyncOperation` (a document with a status) and `Location` (202
//! until it is done).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::failure::Failure;
use super::{LOCATION, MANAGEMENT_HOST, SUBSCRIPTION};
use crate::{Reply, Rule, World};

/// Seconds between polls. Clients of all ages read whole seconds only, and take 0 for their own half a minute.
const RETRY: &str = "1";

/// All operations, by their number.
#[derive(Debug, Default)]
pub(super) struct Operations(BTreeMap<String, Operation>);

#[derive(Debug)]
struct Operation {
    /// How often it still says that it is in progress.
    polls: u32,
    result: Result<(), Failure>,
}

impl Operations {
    /// Begins one: adds to the reply where to ask for it.
    pub(super) fn begin(
        &mut self,
        reply: Reply,
        result: Result<(), Failure>,
        version: &str,
        world: &mut World,
    ) -> Reply {
        let number = world.uuid();
        let operation = Operation {
            polls: world.delay(),
            result,
        };
        self.0.insert(number.clone(), operation);
        let base = format!("https://{MANAGEMENT_HOST}/subscriptions/{SUBSCRIPTION}");
        let status = format!(
            "{base}/providers/Microsoft.Compute/locations/{LOCATION}/operations/{number}?api-version={version}"
        );
        let location = format!("{base}/operationresults/{number}?api-version={version}");
        let reply = if reply.status == 202 {
            reply.header("Location", location)
        } else {
            reply
        };
        reply
            .header("Azure-AsyncOperation", status)
            .header("Retry-After", RETRY)
    }

    /// The answer to a poll by status.
    pub(super) fn status(&mut self, number: &str, world: &mut World) -> Result<Reply, Failure> {
        let (done, result) = self.poll(number, world)?;
        let mut body = json!({"name": number, "startTime": world.timestamp()});
        let fields: Vec<(&str, Value)> = match (done, result) {
            (false, _) => vec![("status", json!("InProgress"))],
            (true, Ok(())) => vec![
                ("status", json!("Succeeded")),
                ("endTime", json!(world.timestamp())),
            ],
            (true, Err(failure)) => vec![
                ("status", json!("Failed")),
                ("endTime", json!(world.timestamp())),
                ("error", failure.body()),
            ],
        };
        for (name, value) in fields {
            if let Some(body) = body.as_object_mut() {
                body.insert(name.to_owned(), value);
            }
        }
        let reply = Reply::json(200, &body);
        Ok(if done {
            reply
        } else {
            reply.header("Retry-After", RETRY)
        })
    }

    /// The answer to a poll by location.
    pub(super) fn location(
        &mut self,
        number: &str,
        version: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let (done, result) = self.poll(number, world)?;
        if done {
            return result.map(|()| Reply::empty(200));
        }
        let base = format!("https://{MANAGEMENT_HOST}/subscriptions/{SUBSCRIPTION}");
        Ok(Reply::empty(202)
            .header(
                "Location",
                format!("{base}/operationresults/{number}?api-version={version}"),
            )
            .header("Retry-After", RETRY))
    }

    fn poll(&mut self, number: &str, world: &mut World) -> Result<(bool, Result<(), Failure>), Failure> {
        let Some(operation) = self.0.get_mut(number) else {
            world.violation(Rule::WrongOrder, "the operation was never begun");
            return Err(Failure::not_found(number));
        };
        if operation.polls > 0 {
            operation.polls -= 1;
            return Ok((false, Ok(())));
        }
        Ok((true, operation.result.clone()))
    }
}
