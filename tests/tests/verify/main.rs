//! `sindri vm verify` and the controls of the image, on real root file systems.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod controls;
mod hostile;
mod image;
mod inside;
mod mounted;
mod remote;
mod root;
mod seeds;
mod whole;
