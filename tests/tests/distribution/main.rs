//! Giving images to others, against a local EC2: the real CLI, the real Packer, effects read back through the API.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod chain;
mod refused;
#[allow(dead_code)] // The tests of `vm verify` use all of it.
#[path = "../verify/root.rs"]
mod root;

use sindri_tests::lab::{Moto, Packer, Sindri};

/// Where copies go.
const OTHER: &str = "eu-central-1";

/// A Sindri that builds without entering the VM.
fn sindri(moto: &Moto) -> Sindri {
    let mut sindri = Packer::Debian.sindri(moto, &["communicator: none"]);
    // An image that is encrypted, as usual, can never be public.
    sindri.add("encrypt_boot: false");
    sindri
}

/// Builds an image and returns its id.
fn built(sindri: &Sindri) -> String {
    let built = sindri.run(&["vm", "build", "--json"]).succeeded().json();
    built["image_id"].as_str().unwrap().to_owned()
}
