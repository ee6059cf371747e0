//! What removes each kind of thing, and how Google says that it is gone or still held.

use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::{Command, History, removal};

use super::images::{CHANGE_TIMEOUT, GONE};

/// Seconds between attempts. An image is not ready, and its disk is held, for the minutes that it takes to make it.
const PAUSE: u32 = 15;

/// Codes of something that still holds it, or of its not being finished.
const HELD: &[&str] = &["resourceInUseByAnotherResource", "resourceNotReady"];

/// `location` is where people find it: the zone of instances and disks, the configured one.
pub(super) fn target(kind: &str, name: &str, location: &str) -> Target {
    let (group, attempts) = match kind {
        "instance" => ("instances", 3),
        "disk" => ("disks", 12),
        "firewall-rule" => ("firewall-rules", 3),
        _ => ("images", 12),
    };
    let mut command = Command::destroy("gcloud", ["compute", group, "delete"])
        .positional(name)
        .timeout(CHANGE_TIMEOUT);
    if kind == "instance" {
        // Packer's instances leave their disks behind.
        command = command.flag("delete-disks", "all");
    }
    Target::new(kind, name, location, command)
        .gone(GONE)
        .held(HELD, attempts)
}

pub(super) fn progress(history: &History<'_>, targets: &[Target]) -> Progress {
    removal::progress(history, targets, PAUSE)
}
