//! `sindri doctor sandbox`: hostile plugins, on the machine as it is, with nothing installed.
#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::unwrap_used)]

use std::time::Instant;

use sindri_tests::lab::Sindri;

#[test]
fn every_attack_is_blocked_without_packer_or_any_tool() {
    let begun = Instant::now();
    let run = Sindri::new()
        .set("PATH", "")
        .run(&["doctor", "sandbox", "--json"]);
    let document = run.json();
    let attacks = document["attacks"].as_array().unwrap();
    for attack in attacks {
        assert_eq!(attack["blocked"], true, "{attack:#}");
        assert!(attack["by"].is_string(), "{attack:#}");
    }
    assert!(attacks.len() > 90, "{}", attacks.len());
    assert_eq!(run.code(), Some(0), "{run}");
    assert!(begun.elapsed().as_secs() < 120, "it takes seconds");
}

#[test]
fn people_get_a_row_for_each_attack_and_the_sum() {
    let run = Sindri::new()
        .set("PATH", "")
        .run(&["doctor", "sandbox", "--quiet"]);
    assert_eq!(run.code(), Some(0), "{run}");
    let row = run
        .stdout
        .lines()
        .find(|line| line.starts_with("shell-local "))
        .unwrap();
    assert!(row.contains("template/block") && row.ends_with("ok"), "{row}");
    assert!(run.stdout.ends_with("attacks were blocked\n"), "{run}");
    assert!(!run.stdout.contains("NOT BLOCKED"), "{run}");
}
