//! What the name of a machine size says: `Standard_D4ps_v6` is family, cores, features and generation.
//!
//! Microsoft's naming rule (learn.microsoft.com, "Azure virtual machine sizes naming conventions"): the
//! features stand as small letters behind the number of cores, or behind that of the constrained cores
//! (`E4-2ds_v5`).

use sindri_plugin_sdk::contract::Architecture;

/// `p` is an Arm processor. The Grace Blackwell sizes (`ND128isr_NDR_GB200_v6`) have one without saying so.
pub(crate) fn architecture(size: &str) -> Architecture {
    if features(size).contains('p') || size.contains("_GB200_") || size.contains("_GB300_") {
        Architecture::Arm64
    } else {
        Architecture::X8664
    }
}

/// `s`: the size takes premium disks. The first generations had it in the family (`DS2_v2`, `GS1`).
pub(crate) fn takes_premium_disks(size: &str) -> bool {
    let family = family_and_rest(size).0;
    features(size).contains('s') || family.starts_with("DS") || family.starts_with("GS")
}

/// What Azure calls it.
pub(crate) fn azure_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "x64",
        Architecture::Arm64 => "Arm64",
    }
}

/// What Azure calls it, read back.
pub(crate) fn from_azure(name: &str) -> Option<Architecture> {
    match name {
        "x64" => Some(Architecture::X8664),
        "Arm64" => Some(Architecture::Arm64),
        _ => None,
    }
}

fn features(size: &str) -> &str {
    let rest = family_and_rest(size).1;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn family_and_rest(size: &str) -> (&str, &str) {
    let name = size.split_once('_').map_or(size, |(_, name)| name);
    let cores = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    name.split_at_checked(cores).unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_p_is_arm_and_a_capital_one_is_not() {
        for arm in [
            "Standard_D4ps_v5",
            "Standard_D4pds_v6",
            "Standard_E8pls_v5",
            "Standard_B2pts_v2",
            "Standard_ND128isr_NDR_GB200_v6",
        ] {
            assert_eq!(architecture(arm), Architecture::Arm64, "{arm}");
        }
        for x86 in [
            "Standard_D4s_v4",
            "Standard_NP10s",
            "Standard_PB6s",
            "Standard_NC24ads_A100_v4",
            "Standard_E96ias_v4",
            "Standard_DS2_v2",
            "Standard_E4-2ds_v5",
            "Basic_A1",
            "Standard_",
            "\u{e9}",
        ] {
            assert_eq!(architecture(x86), Architecture::X8664, "{x86}");
        }
    }

    #[test]
    fn premium_disks_need_a_size_with_an_s() {
        for yes in [
            "Standard_D4s_v4",
            "Standard_DS2_v2",
            "Standard_E4-2ds_v5",
            "Standard_B2ms",
            "Standard_D4ps_v6",
            "Standard_GS1",
        ] {
            assert!(takes_premium_disks(yes), "{yes}");
        }
        for no in ["Standard_D4_v4", "Standard_A2_v2", "Standard_D4d_v5", "Basic_A1"] {
            assert!(!takes_premium_disks(no), "{no}");
        }
    }
}
