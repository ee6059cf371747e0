//! From a path to what answers it.

use serde_json::{Map, Value};

use super::failure::{Failure, refuse};
use super::list::{self, Listing};
use super::region::{Region, Service};
use super::store::{Item, object};
use super::{Oci, catalog};
use crate::schema::{Shape, check, check_names};
use crate::{Reply, Request, Rule, World};

/// A call to a service of a region.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) region: &'static Region,
}

impl Call<'_> {
    /// Refuses parameters that the method does not have.
    pub(super) fn only(&self, parameters: &[&str], world: &mut World) -> Result<(), Failure> {
        refuse(world, &check_names(&self.request.query, &[], parameters))
    }

    /// The body, if it fits.
    pub(super) fn body(&self, shape: &Shape, world: &mut World) -> Result<Map<String, Value>, Failure> {
        let body = self.request.json().map_err(|error| {
            world.violation(Rule::Malformed, error.to_string());
            Failure::new(
                400,
                "CannotParseRequest",
                format!("Incorrectly formatted request: {error}"),
            )
        })?;
        refuse(world, &check(shape, &body))?;
        // The API takes a null for nothing, and answers none for what was not said.
        let mut body = object(body);
        body.retain(|_, value| !value.is_null());
        Ok(body)
    }

    /// Refuses a change that is based on an older state.
    pub(super) fn check_etag(&self, item: &Item) -> Result<(), Failure> {
        match self.request.header("if-match") {
            Some(etag) if etag != item.etag() && etag != "*" => Err(Failure::stale()),
            _ => Ok(()),
        }
    }
}

impl Oci {
    pub(super) fn route(
        &mut self,
        service: Service,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let segments = call.request.segments();
        let parts: Vec<_> = segments.iter().map(String::as_str).collect();
        let method = call.request.method.as_str();
        match (service, parts.as_slice()) {
            (Service::ObjectStorage, parts) => self.object_storage(call, method, parts, world),
            (Service::Identity, ["20160918", rest @ ..]) => Self::identity(call, method, rest, world),
            (Service::Core, ["20160918", rest @ ..]) => self.core(call, method, rest, world),
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn identity(call: &Call<'_>, method: &str, rest: &[&str], world: &mut World) -> Result<Reply, Failure> {
        match (method, rest) {
            ("GET", ["regions"]) => {
                call.only(&[], world)?;
                Ok(Reply::json(200, &catalog::regions(false)))
            }
            ("GET", ["tenancies", tenancy, "regionSubscriptions"]) if *tenancy == super::TENANCY => {
                call.only(&[], world)?;
                Ok(Reply::json(200, &catalog::regions(true)))
            }
            ("GET", ["availabilityDomains"]) => {
                list::DOMAINS.check(call, world)?;
                let compartment = own_compartment(call)?;
                Ok(Reply::json(
                    200,
                    &catalog::availability_domains(call.region, compartment),
                ))
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn core(
        &mut self,
        call: &Call<'_>,
        method: &str,
        rest: &[&str],
        world: &mut World,
    ) -> Result<Reply, Failure> {
        match (method, rest) {
            ("GET", ["workRequests", id]) => {
                call.only(&[], world)?;
                self.work.poll(id, &mut self.store, world)
            }
            ("GET", ["shapes"]) => self.list_shapes(call, world),
            ("GET", ["images"]) => self.list_images(call, world),
            ("POST", ["images"]) => self.create_image(call, world),
            ("PUT", ["images", id]) => self.update_image(call, id, world),
            ("DELETE", ["images", id]) => self.delete_image(call, id, world),
            ("GET", ["images", id, "shapes"]) => self.shapes_of_image(call, id, world),
            ("POST", ["images", id, "actions", "export"]) => self.export_image(call, id, world),
            ("GET", ["computeGlobalImageCapabilitySchemas", rest @ ..]) => {
                Self::global_schemas(call, rest, world)
            }
            ("POST", ["computeImageCapabilitySchemas"]) => self.create_schema(call, world),
            ("PUT", ["computeImageCapabilitySchemas", id]) => self.update_schema(call, id, world),
            ("DELETE", ["computeImageCapabilitySchemas", id]) => self.delete_schema(call, id, world),
            ("POST", ["instances"]) => self.launch(call, world),
            ("PUT", ["instances", id]) => self.update_instance(call, id, world),
            ("POST", ["instances", id]) => self.instance_action(call, id, world),
            ("DELETE", ["instances", id]) => self.terminate(call, id, world),
            ("DELETE", ["bootVolumes", id]) => self.delete_boot_volume(call, id, world),
            ("POST", ["networkSecurityGroups"]) => self.create_group(call, world),
            ("PUT", ["networkSecurityGroups", id]) => self.update_group(call, id, world),
            ("DELETE", ["networkSecurityGroups", id]) => self.delete_group(call, id, world),
            ("GET", ["networkSecurityGroups", id, "vnics"]) => self.vnics_of_group(call, id, world),
            ("GET", ["networkSecurityGroups", id, "securityRules"]) => self.rules(call, id, world),
            ("POST", ["networkSecurityGroups", id, "actions", "addSecurityRules"]) => {
                self.add_rules(call, id, world)
            }
            ("POST", ["networkSecurityGroups", id, "actions", "removeSecurityRules"]) => {
                self.remove_rules(call, id, world)
            }
            ("GET", [kind]) => match listing(kind) {
                Some((kind, listing)) => self.list(call, kind, listing, world),
                None => Err(Failure::unknown_route(call.request, world)),
            },
            ("GET", [kind, id]) if listing(kind).is_some() || matches!(*kind, "images" | "vnics") => {
                call.only(&[], world)?;
                self.existing(call, kind, id)?;
                let item = self.store.look(id);
                item.map(Item::reply).ok_or_else(|| Failure::not_found(id))
            }
            _ => Err(Failure::unknown_route(call.request, world)),
        }
    }

    fn list(
        &mut self,
        call: &Call<'_>,
        kind: &'static str,
        listing: &Listing,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        listing.check(call, world)?;
        if call.request.parameter("compartmentId").is_some() {
            own_compartment(call)?;
        }
        self.look_at_all(kind, call.region);
        let items = self.store.all(kind, call.region);
        let items = list::sorted(
            call,
            items
                .map(|(_, item)| item)
                .filter(|item| listing.takes(call, item)),
        );
        list::page(call, &items, world)
    }

    pub(super) fn look_at_all(&mut self, kind: &str, region: &'static Region) {
        let ids: Vec<_> = self
            .store
            .all(kind, region)
            .map(|(id, _)| id.to_owned())
            .collect();
        for id in ids {
            self.store.look(&id);
        }
    }

    /// The resource, or the failure that says that there is none in this region.
    pub(super) fn existing(&mut self, call: &Call<'_>, kind: &str, id: &str) -> Result<&mut Item, Failure> {
        self.store
            .get_mut(id)
            .filter(|item| item.kind == kind && item.region == call.region)
            .ok_or_else(|| Failure::not_found(id))
    }

    /// One whose end has not begun.
    pub(super) fn living(&mut self, call: &Call<'_>, kind: &str, id: &str) -> Result<&mut Item, Failure> {
        self.store.look(id);
        let item = self.existing(call, kind, id)?;
        if item.is_gone() {
            let message = format!("{id} is in the state {}", item.state());
            return Err(Failure::incorrect_state(message));
        }
        Ok(item)
    }
}

fn listing(kind: &str) -> Option<(&'static str, &'static Listing)> {
    Some(match kind {
        "instances" => ("instances", &list::INSTANCES),
        "vnicAttachments" => ("vnicAttachments", &list::VNIC_ATTACHMENTS),
        "bootVolumes" => ("bootVolumes", &list::BOOT_VOLUMES),
        "bootVolumeAttachments" => ("bootVolumeAttachments", &list::BOOT_VOLUME_ATTACHMENTS),
        "networkSecurityGroups" => ("networkSecurityGroups", &list::GROUPS),
        "subnets" => ("subnets", &list::SUBNETS),
        "vcns" => ("vcns", &list::VCNS),
        "computeImageCapabilitySchemas" => ("computeImageCapabilitySchemas", &list::SCHEMAS),
        _ => return None,
    })
}

/// The compartment that a list is of.
pub(super) fn own_compartment<'a>(call: &Call<'a>) -> Result<&'a str, Failure> {
    let compartment = call.request.parameter("compartmentId").unwrap_or_default();
    if catalog::is_own(compartment) {
        return Ok(compartment);
    }
    Err(Failure::not_found(&format!("compartment {compartment}")))
}
