//! The workflows and actions of `.github`: read by linters, held to rules, and executed here, with a failure at each step.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    // The parser's events and JSON's values: what is not named is not expected.
    clippy::wildcard_enum_match_arm
)]

mod credentials;
mod expression;
mod job_chain;
mod job_gcp;
mod job_life;
mod job_publish;
mod lint;
mod machine;
mod matrix;
#[allow(dead_code)] // The tests of `vm verify` use all of it.
#[path = "../verify/root.rs"]
mod root;
mod rules;
mod stage;
mod yaml;

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The clouds that everything here is for.
const CLOUDS: [&str; 5] = ["aws", "azure", "gcp", "oci", "alibaba"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A workflow by its file's name, without `.yml`.
fn workflow(name: &str) -> Value {
    let path = root().join(format!(".github/workflows/{name}.yml"));
    yaml::parse(&std::fs::read_to_string(path).unwrap())
}

/// Every YAML file of workflows and actions, with its text.
fn files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(".github/workflows"), root().join(".github/actions")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yml") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 15, "{found:?}");
    found
}
