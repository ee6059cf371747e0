//! Disks: those that instances bring along, and those that clients make.

use serde_json::{Map, Value, json};

use super::catalog;
use super::failure::Failure;
use super::link::{self, url};
use super::route::{Call, check_labels};
use super::store::{fingerprint, text};
use super::{Gcp, schema};
use crate::World;

/// A size as the API writes it (a text) or as JSON may (a number), in GB.
pub(super) fn gigabytes(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

impl Gcp {
    pub(super) fn insert_disk(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&["sourceImage"], world)?;
        let mut body = call.body(&schema::DISK, world)?;
        check_labels(body.get("labels"), world)?;
        let path = format!("{}/{}", call.collection, text(&body, "name"));
        self.refuse_taken(&path)?;
        let source = text(&body, "sourceImage").to_owned();
        let mut least = 10;
        if !source.is_empty() {
            let (image, size) = self.source_image(call.project, &source, "sourceImage", world)?;
            body.insert("sourceImage".to_owned(), url(&image).into());
            least = size;
        }
        let size = disk_size(body.get("sizeGb"), least, "sizeGb", world)?;
        body.insert("sizeGb".to_owned(), size.into());
        let kind = disk_type(call, text(&body, "type"), "type", world)?;
        body.insert("type".to_owned(), kind.into());
        body.insert("labelFingerprint".to_owned(), fingerprint(0).into());
        self.store.make(&path, body, Some(("CREATING", "READY")), world);
        Ok(self.operations.begin("insert", &path, world))
    }

    pub(super) fn delete_disk(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let path = call.path();
        let disk = self.existing(&path)?;
        if let Some(user) = user(&disk.body) {
            return Err(Failure::in_use(&path, &user));
        }
        self.store.remove(&path);
        Ok(self.operations.begin("delete", &path, world))
    }

    /// Makes the disk that an instance describes, empty or of the image at a path; its path.
    pub(super) fn disk_of_instance(
        &mut self,
        call: &Call<'_>,
        instance: &str,
        parameters: &Map<String, Value>,
        image: Option<&str>,
        size: u64,
        world: &mut World,
    ) -> Result<String, Failure> {
        let name = match text(parameters, "diskName") {
            "" => link::last(instance),
            name => name,
        };
        let path = format!("projects/{}/{}/disks/{name}", call.project, call.scope);
        self.refuse_taken(&path)?;
        let kind = disk_type(
            call,
            text(parameters, "diskType"),
            "disks[].initializeParams.diskType",
            world,
        )?;
        let mut body = catalog::object(json!({
            "name": name,
            "sizeGb": size.to_string(),
            "type": kind,
            "users": [url(instance)],
            "labels": parameters.get("labels").cloned().unwrap_or_else(|| json!({})),
            "labelFingerprint": fingerprint(0),
        }));
        if let Some((path, image)) = image.and_then(|path| Some((path, self.store.get(path)?))) {
            body.insert("sourceImage".to_owned(), url(path).into());
            for inherited in ["architecture", "guestOsFeatures", "licenses"] {
                if let Some(value) = image.body.get(inherited) {
                    body.insert(inherited.to_owned(), value.clone());
                }
            }
        }
        self.store.make(&path, body, Some(("CREATING", "READY")), world);
        // It is ready when the instance is, and nobody asks for it alone.
        self.store.settle(&path);
        Ok(path)
    }

    /// Takes a user off a disk.
    pub(super) fn detach(&mut self, path: &str) {
        if let Some(disk) = self.store.get_mut(path) {
            disk.body.remove("users");
        }
    }

    /// The path of an image that something is to be made of, and its size in GB.
    pub(super) fn source_image(
        &mut self,
        project: &str,
        reference: &str,
        field: &str,
        world: &mut World,
    ) -> Result<(String, u64), Failure> {
        let Some(mut path) = link::path(project, reference) else {
            return Err(Failure::invalid(
                world,
                field,
                &format!("{reference:?} is no reference to an image"),
            ));
        };
        if let Some((collection, family)) = path.split_once("/family/") {
            path = self
                .newest(collection, family)
                .ok_or_else(|| Failure::not_found(&path))?;
        }
        let image = self.store.look(&path).ok_or_else(|| Failure::not_found(&path))?;
        if image.text("status") != "READY" {
            let message = format!("The resource '{path}' is not ready");
            return Err(Failure::new(400, "resourceNotReady", message));
        }
        let size = gigabytes(image.body.get("diskSizeGb")).unwrap_or(10);
        Ok((path, size))
    }
}

/// The first instance that a disk is attached to.
pub(super) fn user(disk: &Map<String, Value>) -> Option<String> {
    let users = disk.get("users")?.as_array()?;
    Some(users.first()?.as_str()?.to_owned())
}

/// A size that is at least the source's, as the API writes it.
pub(super) fn disk_size(
    wanted: Option<&Value>,
    least: u64,
    field: &str,
    world: &mut World,
) -> Result<String, Failure> {
    let size = gigabytes(wanted).unwrap_or(least);
    if size < least {
        let detail = format!("{size} GB is smaller than the image's {least} GB");
        return Err(Failure::invalid(world, field, &detail));
    }
    Ok(size.to_string())
}

/// The URL of a disk type of the call's zone; `pd-standard` if none is asked for.
fn disk_type(call: &Call<'_>, reference: &str, field: &str, world: &mut World) -> Result<String, Failure> {
    let prefix = format!("projects/{}/{}/diskTypes/", call.project, call.scope);
    if reference.is_empty() {
        return Ok(url(&format!("{prefix}pd-standard")));
    }
    match link::path(call.project, reference) {
        Some(path) if path.strip_prefix(&prefix).is_some_and(catalog::is_disk_type) => Ok(url(&path)),
        _ => Err(Failure::invalid(
            world,
            field,
            &format!("{reference:?} is no disk type of this zone"),
        )),
    }
}
