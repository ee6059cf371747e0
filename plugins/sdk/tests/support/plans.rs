//! Which commands the plans of each operation run, as a file that the host makes permissions of (`sindri vm iam`).
//!
//! The file is made of the plans themselves, and every plan that any test drives is held against it.
// A test reads and writes its own files.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sindri_plugin_sdk::contract::{DestroyTarget, Operation};
use sindri_plugin_sdk::testing::Driven;

fn file(cloud: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = here
        .ancestors()
        .map(|folder| folder.join("host/src/policy/iam/plans"));
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    folder.join(format!("{cloud}.txt"))
}

fn updates() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

/// The operation in the contract's words. What an instance and what a run leave are two things.
fn name(operation: &Operation) -> String {
    if let Operation::Destroy(target) = operation {
        return match target {
            DestroyTarget::Instance(_) => "destroy-instance".to_owned(),
            DestroyTarget::Run(_) => "destroy-run".to_owned(),
        };
    }
    let text = format!("{operation:?}");
    let word = text.split(['(', ' ']).next().unwrap();
    let mut name = String::new();
    for sign in word.rsplit(':').next().unwrap().chars() {
        if sign.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(sign.to_ascii_lowercase());
    }
    name
}

/// A line for each command: the operation and the verb.
fn lines(operation: &Operation, driven: &Driven) -> BTreeSet<String> {
    let name = name(operation);
    let commands = driven.commands();
    commands
        .map(|command| format!("{name} {}", command.verb.join(" ")))
        .collect()
}

/// The file is what these plans, which are all that there are, run.
pub fn compare(cloud: &str, plans: &[(Operation, Driven)]) {
    let found: BTreeSet<String> = plans
        .iter()
        .flat_map(|(operation, driven)| lines(operation, driven))
        .collect();
    let text: String = found.iter().map(|line| format!("{line}\n")).collect();
    if updates() {
        std::fs::write(file(cloud), text).unwrap();
    } else {
        let written = std::fs::read_to_string(file(cloud)).unwrap_or_default();
        assert_eq!(text, written, "UPDATE_GOLDEN=1 writes it; read the difference");
    }
}

/// A plan of any test runs nothing that the file does not have: a policy made of it would be too small.
pub fn hold(cloud: &str, operation: &Operation, driven: &Driven) {
    let written = std::fs::read_to_string(file(cloud)).unwrap_or_default();
    let known: BTreeSet<&str> = written.lines().collect();
    let missing = lines(operation, driven);
    let missing: Vec<_> = missing
        .iter()
        .filter(|line| !known.contains(line.as_str()))
        .collect();
    assert!(
        updates() || missing.is_empty(),
        "a plan of `everything` has to run {missing:?}"
    );
}
