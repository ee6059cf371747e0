//! The whole program with the real Packer and the real command lines of the clouds, against the clouds of the lab: the
//! life of an image on each, a failure at every step, and what is left when everything dies at any moment.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod account;
mod clouds;
mod dice;
mod faults;
mod kills;
mod life;
mod stage;

use clouds::{ALIBABA, AZURE, GCP, OCI};
use sindri_tests::lab::Packer;

// The tests of a cloud begin with its name: `cargo xtask test` leaves them out by it where the cloud's tools are
// missing.

macro_rules! rehearse {
    ($($cloud:ident: $life:ident, $deployments:ident, $builds:ident, $kills:ident;)+) => {
        $(
            #[test]
            fn $life() {
                life::of_an_image(&$cloud, $cloud.packer);
            }

            #[test]
            fn $deployments() {
                faults::at_every_step_of_a_deployment(&$cloud);
            }

            #[test]
            fn $builds() {
                faults::at_steps_of_a_build(&$cloud);
            }

            #[test]
            fn $kills() {
                kills::at_random_moments(&$cloud);
            }
        )+
    };
}

rehearse! {
    GCP: gcp_rehearsal_of_a_life, gcp_rehearsal_of_failed_deployments, gcp_rehearsal_of_failed_builds, gcp_rehearsal_of_kills;
    AZURE: azure_rehearsal_of_a_life, azure_rehearsal_of_failed_deployments, azure_rehearsal_of_failed_builds, azure_rehearsal_of_kills;
    OCI: oci_rehearsal_of_a_life, oci_rehearsal_of_failed_deployments, oci_rehearsal_of_failed_builds, oci_rehearsal_of_kills;
    ALIBABA: alibaba_rehearsal_of_a_life, alibaba_rehearsal_of_failed_deployments, alibaba_rehearsal_of_failed_builds, alibaba_rehearsal_of_kills;
}

#[test]
fn alibaba_rehearsal_of_an_unbound_address() {
    kills::before_an_address_is_bound(&ALIBABA);
}

#[test]
fn aws_rehearsal_of_kills() {
    kills::at_random_moments_on_aws();
}

#[test]
fn azure_current_packer_rehearsal() {
    life::of_an_image(&AZURE, Packer::Current);
}

#[test]
fn gcp_current_packer_rehearsal() {
    life::of_an_image(&GCP, Packer::Current);
}

#[test]
fn alibaba_current_packer_rehearsal() {
    life::of_an_image(&ALIBABA, Packer::Current);
}
