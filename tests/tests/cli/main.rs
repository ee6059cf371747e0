//! The program without any tool: what it says, in which form, and with which exit status.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod configuration;
mod doctor;
mod dry_run;
mod together;
mod usage;

use serde_json::Value;
use std::fs;

use sindri_tests::lab::Sindri;

/// A program whose PATH leads nowhere.
fn bare() -> Sindri {
    let mut sindri = Sindri::new();
    let empty = sindri.home();
    sindri.path(&empty, true);
    sindri
}

fn error_of(sindri: &Sindri, arguments: &[&str]) -> (i32, Value) {
    let run = sindri.run(arguments);
    let json = run.json();
    assert_eq!(json["success"], false, "{run}");
    (run.code().unwrap(), json["error"].clone())
}
