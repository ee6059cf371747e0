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

use templates::{ALIBABA, AWS, AZURE, GCP, OCI, Packer, pass};

#[test]
fn aws_templates_pass_current_packer() {
    pass::<sindri_plugin_aws::Aws>(&AWS, Packer::Current);
}

#[test]
fn azure_templates_pass_current_packer() {
    pass::<sindri_plugin_azure::Azure>(&AZURE, Packer::Current);
}

#[test]
fn gcp_templates_pass_current_packer() {
    pass::<sindri_plugin_gcp::Gcp>(&GCP, Packer::Current);
}

#[test]
fn oci_templates_pass_current_packer() {
    pass::<sindri_plugin_oci::Oci>(&OCI, Packer::Current);
}

#[test]
fn alibaba_templates_pass_current_packer() {
    pass::<sindri_plugin_alibaba::Alibaba>(&ALIBABA, Packer::Current);
}
