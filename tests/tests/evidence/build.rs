//! What a build with the real Packer writes down of its image.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sindri_tests::lab::{Moto, Packer, Release, Sindri, Sshd};

/// What the scripts install is another test's subject: here nothing is fetched.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "/usr/local/sbin/apt-get",
        "#!/bin/bash\nexec groupadd --force docker\n",
    ),
    ("/usr/local/sbin/systemctl", "#!/bin/bash\n"),
    ("/usr/local/sbin/cloud-init", "#!/bin/bash\n"),
];

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn keygen(sindri: &Sindri) -> String {
    let key = sindri.work().join("key").display().to_string();
    sindri.run(&["evidence", "keygen", &key, "--json"]).succeeded();
    key
}

#[test]
fn a_build_without_a_key_writes_what_went_in_and_says_that_nobody_signed() {
    let moto = Moto::start();
    let sindri = Packer::Debian.sindri(&moto, &["communicator: none"]);
    let refused = sindri.run(&["vm", "build", "--json", "--sign-key", "missing"]);
    assert_eq!(
        refused.failure().1,
        "evidence/key",
        "found out before anything is made"
    );
    let run = sindri.run(&["vm", "build", "--json"]).succeeded();
    let built = run.json();
    assert!(run.stderr.contains("not signed"), "{run}");
    assert_eq!(built["evidence"]["signed"], false);
    let directory = sindri.run_directory(built["run_id"].as_str().unwrap());
    let statement = read(&directory.join("evidence/statement.json"));
    assert_eq!(
        built["evidence"]["statement"],
        directory.join("evidence/statement.json").display().to_string()
    );
    let image = format!(
        "aws:{}:{}",
        built["region"].as_str().unwrap(),
        built["image_id"].as_str().unwrap()
    );
    let subject = &statement["subject"][0];
    assert_eq!(subject["name"], image);
    assert_eq!(
        subject["digest"]["sha256"],
        sindri::digest::sha256(image.as_bytes())
    );
    let went_in = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
        .as_array()
        .unwrap();
    let digest = |name: &str| {
        let named = went_in.iter().find(|resource| resource["name"] == name);
        named.map(|resource| resource["digest"]["sha256"].as_str().unwrap().to_owned())
    };
    let template = fs::read(directory.join("build.pkr.json")).unwrap();
    assert_eq!(digest("build.pkr.json"), Some(sindri::digest::sha256(&template)));
    assert!(digest("plugin").is_some());
}

/// A program set up to build into this machine, and the path of its signing key.
fn signing(moto: &Moto, sshd: &Sshd, release: &Release) -> (Sindri, String) {
    let (url, port) = (
        format!("release_base_url: {}", release.url()),
        format!("ssh_port: {}", sshd.port()),
    );
    let build = [
        url.as_str(),
        port.as_str(),
        "sindri_version: 3.1.0",
        "ssh_host: 127.0.0.1",
        "ssh_timeout: 90s",
        "ssh_source_cidrs: [127.0.0.1/32]",
        "environment: {TOKEN: hunter2-hunter2}",
    ];
    let sindri = Packer::Debian.sindri(moto, &build);
    let key = keygen(&sindri);
    (sindri, key)
}

#[test]
fn a_signed_build_brings_the_manifest_of_its_own_disk() {
    let moto = Moto::start();
    let sshd = Sshd::on_debian(&moto, PROGRAMS);
    let release = Release::start("3.1.0");
    let (sindri, key) = signing(&moto, &sshd, &release);
    let built = sindri
        .run(&["vm", "build", "--json", "--sign-key", "key"])
        .succeeded()
        .json();
    assert_eq!(built["evidence"]["signed"], true, "{built}");
    let directory = sindri.run_directory(built["run_id"].as_str().unwrap());
    let evidence = directory.join("evidence");
    assert!(!evidence.join("vm").exists());
    let statement = read(&evidence.join("statement.json"));
    let parameters = &statement["predicate"]["buildDefinition"]["externalParameters"];
    assert_eq!(
        parameters["secretVariables"],
        serde_json::json!(["sindri_env_TOKEN"])
    );
    let text = statement.to_string();
    assert!(
        text.contains("scripts/90-clean.sh") && !text.contains("hunter2"),
        "{text}"
    );

    let image = format!(
        "aws:{}:{}",
        built["region"].as_str().unwrap(),
        built["image_id"].as_str().unwrap()
    );
    let disk = sshd.live_root().display().to_string();
    let folder = evidence.display().to_string();
    let public = format!("{key}.pub");
    let verify = [
        "evidence", "verify", &folder, "--key", &public, "--root", &disk, "--image", &image, "--json",
    ];
    let verified = sindri.run(&verify);
    assert_eq!(verified.code(), Some(0), "{verified}");
    assert!(!Path::new(&disk).join("run/sindri-evidence/root").exists());

    fs::write(Path::new(&disk).join("usr/bin/later"), "").unwrap();
    let changed = sindri.run(&verify);
    assert_eq!(changed.code(), Some(1), "{changed}");
    assert_eq!(changed.json()["differences"][0]["subject"], "/usr/bin/later");

    // The same disk looked at from outside, with what went in from the run.
    let again = sindri.work().join("again").display().to_string();
    let run = built["run_id"].as_str().unwrap();
    sindri
        .run(&[
            "evidence",
            "create",
            "--root",
            &disk,
            "--output",
            &again,
            "--run",
            run,
            "--sign-key",
            &key,
        ])
        .succeeded();
    let verify = [
        "evidence", "verify", &again, "--key", &public, "--image", &image, "--json",
    ];
    sindri.run(&verify).succeeded();
}

/// Says of the list of packages that it is another file than the one that it sends.
const LYING: (&str, &str) = (
    "/usr/local/sbin/python3",
    "#!/bin/bash\nset -o pipefail\n/usr/bin/python3 \"$@\" | sed '/^\\.\\/var\\/lib\\/dpkg\\/status /s/sha256digest=.*/sha256digest=\
     0000000000000000000000000000000000000000000000000000000000000000/'\n",
);

/// The image is there by then: whoever finds it later must not take it for one with evidence, and has to be told how to
/// get rid of it.
#[test]
fn an_image_whose_disk_was_lied_about_is_named_with_what_to_do_and_counts_as_a_failure() {
    let moto = Moto::start();
    let programs = [PROGRAMS, &[LYING]].concat();
    let sshd = Sshd::on_debian(&moto, &programs);
    let release = Release::start("3.1.0");
    let (sindri, _) = signing(&moto, &sshd, &release);
    let build = ["vm", "build", "--json", "--sign-key", "key"];
    let run = sindri.run(&build);
    assert_eq!(run.failure(), (1, "evidence/subject".to_owned()), "{run}");
    let error = run.json()["error"].clone();
    let images = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    let image = images[0]["id"].as_str().unwrap_or_else(|| panic!("{images}"));
    let details = error["details"].to_string();
    assert!(
        details.contains(&format!("the image {image} was built")),
        "{error}"
    );
    let remedy = error["remedy"].as_str().unwrap();
    assert!(remedy.contains(&format!("`sindri vm delete {image}`")), "{error}");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("/var/lib/dpkg/status"),
        "{error}"
    );
    assert_eq!(sindri.runs(&[])[0]["state"], "failed", "{run}");
    let id = sindri.runs(&[])[0]["id"].as_str().unwrap().to_owned();
    let evidence = sindri.run_directory(&id).join("evidence");
    for name in ["statement.json", "attestation.dsse.json"] {
        assert!(!evidence.join(name).exists(), "{name} vouches for a lie");
    }

    // What the remedy warns of, and the remedy.
    let again = sindri.run(&build).succeeded().json();
    assert_eq!(
        (&again["cached"], &again["evidence"]),
        (&true.into(), &Value::Null),
        "{again}"
    );
    sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}
