//! Combinations of every cloud's keys pass `packer validate` of Debian's Packer, 1.6.6, for what its builders know.
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
fn aws_templates_pass_debian_packer() {
    pass::<sindri_plugin_aws::Aws>(&AWS, Packer::Debian);
}

#[test]
fn azure_templates_pass_debian_packer() {
    pass::<sindri_plugin_azure::Azure>(&AZURE, Packer::Debian);
}

#[test]
fn gcp_templates_pass_debian_packer() {
    pass::<sindri_plugin_gcp::Gcp>(&GCP, Packer::Debian);
}

#[test]
fn oci_templates_pass_debian_packer() {
    pass::<sindri_plugin_oci::Oci>(&OCI, Packer::Debian);
}

#[test]
fn alibaba_templates_pass_debian_packer() {
    pass::<sindri_plugin_alibaba::Alibaba>(&ALIBABA, Packer::Debian);
}
