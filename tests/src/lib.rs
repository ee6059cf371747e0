//! What the whole-program tests share: a local EC2, a throw-away VM, the program itself in a clean
//! environment, plugins written in other languages, and the scenarios that every Packer must pass.
// Test code may fail by panicking and may start programs and touch files directly.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

pub mod guests;
pub mod lab;
pub mod pairwise;
pub mod scenarios;
