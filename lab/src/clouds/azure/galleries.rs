//! Galleries, their definitions and versions.

use serde_json::{Value, json};

use super::failure::Failure;
use super::id::Id;
use super::network::{set, text};
use super::route::Call;
use super::{Azure, SUBSCRIPTION, catalog, kinds, schema};
use crate::{Reply, Rule, World};

impl Azure {
    pub(super) fn prepare_gallery(
        &self,
        id: &Id,
        kind: &str,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        if let Some(fields) = body.as_object_mut() {
            fields.entry("properties").or_insert_with(|| json!({}));
        }
        if kind == kinds::GALLERY {
            let unique = format!("{SUBSCRIPTION}-{}", id.name().to_uppercase());
            set(body, "/properties", "identifier", json!({"uniqueName": unique}));
            let permissions = text(body, "/properties/sharingProfile/permissions").to_owned();
            let information = body
                .pointer("/properties/sharingProfile/communityGalleryInfo")
                .is_some();
            if (permissions == "Community") != information {
                let detail = "information for a community, and the permission Community, come together";
                return Err(Failure::invalid(world, "sharingProfile", detail));
            }
            // They are fixed when the gallery is made.
            let older = self
                .store
                .get(&id.to_string())
                .map(|older| older.text("sharingProfile.permissions"));
            if older.is_some_and(|older| older != permissions) {
                return Err(Failure::new(
                    409,
                    "PropertyChangeNotAllowed",
                    "Changing property 'permissions' is not allowed.",
                ));
            }
            return Ok(());
        }
        // Publisher, offer and SKU name a definition in its gallery.
        let own = body.pointer("/properties/identifier").cloned();
        let parent = id.parent().map(|parent| parent.to_string()).unwrap_or_default();
        let twin = self.store.parts(&parent, kinds::DEFINITION).find(|other| {
            other.property("identifier").cloned() == own && !other.name.eq_ignore_ascii_case(id.name())
        });
        if let Some(twin) = twin {
            let message = format!(
                "The gallery image {} has the same publisher, offer and sku.",
                twin.name
            );
            return Err(Failure::new(409, "GalleryImageIdentifierInUse", message));
        }
        for (field, value) in [("hyperVGeneration", "V1"), ("architecture", "x64")] {
            if text(body, &format!("/properties/{field}")).is_empty() {
                set(body, "/properties", field, value.into());
            }
        }
        Ok(())
    }

    pub(super) fn prepare_version(
        &mut self,
        id: &Id,
        body: &mut Value,
        world: &mut World,
    ) -> Result<(), Failure> {
        let home = text(body, "/location").to_owned();
        let older = self.store.get(&id.to_string()).cloned();
        let definition = id
            .parent()
            .and_then(|id| self.store.get(&id.to_string()))
            .cloned();
        let Some(definition) = definition else {
            return Err(Failure::not_found(&id.to_string()));
        };
        let source = ["source/id", "source/virtualMachineId", "osDiskImage/source/id"]
            .map(|path| text(body, &format!("/properties/storageProfile/{path}")).to_owned())
            .into_iter()
            .find(|source| !source.is_empty());
        match (&source, &older) {
            (Some(source), Some(older)) => {
                let before = older.property("storageProfile").cloned().unwrap_or_default();
                let same = before.to_string().to_lowercase().contains(&source.to_lowercase());
                if !same {
                    let message = "Changing property 'galleryImageVersion.properties.storageProfile.source.id' is not allowed.";
                    return Err(Failure::new(409, "PropertyChangeNotAllowed", message));
                }
            }
            (Some(source), None) => self.check_version_source(id, source, &definition, world)?,
            (None, Some(_)) => {}
            (None, None) => return Err(Failure::invalid(world, "storageProfile.source", "missing")),
        }
        check_regions(&home, body, world)?;
        if let Some(profile) = body.pointer_mut("/properties").and_then(Value::as_object_mut) {
            let publishing = profile.entry("publishingProfile").or_insert_with(|| json!({}));
            if let Some(publishing) = publishing.as_object_mut() {
                publishing
                    .entry("targetRegions")
                    .or_insert_with(|| json!([{"name": home, "regionalReplicaCount": 1}]));
                publishing.entry("replicaCount").or_insert(json!(1));
                publishing.entry("excludeFromLatest").or_insert(json!(false));
                publishing
                    .entry("storageAccountType")
                    .or_insert(json!("Standard_LRS"));
                let published = older
                    .as_ref()
                    .map(|older| older.text("publishingProfile.publishedDate").to_owned());
                let published = published
                    .filter(|date| !date.is_empty())
                    .unwrap_or_else(|| world.timestamp());
                publishing.insert("publishedDate".to_owned(), published.into());
            }
        }
        Ok(())
    }

    /// A version is made of a managed image, of a VM that was generalized, of another version, a disk or a snapshot,
    /// and the source has to be what the definition says.
    fn check_version_source(
        &self,
        id: &Id,
        source: &str,
        definition: &super::store::Item,
        world: &mut World,
    ) -> Result<(), Failure> {
        let item = Id::parse(source).and_then(|id| self.store.get(&id.to_string()));
        let Some(item) = item else {
            return Err(Failure::dangling(world, &id.to_string(), source));
        };
        let generalized = definition.text("osState") == "Generalized";
        match item.kind.as_str() {
            kinds::VM if generalized && !item.generalized => {
                world.violation(Rule::WrongOrder, "a version of a VM that was not generalized");
                return Err(Failure::not_allowed("The virtual machine must be generalized."));
            }
            kinds::VM if !generalized && item.generalized => {
                return Err(Failure::invalid(
                    world,
                    "storageProfile.source",
                    "the VM is generalized, the definition is not",
                ));
            }
            kinds::IMAGE => {
                let (own, wanted) = (item.text("hyperVGeneration"), definition.text("hyperVGeneration"));
                if own != wanted {
                    let detail = format!("the image is {own}, the definition is {wanted}");
                    return Err(Failure::invalid(world, "storageProfile.source", &detail));
                }
            }
            kinds::VM | kinds::VERSION | kinds::DISK | kinds::SNAPSHOT => {}
            _ => return Err(Failure::dangling(world, &id.to_string(), source)),
        }
        Ok(())
    }

    pub(super) fn share_gallery(
        &mut self,
        id: &Id,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        /// Of subscriptions and of tenants.
        const MOST: (usize, usize) = (30, 5);
        let body = call.body(&schema::GALLERY_SHARE, world)?;
        let permissions = self.existing(id)?.text("sharingProfile.permissions").to_owned();
        let body = Value::Object(body);
        let operation = text(&body, "/operationType").to_owned();
        let needed = if operation == "EnableCommunity" {
            "Community"
        } else {
            "Groups"
        };
        if operation != "Reset" && permissions != needed {
            let message = format!("The gallery's permissions are '{permissions}', not '{needed}'.");
            return Err(Failure::new(409, "OperationNotAllowed", message));
        }
        let groups = body.get("groups").cloned().unwrap_or_else(|| json!([]));
        for group in groups.as_array().into_iter().flatten() {
            let count = group.get("ids").and_then(Value::as_array).map_or(0, Vec::len);
            let most = if text(group, "/type") == "Subscriptions" {
                MOST.0
            } else {
                MOST.1
            };
            if count > most {
                return Err(Failure::invalid(
                    world,
                    "groups[].ids",
                    &format!("more than {most}"),
                ));
            }
        }
        if let Some(gallery) = self.store.get_mut(&id.to_string()) {
            gallery.changes += 1;
            let state = match operation.as_str() {
                "Reset" => json!({"permissions": "Private"}),
                "Remove" => json!({"permissions": permissions}),
                "EnableCommunity" => {
                    let mut profile = gallery
                        .property("sharingProfile")
                        .cloned()
                        .unwrap_or_else(|| json!({}));
                    set(
                        &mut profile,
                        "/communityGalleryInfo",
                        "communityGalleryEnabled",
                        json!(true),
                    );
                    set(
                        &mut profile,
                        "/communityGalleryInfo",
                        "publicNames",
                        json!([format!("lab-{}", id.name())]),
                    );
                    profile
                }
                _ => json!({"permissions": permissions, "groups": groups}),
            };
            gallery.set("sharingProfile", state);
        }
        let reply = Reply::json(202, &body);
        Ok(self.operations.begin(reply, Ok(()), call.version, world))
    }
}

/// The home region stays among the targets, and each target is a region.
fn check_regions(home: &str, body: &mut Value, world: &mut World) -> Result<(), Failure> {
    let regions = body
        .pointer_mut("/properties/publishingProfile/targetRegions")
        .and_then(Value::as_array_mut);
    let Some(regions) = regions.filter(|regions| !regions.is_empty()) else {
        return Ok(());
    };
    let mut codes = Vec::new();
    for region in regions {
        let Some(code) = catalog::location(text(region, "/name")) else {
            let name = text(region, "/name").to_owned();
            return Err(Failure::invalid(
                world,
                "targetRegions",
                &format!("there is no region {name:?}"),
            ));
        };
        codes.push(code);
    }
    if !codes.contains(&home) {
        return Err(Failure::invalid(
            world,
            "targetRegions",
            &format!("the home region {home} is missing"),
        ));
    }
    Ok(())
}

/// Until the API version 2019-07-01 the source stood at `publishingProfile.source.managedImage.id`.
pub(super) fn modernise(body: &mut Value) {
    let profile = body
        .pointer_mut("/properties/publishingProfile")
        .and_then(Value::as_object_mut);
    if let Some(source) = profile.and_then(|profile| profile.remove("source")) {
        let id = text(&source, "/managedImage/id").to_owned();
        set(
            body,
            "/properties",
            "storageProfile",
            json!({"source": {"id": id}}),
        );
    }
}
