//! A Rust toolchain for `wasm32-unknown-unknown`. Which one builds the plugins is decided by `plugins/bundled`;
//! this only sees to it that there is one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Found;
use crate::apt;
use crate::process::{capture, logged, on_path};
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's newer Rust, kept for browsers; it has no library for the target, but the source to build it.
const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld"];

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if let Some(path) = library(workspace) {
        return Ok(Found {
            path,
            note: "the toolchain's own target".to_owned(),
        });
    }
    if !on_path("rustup").is_empty() {
        println!("  rustup target add {TARGET}");
        let mut rustup = Command::new("rustup");
        rustup
            .args(["target", "add", TARGET])
            .current_dir(&workspace.root);
        match logged(&mut rustup, &workspace.log("rustup")?) {
            Ok(()) => {
                if let Some(path) = library(workspace) {
                    return Ok(Found {
                        path,
                        note: "added by rustup".to_owned(),
                    });
                }
            }
            Err(error) => println!("  {error:#}"),
        }
    }
    if debian_source().is_none() {
        apt::install(workspace, &DEBIAN)?;
    }
    match debian_source() {
        Some(path) => Ok(Found {
            path,
            note: "Debian's rustc, which builds the library itself".to_owned(),
        }),
        None => bail!(
            "neither rustup nor Debian's packages {} bring {TARGET}",
            DEBIAN.join(" ")
        ),
    }
}

/// The standard library of the toolchain in use, when it is installed for the target.
fn library(workspace: &Workspace) -> Option<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(&workspace.root);
    let finished = capture(&mut rustc, Duration::from_secs(60)).ok()?;
    let folder = PathBuf::from(finished.stdout.trim());
    let has_library = |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    (finished.success() && has_library(&folder)).then_some(folder)
}

/// Debian's compiler with the library's source and a linker.
fn debian_source() -> Option<PathBuf> {
    let mut rustc = Command::new("/usr/bin/rustc");
    let finished = capture(rustc.args(["--print", "sysroot"]), Duration::from_secs(60)).ok()?;
    let source = Path::new(finished.stdout.trim()).join("lib/rustlib/src/rust/library/std");
    let linker = ["wasm-ld", "wasm-ld-14", "rust-lld"]
        .iter()
        .any(|name| !on_path(name).is_empty());
    (finished.success() && source.exists() && linker).then(|| PathBuf::from("/usr/bin/rustc"))
}
