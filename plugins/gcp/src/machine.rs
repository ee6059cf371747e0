//! What follows from a machine type.

use sindri_plugin_sdk::contract::Architecture;

/// Series with Ampere, Axion and Grace processors.
const ARM: &[&str] = &["t2a", "c4a", "n4a", "a4x"];
/// Series that boot from Hyperdisk alone.
const HYPERDISK_ONLY: &[&str] = &[
    "c4", "c4a", "c4d", "n4", "n4a", "n4d", "h4d", "m4", "x4", "a4", "a4x",
];
/// Series that know no Hyperdisk Balanced.
const NO_HYPERDISK: &[&str] = &["e2", "f1", "g1", "n1", "n2", "n2d", "t2a", "t2d", "c2", "c2d"];
/// Series that cannot move to another host while they run: with graphics cards, and for computing.
const FIXED: &[&str] = &["a2", "a3", "a4", "a4x", "g2", "g4", "h3", "h4d"];

/// The word before the first `-`: `c4a` of `c4a-standard-4`.
fn series(machine_type: &str) -> &str {
    machine_type.split('-').next().unwrap_or_default()
}

/// Which processor the type has.
pub(crate) fn architecture(machine_type: &str) -> Architecture {
    if ARM.contains(&series(machine_type)) {
        Architecture::Arm64
    } else {
        Architecture::X8664
    }
}

/// A type of boot disk that the machine takes in place of this one; none when this one will do.
pub(crate) fn other_disk(machine_type: &str, disk_type: &str) -> Option<&'static str> {
    let hyperdisk = disk_type.starts_with("hyperdisk-");
    if HYPERDISK_ONLY.contains(&series(machine_type)) && !hyperdisk {
        Some("hyperdisk-balanced")
    } else if NO_HYPERDISK.contains(&series(machine_type)) && hyperdisk {
        Some("pd-ssd")
    } else {
        None
    }
}

/// Whether Google can move it to another host, which it does unless told not to.
pub(crate) fn migrates(machine_type: &str) -> bool {
    !FIXED.contains(&series(machine_type)) && !machine_type.ends_with("-metal")
}

/// What Compute Engine calls it.
pub(crate) fn google_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "X86_64",
        Architecture::Arm64 => "ARM64",
    }
}

/// What Compute Engine calls it, read back.
pub(crate) fn from_google(name: &str) -> Option<Architecture> {
    match name {
        "X86_64" => Some(Architecture::X8664),
        "ARM64" => Some(Architecture::Arm64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arm_series_are_told_from_their_neighbours() {
        for arm in [
            "t2a-standard-4",
            "c4a-highcpu-8-lssd",
            "n4a-standard-4",
            "a4x-highgpu-4g",
        ] {
            assert_eq!(architecture(arm), Architecture::Arm64, "{arm}");
        }
        for x86 in [
            "e2-standard-4",
            "t2d-standard-1",
            "c4-standard-4",
            "n4-custom-4-8192",
            "a2-highgpu-1g",
        ] {
            assert_eq!(architecture(x86), Architecture::X8664, "{x86}");
        }
    }

    #[test]
    fn a_disk_that_the_machine_does_not_take_is_known_before_it_is_started() {
        assert_eq!(other_disk("c4a-standard-4", "pd-ssd"), Some("hyperdisk-balanced"));
        assert_eq!(other_disk("e2-standard-4", "hyperdisk-balanced"), Some("pd-ssd"));
        assert_eq!(other_disk("c3-standard-4", "hyperdisk-balanced"), None);
        assert_eq!(other_disk("c3-standard-4", "pd-ssd"), None);
    }

    #[test]
    fn machines_with_graphics_cards_do_not_move() {
        assert!(migrates("e2-standard-4"));
        assert!(!migrates("g2-standard-4") && !migrates("c3-highcpu-192-metal"));
    }
}
