//! From a path of the Resource Manager to what answers it.

use serde_json::{Map, Value};

use super::Azure;
use super::catalog::{self, object};
use super::failure::{Failure, refuse};
use super::groups::{self, fits};
use super::id::Id;
use super::{SUBSCRIPTION, kinds};
use crate::schema::{Shape, check_names, spell};
use crate::{Reply, Request, Rule, World};

/// A call, and what every call has.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) method: &'a str,
    pub(super) version: &'a str,
}

impl Call<'_> {
    /// The body, if it fits; in the description's spelling.
    pub(super) fn body(&self, shape: &Shape, world: &mut World) -> Result<Map<String, Value>, Failure> {
        let mut body = self.request.json().map_err(|error| {
            world.violation(Rule::Malformed, error.to_string());
            Failure::new(
                400,
                "InvalidRequestContent",
                format!("The request content was invalid: {error}"),
            )
        })?;
        if std::ptr::eq(shape, &raw const super::schema::GALLERY_VERSION) && self.version < "2019-07-01" {
            super::galleries::modernise(&mut body);
        }
        spell(shape, &mut body);
        fits(shape, &body, world)?;
        Ok(object(body))
    }
}

/// `2024-07-01` or `2024-07-01-preview`.
fn is_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let parts: Vec<_> = date
        .split('-')
        .map(|part| (part.len(), part.parse::<u16>().is_ok()))
        .collect();
    parts == [(4, true), (2, true), (2, true)]
}

const PARAMETERS: [&str; 9] = [
    "$expand",
    "$filter",
    "$top",
    "$orderby",
    "forceDeletion",
    "forceDelete",
    "hibernate",
    "skipShutdown",
    "statusOnly",
];

impl Azure {
    pub(super) fn manage(&mut self, request: &Request, world: &mut World) -> Result<Reply, Failure> {
        let version = request.parameter("api-version").unwrap_or_default();
        if !is_version(version) {
            world.violation(Rule::WrongValue, format!("api-version: {version:?}"));
            return Err(Failure::new(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter is missing or invalid.",
            ));
        }
        refuse(world, &check_names(&request.query, &["api-version"], &PARAMETERS))?;
        let call = Call {
            request,
            method: request.method.as_str(),
            version,
        };
        let segments = request.segments();
        // Fixed words come in any case; names keep theirs.
        let parts: Vec<_> = segments.iter().map(String::as_str).collect();
        let low: Vec<_> = segments.iter().map(|segment| segment.to_lowercase()).collect();
        let words: Vec<_> = low.iter().map(String::as_str).collect();
        let own = words
            .get(1)
            .is_none_or(|subscription| *subscription == SUBSCRIPTION);
        match (call.method, words.as_slice()) {
            ("GET", ["tenants"]) => Ok(Reply::json(200, &groups::tenants())),
            ("GET", ["subscriptions"]) => Ok(Reply::json(
                200,
                &serde_json::json!({"value": [groups::subscription()]}),
            )),
            (_, ["subscriptions", name, ..]) if !own => {
                let message = format!("The subscription '{name}' could not be found.");
                Err(Failure::new(404, "SubscriptionNotFound", message))
            }
            (_, ["subscriptions", _, rest @ ..]) => {
                let names = parts.get(2..).unwrap_or_default();
                self.in_subscription(&call, rest, names, world)
            }
            _ => Err(Failure::unknown_route(request, world)),
        }
    }

    fn in_subscription(
        &mut self,
        call: &Call<'_>,
        words: &[&str],
        names: &[&str],
        world: &mut World,
    ) -> Result<Reply, Failure> {
        match (call.method, words, names) {
            ("GET", [], _) => Ok(Reply::json(200, &groups::subscription())),
            ("GET", ["locations"], _) => Ok(Reply::json(200, &catalog::locations())),
            ("GET", ["resourcegroups"], _) => self.list_groups(call, world),
            ("GET", ["resources"], _) => self.list_resources(None, call, world),
            ("GET", ["operationresults", number], _) => self.operations.location(number, call.version, world),
            ("GET", ["providers"], _) => {
                let list =
                    ["Microsoft.Compute", "Microsoft.Network", "Microsoft.Resources"].map(groups::provider);
                Ok(Reply::json(200, &serde_json::json!({"value": list})))
            }
            ("GET", ["providers", _], [_, namespace])
            | ("POST", ["providers", _, "register"], [_, namespace, _]) => {
                Ok(Reply::json(200, &groups::provider(namespace)))
            }
            (
                "GET",
                [
                    "providers",
                    "microsoft.compute",
                    "locations",
                    _,
                    "operations",
                    number,
                ],
                _,
            ) => self.operations.status(number, world),
            ("GET", ["providers", "microsoft.compute", "locations", place, rest @ ..], _)
                if rest.first() == Some(&"publishers") =>
            {
                let names = names.get(4..).unwrap_or_default();
                let image = catalog::browse(place, names);
                image
                    .map(|image| Reply::json(200, &image))
                    .ok_or_else(|| Failure::new(404, "NotFound", "Artifact: VMImage was not found."))
            }
            ("GET", ["providers", "microsoft.compute", "locations", place, "vmsizes"], _)
                if catalog::location(place).is_some() =>
            {
                Ok(Reply::json(200, &catalog::sizes()))
            }
            ("GET", ["providers", ..], ["providers", namespace, kind]) => {
                self.list(&format!("{namespace}/{kind}"), None, call, world)
            }
            (_, ["resourcegroups", _], [_, group]) => self.group(group, call, world),
            ("GET", ["resourcegroups", _, "resources"], [_, group, _]) => {
                self.list_resources(Some(group), call, world)
            }
            (
                _,
                [
                    "resourcegroups",
                    _,
                    "providers",
                    "microsoft.resources",
                    "deployments",
                    rest @ ..,
                ],
                _,
            ) => {
                let group = names.get(1).copied().unwrap_or_default();
                let name = names.get(5).copied().unwrap_or_default();
                let verb = rest.get(1..).unwrap_or_default();
                self.deployment(group, name, verb, call, world)
            }
            // The older path of the same list, which SDKs of years ago still ask.
            ("GET", ["resourcegroups", _, "deployments", _, "operations"], [_, group, _, name, _]) => {
                self.deployment(group, name, &["operations"], call, world)
            }
            (_, ["resourcegroups", _, "providers", ..], [_, group, _, namespace, rest @ ..]) => {
                self.store
                    .group(group)
                    .ok_or_else(|| Failure::group_not_found(group))?;
                self.in_group(call, group, namespace, rest, world)
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    /// Types and names in turn; one part more is a list or an action.
    fn in_group(
        &mut self,
        call: &Call<'_>,
        group: &str,
        namespace: &str,
        rest: &[&str],
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let (pairs, last) = if rest.len().is_multiple_of(2) {
            (rest, None)
        } else {
            rest.split_last()
                .map_or((rest, None), |(last, pairs)| (pairs, Some(*last)))
        };
        let prefix = format!("{}/providers/{namespace}", super::id::group_id(group));
        let id = Id::parse(&format!("{prefix}/{}", pairs.join("/")));
        match (call.method, last, id) {
            ("GET", Some(kind), None) => self.list(&format!("{namespace}/{kind}"), Some(group), call, world),
            ("GET", Some("instanceView"), Some(id)) => self.instance_view(&id),
            ("GET", Some(kind), Some(parent)) => self.list_parts(&parent, kind, call, world),
            ("POST", Some(verb), Some(id)) => self.act(&id, verb, call, world),
            (_, None, Some(id)) => {
                let Some(kind) = kinds::find(&id.kind()) else {
                    return Err(Failure::unknown_route(call.request, world));
                };
                match call.method {
                    "GET" => self.get(&id, call),
                    "PUT" => self.put(&id, kind, call, world),
                    "PATCH" => self.patch(&id, kind, call, world),
                    "DELETE" => self.delete(&id, kind, call, world),
                    _ => Err(Failure::unknown_route(call.request, world)),
                }
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }
}
