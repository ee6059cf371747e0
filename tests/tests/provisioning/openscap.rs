//! The scan with the real scanner. Debian 12's content ends at Debian 11: its rules, freed of the condition on the
//! release, show that scan, reports and threshold work; they say nothing about compliance.

use std::collections::BTreeMap;

use sindri::provision::{ImageContent, OpenScap, Provisioned, UserFile, provision};
use sindri_tests::lab::Machine;

use crate::stage::{after_init, content, release, run, upload};

const REPORTS: &str = "/var/tmp/sindri-openscap";

fn image(scan: OpenScap<'_>) -> Provisioned {
    let (environment, archives) = (BTreeMap::new(), release());
    provision(&ImageContent {
        openscap: Some(scan),
        ..content(&environment, &archives)
    })
    .unwrap()
}

/// A data stream for Debian 11, as it is and without the condition.
fn streams() -> (UserFile, UserFile) {
    let machine = after_init().fork();
    machine.ask("apt-get install -y -q --no-install-recommends ssg-debian >/dev/null");
    machine.keep_archives();
    let read = |command: &str| UserFile {
        name: "ds.xml".to_owned(),
        content: machine.ask(command).into_bytes(),
    };
    let path = "/usr/share/xml/scap/ssg/content/ssg-debian11-ds.xml";
    (
        read(&format!("cat {path}")),
        read(&format!(
            "sed -E 's#<(xccdf-1.2:)?platform idref=\"cpe:/o:debian:debian_linux:11\"/>##g' {path}"
        )),
    )
}

fn scanned(machine: &Machine, provisioned: &Provisioned) -> String {
    upload(machine, provisioned);
    run(machine, provisioned, "60-openscap").succeeded();
    machine.keep_archives();
    machine.ask(&format!("cat {REPORTS}/summary.json"))
}

#[test]
fn a_scan_reports_and_its_score_can_fail_the_build() {
    let (elsewhere, ours) = streams();
    let scan = |profile, minimum_score, data_stream| OpenScap {
        profile,
        minimum_score,
        data_stream,
    };
    let machine = after_init().fork();
    let packages = machine.ask("dpkg-query --show");
    let report = image(scan("standard", 0, Some(&ours)));
    let summary: serde_json::Value = serde_json::from_str(&scanned(&machine, &report)).unwrap();
    let score = summary["score"].as_f64().unwrap();
    assert!(score > 1.0 && score < 99.0, "{summary}");
    assert!(
        summary["rules"]["pass"].as_u64().unwrap() > 10 && summary["rules"]["fail"].as_u64().unwrap() > 10
    );
    assert_eq!(
        summary["profile"],
        "xccdf_org.ssgproject.content_profile_standard"
    );
    assert_eq!(
        summary["data_stream_sha256"],
        sindri::digest::sha256(&ours.content)
    );
    let files = machine.ask(&format!(
        "cd {REPORTS}; stat -c '%a %n' *; head -c 15 report.html; grep -c '<rule-result' results.xml"
    ));
    assert!(
        files.starts_with("644 report.html\n644 results.xml\n644 summary.json\n<!DOCTYPE html>"),
        "{files}"
    );
    assert_eq!(
        machine.ask("dpkg-query --show"),
        packages,
        "the scanner is no part of the image"
    );

    let strict = image(scan("standard", 100, Some(&ours)));
    let judged = run(&machine.fork(), &strict, "65-openscap-score");
    assert!(
        judged.cause().contains("below") && judged.cause().contains("openscap_minimum_score"),
        "{}",
        judged.log
    );
    run(&machine, &report, "65-openscap-score").succeeded();
    assert_eq!(
        machine.ask(&format!(
            "ls -d {REPORTS} /tmp/sindri-openscap/* 2>/dev/null || true"
        )),
        ""
    );

    // Rules of another release all do not apply: that is no pass.
    let nothing = image(scan("standard", 0, Some(&elsewhere)));
    scanned(&machine, &nothing);
    let judged = run(&machine, &nothing, "65-openscap-score");
    assert!(judged.cause().contains("not tested anything"), "{}", judged.log);
}

#[test]
fn content_of_another_release_is_never_taken_and_profiles_are_listed() {
    let machine = after_init().fork();
    let own = image(OpenScap {
        profile: "standard",
        minimum_score: 0,
        data_stream: None,
    });
    let ran = run(&machine, &own, "60-openscap");
    assert!(ran.cause().contains("no content for debian 12"), "{}", ran.log);
    assert!(ran.cause().contains("openscap_data_stream"), "{}", ran.log);

    let (_, ours) = streams();
    let unknown = image(OpenScap {
        profile: "cis_level1_server",
        minimum_score: 0,
        data_stream: Some(&ours),
    });
    upload(&machine, &unknown);
    let ran = run(&machine, &unknown, "60-openscap");
    assert!(
        ran.cause().contains("no profile cis_level1_server"),
        "{}",
        ran.log
    );
    assert!(ran.cause().contains("anssi_np_nt28_minimal"), "{}", ran.log);
}
