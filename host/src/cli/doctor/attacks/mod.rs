//! The attacks, by what they are aimed at.

use std::fmt::Write as _;

pub(super) mod bundles;
pub(super) mod children;
pub(super) mod commands;
pub(super) mod descriptions;
pub(super) mod output;
pub(super) mod plans;
pub(super) mod resources;
pub(super) mod templates;

/// Text for the hostile plugin, which reads no escapes.
pub(super) fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
