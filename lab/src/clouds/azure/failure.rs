//! Errors in the Resource Manager's form.

use serde_json::{Value, json};

use super::LOGIN_HOST;
use crate::schema::Flaw;
use crate::{Reply, Request, Rule, World};

/// What a call is refused with.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: u16,
    /// For example `ResourceNotFound`.
    code: String,
    message: String,
    details: Vec<Value>,
}

impl Failure {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            details: Vec::new(),
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing or wrong.",
        )
    }

    pub(super) fn not_found(id: &str) -> Self {
        Self::new(
            404,
            "ResourceNotFound",
            format!("The Resource '{id}' was not found."),
        )
    }

    pub(super) fn group_not_found(name: &str) -> Self {
        let message = format!("Resource group '{name}' could not be found.");
        Self::new(404, "ResourceGroupNotFound", message)
    }

    /// What is not allowed in the present state of a resource.
    pub(super) fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(409, "OperationNotAllowed", message)
    }

    /// A value that fits its type but makes no sense here. No right client sends it.
    pub(super) fn invalid(world: &mut World, field: &str, detail: &str) -> Self {
        world.violation(Rule::WrongValue, format!("{field}: {detail}"));
        let mut failure = Self::new(
            400,
            "InvalidParameter",
            format!("The value of parameter {field} is invalid: {detail}"),
        );
        failure.details = vec![json!({"code": "InvalidParameter", "target": field, "message": detail})];
        failure
    }

    /// A reference to something that is not there.
    pub(super) fn dangling(world: &mut World, from: &str, to: &str) -> Self {
        world.violation(
            Rule::WrongValue,
            format!("{from} refers to {to}, which is not there"),
        );
        let message = format!("Resource {to} referenced by resource {from} was not found.");
        Self::new(400, "InvalidResourceReference", message)
    }

    pub(super) fn unknown_route(request: &Request, world: &mut World) -> Self {
        world.violation(Rule::UnknownRoute, "the lab's Azure has no such call");
        Self::new(
            404,
            "InvalidResourceType",
            format!("The resource type could not be found: {}", request.path),
        )
    }

    /// The same as the reason why a deployment failed.
    pub(super) fn of_deployment(self) -> Self {
        Self {
            details: vec![self.body()],
            ..Self::new(
                409,
                "DeploymentFailed",
                "At least one resource deployment operation failed. Please list deployment operations for details.",
            )
        }
    }

    pub(super) fn body(&self) -> Value {
        let Self {
            code,
            message,
            details,
            ..
        } = self;
        if details.is_empty() {
            return json!({"code": code, "message": message});
        }
        json!({"code": code, "message": message, "details": details})
    }

    pub(super) fn reply(&self) -> Reply {
        let reply = Reply::json(self.status, &json!({"error": self.body()}));
        if self.status != 401 {
            return reply;
        }
        let challenge = format!(
            "Bearer authorization_uri=\"https://{LOGIN_HOST}/{}\", error=\"invalid_token\"",
            super::TENANT
        );
        reply.header("WWW-Authenticate", challenge)
    }
}

/// Refuses a call if the check of its body or parameters found anything.
pub(super) fn refuse(world: &mut World, flaws: &[Flaw]) -> Result<(), Failure> {
    world.refuse_flaws(flaws).map_err(|text| {
        Failure::new(
            400,
            "InvalidRequestContent",
            format!("The request content was invalid: {text}"),
        )
    })
}
