//! The subscription, its resource groups, and the lists over all of it.

use serde_json::{Value, json};

use super::failure::{Failure, refuse};
use super::route::Call;
use super::store::{GROUP_KIND, Item};
use super::{Azure, SUBSCRIPTION, TENANT, catalog, schema};
use crate::schema::check;
use crate::{Owner, Reply, World};

/// `^[-\w._()]{1,90}$`, not ending with a dot.
fn is_group(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '(' | ')');
    (1..=90).contains(&name.chars().count()) && name.chars().all(fits) && !name.ends_with('.')
}

pub(super) fn subscription() -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}"), "subscriptionId": SUBSCRIPTION, "tenantId": TENANT,
        "homeTenantId": TENANT, "displayName": "sindri-lab", "state": "Enabled", "managedByTenants": [],
        "authorizationSource": "RoleBased",
    })
}

pub(super) fn tenants() -> Value {
    json!({"value": [{
        "id": format!("/tenants/{TENANT}"), "tenantId": TENANT, "displayName": "sindri-lab", "tenantCategory": "Home",
    }]})
}

/// A resource provider; all that the lab has are registered.
pub(super) fn provider(namespace: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/providers/{namespace}"), "namespace": namespace,
        "registrationState": "Registered", "registrationPolicy": "RegistrationRequired", "resourceTypes": [],
    })
}

impl Azure {
    pub(super) fn list_groups(&self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        let groups = self.store.of_kind(GROUP_KIND, None);
        Ok(Reply::json(200, &filtered(groups, call, world)?))
    }

    /// `az resource list` and the like.
    pub(super) fn list_resources(
        &self,
        group: Option<&str>,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        if let Some(name) = group {
            self.store
                .group(name)
                .ok_or_else(|| Failure::group_not_found(name))?;
        }
        let below = group.map(|name| format!("{}/", super::id::group_id(name).to_lowercase()));
        // A deployment is a record of what was done, and no resource of this list.
        let items = self.store.iter().filter(|item| {
            item.kind != GROUP_KIND
                && item.kind != super::deployments::KIND
                && below
                    .as_ref()
                    .is_none_or(|below| item.id.to_lowercase().starts_with(below))
        });
        Ok(Reply::json(200, &filtered(items, call, world)?))
    }

    pub(super) fn group(&mut self, name: &str, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        let found = self.store.group(name).map(|item| item.body.clone());
        match (call.method, found) {
            ("HEAD", found) => Ok(Reply::empty(if found.is_some() { 204 } else { 404 })),
            ("GET", Some(body)) => Ok(Reply::json(200, &Value::Object(body))),
            ("PUT", found) => self.put_group(name, found.is_some(), call, world),
            ("PATCH", Some(_)) => {
                let body = call.body(&schema::TAGS_PATCH, world)?;
                check_tags(body.get("tags"), world)?;
                let tags = body.get("tags").cloned().unwrap_or_default();
                let id = super::id::group_id(name);
                let item = self
                    .store
                    .get_mut(&id)
                    .ok_or_else(|| Failure::group_not_found(name))?;
                item.body.insert("tags".to_owned(), tags);
                item.changes += 1;
                Ok(Reply::json(200, &Value::Object(item.body.clone())))
            }
            ("DELETE", Some(_)) => {
                self.store.remove_group(name);
                Ok(self
                    .operations
                    .begin(Reply::empty(202), Ok(()), call.version, world))
            }
            (_, None) => Err(Failure::group_not_found(name)),
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn put_group(
        &mut self,
        name: &str,
        there: bool,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let body = call.body(&schema::GROUP, world)?;
        if !is_group(name) {
            return Err(Failure::invalid(
                world,
                "resourceGroupName",
                "1 to 90 letters, digits, - _ . ( )",
            ));
        }
        check_tags(body.get("tags"), world)?;
        let given = body.get("location").and_then(Value::as_str).unwrap_or_default();
        let location = check_location(given, world)?;
        let older = self.store.group(name).map(|group| group.location().to_owned());
        if older.is_some_and(|older| older != location) {
            let message = format!("The Resource group '{name}' already exists in another location.");
            return Err(Failure::new(409, "InvalidResourceGroupLocation", message));
        }
        let tags = body.get("tags").cloned().unwrap_or_else(|| json!({}));
        let item = self
            .store
            .put_group(name, catalog::group_body(location, tags), Owner::Client);
        let status = if there { 200 } else { 201 };
        Ok(Reply::json(status, &Value::Object(item.body.clone())))
    }
}

/// The code of a region that is there.
pub(super) fn check_location(name: &str, world: &mut World) -> Result<&'static str, Failure> {
    catalog::location(name).ok_or_else(|| {
        world.violation(
            crate::Rule::WrongValue,
            format!("location: there is no region {name:?}"),
        );
        let message = format!("The provided location '{name}' is not available.");
        Failure::new(400, "LocationNotAvailableForResourceType", message)
    })
}

/// Names and number of tags; their values are checked with the body.
pub(super) fn check_tags(tags: Option<&Value>, world: &mut World) -> Result<(), Failure> {
    /// For one resource.
    const MOST: usize = 50;
    let Some(tags) = tags.and_then(Value::as_object) else {
        return Ok(());
    };
    if tags.len() > MOST {
        return Err(Failure::invalid(world, "tags", "more than 50 tags"));
    }
    match tags.keys().find(|name| !schema::is_tag_name(name)) {
        Some(name) => Err(Failure::invalid(
            world,
            "tags",
            &format!("{name:?} is not a tag's name"),
        )),
        None => Ok(()),
    }
}

/// A list, filtered by `$filter`: terms `FIELD eq 'VALUE'` joined with `and`; of the fields those that clients
/// here use. Anything else is refused rather than ignored.
fn filtered<'a>(
    items: impl Iterator<Item = &'a Item>,
    call: &Call<'_>,
    world: &mut World,
) -> Result<Value, Failure> {
    let filter = call.request.parameter("$filter").unwrap_or_default();
    let mut shown: Vec<&Item> = items.collect();
    let mut tag = None;
    for term in filter.split(" and ").filter(|term| !term.trim().is_empty()) {
        let parts = term
            .trim()
            .split_once(" eq ")
            .map(|(field, value)| (field.trim(), value.trim().trim_matches('\'')));
        match parts {
            Some(("tagName" | "tagname", name)) => {
                tag = Some(name.to_owned());
                shown.retain(|item| tag_value(item, name).is_some());
            }
            Some(("tagValue" | "tagvalue", value)) => {
                let name = tag.clone().unwrap_or_default();
                shown.retain(|item| tag_value(item, &name) == Some(value));
            }
            Some(("resourceType", kind)) => shown.retain(|item| item.kind.eq_ignore_ascii_case(kind)),
            Some(("resourceGroup", group)) => {
                let below = format!("{}/", super::id::group_id(group).to_lowercase());
                shown.retain(|item| item.id.to_lowercase().starts_with(&below));
            }
            Some(("name", name)) => shown.retain(|item| item.name.eq_ignore_ascii_case(name)),
            Some(("location", place)) => shown.retain(|item| item.location() == place),
            _ => {
                return Err(Failure::invalid(
                    world,
                    "$filter",
                    "not a form that the lab knows",
                ));
            }
        }
    }
    let list: Vec<_> = shown
        .into_iter()
        .map(|item| Value::Object(item.body.clone()))
        .collect();
    Ok(json!({"value": list}))
}

fn tag_value<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    let tags = item.body.get("tags")?.as_object()?;
    let (_, value) = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// Refuses a body that does not fit.
pub(super) fn fits(shape: &crate::schema::Shape, body: &Value, world: &mut World) -> Result<(), Failure> {
    refuse(world, &check(shape, body))
}
