//! What the name of a shape says.

use sindri_plugin_sdk::contract::Architecture;

/// `VM.Standard.A1.Flex`: the third word is the series. Ampere's are `A1`, `A2`, `A4` of `Standard`; `A10` and
/// `A100` of `GPU` are graphics cards in x86-64 machines, `GB200` and `GB300` are Arm with graphics cards.
pub(crate) fn architecture(shape: &str) -> Architecture {
    let mut words = shape.split('.').skip(1);
    let (family, series) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let ampere = series
        .strip_prefix('A')
        .is_some_and(|generation| !generation.is_empty() && generation.bytes().all(|b| b.is_ascii_digit()));
    let arm = match family {
        "Standard" => ampere || series == "Ampere",
        "GPU" => series.starts_with("GB"),
        _ => false,
    };
    if arm {
        Architecture::Arm64
    } else {
        Architecture::X8664
    }
}

/// Whether OCPUs and memory have to be chosen.
pub(crate) fn is_flexible(shape: &str) -> bool {
    // Packer's builder asks for OCPUs by this very ending; `.Generic` leaves the processor open, and with it
    // the architecture of the image.
    shape.ends_with(".Flex")
}

/// What people call it.
pub(crate) fn name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "x86-64",
        Architecture::Arm64 => "arm64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ampere_shapes_are_arm_and_graphics_cards_of_the_same_name_are_not() {
        for arm in [
            "VM.Standard.A1.Flex",
            "VM.Standard.A2.Flex",
            "VM.Standard.A4.Flex",
            "BM.Standard.A1.160",
            "BM.GPU.GB200.4",
        ] {
            assert_eq!(architecture(arm), Architecture::Arm64, "{arm}");
        }
        for x86 in [
            "VM.Standard.E4.Flex",
            "VM.Standard3.Flex",
            "VM.Standard2.2",
            "VM.GPU.A10.1",
            "BM.GPU.A100-v2.8",
            "VM.Optimized3.Flex",
            "VM.DenseIO.E5.Flex",
            "VM.Standard.AMD.Generic",
            "VM",
            "",
        ] {
            assert_eq!(architecture(x86), Architecture::X8664, "{x86}");
        }
    }

    #[test]
    fn flexible_shapes_say_so() {
        assert!(is_flexible("VM.Standard.E4.Flex") && is_flexible("VM.Optimized3.Flex"));
        assert!(!is_flexible("VM.Standard2.2") && !is_flexible("BM.Standard.E4.128"));
    }
}
