//! The scripts for the inside of the VM, run for real in a Debian root file system: each alone, twice in a row, and
//! with each thing from outside failing.
//!
//! Nothing is booted here. What that leaves open (services, the firewall, cloud-init, host keys at first boot) is in
//! `boot`, where this machine has `systemd-nspawn`.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod boot;
mod clean;
mod docker;
mod failures;
mod openscap;
mod scripts;
mod stage;
