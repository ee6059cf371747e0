//! Instances after their launch, and their boot volumes.

use serde_json::Value;

use super::failure::Failure;
use super::route::Call;
use super::tags::check_tags;
use super::work::Task;
use super::{Oci, schema};
use crate::{Reply, World};

impl Oci {
    pub(super) fn update_instance(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::UPDATE_INSTANCE, world)?;
        check_tags(&body, world)?;
        let instance = self.living(call, "instances", id)?;
        call.check_etag(instance)?;
        instance.changes += 1;
        instance.body.extend(body);
        self.shown(id)
    }

    pub(super) fn instance_action(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&["action"], world)?;
        let action = call.request.parameter("action").unwrap_or_default();
        let (from, via, to) = match action {
            "STOP" | "SOFTSTOP" => ("RUNNING", "STOPPING", "STOPPED"),
            "START" => ("STOPPED", "STARTING", "RUNNING"),
            "RESET" | "SOFTRESET" => ("RUNNING", "STARTING", "RUNNING"),
            _ => {
                let detail = format!("{action:?} is no action of an instance");
                return Err(Failure::invalid(world, "action", &detail));
            }
        };
        let instance = self.living(call, "instances", id)?;
        call.check_etag(instance)?;
        if instance.state() != from {
            let message = format!("Instance {id} is in the state {}", instance.state());
            return Err(Failure::incorrect_state(message));
        }
        instance.changes += 1;
        instance.become_in_time(via, to, world);
        self.shown(id)
    }

    pub(super) fn terminate(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        let known = [
            "preserveBootVolume",
            "preserveDataVolumesCreatedAtLaunch",
            "recycleLevel",
        ];
        call.only(&known, world)?;
        let preserve = flag(call, "preserveBootVolume", world)?;
        flag(call, "preserveDataVolumesCreatedAtLaunch", world)?;
        self.refuse_while_imaged(call, id)?;
        let instance = self.living(call, "instances", id)?;
        call.check_etag(instance)?;
        instance.changes += 1;
        instance.become_in_time("TERMINATING", "TERMINATED", world);
        let compartment = instance.text("compartmentId").to_owned();
        for part in ["vnicAttachments", "bootVolumeAttachments", "vnics", "bootVolumes"] {
            for part_id in self.store.with(part, call.region, "x-instance", id) {
                if part != "bootVolumes" {
                    // The interfaces hold their groups until the instance is gone: see `delete_group`.
                    self.store.remove(&part_id);
                } else if let Some(volume) = self.store.get_mut(&part_id) {
                    volume.body.remove("x-instance");
                    if !preserve {
                        volume.become_in_time("TERMINATING", "TERMINATED", world);
                    }
                }
            }
        }
        let task = Task {
            operation: "TerminateInstance",
            compartment: &compartment,
            entity: "instance",
            action: "DELETED",
            target: id,
            end: "SUCCEEDED",
        };
        let work = self.work.begin(&task, call.region, world);
        Ok(Reply::empty(204).header("opc-work-request-id", work))
    }

    /// An instance of which an image is being made can neither stop nor go.
    fn refuse_while_imaged(&mut self, call: &Call<'_>, id: &str) -> Result<(), Failure> {
        for image in self.store.with("images", call.region, "x-instance", id) {
            let state = self.store.look(&image).map(super::store::Item::state);
            if state == Some("PROVISIONING") {
                let message = format!("Instance {id} is in the state CREATING_IMAGE");
                return Err(Failure::incorrect_state(message));
            }
        }
        self.store.settle(id);
        Ok(())
    }

    pub(super) fn delete_boot_volume(
        &mut self,
        call: &Call<'_>,
        id: &str,
        world: &mut World,
    ) -> Result<Reply, Failure> {
        call.only(&[], world)?;
        let volume = self.living(call, "bootVolumes", id)?;
        call.check_etag(volume)?;
        if let Some(instance) = volume.body.get("x-instance").and_then(Value::as_str) {
            let message = format!("Boot volume {id} is attached to instance {instance}");
            return Err(Failure::incorrect_state(message));
        }
        volume.changes += 1;
        volume.become_in_time("TERMINATING", "TERMINATED", world);
        Ok(Reply::empty(204))
    }
}

/// A parameter that is `true` or `false`; false without it.
fn flag(call: &Call<'_>, name: &str, world: &mut World) -> Result<bool, Failure> {
    match call.request.parameter(name) {
        None | Some("false" | "False") => Ok(false),
        Some("true" | "True") => Ok(true),
        Some(other) => Err(Failure::invalid(
            world,
            name,
            &format!("{other:?} is neither true nor false"),
        )),
    }
}
