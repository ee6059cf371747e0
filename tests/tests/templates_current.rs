//! Combinations of every cloud's keys pass `packer validate` of the current Packer and its current plugins.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod templates;

use templates::{AWS, Packer, pass};

#[test]
fn aws_templates_pass_current_packer() {
    pass::<sindri_plugin_aws::Aws>(&AWS, Packer::Current);
}
