//! The page that people look errors up in has each of them.

use std::collections::BTreeSet;

use sindri::error::Code;

use crate::page;

#[test]
fn every_error_code_has_an_entry_and_no_entry_is_of_a_code_that_is_gone() {
    let text = page("docs/TROUBLESHOOTING.md");
    let entries: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let described: BTreeSet<&str> = entries
        .iter()
        .copied()
        .filter(|code| code.contains('/') || *code == "internal")
        .collect();
    let all: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let missing: Vec<_> = all.difference(&described).collect();
    let gone: Vec<_> = described.difference(&all).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing {missing:?}, gone {gone:?}"
    );
    assert_eq!(
        entries.len(),
        entries.iter().collect::<BTreeSet<_>>().len(),
        "one entry each"
    );
}

/// Scripts match on exit codes.
#[test]
fn each_entry_has_the_exit_code_that_the_error_leads_to() {
    let text = page("docs/TROUBLESHOOTING.md");
    for code in Code::ALL {
        let start = format!("| `{}` | {} |", code.as_str(), code.exit() as u8);
        assert!(
            text.lines().any(|line| line.starts_with(&start)),
            "no line begins `{start}`"
        );
    }
}
