//! Errors in Alibaba Cloud's form.

use serde_json::json;

use super::call::Call;
use crate::{Reply, Rule, World};

/// What a call is refused with.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: u16,
    /// For example `InvalidInstanceId.NotFound`.
    code: String,
    message: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
        }
    }

    pub(super) fn not_found(code: &str, id: &str) -> Self {
        Self::new(404, code, format!("The specified {id:?} does not exist."))
    }

    /// A parameter whose value fits no type, enumeration or form of the API. No right client sends it.
    pub(super) fn invalid(world: &mut World, parameter: &str, detail: &str) -> Self {
        world.violation(Rule::WrongValue, format!("{parameter}: {detail}"));
        Self::new(
            400,
            "InvalidParameter",
            format!("The specified parameter \"{parameter}\" is not valid: {detail}."),
        )
    }

    /// The same with a code of its own.
    pub(super) fn wrong(world: &mut World, code: &str, detail: &str) -> Self {
        world.violation(Rule::WrongValue, format!("{code}: {detail}"));
        Self::new(400, code, format!("{detail}."))
    }

    pub(super) fn missing(world: &mut World, parameter: &str) -> Self {
        world.violation(Rule::MissingField, format!("{parameter}: missing parameter"));
        Self::new(
            400,
            "MissingParameter",
            format!(
                "The input parameter \"{parameter}\" that is mandatory for this request is not supplied."
            ),
        )
    }

    /// The resource is in a state in which this cannot be done, which clients have to wait for.
    pub(super) fn status(code: &str, id: &str, status: &str) -> Self {
        Self::new(
            403,
            code,
            format!("The current status of {id} does not support this operation: {status}."),
        )
    }

    /// Something else still needs it.
    pub(super) fn held(code: &str, id: &str, holder: &str) -> Self {
        Self::new(403, code, format!("{id} still has a dependency: {holder}."))
    }

    pub(super) fn unknown_action(call: &Call, world: &mut World) -> Self {
        let action = call.text("Action");
        world.violation(
            Rule::UnknownRoute,
            format!("the lab's Alibaba Cloud has no action {action:?} here"),
        );
        Self::new(
            404,
            "InvalidAction.NotFound",
            "Specified api is not found, please check your url and method.",
        )
    }

    pub(super) fn reply(&self, host: &str, request: &str) -> Reply {
        let Self {
            status,
            code,
            message,
        } = self;
        let error = json!({
            "RequestId": request, "HostId": host, "Code": code, "Message": message,
            "Recommend": format!("https://api.aliyun.com/troubleshoot?q={code}"),
        });
        Reply::json(*status, &error)
    }
}
