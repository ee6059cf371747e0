//! Which processor an instance type has.

use sindri_plugin_sdk::contract::Architecture;

/// Arm families end in `r` (Ampere Altra: `g6r`, `gn7r`) or in `y` (Yitian: `c8y`, `ebmg8y`) right after the
/// generation's digit. An `r` before it means memory (`r6`), and `re` after it RDMA (`c7re`).
pub(crate) fn of_instance_type(instance_type: &str) -> Architecture {
    let family = instance_type.split('.').nth(1).unwrap_or_default();
    let suffix = family
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .trim_start_matches(|c: char| c.is_ascii_digit());
    if suffix == "r" || suffix.starts_with('y') {
        Architecture::Arm64
    } else {
        Architecture::X8664
    }
}

/// What ECS calls it.
pub(crate) fn ecs_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

/// What ECS calls it, read back.
pub(crate) fn from_ecs(name: &str) -> Option<Architecture> {
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
    fn arm_families_are_told_from_memory_and_rdma_families() {
        for arm in [
            "ecs.g6r.large",
            "ecs.c6r.xlarge",
            "ecs.g8y.xlarge",
            "ecs.r8y.2xlarge",
            "ecs.ebmg8y.32xlarge",
            "ecs.gn7r.4xlarge",
        ] {
            assert_eq!(of_instance_type(arm), Architecture::Arm64, "{arm}");
        }
        for x86 in [
            "ecs.g6.xlarge",
            "ecs.r6.large",
            "ecs.r7p.xlarge",
            "ecs.c7re.8xlarge",
            "ecs.g8i.large",
            "ecs.g8a.large",
            "ecs.t6-c1m1.large",
            "ecs.sn2ne.large",
            "ecs.u1-c1m2.large",
            "ecs.hfr7.large",
        ] {
            assert_eq!(of_instance_type(x86), Architecture::X8664, "{x86}");
        }
    }
}
