//! Plugins that do not come with the program: how they are installed, what they are granted, and everything
//! that makes the program refuse one. The component is that of a bundled plugin with another digest, or hostile.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod audit;
mod examine;
mod install;
mod lock;
mod organisation;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sindri_tests::lab::{Run, Sindri};

const LOCK: &str = "sindri.plugins.lock";
const CONFIGURATION: &str = "providers:\n  packer:\n    nimbus:\n      region: eu-west-1\n";

/// A program whose PATH leads nowhere, with a component in its working directory.
fn project() -> Sindri {
    let mut sindri = Sindri::new();
    let empty = sindri.home();
    sindri.path(&empty, true);
    fs::write(sindri.work().join("nimbus.wasm"), component("first")).unwrap();
    sindri
}

/// The component of the bundled plugin for AWS and a section that nobody reads: another digest.
fn component(note: &str) -> Vec<u8> {
    let bundled = sindri_bundled_plugins::all().iter().find(|one| one.id == "aws");
    let mut bytes = bundled.unwrap().component.to_vec();
    bytes.extend([0, u8::try_from(note.len() + 2).unwrap(), 1, b'x']);
    bytes.extend(note.as_bytes());
    bytes
}

/// A component that exports `describe` of a wrong type, with something in its core module.
fn hostile(core: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $m {core} (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $api (export "describe" (func $f)))
            (export "sindri:packer/packer-provider@0.1.0" (instance $api)))"#
    ))
    .unwrap()
}

fn install(sindri: &Sindri, more: &[&str]) -> Run {
    let mut arguments = vec!["plugin", "install", "nimbus.wasm", "--name", "nimbus", "--json"];
    arguments.extend(more);
    sindri.run(&arguments)
}

fn dry_run(sindri: &Sindri) -> Run {
    sindri.run(&["vm", "build", "--cloud", "nimbus", "--dry-run", "--json"])
}

fn lock(sindri: &Sindri) -> String {
    fs::read_to_string(sindri.work().join(LOCK)).unwrap()
}

fn edit_lock(sindri: &Sindri, from: &str, to: &str) {
    let text = lock(sindri);
    assert!(text.contains(from), "{from}\n{text}");
    fs::write(sindri.work().join(LOCK), text.replacen(from, to, 1)).unwrap();
}

/// The one file with this ending below a directory.
fn file_below(directory: &Path, ending: &str) -> PathBuf {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Refused with this code, exit status 3 and something to do.
fn refused(run: &Run, code: &str) -> String {
    let error = run.json()["error"].clone();
    assert_eq!(error["code"], code, "{run}");
    assert_eq!(run.code(), Some(3), "{run}");
    assert!(error["remedy"].is_string(), "{run}");
    error.to_string()
}
