//! What is not signed, or not by the right one, or not of this image, is refused.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::root::{IMAGE, Site};

#[test]
fn evidence_that_is_not_the_signed_one_is_refused_whatever_the_root_says() {
    let site = Site::small();
    site.create_signed("evidence");
    let root = site.path("root");
    let other = site.path("other.pub");
    let verify = |more: &[&str]| site.verify("evidence", &[&["--root", root.as_str()], more].concat());
    verify(&["--image", IMAGE]).succeeded();
    let refused = |more: &[&str]| verify(more).failure().1;
    assert_eq!(
        refused(&["--image", "aws:us-west-2:ami-0bbbb"]),
        "evidence/subject"
    );
    assert_eq!(
        refused(&["--key", &other]),
        "evidence/signature",
        "all that are named must have signed"
    );
    verify(&["--key", &other, "--threshold", "1"]).succeeded();
    assert_eq!(refused(&["--threshold", "0"]), "usage/argument");

    let at = |name: &str| site.path(&format!("evidence/{name}"));
    for name in ["root.mtree", "sbom.cdx.json"] {
        let good = fs::read(at(name)).unwrap();
        fs::write(at(name), [&good[..], b"\n"].concat()).unwrap();
        assert_eq!(refused(&[]), "evidence/subject", "{name} changed");
        fs::remove_file(at(name)).unwrap();
        assert_eq!(refused(&[]), "evidence/files", "{name} removed");
        fs::write(at(name), good).unwrap();
    }
    verify(&[]).succeeded();

    let good = fs::read_to_string(at("attestation.dsse.json")).unwrap();
    for (bad, code) in [
        (good.replacen('{', "{\"payload\":\"e30=\",", 1), "evidence/form"),
        (format!("{good}{{}}"), "evidence/form"),
        (good.replace("in-toto", "in-foto"), "evidence/form"),
        (
            good.replacen("\"payload\": \"ey", "\"payload\": \"eY", 1),
            "evidence/signature",
        ),
    ] {
        assert_ne!(bad, good);
        fs::write(at("attestation.dsse.json"), bad).unwrap();
        assert_eq!(refused(&[]), code);
    }
}

#[test]
fn without_a_key_the_statement_says_that_it_proves_nothing() {
    let site = Site::small();
    let run = site.create("evidence", &[]).succeeded();
    assert_eq!(run.json()["signed"], false);
    assert!(run.stderr.contains("not signed"), "{run}");
    assert_eq!(
        site.verify("evidence", &[]).failure(),
        (1, "evidence/signature".to_owned())
    );
    let again = site.create("evidence", &["--sign-key", &site.path("key")]);
    assert_eq!(again.failure().1, "evidence/files", "evidence is never replaced");
}

#[test]
fn a_key_that_others_can_read_signs_nothing_and_is_never_printed() {
    let site = Site::small();
    let key = site.path("key");
    let text = fs::read_to_string(&key).unwrap();
    let body = text.lines().nth(1).unwrap();
    let run = site
        .create("evidence", &["--sign-key", &key, "--verbose"])
        .succeeded();
    assert!(!run.stdout.contains(body) && !run.stderr.contains(body));
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let run = site.create("again", &["--sign-key", &key]);
    assert_eq!(run.failure(), (3, "evidence/key".to_owned()));
    assert!(!run.stderr.contains(body));
    assert!(!std::path::Path::new(&site.path("again")).exists());
}

#[test]
fn results_of_checks_are_bound_to_the_image_by_their_digest() {
    let site = Site::small();
    let result = site.path("checklist.json");
    fs::write(&result, "{\"success\": true}\n").unwrap();
    site.create("evidence", &["--result", &result]).succeeded();
    let statement: serde_json::Value =
        serde_json::from_slice(&fs::read(site.path("evidence/statement.json")).unwrap()).unwrap();
    let products = &statement["predicate"]["runDetails"]["byproducts"];
    assert_eq!(products[1]["name"], "checklist.json");
    assert_eq!(
        products[1]["digest"]["sha256"],
        sindri::digest::sha256(b"{\"success\": true}\n")
    );
}

/// Half a manifest would let the other half be changed.
#[test]
fn a_root_that_cannot_be_read_completely_has_no_evidence() {
    let site = Site::small();
    fs::remove_file(site.root().join("var/lib/dpkg/status")).unwrap();
    assert_eq!(site.create("evidence", &[]).failure().1, "evidence/root");
    std::os::unix::fs::symlink("/var/lib/dpkg/status", site.root().join("var/lib/dpkg/status")).unwrap();
    assert_eq!(
        site.create("evidence", &[]).failure().1,
        "evidence/root",
        "the packages of this machine"
    );
}
