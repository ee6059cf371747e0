//! From a path below `/compute/v1/` to what answers it.

use serde_json::{Map, Value, json};

use super::Gcp;
use super::catalog::{self, object};
use super::failure::{Failure, refuse};
use super::filter;
use super::store::Item;
use crate::schema::{Shape, check, check_names};
use crate::{Request, Rule, World};

/// Parameters that every method of a Google API takes.
const COMMON: [&str; 5] = ["alt", "fields", "prettyPrint", "quotaUser", "requestId"];

/// A call on one resource or collection.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) project: &'a str,
    /// `global`, `zones/z` or `regions/r`.
    pub(super) scope: &'a str,
    /// Of the collection, below `/compute/v1/`.
    pub(super) collection: String,
    /// Of the resource; empty if the call is on the collection.
    pub(super) name: &'a str,
}

impl Call<'_> {
    /// The path of the resource.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.collection, self.name)
    }

    /// Refuses parameters that the method does not have.
    pub(super) fn only(&self, parameters: &[&str], world: &mut World) -> Result<(), Failure> {
        only(self.request, parameters, world)
    }

    /// The body, if it fits.
    pub(super) fn body(&self, shape: &Shape, world: &mut World) -> Result<Map<String, Value>, Failure> {
        let mut body = self.request.json().map_err(|error| {
            world.violation(Rule::Malformed, error.to_string());
            Failure::new(400, "parseError", format!("Parse Error: {error}"))
        })?;
        drop_absent_items(&mut body);
        refuse(world, &check(shape, &body))?;
        Ok(object(body))
    }
}

fn only(request: &Request, parameters: &[&str], world: &mut World) -> Result<(), Failure> {
    let all = [COMMON.as_slice(), parameters].concat();
    refuse(world, &check_names(&request.query, &[], &all))
}

/// The API takes a `null` in a list for nothing. Packer sends such: `make([]*T, n)` and then `append`.
fn drop_absent_items(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(drop_absent_items);
        }
        Value::Object(fields) => fields.values_mut().for_each(drop_absent_items),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Gcp {
    pub(super) fn compute(&mut self, request: &Request, world: &mut World) -> Result<Value, Failure> {
        let segments = request.segments();
        let parts: Vec<_> = segments.iter().map(String::as_str).collect();
        let ["compute", "v1", "projects", project, rest @ ..] = parts.as_slice() else {
            return Err(Failure::unknown_route(request, world));
        };
        let method = request.method.as_str();
        if !catalog::is_known(project) {
            return Err(Failure::not_found(&format!("projects/{project}")));
        }
        if method != "GET" && !catalog::is_own(project) {
            return Err(Failure::forbidden(&request.path));
        }
        if method == "GET"
            && let Some(answer) = catalog::describe(project, rest)
        {
            only(request, &filter::PARAMETERS, world)?;
            return answer;
        }
        match rest {
            ["aggregated", kind @ ("instances" | "disks")] if method == "GET" => {
                self.aggregated_list(project, kind, request, world)
            }
            ["global", rest @ ..] => self.scoped(request, project, "global", rest, world),
            ["zones", zone, rest @ ..] if catalog::is_zone(zone) => {
                self.scoped(request, project, &format!("zones/{zone}"), rest, world)
            }
            ["regions", region, rest @ ..] => {
                self.scoped(request, project, &format!("regions/{region}"), rest, world)
            }
            ["zones", zone, ..] => {
                let path = format!("projects/{project}/zones/{zone}");
                world.violation(Rule::WrongValue, format!("there is no zone {zone}"));
                Err(Failure::not_found(&path))
            }
            _ => Err(Failure::unknown_route(request, world)),
        }
    }

    fn scoped(
        &mut self,
        request: &Request,
        project: &str,
        scope: &str,
        rest: &[&str],
        world: &mut World,
    ) -> Result<Value, Failure> {
        let call = |kind: &str, name| Call {
            request,
            project,
            scope,
            collection: format!("projects/{project}/{scope}/{kind}"),
            name,
        };
        let place = scope.split('/').next().unwrap_or_default();
        match (request.method.as_str(), place, rest) {
            ("GET", _, ["operations", name]) => {
                let path = call("operations", *name).path();
                self.operations.poll(&path, &mut self.store, world)
            }
            ("POST", _, ["operations", name, "wait"]) => {
                let path = call("operations", *name).path();
                self.operations.wait(&path, &mut self.store, world)
            }
            ("GET", "global", ["images", "family", family]) => {
                self.image_of_family(&call("images", *family), world)
            }
            ("GET", "global", ["images", name, "getIamPolicy"]) => {
                self.image_policy(&call("images", *name), world)
            }
            ("GET", "zones", ["instances", name, "serialPort"]) => {
                self.serial_port(&call("instances", *name), world)
            }
            ("GET", "global", [kind @ ("images" | "firewalls" | "networks")])
            | ("GET", "zones", [kind @ ("instances" | "disks")])
            | ("GET", "regions", [kind @ "subnetworks"]) => self.list(&call(kind, ""), world),
            ("GET", "global", [kind @ ("images" | "firewalls" | "networks"), name])
            | ("GET", "zones", [kind @ ("instances" | "disks"), name])
            | ("GET", "regions", [kind @ "subnetworks", name]) => self.get(&call(kind, *name), world),
            ("GET", "regions", ["addresses", name]) => {
                Err(Failure::not_found(&call("addresses", *name).path()))
            }
            ("POST", "global", ["images"]) => self.insert_image(&call("images", ""), world),
            ("DELETE", "global", ["images", name]) => self.delete_image(&call("images", *name), world),
            ("PATCH", "global", ["images", name]) => self.patch_image(&call("images", *name), world),
            ("POST", "global", ["images", name, "deprecate"]) => {
                self.deprecate_image(&call("images", *name), world)
            }
            ("POST", "global", ["images", name, "setIamPolicy"]) => {
                self.set_image_policy(&call("images", *name), world)
            }
            ("POST", "global", ["images", name, "testIamPermissions"]) => {
                self.test_image_permissions(&call("images", *name), world)
            }
            ("POST", "global", [kind @ "images", name, "setLabels"])
            | ("POST", "zones", [kind @ ("instances" | "disks"), name, "setLabels"]) => {
                self.set_labels(&call(kind, *name), world)
            }
            ("POST", "global", ["firewalls"]) => self.insert_firewall(&call("firewalls", ""), world),
            ("DELETE", "global", ["firewalls", name]) => {
                self.delete_firewall(&call("firewalls", *name), world)
            }
            ("POST", "zones", ["instances"]) => self.insert_instance(&call("instances", ""), world),
            ("DELETE", "zones", ["instances", name]) => {
                self.delete_instance(&call("instances", *name), world)
            }
            ("POST", "zones", ["instances", name, verb]) => {
                self.change_instance(&call("instances", *name), verb, world)
            }
            ("POST", "zones", ["disks"]) => self.insert_disk(&call("disks", ""), world),
            ("DELETE", "zones", ["disks", name]) => self.delete_disk(&call("disks", *name), world),
            _ => Err(Failure::unknown_route(request, world)),
        }
    }

    fn get(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let path = call.path();
        let item = self.store.look(&path).ok_or_else(|| Failure::not_found(&path))?;
        Ok(Value::Object(item.body.clone()))
    }

    fn list(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&filter::PARAMETERS, world)?;
        self.store.look_at_all(&call.collection);
        let (items, next) = filter::page(self.store.below(&call.collection), call.request, world)?;
        let kind = super::store::kind(&call.path()).trim_end_matches('s').to_owned();
        let items: Vec<_> = items.into_iter().map(|(_, item)| item.body.clone()).collect();
        Ok(filter::document(
            &format!("compute#{kind}List"),
            json!(items),
            next,
        ))
    }

    fn aggregated_list(
        &self,
        project: &str,
        kind: &str,
        request: &Request,
        world: &mut World,
    ) -> Result<Value, Failure> {
        only(request, &filter::PARAMETERS, world)?;
        let (items, next) = filter::page(self.store.everywhere(project, kind), request, world)?;
        let mut scopes = Map::new();
        for (scope, item) in items {
            let entry = scopes.entry(scope).or_insert_with(|| json!({kind: []}));
            if let Some(list) = entry.get_mut(kind).and_then(Value::as_array_mut) {
                list.push(Value::Object(item.body.clone()));
            }
        }
        let one = kind.trim_end_matches('s');
        Ok(filter::document(
            &format!("compute#{one}AggregatedList"),
            Value::Object(scopes),
            next,
        ))
    }

    fn set_labels(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let body = call.body(&super::schema::SET_LABELS, world)?;
        check_labels(body.get("labels"), world)?;
        let path = call.path();
        let item = self.existing(&path)?;
        let given = super::store::text(&body, "labelFingerprint");
        if !item.text("labelFingerprint").is_empty() && given != item.text("labelFingerprint") {
            return Err(Failure::stale("Labels"));
        }
        item.change("labels", body.get("labels").cloned().unwrap_or_default());
        let fingerprint = item.fingerprint();
        item.body
            .insert("labelFingerprint".to_owned(), fingerprint.into());
        Ok(self.operations.begin("setLabels", &path, world))
    }

    /// The resource, or the failure that says that there is none.
    pub(super) fn existing(&mut self, path: &str) -> Result<&mut Item, Failure> {
        self.store.get_mut(path).ok_or_else(|| Failure::not_found(path))
    }

    /// Refuses a name that is taken.
    pub(super) fn refuse_taken(&self, path: &str) -> Result<(), Failure> {
        match self.store.get(path) {
            Some(_) => Err(Failure::exists(path)),
            None => Ok(()),
        }
    }
}

/// Keys and number of labels; their values are checked with the body.
pub(super) fn check_labels(labels: Option<&Value>, world: &mut World) -> Result<(), Failure> {
    /// For one resource.
    const MOST: usize = 64;
    let Some(labels) = labels.and_then(Value::as_object) else {
        return Ok(());
    };
    if labels.len() > MOST {
        return Err(Failure::invalid(world, "labels", "more than 64 labels"));
    }
    match labels.keys().find(|key| !super::schema::is_label_key(key)) {
        Some(key) => Err(Failure::invalid(
            world,
            "labels",
            &format!("{key:?} is not a label's key"),
        )),
        None => Ok(()),
    }
}
