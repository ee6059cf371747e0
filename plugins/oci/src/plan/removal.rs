//! What removes each kind of thing, and how OCI says that something still holds it.
//!
//! No code counts as "gone": what is to be removed has just been seen, and OCI gives the same answer for what is not
//! there and for what the user may not touch.

use sindri_plugin_sdk::contract::{Outcome, Turn};
use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::{Command, removal};

use super::Run;

/// Seconds between attempts.
const PAUSE: u32 = 15;
/// Seconds that `oci` itself waits for the end of a removal.
const LONGEST_WAIT: &str = "600";
/// What a removal may take: the wait, and the start of the program.
const TIMEOUT: u32 = 660;
/// Attempts at something that is being made into an image, or made of an instance: ten minutes.
const IMAGING: u32 = 40;
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
    let command = destroy("compute image delete")
        .flag("image-id", id)
        .flag("wait-for-state", "DELETED");
    Target::new("image", id, location, waiting(command)).held(BUSY, IMAGING)
}

/// Newer versions of Packer's plugin make one for every image.
pub(super) fn capability_schema(id: &str, location: &str) -> Target {
    let command = destroy("compute image-capability-schema delete")
        .flag("image-capability-schema-id", id)
        .timeout(120);
    Target::new("image-capability-schema", id, location, command).held(BUSY, 4)
}

pub(super) fn security_group(id: &str, location: &str) -> Target {
    let command = destroy("network nsg delete")
        .flag("nsg-id", id)
        .flag("wait-for-state", "TERMINATED");
    // Free only when the network interface of its instance is gone.
    Target::new("network-security-group", id, location, waiting(command)).held(BUSY, 10)
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
