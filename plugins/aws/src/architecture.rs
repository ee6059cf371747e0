//! Which processor an instance type has.

use sindri_plugin_sdk::contract::Architecture;

/// Graviton families carry a `g` after the generation's digit (`t4g`, `m7gd`, `c7gn`, `im4gn`, `hpc7g`);
/// the first of them, `a1`, does not. A `g` in front of the digit means a graphics card (`g5`, `g4dn`).
pub(crate) fn of_instance_type(instance_type: &str) -> Architecture {
    let family = instance_type.split('.').next().unwrap_or_default().as_bytes();
    let graviton = family
        .windows(2)
        .any(|pair| matches!(pair, [digit, b'g'] if digit.is_ascii_digit()));
    if graviton || family == b"a1" {
        Architecture::Arm64
    } else {
        Architecture::X8664
    }
}

/// What EC2 calls it.
pub(crate) fn ec2_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

/// What EC2 calls it, read back.
pub(crate) fn from_ec2(name: &str) -> Option<Architecture> {
    match name {
        "x86_64" => Some(Architecture::X8664),
        "arm64" => Some(Architecture::Arm64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graviton_families_are_arm_and_graphics_families_are_not() {
        for arm in [
            "t4g.large",
            "m6gd.xlarge",
            "c7gn.2xlarge",
            "x2gd.metal",
            "im4gn.large",
            "is4gen.large",
            "hpc7g.4xlarge",
            "g5g.xlarge",
            "r8g.large",
            "i8ge.large",
            "a1.medium",
        ] {
            assert_eq!(of_instance_type(arm), Architecture::Arm64, "{arm}");
        }
        for x86 in [
            "t3.large",
            "m7i-flex.large",
            "g4dn.xlarge",
            "g5.xlarge",
            "g6e.2xlarge",
            "p4d.24xlarge",
            "c7a.large",
            "u-6tb1.56xlarge",
            "vt1.3xlarge",
            "trn1.2xlarge",
            "a10.large",
        ] {
            assert_eq!(of_instance_type(x86), Architecture::X8664, "{x86}");
        }
    }
}
