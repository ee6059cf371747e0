//! As much of Object Storage as copies of images take: one bucket in each region.

use serde_json::{Map, Value, json};

use super::failure::{Failure, refuse};
use super::region::{Region, by_name};
use super::route::Call;
use super::store::Store;
use super::work::Task;
use super::{BUCKET, COMPARTMENT, NAMESPACE, Oci, schema};
use crate::schema::check_names;
use crate::{Owner, Reply, World};

/// A file of a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) bucket: &'a str,
    pub(super) namespace: &'a str,
    pub(super) object: &'a str,
}

impl<'a> Place<'a> {
    /// What these fields of a body name.
    pub(super) fn of(body: &'a Value, bucket: &str, namespace: &str, object: &str) -> Self {
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        Self {
            bucket: text(bucket),
            namespace: text(namespace),
            object: text(object),
        }
    }

    /// The file's key in the store, if there is such a bucket.
    pub(super) fn key(&self, region: &Region) -> Option<String> {
        let there = self.bucket == BUCKET && self.namespace == NAMESPACE && !self.object.is_empty();
        there.then(|| format!("{}/{}/{}", region.name, self.bucket, self.object))
    }
}

/// Adds a file, over an older one.
pub(super) fn put(store: &mut Store, key: &str, region: &'static Region, name: &str, image: Value) {
    let mut body = Map::new();
    body.insert("displayName".to_owned(), name.into());
    body.insert("x-image".to_owned(), image);
    store.put(key, "objects", region, body, Owner::Client);
}

fn no_bucket(bucket: &str) -> Failure {
    let message =
        format!("Either the bucket named '{bucket}' does not exist or you are not authorized to access it");
    Failure::new(404, "BucketNotFound", message)
}

fn no_object(object: &str) -> Failure {
    let message = format!("The object '{object}' was not found");
    Failure::new(404, "ObjectNotFound", message)
}

impl Oci {
    pub(super) fn object_storage(
        &mut self,
        call: &Call<'_>,
        method: &str,
        parts: &[&str],
        world: &mut World,
    ) -> Result<Reply, Failure> {
        match (method, parts) {
            ("GET", ["n"]) => {
                call.only(&["compartmentId"], world)?;
                Ok(Reply::json(200, &json!(NAMESPACE)))
            }
            ("GET", ["workRequests", id]) => {
                call.only(&[], world)?;
                self.work.poll(id, &mut self.store, world)
            }
            ("GET", ["n", namespace, "b", bucket, "o"]) => {
                check_bucket(namespace, bucket)?;
                self.list_objects(call, world)
            }
            ("POST", ["n", namespace, "b", bucket, "actions", "copyObject"]) => {
                check_bucket(namespace, bucket)?;
                self.copy_object(call, bucket, world)
            }
            // The name is one segment when its slashes are escaped.
            ("DELETE", ["n", namespace, "b", bucket, "o", object]) => {
                check_bucket(namespace, bucket)?;
                call.only(&["versionId"], world)?;
                let place = Place {
                    bucket,
                    namespace,
                    object,
                };
                let key = place.key(call.region).ok_or_else(|| no_bucket(bucket))?;
                self.store.remove(&key).ok_or_else(|| no_object(object))?;
                Ok(Reply::empty(204))
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn list_objects(&self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        let known = [
            "prefix",
            "start",
            "end",
            "limit",
            "delimiter",
            "fields",
            "startAfter",
        ];
        refuse(world, &check_names(&call.request.query, &[], &known))?;
        let prefix = call.request.parameter("prefix").unwrap_or_default();
        let objects: Vec<_> = self
            .store
            .all("objects", call.region)
            .map(|(_, item)| item.text("displayName"))
            .filter(|name| name.starts_with(prefix))
            .map(|name| json!({"name": name}))
            .collect();
        Ok(Reply::json(200, &json!({"objects": objects, "prefixes": []})))
    }

    fn copy_object(&mut self, call: &Call<'_>, bucket: &str, world: &mut World) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = Value::Object(call.body(&schema::COPY_OBJECT, world)?);
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        let source = Place {
            bucket,
            namespace: NAMESPACE,
            object: text("sourceObjectName"),
        };
        let target = Place::of(
            &body,
            "destinationBucket",
            "destinationNamespace",
            "destinationObjectName",
        );
        let Some(region) = by_name(text("destinationRegion")) else {
            return Err(Failure::invalid(
                world,
                "destinationRegion",
                "no region of the tenancy",
            ));
        };
        let file = source.key(call.region).and_then(|key| self.store.get(&key));
        let file = file.ok_or_else(|| no_object(source.object))?;
        let image = file.body.get("x-image").cloned().unwrap_or_default();
        // Whether the other bucket is there shows only when the work is done.
        let key = target.key(region);
        if let Some(key) = &key {
            put(&mut self.store, key, region, target.object, image);
        }
        let task = Task {
            operation: "COPY_OBJECT",
            compartment: COMPARTMENT,
            entity: "object",
            action: "WRITTEN",
            target: target.object,
            end: if key.is_some() { "COMPLETED" } else { "FAILED" },
        };
        let work = self.work.begin(&task, call.region, world);
        Ok(Reply::empty(202).header("opc-work-request-id", work))
    }
}

fn check_bucket(namespace: &str, bucket: &str) -> Result<(), Failure> {
    if namespace != NAMESPACE {
        let message = format!(
            "You do not have authorization to perform this request, or the namespace '{namespace}' does not exist"
        );
        return Err(Failure::new(404, "NamespaceNotFound", message));
    }
    if bucket == BUCKET {
        return Ok(());
    }
    Err(no_bucket(bucket))
}
