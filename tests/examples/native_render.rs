//! Prints the AWS template for the defaults. It does what a program without a sandbox would do, and is
//! what `sindri vm build --cloud aws --dry-run` is measured against.

#[path = "../benches/inputs/mod.rs"]
mod inputs;

use std::io::{Write as _, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Ok(bundle) = inputs::render_natively(&inputs::build_request()) else {
        return ExitCode::FAILURE;
    };
    match stdout().write_all(bundle.template.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
