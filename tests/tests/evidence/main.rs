//! Evidence of a real root file system: made, signed, verified by sindri and by others' programs, and every change of
//! the root named.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod build;
mod foreign;
mod inside;
mod root;
mod signatures;
mod tamper;
