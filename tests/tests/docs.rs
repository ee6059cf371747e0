//! What the documentation names is there.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used
)]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn pages(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            found.push(path);
        }
    }
}

/// A reader who looks for the test of a promise must find one.
#[test]
fn files_of_the_repository_that_a_page_names_exist() {
    let root = root();
    let mut all = vec![
        root.join("README.md"),
        root.join("CONTRIBUTING.md"),
        root.join("lab/README.md"),
    ];
    pages(&root.join("docs"), &mut all);
    let ours = [
        "host/src/",
        "tests/",
        "plugins/",
        "lab/",
        "fuzz/",
        "xtask/",
        "templates/",
        "tools/",
        "docs/",
        "wit/",
    ];
    let mut named = 0;
    let mut missing = Vec::new();
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for word in text.split('`').skip(1).step_by(2) {
            let is_path = ours.iter().any(|start| word.starts_with(start))
                && !word.contains(char::is_whitespace)
                && !word.contains(['*', '{', '<', '…', '$'])
                // NAME stands for any.
                && !word.contains("NAME");
            if is_path {
                named += 1;
                // A test of a file: `tests/tests/cli.rs::NAME`.
                let file = word.split("::").next().unwrap_or(word);
                if !root.join(file).exists() {
                    missing.push(format!("{}: {word}", page.display()));
                }
            }
        }
    }
    assert!(named > 30, "the pages name only {named} files");
    assert_eq!(missing, [""; 0]);
}

/// A link that leads nowhere.
#[test]
fn links_between_pages_lead_somewhere() {
    let root = root();
    let mut all = vec![
        root.join("README.md"),
        root.join("CONTRIBUTING.md"),
        root.join("lab/README.md"),
    ];
    pages(&root.join("docs"), &mut all);
    let mut missing = Vec::new();
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            let is_file = !target.is_empty() && !target.contains("://");
            if is_file && !page.parent().unwrap().join(target).exists() {
                missing.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert_eq!(missing, [""; 0]);
}
