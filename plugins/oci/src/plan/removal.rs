//! What removes each kind of thing, and how OCI says that something still holds it.
//!
//! No code counts as "gone": what is to be removed has just been seen, and OCI gives the same answer for what is not
//! there and for what the user may not touch.

use sindri_plugin_sdk::contract::{Outcome, Turn};
use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::{Command, removal};

use super::Run;
use super::distribute::delete_object;

/// Seconds between attempts.
const PAUSE: u32 = 15;
/// Seconds that `oci` itself waits for the end of a removal.
const LONGEST_WAIT: &str = "600";
/// What a removal may take: the attempts of the program, and the wait.
const TIMEOUT: u32 = 780;
/// Attempts at something that is being made into an image, or made of an instance. `oci` itself asks again for more than
/// a minute when it hears `IncorrectState`, so these are a quarter of an hour.
const IMAGING: u32 = 10;
/// What OCI says of a thing that is changing, or in use.
const BUSY: &[&str] = &[
    "Conflict",
    "IncorrectState",
    "PreconditionFailed",
    "InvalidatedRetryToken",
];

pub(super) fn instance(id: &str, location: &str) -> Target {
    let command = destroy("compute instance terminate")
        .flag("instance-id", id)
        .flag("preserve-boot-volume", "false")
        // OCI keeps these unless it is told not to.
        .flag("preserve-data-volumes-created-at-launch", "false")
        // A state of the work request: `TERMINATED` is none, and the command fails.
        .flag("wait-for-state", "SUCCEEDED");
    Target::new("instance", id, location, waiting(command)).held(BUSY, IMAGING)
}

pub(super) fn image(id: &str, location: &str) -> Target {
    Target::new("image", id, location, delete_image(id)).held(BUSY, IMAGING)
}

/// A copy in another region.
pub(super) fn copied_image(id: &str, region: &str) -> Target {
    Target::new("image", id, region, delete_image(id).at(region)).held(BUSY, IMAGING)
}

fn delete_image(id: &str) -> Command {
    let command = destroy("compute image delete")
        .flag("image-id", id)
        .flag("wait-for-state", "DELETED");
    waiting(command)
}

/// The file of a copy that was cut off.
pub(super) fn object(namespace: &str, bucket: &str, object: &str, place: (&str, Option<&str>)) -> Target {
    let (location, elsewhere) = place;
    let command = delete_object(namespace, bucket, object);
    let command = match elsewhere {
        Some(region) => command.at(region),
        None => command,
    };
    Target::new("object", &format!("{bucket}/{object}"), location, command)
}

/// Newer versions of Packer's plugin make one for every image.
pub(super) fn capability_schema(id: &str, location: &str) -> Target {
    let command = destroy("compute image-capability-schema delete")
        .flag("image-capability-schema-id", id)
        .timeout(180);
    Target::new("image-capability-schema", id, location, command).held(BUSY, 4)
}

pub(super) fn security_group(id: &str, location: &str) -> Target {
    let command = destroy("network nsg delete")
        .flag("nsg-id", id)
        .flag("wait-for-state", "TERMINATED");
    // Free only when the network interface of its instance is gone.
    Target::new("network-security-group", id, location, waiting(command)).held(BUSY, 5)
}

fn destroy(verb: &str) -> Command {
    Command::destroy("oci", verb.split(' ')).switch("force")
}

fn waiting(command: Command) -> Command {
    command.flag("max-wait-seconds", LONGEST_WAIT).timeout(TIMEOUT)
}

/// The next attempts, or what became of everything.
pub(super) fn progress(run: &Run<'_>, targets: &[Target]) -> Turn {
    match removal::progress(&run.history, targets, PAUSE) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(removal)),
    }
}
