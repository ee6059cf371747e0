//! Images, their shapes, and their way through Object Storage.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::list;
use super::objects::{self, Place};
use super::route::{Call, own_compartment};
use super::shapes::{self, SHAPES};
use super::store::{Item, text};
use super::tags::{check_compartment, check_tags};
use super::work::Task;
use super::{Oci, catalog, schema};
use crate::{Reply, World};

/// Whether the processor of an image and that of a shape are the same.
pub(super) fn fits(image: &Item, shape: &shapes::Shape) -> bool {
    image
        .body
        .get("x-arm")
        .and_then(Value::as_bool)
        .unwrap_or_default()
        == shape.arm
}

impl Oci {
    pub(super) fn list_images(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        list::IMAGES.check(call, world)?;
        let compartment = own_compartment(call)?;
        let shape = match call.request.parameter("shape") {
            None => None,
            Some(name) => Some(shapes::by_name(name).ok_or_else(|| no_shape(name, world))?),
        };
        self.look_at_all("images", call.region);
        let images = self.store.all("images", call.region).map(|(_, image)| image);
        let images = images.filter(|image| {
            let own = image.text("compartmentId");
            (own.is_empty() || own == compartment)
                && list::IMAGES.takes(call, image)
                && shape.is_none_or(|shape| fits(image, shape))
        });
        let images = list::sorted(call, images);
        list::page(call, &images, world)
    }

    pub(super) fn list_shapes(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        list::SHAPES.check(call, world)?;
        own_compartment(call)?;
        let domain = call.request.parameter("availabilityDomain");
        if domain.is_some_and(|domain| !call.region.domains.contains(&domain)) {
            return Err(Failure::invalid(
                world,
                "availabilityDomain",
                "not one of this region",
            ));
        }
        let image = match call.request.parameter("imageId") {
            None => None,
            Some(id) => Some(self.existing(call, "images", id)?.clone()),
        };
        let wanted = call.request.parameter("shape");
        let fitting = SHAPES.iter().filter(|shape| {
            wanted.is_none_or(|wanted| shape.name == wanted)
                && image.as_ref().is_none_or(|image| fits(image, shape))
        });
        let documents: Vec<_> = fitting.map(shapes::Shape::document).collect();
        list::page(call, &documents, world)
    }

    pub(super) fn shapes_of_image(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        list::PARTS.check(call, world)?;
        let image = self.existing(call, "images", id)?;
        let entries: Vec<_> = SHAPES
            .iter()
            .filter(|shape| fits(image, shape))
            .map(|shape| json!({"imageId": id, "shape": shape.name}))
            .collect();
        list::page(call, &entries, world)
    }

    pub(super) fn create_image(&mut self, call: &Call<'_>, world: &mut World) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::CREATE_IMAGE, world)?;
        check_compartment(&body)?;
        check_tags(&body, world)?;
        let instance = text(&body, "instanceId").to_owned();
        let source = body.remove("imageSourceDetails");
        body.remove("instanceId");
        let (states, operation) = match (instance.as_str(), source) {
            (instance, None) if !instance.is_empty() => {
                self.of_instance(call, instance, &mut body, world)?;
                (("PROVISIONING", "AVAILABLE"), "CreateImage")
            }
            ("", Some(source)) => {
                self.of_object(call, &source, &mut body)?;
                (("IMPORTING", "AVAILABLE"), "ImportImage")
            }
            _ => {
                let detail = "exactly one of instanceId and imageSourceDetails is wanted";
                return Err(Failure::invalid(world, "instanceId", detail));
            }
        };
        body.insert("createImageAllowed".to_owned(), true.into());
        body.insert("listingType".to_owned(), "NONE".into());
        let compartment = text(&body, "compartmentId").to_owned();
        let id = self.store.make("images", call.region, body, states, world);
        let task = Task {
            operation,
            compartment: &compartment,
            entity: "image",
            action: "CREATED",
            target: &id,
            end: "SUCCEEDED",
        };
        let work = self.work.begin(&task, call.region, world);
        Ok(self.shown(&id)?.header("opc-work-request-id", work))
    }

    /// An image of the boot volume of an instance, which does nothing else meanwhile.
    fn of_instance(
        &mut self,
        call: &Call<'_>,
        id: &str,
        body: &mut Map<String, Value>,
        world: &mut World,
    ) -> Result<(), Failure> {
        self.store.look(id);
        let instance = self.existing(call, "instances", id)?;
        let after = match instance.state() {
            "RUNNING" => "RUNNING",
            "STOPPED" => "STOPPED",
            state => {
                let message = format!("Instance {id} is in the state {state}");
                return Err(Failure::incorrect_state(message));
            }
        };
        instance.become_in_time("CREATING_IMAGE", after, world);
        let base = instance.text("imageId").to_owned();
        body.insert("x-instance".to_owned(), id.into());
        body.insert("baseImageId".to_owned(), base.clone().into());
        if let Some(base) = self.store.get(&base) {
            for field in schema::IMAGE_OF_INSTANCE {
                if let Some(value) = base.body.get(field) {
                    body.entry(field).or_insert_with(|| value.clone());
                }
            }
        }
        let volumes = self.store.with("bootVolumes", call.region, "x-instance", id);
        let size = volumes
            .first()
            .and_then(|volume| self.store.get(volume)?.body.get("sizeInMBs").cloned());
        body.insert("sizeInMBs".to_owned(), size.unwrap_or_else(|| 47694.into()));
        Ok(())
    }

    /// An image of a file in a bucket.
    fn of_object(
        &mut self,
        call: &Call<'_>,
        source: &Value,
        body: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let place = Place::of(source, "bucketName", "namespaceName", "objectName");
        let object = place
            .key(call.region)
            .and_then(|key| self.store.get(&key))
            .ok_or_else(|| Failure::not_found(&format!("object {}", place.object)))?;
        let image = object.body.get("x-image").cloned().unwrap_or_default();
        for field in schema::IMAGE_OF_INSTANCE.into_iter().chain(["sizeInMBs"]) {
            if let Some(value) = image.get(field) {
                body.entry(field).or_insert_with(|| value.clone());
            }
        }
        Ok(())
    }

    pub(super) fn update_image(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::UPDATE_IMAGE, world)?;
        check_tags(&body, world)?;
        let image = self.own_image(call, id)?;
        call.check_etag(image)?;
        image.changes += 1;
        image.body.extend(body);
        self.shown(id)
    }

    pub(super) fn delete_image(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let image = self.own_image(call, id)?;
        call.check_etag(image)?;
        if image.state() != "AVAILABLE" {
            let message = format!("Image {id} is in the state {}", image.state());
            return Err(Failure::incorrect_state(message));
        }
        image.body.insert("lifecycleState".to_owned(), "DELETED".into());
        Ok(Reply::empty(204))
    }

    pub(super) fn export_image(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = Value::Object(call.body(&schema::EXPORT, world)?);
        let image = self.own_image(call, id)?;
        if image.state() != "AVAILABLE" {
            let message = format!("Image {id} is in the state {}", image.state());
            return Err(Failure::incorrect_state(message));
        }
        let place = Place::of(&body, "bucketName", "namespaceName", "objectName");
        let key = place
            .key(call.region)
            .ok_or_else(|| Failure::not_found(&format!("bucket {}", place.bucket)))?;
        image.become_in_time("EXPORTING", "AVAILABLE", world);
        let content = Value::Object(image.body.clone());
        let compartment = image.text("compartmentId").to_owned();
        objects::put(&mut self.store, &key, call.region, place.object, content);
        let task = Task {
            operation: "ExportImage",
            compartment: &compartment,
            entity: "image",
            action: "UPDATED",
            target: id,
            end: "SUCCEEDED",
        };
        let work = self.work.begin(&task, call.region, world);
        Ok(self.shown(id)?.header("opc-work-request-id", work))
    }

    /// An image that the user may change: not Oracle's.
    fn own_image(&mut self, call: &Call<'_>, id: &str) -> Result<&mut Item, Failure> {
        self.store.look(id);
        let image = self.existing(call, "images", id)?;
        if catalog::is_own(image.text("compartmentId")) && !image.is_gone() {
            return Ok(image);
        }
        Err(Failure::not_found(id))
    }

    /// The resource as a client sees it.
    pub(super) fn shown(&self, id: &str) -> Result<Reply, Failure> {
        let item = self.store.get(id);
        item.map(Item::reply).ok_or_else(|| Failure::not_found(id))
    }
}

fn no_shape(name: &str, world: &mut World) -> Failure {
    Failure::invalid(world, "shape", &format!("there is no shape {name:?}"))
}
