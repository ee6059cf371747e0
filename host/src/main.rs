//! The `sindri` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sindri::cli::main()
}
