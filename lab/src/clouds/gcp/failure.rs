//! Errors in Google's form.

use serde_json::json;

use crate::schema::Flaw;
use crate::{Reply, Request, Rule, World};

/// What a call is refused with.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: u16,
    /// For example `notFound`.
    reason: String,
    message: String,
}

impl Failure {
    pub(super) fn new(status: u16, reason: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.to_owned(),
            message: message.into(),
        }
    }

    pub(super) fn unauthenticated() -> Self {
        Self::new(
            401,
            "authError",
            "Request had invalid authentication credentials.",
        )
    }

    pub(super) fn forbidden(path: &str) -> Self {
        Self::new(
            403,
            "forbidden",
            format!("Required permission for '{path}' is missing"),
        )
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(404, "notFound", format!("The resource '{path}' was not found"))
    }

    pub(super) fn exists(path: &str) -> Self {
        Self::new(
            409,
            "alreadyExists",
            format!("The resource '{path}' already exists"),
        )
    }

    pub(super) fn in_use(path: &str, user: &str) -> Self {
        let message = format!("The resource '{path}' is already being used by '{user}'");
        Self::new(400, "resourceInUseByAnotherResource", message)
    }

    /// A change that is based on an older state than the present one.
    pub(super) fn stale(what: &str) -> Self {
        Self::new(
            412,
            "conditionNotMet",
            format!("{what} fingerprint either invalid or resource labels have changed"),
        )
    }

    /// A field whose value fits its type but makes no sense here. No right client sends it.
    pub(super) fn invalid(world: &mut World, field: &str, detail: &str) -> Self {
        world.violation(Rule::WrongValue, format!("{field}: {detail}"));
        Self::new(
            400,
            "invalid",
            format!("Invalid value for field 'resource.{field}': {detail}"),
        )
    }

    pub(super) fn unknown_route(request: &Request, world: &mut World) -> Self {
        world.violation(Rule::UnknownRoute, "the lab's Google Cloud has no such call");
        Self::not_found(&request.path)
    }

    pub(super) fn reply(&self) -> Reply {
        let Self {
            status,
            reason,
            message,
        } = self;
        let errors = json!([{"domain": "global", "reason": reason, "message": message}]);
        let error = json!({"error": {"code": status, "message": message, "errors": errors}});
        Reply::json(*status, &error)
    }
}

/// Refuses a call if the check of its body or parameters found anything.
pub(super) fn refuse(world: &mut World, flaws: &[Flaw]) -> Result<(), Failure> {
    world
        .refuse_flaws(flaws)
        .map_err(|text| Failure::new(400, "invalid", format!("Invalid JSON payload received. {text}")))
}
