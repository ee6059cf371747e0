//! Images and their families.

use serde_json::{Value, json};

use super::disks::gigabytes;
use super::failure::Failure;
use super::link::{self, url};
use super::route::{Call, check_labels};
use super::store::{fingerprint, text};
use super::{Gcp, disks, schema};
use crate::{Rule, World};

impl Gcp {
    pub(super) fn insert_image(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&["forceCreate"], world)?;
        let mut body = call.body(&schema::IMAGE, world)?;
        check_labels(body.get("labels"), world)?;
        let path = format!("{}/{}", call.collection, text(&body, "name"));
        self.refuse_taken(&path)?;
        let locations = body.get("storageLocations").and_then(Value::as_array);
        if locations.is_some_and(|locations| locations.len() > 1) {
            return Err(Failure::invalid(
                world,
                "storageLocations",
                "more than one location",
            ));
        }
        let (disk, image) = (
            text(&body, "sourceDisk").to_owned(),
            text(&body, "sourceImage").to_owned(),
        );
        let (source, least) = match (disk.as_str(), image.as_str()) {
            (disk, "") if !disk.is_empty() => self.source_disk(call, disk, world)?,
            ("", image) if !image.is_empty() => {
                self.source_image(call.project, image, "sourceImage", world)?
            }
            _ => {
                return Err(Failure::invalid(
                    world,
                    "sourceDisk",
                    "exactly one source is wanted",
                ));
            }
        };
        let size = disks::disk_size(body.get("diskSizeGb"), least, "diskSizeGb", world)?;
        let field = if disk.is_empty() {
            "sourceImage"
        } else {
            "sourceDisk"
        };
        if let Some(origin) = self.store.get(&source) {
            for inherited in ["architecture", "guestOsFeatures", "licenses"] {
                if let (false, Some(value)) = (body.contains_key(inherited), origin.body.get(inherited)) {
                    body.insert(inherited.to_owned(), value.clone());
                }
            }
            body.insert(format!("{field}Id"), origin.text("id").into());
        }
        body.insert(field.to_owned(), url(&source).into());
        body.insert("sourceType".to_owned(), "RAW".into());
        body.insert("diskSizeGb".to_owned(), size.into());
        body.insert("archiveSizeBytes".to_owned(), "700000000".into());
        body.insert("labelFingerprint".to_owned(), fingerprint(0).into());
        body.entry("storageLocations").or_insert_with(|| json!(["us"]));
        self.store.make(&path, body, Some(("PENDING", "READY")), world);
        Ok(self.operations.begin("insert", &path, world))
    }

    /// A disk that an image is to be made of, with its size. Of one that a running VM writes to, the image would
    /// be broken: the API refuses it without `forceCreate`.
    fn source_disk(
        &self,
        call: &Call<'_>,
        reference: &str,
        world: &mut World,
    ) -> Result<(String, u64), Failure> {
        let path = link::path(call.project, reference).or_else(|| old_path(reference, world));
        let Some(path) = path else {
            return Err(Failure::invalid(
                world,
                "sourceDisk",
                &format!("{reference:?} is no reference to a disk"),
            ));
        };
        let disk = self.store.get(&path).ok_or_else(|| Failure::not_found(&path))?;
        if let Some(user) = disks::user(&disk.body) {
            let running = link::path(call.project, &user)
                .and_then(|path| self.store.get(&path))
                .is_some_and(|instance| instance.text("status") != "TERMINATED");
            if running && call.request.parameter("forceCreate") != Some("true") {
                world.violation(Rule::WrongOrder, "an image of the disk of a running VM");
                return Err(Failure::in_use(&path, &user));
            }
        }
        Ok((path, gigabytes(disk.body.get("sizeGb")).unwrap_or(10)))
    }

    pub(super) fn image_of_family(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let newest = self.newest(&call.collection, call.name);
        let image = newest.and_then(|path| self.store.look(&path));
        let image =
            image.ok_or_else(|| Failure::not_found(&format!("{}/family/{}", call.collection, call.name)))?;
        Ok(Value::Object(image.body.clone()))
    }

    /// The path of the image of a family that was made last and is not deprecated.
    pub(super) fn newest(&self, collection: &str, family: &str) -> Option<String> {
        let images = self.store.below(collection);
        images
            .filter(|(_, image)| image.text("family") == family && !is_deprecated(&image.body))
            .max_by_key(|(_, image)| image.order)
            .map(|(path, _)| path.to_owned())
    }

    pub(super) fn delete_image(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let path = call.path();
        self.existing(&path)?;
        self.store.remove(&path);
        Ok(self.operations.begin("delete", &path, world))
    }

    pub(super) fn patch_image(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        /// All that the API lets one change in place.
        static PATCH: crate::schema::Shape = crate::schema::Shape::Object(&[
            crate::schema::optional("description", crate::schema::Shape::Text),
            crate::schema::optional("family", crate::schema::Shape::Form("a name", schema::is_name)),
        ]);
        call.only(&[], world)?;
        let body = call.body(&PATCH, world)?;
        let path = call.path();
        let image = self.existing(&path)?;
        for (field, value) in body {
            image.change(&field, value);
        }
        Ok(self.operations.begin("patch", &path, world))
    }

    pub(super) fn deprecate_image(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::DEPRECATION_BODY, world)?;
        let path = call.path();
        let image = self.existing(&path)?;
        match text(&body, "state") {
            "ACTIVE" => {
                image.change("deprecated", Value::Null);
                image.body.remove("deprecated");
            }
            _ => image.change("deprecated", Value::Object(body)),
        }
        Ok(self.operations.begin("deprecate", &path, world))
    }
}

fn is_deprecated(image: &serde_json::Map<String, Value>) -> bool {
    image
        .get("deprecated")
        .and_then(|deprecated| deprecated.get("state"))
        .is_some_and(|state| state != "ACTIVE")
}

/// Debian's Packer 1.6.6 leaves `projects/` out: it is built with a newer library than it was written for.
fn old_path(reference: &str, world: &World) -> Option<String> {
    let rest = reference.strip_prefix("https://compute.googleapis.com/compute/v1/")?;
    world.old_clients().then(|| format!("projects/{rest}"))
}
