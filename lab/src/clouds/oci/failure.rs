//! Errors in OCI's form: a code, a message, nothing else.

use serde_json::json;

use crate::schema::Flaw;
use crate::{Reply, Request, Rule, World};

/// What a call is refused with.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: u16,
    /// For example `IncorrectState`.
    code: String,
    message: String,
}

impl Failure {
    pub(super) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            401,
            "NotAuthenticated",
            "The required information to complete authentication was not provided or was incorrect.",
        )
    }

    /// OCI does not tell what is not there from what the user may not see.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            404,
            "NotAuthorizedOrNotFound",
            format!("Authorization failed or requested resource not found: {what}"),
        )
    }

    /// A resource that is changing, or that something else still uses.
    pub(super) fn incorrect_state(message: impl Into<String>) -> Self {
        Self::new(409, "IncorrectState", message)
    }

    /// A change that is based on an older state than the present one.
    pub(super) fn stale() -> Self {
        Self::new(
            412,
            "NoEtagMatch",
            "The if-match header does not match the etag of the resource",
        )
    }

    /// A field whose value fits its type but makes no sense here. No right client sends it.
    pub(super) fn invalid(world: &mut World, field: &str, detail: &str) -> Self {
        world.violation(Rule::WrongValue, format!("{field}: {detail}"));
        Self::new(400, "InvalidParameter", format!("{field}: {detail}"))
    }

    pub(super) fn unknown_route(request: &Request, world: &mut World) -> Self {
        world.violation(Rule::UnknownRoute, "the lab's OCI has no such call");
        Self::new(
            404,
            "NotFound",
            format!("There is no {} {}", request.method, request.path),
        )
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::json(self.status, &json!({"code": self.code, "message": self.message}))
    }
}

/// Refuses a call if the check of its body or parameters found anything.
pub(super) fn refuse(world: &mut World, flaws: &[Flaw]) -> Result<(), Failure> {
    let missing = flaws.iter().all(|flaw| flaw.rule == Rule::MissingField);
    let code = if missing {
        "MissingParameter"
    } else {
        "InvalidParameter"
    };
    world
        .refuse_flaws(flaws)
        .map_err(|text| Failure::new(400, code, text))
}
