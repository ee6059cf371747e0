//! `plugin check` and `plugin verify`.

use super::*;

#[test]
fn a_component_is_checked_against_the_contract_and_what_it_asks_for() {
    let sindri = project();
    let run = sindri
        .run(&["plugin", "check", "./nimbus.wasm", "--json"])
        .succeeded();
    let report = run.json();
    assert_eq!(report["findings"], serde_json::json!([]), "{run}");
    assert!(report["calls"].as_u64().unwrap() > 1000, "{run}");
    assert!(report["unused_requests"].is_array(), "{run}");
    fs::write(sindri.work().join("nimbus.wasm"), hostile("")).unwrap();
    let run = sindri.run(&["plugin", "check", "./nimbus.wasm", "--json"]);
    assert_eq!(run.json()["error"]["code"], "plugin/contract", "{run}");
}

#[test]
fn whether_everything_still_fits_together_is_said_of_each_plugin() {
    let sindri = project();
    install(&sindri, &["--grant-all"]).succeeded();
    let all = sindri.run(&["plugin", "verify", "--json"]).succeeded().json();
    assert_eq!(all["plugins"].as_array().unwrap().len(), 6);
    let of = |sindri: &Sindri, check: &str, code: &str| {
        let run = sindri.run(&["plugin", "verify", "nimbus", "--json"]);
        assert_eq!(run.code(), Some(3), "{run}");
        let checks = run.json()["plugins"][0]["checks"].clone();
        let found = checks
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["check"] == check);
        assert_eq!(found.unwrap()["error"]["code"], code, "{run}");
        run.json().to_string()
    };
    let good = lock(&sindri);
    edit_lock(
        &sindri,
        "commands = [\n",
        "commands = [\n    { tool = \"bash\", verb = [\"c\"], flags = [], effect = \"read\" },\n",
    );
    let said = of(&sindri, "ceiling", "plugin/grant");
    assert!(said.contains("command bash c"), "{said}");
    let line = good
        .lines()
        .find(|line| line.contains("describe-images"))
        .unwrap();
    fs::write(sindri.work().join(LOCK), good.replace(&format!("{line}\n"), "")).unwrap();
    of(&sindri, "grants", "plugin/grant");
    fs::write(sindri.work().join(LOCK), &good).unwrap();
    let stored = file_below(&sindri.home(), ".wasm");
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o666)).unwrap();
    let run = sindri.run(&["plugin", "verify", "nimbus", "--json"]);
    assert_eq!(
        run.json()["plugins"][0]["checks"][0]["error"]["code"],
        "plugin/store",
        "{run}"
    );
    fs::write(&stored, component("other")).unwrap();
    fs::set_permissions(&stored, fs::Permissions::from_mode(0o600)).unwrap();
    of(&sindri, "digest", "plugin/tampered");
}
