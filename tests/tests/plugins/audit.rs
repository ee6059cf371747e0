//! What a plugin may do is decided for all later runs: the audit log has it, before it holds.

use super::*;

/// The facts of the audit log, oldest first.
fn facts(sindri: &Sindri) -> Vec<Value> {
    let text = fs::read_to_string(sindri.work().join("audit.jsonl")).unwrap();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["fact"].clone()).collect()
}

#[test]
fn every_decision_about_a_plugin_is_in_the_audit_log() {
    let mut sindri = project();
    let log = sindri.work().join("audit.jsonl");
    sindri.set("SINDRI_AUDIT_LOG", &log);
    install(&sindri, &[]).succeeded();
    let effect = ["effect read"];
    sindri
        .run(&[&["plugin", "grant", "nimbus"][..], &effect].concat())
        .succeeded();
    sindri
        .run(&[&["plugin", "revoke", "nimbus"][..], &effect].concat())
        .succeeded();
    let attack =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks/templates/provisioner-shell-local.pkr.hcl");
    fs::copy(attack, sindri.work().join("evil.pkr.hcl")).unwrap();
    let checked = sindri.run(&[
        "policy",
        "check",
        "--cloud",
        "nimbus",
        "--template",
        "evil.pkr.hcl",
        "--json",
    ]);
    assert_eq!(checked.code(), Some(3), "{checked}");
    sindri.run(&["plugin", "remove", "nimbus"]).succeeded();

    let facts = facts(&sindri);
    let of = |kind: &str| {
        facts
            .iter()
            .filter(|fact| fact["kind"] == kind)
            .collect::<Vec<_>>()
    };
    let granted: Vec<usize> = of("grants-decided")
        .iter()
        .map(|fact| fact["granted"].as_array().unwrap().len())
        .collect();
    assert_eq!(granted.len(), 3, "{facts:#?}");
    assert!(
        granted[0] == 0 && granted[1] > 5 && granted[2] == 0,
        "{granted:?}"
    );
    let digest = &of("grants-decided")[0]["plugin"]["sha256"];
    assert_eq!(&of("plugin-removed")[0]["sha256"], digest);
    let reviewed = of("file-reviewed")[0];
    assert_eq!(&reviewed["plugin"]["sha256"], digest);
    assert!(
        reviewed["findings"].to_string().contains("shell-local"),
        "{reviewed}"
    );
}

#[test]
fn without_an_audit_log_that_can_be_written_nothing_is_granted() {
    let mut sindri = project();
    install(&sindri, &[]).succeeded();
    let before = lock(&sindri);
    sindri.set("SINDRI_AUDIT_LOG", "/dev/full");
    for arguments in [
        &["plugin", "grant", "nimbus", "--all", "--json"][..],
        &["plugin", "remove", "nimbus", "--json"],
    ] {
        let run = sindri.run(arguments);
        assert_eq!(run.json()["error"]["code"], "run/audit-log", "{run}");
        assert_eq!(lock(&sindri), before);
    }
}
