//! What removes each kind of thing, and how AWS says that it is gone or still held.

use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::{Command, History, removal};

use super::images::IMAGE_GONE;

/// Seconds between attempts. AWS frees a network interface up to a minute after its instance is gone.
const PAUSE: u32 = 10;

pub(super) fn target(kind: &str, id: &str, region: &str, own_region: &str) -> Target {
    let (verb, flag): (&str, &str) = match kind {
        "instance" => ("terminate-instances", "instance-ids"),
        "security-group" => ("delete-security-group", "group-id"),
        "key-pair" => ("delete-key-pair", "key-name"),
        "volume" => ("delete-volume", "volume-id"),
        "snapshot" => ("delete-snapshot", "snapshot-id"),
        _ => ("deregister-image", "image-id"),
    };
    let (gone, held, attempts): (&'static [&'static str], &'static [&'static str], u32) = match kind {
        "instance" => (&["InvalidInstanceID.NotFound"], &[], 1),
        "security-group" => (
            &["InvalidGroup.NotFound"],
            &["DependencyViolation", "InvalidGroup.InUse"],
            7,
        ),
        "key-pair" => (&["InvalidKeyPair.NotFound"], &[], 1),
        "volume" => (&["InvalidVolume.NotFound"], &["VolumeInUse"], 4),
        // Held for a moment after its image is gone, or for good by another image.
        "snapshot" => (&["InvalidSnapshot.NotFound"], &["InvalidSnapshot.InUse"], 2),
        _ => (IMAGE_GONE, &[], 1),
    };
    let mut command = Command::destroy("aws", ["ec2", verb]).flag(flag, id);
    if region != own_region {
        command = command.at(region);
    }
    Target::new(kind, id, region, command)
        .gone(gone)
        .held(held, attempts)
}

pub(super) fn progress(history: &History<'_>, targets: &[Target]) -> Progress {
    removal::progress(history, targets, PAUSE)
}
