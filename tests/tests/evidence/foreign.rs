//! Others' programs read the evidence too.

use std::fs;
use std::process::{Command, Output};

use sindri_tests::lab::tool;

use crate::root::Site;

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn packer_verifies_the_attestation() {
    let site = Site::small();
    site.create_signed("evidence");
    let verify = |key: &str, more: &[&str]| {
        Command::new(tool("SINDRI_TEST_PACKER_CURRENT"))
            .args(["verify-attestation", "-key", &site.path(key)])
            .args(["-predicate-type", "https://slsa.dev/provenance/v1"])
            .args(["-artifact", &site.path("evidence/root.mtree")])
            .args(more)
            .arg(site.path("evidence/attestation.dsse.json"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("HOME", site.path(""))
            .output()
            .unwrap()
    };
    let builder = "https://github.com/pacphi/sindri/blob/main/docs/security/evidence.md#local-builder";
    let output = verify("key.pub", &["-builder-id", builder]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("Attestation verified"),
        "{}",
        said(&output)
    );
    for output in [
        verify("other.pub", &[]),
        verify("key.pub", &["-builder-id", "https://example.org"]),
    ] {
        assert!(!output.status.success(), "{}", said(&output));
    }
    let manifest = site.path("evidence/root.mtree");
    fs::write(&manifest, [&fs::read(&manifest).unwrap()[..], b"\n"].concat()).unwrap();
    assert!(!verify("key.pub", &[]).status.success(), "another manifest");
}

#[test]
fn python_reads_statement_envelope_and_packages() {
    let site = Site::with_debian();
    let packages = site.create_signed("evidence").json()["packages"].clone();
    let check = |key: &str| {
        Command::new(tool("SINDRI_TEST_EVIDENCE_PYTHON"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evidence/check.py"))
            .args([site.path("evidence"), site.path(key)])
            .output()
            .unwrap()
    };
    let output = check("key.pub");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        packages.to_string()
    );
    assert!(!check("other.pub").status.success(), "with another key");
}
