//! Deployments: a template is evaluated, checked as a whole, and its resources are made in the order of their
//! dependencies.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::catalog::object;
use super::expression::Scope;
use super::failure::Failure;
use super::groups::fits;
use super::id::Id;
use super::kinds::{self, Kind};
use super::network::text;
use super::route::Call;
use super::{Azure, schema};
use crate::schema::spell;
use crate::{Owner, Reply, Rule, World};

/// The kind of a deployment itself.
pub(super) const KIND: &str = "Microsoft.Resources/deployments";

/// A resource of a template, evaluated and checked.
struct Planned {
    id: Id,
    kind: &'static Kind,
    body: Map<String, Value>,
    /// Keys of ids.
    after: Vec<String>,
}

impl Azure {
    pub(super) fn deployment(
        &mut self,
        group: &str,
        name: &str,
        verb: &[&str],
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let location = self
            .store
            .group(group)
            .ok_or_else(|| Failure::group_not_found(group))?
            .location()
            .to_owned();
        let Some(id) = Id::new(group, KIND, name).filter(|_| !name.is_empty()) else {
            return Err(Failure::unknown_route(call.request, world));
        };
        let missing = || {
            Failure::new(
                404,
                "DeploymentNotFound",
                format!("Deployment '{name}' could not be found."),
            )
        };
        match (call.method, verb) {
            ("PUT", []) => self.deploy(&id, &location, call, world),
            ("POST", ["validate"]) => {
                let body = Value::Object(call.body(&schema::DEPLOYMENT, world)?);
                self.plan(&id, &location, &body, world)?;
                let state = json!({"mode": "Incremental", "provisioningState": "Succeeded", "correlationId": world.uuid()});
                Ok(Reply::json(
                    200,
                    &json!({"id": id.to_string(), "name": name, "properties": state}),
                ))
            }
            ("HEAD", []) => Ok(Reply::empty(if self.store.get(&id.to_string()).is_some() {
                204
            } else {
                404
            })),
            ("GET", []) => {
                let item = self.store.get(&id.to_string()).ok_or_else(missing)?;
                Ok(Reply::json(200, &Value::Object(item.body.clone())))
            }
            ("GET", ["operations"]) => {
                let item = self.store.get(&id.to_string()).ok_or_else(missing)?;
                Ok(Reply::json(
                    200,
                    &operations(&id, item.property("outputResources")),
                ))
            }
            ("DELETE", []) => {
                if self.store.remove(&id.to_string()).is_none() {
                    return Ok(Reply::empty(204));
                }
                Ok(self
                    .operations
                    .begin(Reply::empty(202), Ok(()), call.version, world))
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn deploy(
        &mut self,
        id: &Id,
        location: &str,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let body = Value::Object(call.body(&schema::DEPLOYMENT, world)?);
        let planned = self.plan(id, location, &body, world)?;
        let mut made = Vec::new();
        let mut result = Ok(());
        for resource in in_order(planned, world)? {
            made.push(json!({"id": resource.id.to_string()}));
            result = self.create(&resource.id, resource.kind, resource.body, world);
            if result.is_err() {
                break;
            }
        }
        let result = result.map_err(Failure::of_deployment);
        let outputs = result
            .clone()
            .and_then(|()| self.outputs(id, location, &body, world));
        let state = if result.is_ok() { "Succeeded" } else { "Failed" };
        let mut properties = json!({
            "mode": text(&body, "/properties/mode"), "provisioningState": state, "timestamp": world.timestamp(),
            "duration": "PT1S", "correlationId": world.uuid(), "outputResources": made,
            "outputs": outputs.unwrap_or_else(|_| json!({})), "providers": [], "dependencies": [],
        });
        if let (Err(failure), Some(fields)) = (&result, properties.as_object_mut()) {
            fields.insert("error".to_owned(), failure.body());
        }
        let mut document =
            json!({"properties": properties, "tags": body.get("tags").cloned().unwrap_or_else(|| json!({}))});
        let item = self.store.put(id, object(document.clone()), Owner::Client);
        for field in ["id", "name", "type"] {
            super::network::set(
                &mut document,
                "",
                field,
                item.body.get(field).cloned().unwrap_or_default(),
            );
        }
        super::network::set(
            &mut document,
            "/properties",
            "provisioningState",
            "Accepted".into(),
        );
        Ok(self
            .operations
            .begin(Reply::json(201, &document), result, call.version, world))
    }

    /// Evaluates and checks all resources; nothing is made.
    fn plan(
        &self,
        id: &Id,
        location: &str,
        body: &Value,
        world: &mut World,
    ) -> Result<Vec<Planned>, Failure> {
        let template = body.pointer("/properties/template").cloned().unwrap_or_default();
        let scope = self.scope(id, location, body, world)?;
        let resources = template
            .get("resources")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let evaluated: Result<Vec<_>, _> = resources
            .iter()
            .map(|resource| scope.evaluate(resource))
            .collect();
        let evaluated = evaluated.map_err(|detail| invalid_template(world, &detail))?;
        let mut wanted = Vec::new();
        for mut resource in evaluated {
            if is_wanted(&mut resource).map_err(|detail| invalid_template(world, &detail))? {
                wanted.push(planned(&id.group, resource, world)?);
            }
        }
        Ok(wanted)
    }

    fn scope<'a>(
        &'a self,
        id: &'a Id,
        location: &'a str,
        body: &Value,
        world: &mut World,
    ) -> Result<Scope<'a>, Failure> {
        let template = body.pointer("/properties/template").cloned().unwrap_or_default();
        let mut given = object(
            body.pointer("/properties/parameters")
                .cloned()
                .unwrap_or_default(),
        );
        let mut parameters = BTreeMap::new();
        for (name, declaration) in object(template.get("parameters").cloned().unwrap_or_default()) {
            let value = given
                .remove(&name)
                .and_then(|argument| argument.get("value").cloned());
            let value = value.or_else(|| declaration.get("defaultValue").cloned());
            let Some(value) = value else {
                let detail = format!("The value for the template parameter '{name}' is not provided.");
                return Err(invalid_template(world, &detail));
            };
            parameters.insert(name, value);
        }
        if let Some(name) = given.keys().next() {
            let detail = format!("The template parameter '{name}' is not found.");
            return Err(invalid_template(world, &detail));
        }
        Ok(Scope {
            parameters,
            variables: object(template.get("variables").cloned().unwrap_or_default()),
            group: &id.group,
            location,
            lookup: &|_| None,
        })
    }

    fn outputs(&self, id: &Id, location: &str, body: &Value, world: &mut World) -> Result<Value, Failure> {
        let lookup = |id: &str| {
            self.store
                .get(id)
                .and_then(|item| item.body.get("properties").cloned())
        };
        let scope = self.scope(id, location, body, world)?;
        let scope = Scope {
            lookup: &lookup,
            ..scope
        };
        let wanted = body
            .pointer("/properties/template/outputs")
            .cloned()
            .unwrap_or_else(|| json!({}));
        scope
            .evaluate(&wanted)
            .map_err(|detail| invalid_template(world, &detail))
    }
}

fn invalid_template(world: &mut World, detail: &str) -> Failure {
    world.violation(Rule::WrongValue, format!("template: {detail}"));
    Failure::new(
        400,
        "InvalidTemplate",
        format!("Deployment template validation failed: '{detail}'."),
    )
}

/// Whether a resource's condition holds. One that does not is neither made nor looked at any further.
fn is_wanted(resource: &mut Value) -> Result<bool, String> {
    let condition = resource
        .as_object_mut()
        .and_then(|fields| fields.remove("condition"));
    match condition {
        None => Ok(true),
        Some(Value::Bool(wanted)) => Ok(wanted),
        Some(other) => Err(format!("the condition {other} is neither yes nor no")),
    }
}

fn planned(group: &str, resource: Value, world: &mut World) -> Result<Planned, Failure> {
    let mut fields = object(resource);
    let mut take = |name: &str| fields.remove(name);
    let kind = take("type")
        .and_then(|kind| kind.as_str().map(str::to_owned))
        .unwrap_or_default();
    let name = take("name")
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default();
    let after = take("dependsOn").unwrap_or_default();
    let _version = take("apiVersion");
    let known = kinds::find(&kind).zip(Id::new(group, &kind, &name));
    let Some((kind, id)) = known else {
        world.violation(
            Rule::WrongValue,
            format!("template: there is no resource type {kind}"),
        );
        let message = format!("The resource type '{kind}' is not served by the lab.");
        return Err(Failure::new(400, "InvalidTemplateDeployment", message));
    };
    // A template may say `null` for what it leaves out.
    fields.retain(|_, value| !value.is_null());
    let mut body = Value::Object(fields);
    spell(kind.shape, &mut body);
    fits(kind.shape, &body, world)?;
    let after = after.as_array().into_iter().flatten().filter_map(Value::as_str);
    let after = after
        .map(|dependency| dependency_key(group, dependency))
        .collect();
    Ok(Planned {
        id,
        kind,
        body: object(body),
        after,
    })
}

/// A dependency is an id or `NAMESPACE/TYPE/NAME` in the same group.
fn dependency_key(group: &str, dependency: &str) -> String {
    if dependency.starts_with('/') {
        return dependency.to_lowercase();
    }
    format!("{}/providers/{dependency}", super::id::group_id(group)).to_lowercase()
}

/// Each resource after those that it depends on.
fn in_order(mut waiting: Vec<Planned>, world: &mut World) -> Result<Vec<Planned>, Failure> {
    let all: Vec<_> = waiting.iter().map(|resource| resource.id.key()).collect();
    let mut ordered: Vec<Planned> = Vec::new();
    while !waiting.is_empty() {
        let done: Vec<_> = ordered.iter().map(|resource| resource.id.key()).collect();
        let place = waiting
            .iter()
            .position(|resource| resource.after.iter().all(|key| done.contains(key)));
        match place {
            Some(place) => ordered.push(waiting.remove(place)),
            None => {
                let missing = waiting
                    .iter()
                    .flat_map(|resource| &resource.after)
                    .find(|key| !all.contains(key));
                let detail = match missing {
                    Some(key) => format!("The resource '{key}' is not defined in the template."),
                    None => "Circular dependency detected.".to_owned(),
                };
                return Err(invalid_template(world, &detail));
            }
        }
    }
    Ok(ordered)
}

/// What a deployment did, the last first: Packer deletes in this order, users before what they use. The service
/// adds one without a target, for the outputs.
fn operations(id: &Id, made: Option<&Value>) -> Value {
    let made = made.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut list: Vec<_> = made
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(number, resource)| {
            let target = Id::parse(text(resource, "/id"))?;
            Some(json!({
                "id": format!("{id}/operations/{number}"), "operationId": number.to_string(),
                "properties": {
                    "provisioningOperation": "Create", "provisioningState": "Succeeded", "statusCode": "Created",
                    "targetResource": {
                        "id": target.to_string(), "resourceType": target.kind(), "resourceName": target.name(),
                    },
                },
            }))
        })
        .collect();
    list.push(json!({
        "id": format!("{id}/operations/outputs"), "operationId": "outputs",
        "properties": {
            "provisioningOperation": "EvaluateDeploymentOutput", "provisioningState": "Succeeded", "statusCode": "OK",
        },
    }));
    json!({"value": list})
}
