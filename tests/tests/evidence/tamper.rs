//! Every way to change an image after it was signed has a name.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::process::Command;

use serde_json::Value;

use crate::root::{IMAGE, NET_RAW, NET_RAW_AND_ADMIN, Site, set_capability};

/// What and where, in the order of the document.
fn named(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    document["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| (text(&difference["what"]), text(&difference["subject"])))
        .collect()
}

#[test]
fn each_change_of_a_debian_root_is_named_and_nothing_else() {
    let site = Site::with_debian();
    let root = site.root();
    set_capability(&root.join("usr/bin/ping"), NET_RAW);
    let created = site.create_signed("evidence").json();
    assert!(created["paths"].as_u64().unwrap() > 5000, "{created}");
    assert!(created["packages"].as_u64().unwrap() > 80, "{created}");
    assert!(created["excluded"].as_array().unwrap().contains(&"/proc".into()));
    let root_path = site.path("root");
    let verify = ["--root", root_path.as_str(), "--image", IMAGE];
    let green = site.verify("evidence", &verify).succeeded().json();
    assert_eq!(green["root_checked"], true);
    assert_eq!(named(&green), []);

    // One byte, with the size and the times as they were.
    let flip = |path: &str| {
        let path = root.join(path);
        let times = fs::metadata(&path).unwrap().modified().unwrap();
        let mut content = fs::read(&path).unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 1;
        fs::write(&path, content).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(times)
            .unwrap();
    };
    flip("usr/bin/dash");
    fs::copy(root.join("usr/bin/dash"), root.join("usr/local/bin/rootsh")).unwrap();
    fs::set_permissions(root.join("usr/local/bin/rootsh"), Permissions::from_mode(0o4755)).unwrap();
    fs::set_permissions(root.join("etc/shadow"), Permissions::from_mode(0o644)).unwrap();
    chown(root.join("etc/passwd"), Some(1000), None).unwrap();
    fs::remove_file(root.join("etc/debian_version")).unwrap();
    fs::remove_file(root.join("etc/localtime")).ok();
    symlink("/dev/null", root.join("etc/localtime")).unwrap();
    fs::write(root.join("etc/ld.so.preload"), "/lib/evil.so\n").unwrap();
    set_capability(&root.join("usr/bin/ping"), NET_RAW_AND_ADMIN);
    let status = root.join("var/lib/dpkg/status");
    let packages = fs::read_to_string(&status).unwrap();
    let (before, after) = packages.split_once("Package: bash\n").unwrap();
    let (bash, after) = after.split_once("Version: ").unwrap();
    fs::write(&status, format!("{before}Package: bash\n{bash}Version: 0{after}")).unwrap();
    // Not covered, and said to be so.
    fs::write(root.join("var/log/anything"), "").unwrap();

    let run = site.verify("evidence", &verify);
    assert_eq!(run.code(), Some(1), "{run}");
    let document = run.json();
    assert_eq!(document["success"], false);
    let mut found = named(&document);
    // Debian's root may have the link or not.
    found.retain(|(_, subject)| subject != "/etc/localtime");
    let expected = [
        ("package", "bash:amd64"),
        ("removed", "/etc/debian_version"),
        ("added", "/etc/ld.so.preload"),
        ("owner", "/etc/passwd"),
        ("mode", "/etc/shadow"),
        ("content", "/usr/bin/dash"),
        ("capability", "/usr/bin/ping"),
        ("added", "/usr/local/bin/rootsh"),
        ("set-id", "/usr/local/bin/rootsh"),
        ("content", "/var/lib/dpkg/status"),
    ];
    let architecture = Command::new("dpkg").arg("--print-architecture").output().unwrap();
    let architecture = String::from_utf8(architecture.stdout).unwrap();
    let expected = expected.map(|(what, subject)| {
        let subject = subject.replace(":amd64", &format!(":{}", architecture.trim()));
        (what.to_owned(), subject)
    });
    assert_eq!(found, expected);
}

#[test]
fn differences_are_a_table_for_people() {
    let site = Site::small();
    site.create_signed("evidence");
    fs::write(site.root().join("rootsh"), "").unwrap();
    fs::set_permissions(site.root().join("rootsh"), Permissions::from_mode(0o4755)).unwrap();
    let (evidence, key, root) = (site.path("evidence"), site.path("key.pub"), site.path("root"));
    let table = site
        .sindri
        .run(&["evidence", "verify", &evidence, "--key", &key, "--root", &root]);
    assert_eq!(table.code(), Some(1));
    let lines: Vec<_> = table.stdout.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["WHAT", "WHERE", "WAS", "IS"]
    );
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["added", "/rootsh", "-", "file", "4755", "0:0"]
    );
    assert_eq!(
        lines[2].split_whitespace().collect::<Vec<_>>(),
        ["set-id", "/rootsh", "-", "4755"]
    );
}

/// A signature over bytes that differ from run to run could not be made twice, by two parties.
#[test]
fn the_same_root_gives_the_same_bytes_twice() {
    let site = Site::with_debian();
    site.create_signed("one");
    site.create_signed("two");
    for name in ["root.mtree", "sbom.cdx.json", "attestation.dsse.json"] {
        let read = |folder: &str| fs::read(site.path(&format!("{folder}/{name}"))).unwrap();
        assert!(read("one") == read("two"), "{name}");
    }
}
