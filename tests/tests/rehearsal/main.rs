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

mod clouds;
mod faults;
mod kills;
mod life;
mod stage;

use clouds::{AZURE, GCP};
use sindri_tests::lab::Packer;

// The tests of a cloud begin with its name: `cargo xtask test` leaves them out by it where the cloud's tools are
// missing.

#[test]
fn gcp_rehearsal_of_a_life() {
    life::of_an_image(&GCP, Packer::Debian);
}

#[test]
fn gcp_current_packer_rehearsal_of_a_life() {
    life::of_an_image(&GCP, Packer::Current);
}

#[test]
fn azure_rehearsal_of_a_life() {
    life::of_an_image(&AZURE, Packer::Debian);
}

#[test]
fn gcp_rehearsal_of_failed_deployments() {
    faults::at_every_step_of_a_deployment(&GCP, Packer::Debian);
}

#[test]
fn azure_rehearsal_of_failed_deployments() {
    faults::at_every_step_of_a_deployment(&AZURE, Packer::Debian);
}

#[test]
fn gcp_rehearsal_of_failed_builds() {
    faults::at_every_step_of_a_build(&GCP, Packer::Debian);
}

#[test]
fn gcp_rehearsal_of_kills() {
    kills::at_random_moments(&GCP, Packer::Debian);
}

#[test]
fn azure_rehearsal_of_kills() {
    kills::at_random_moments(&AZURE, Packer::Debian);
}
