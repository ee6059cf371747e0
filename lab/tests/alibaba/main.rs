//! Alibaba Cloud: what it takes, and above all what it refuses.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "../client/mod.rs"]
mod client;
mod images;
mod instances;
mod requests;
mod user;
