//! The laboratory: everything that a whole-program test needs around the program.

mod debian;
mod fake;
mod http;
mod machine;
mod moto;
mod namespaces;
mod packer;
mod process;
mod recorder;
mod release;
mod sindri;
mod sshd;

use std::path::PathBuf;

pub use machine::{Machine, Ran, Surroundings};
pub use moto::Moto;
pub use namespaces::namespaces;
pub use packer::Packer;
pub use recorder::{Call, Recorder};
pub use release::{Release, archive, put as put_release, serve};
pub use sindri::{Run, Running, Sindri, program};
pub use sshd::{Keys, Sshd};

/// The program that a variable names, for example `SINDRI_TEST_MOTO`.
///
/// # Panics
/// Without the variable: a test that needs a tool must never pass by not running.
pub fn tool(variable: &str) -> PathBuf {
    let path =
        std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test`"));
    let path = PathBuf::from(path);
    assert!(
        path.exists(),
        "{variable} names {}, which does not exist: run `cargo xtask setup`",
        path.display()
    );
    path
}

/// A port that was free a moment ago.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}
