//! What the guides say can be done: every example is given to the program, every table is compared with it.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    // JSON's values: what is not named is shown as it is.
    clippy::wildcard_enum_match_arm
)]

mod commands;
mod configuration;
mod examples;
mod headings;
mod man;
mod permissions;
mod reference;
mod traceability;
mod troubleshooting;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every page for users, with its text: `README.md` and what is below `docs`.
fn pages() -> Vec<(String, String)> {
    let mut found = vec![("README.md".to_owned(), page("README.md"))];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name.clone(), page(&name)));
            }
        }
    }
    found.sort();
    found
}

/// The blocks of a page in this language.
fn blocks(text: &str, languages: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(String, Vec<&str>)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), Vec::new())),
            (Some((language, lines)), Some(_)) => {
                if languages.contains(&language.as_str()) {
                    found.push(lines.join("\n"));
                }
                open = None;
            }
            (Some((_, lines)), None) => lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is open");
    found
}
