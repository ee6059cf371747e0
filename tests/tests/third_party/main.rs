//! A cloud that is not one of the five, by a plugin that is not part of the program: Hetzner Cloud, with the real Packer,
//! the real `hcloud` and a stand-in for the API on loopback.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod hetzner;

use std::fs;
use std::path::Path;
use std::process::Command;

use hetzner::{Hetzner, TOKEN};
use serde_json::Value;
use sindri::conformance;
use sindri::plugin::{Engine, Plugin, inspect};
use sindri_tests::guests::{Hcloud, hcloud};
use sindri_tests::lab::{Packer, Release, Run, Sindri, Sshd, tool};

/// The program with the plugin's file in its working directory; nothing is installed.
fn sindri(api: &Hetzner, kind: Hcloud) -> Sindri {
    let mut sindri = Sindri::new();
    Packer::Debian.put_with(&tool("SINDRI_TEST_HCLOUD"), &mut sindri);
    sindri
        .set("HCLOUD_TOKEN", TOKEN)
        .set("HCLOUD_ENDPOINT", api.endpoint())
        .configure("providers:\n  packer:\n    cloud: hcloud\n    image_name: golden\n    build: {sindri_version: 3.1.0}\n");
    fs::copy(hcloud(kind), sindri.work().join("hcloud.wasm")).unwrap();
    sindri
}

fn install(sindri: &Sindri) -> Value {
    let environment = [
        "--environment",
        "HCLOUD_TOKEN",
        "--environment",
        "HCLOUD_ENDPOINT",
    ];
    let arguments = ["plugin", "install", "hcloud.wasm", "--grant-all", "--json"];
    sindri
        .run(&[&arguments[..], &environment].concat())
        .succeeded()
        .json()
}

fn lock(sindri: &Sindri) -> String {
    fs::read_to_string(sindri.work().join("sindri.plugins.lock")).unwrap()
}

fn images(sindri: &Sindri) -> Vec<Value> {
    let json = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    let images = if json.is_array() { &json } else { &json["images"] };
    images.as_array().unwrap_or_else(|| panic!("{json}")).clone()
}

#[test]
fn the_plugin_imports_nothing_and_conforms() {
    let bytes = fs::read(hcloud(Hcloud::Honest)).unwrap();
    assert_eq!(inspect(&bytes).unwrap().imports, [""; 0]);
    let plugin = Plugin::compile(&Engine::new().unwrap(), "hcloud", &bytes).unwrap();
    let report = conformance::check(&plugin).unwrap();
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

#[test]
fn an_installed_plugin_is_a_cloud_like_any_other() {
    let api = Hetzner::start();
    let sindri = sindri(&api, Hcloud::Honest);
    let unknown = sindri.run(&["vm", "build", "--dry-run", "--json"]);
    assert_eq!(unknown.failure(), (2, "usage/unknown-cloud".to_owned()));

    let installed = install(&sindri);
    assert_eq!(installed["id"], "hcloud");
    assert!(lock(&sindri).contains("environment = [\"HCLOUD_ENDPOINT\", \"HCLOUD_TOKEN\"]"));

    let shown = sindri
        .run(&["vm", "build", "--dry-run", "--cloud", "hcloud"])
        .succeeded();
    assert!(shown.stdout.contains("source \"hcloud\" \"sindri\" {"), "{shown}");
    assert!(
        shown.stdout.contains("ssh_disable_agent_forwarding = true"),
        "{shown}"
    );
    let template = sindri.run(&["vm", "build", "--dry-run=json"]).succeeded().json();
    let source = &template["source"]["hcloud"]["sindri"];
    assert_eq!(
        (&source["location"], &source["server_type"]),
        (&"fsn1".into(), &"cx22".into())
    );

    // Packer 1.6.6 has the builder inside and looks at the token.
    sindri.run(&["vm", "validate", "--json"]).succeeded();
    sindri.run(&["vm", "build", "--plan"]).succeeded();
    assert_eq!(images(&sindri), [Value::Null; 0]);
    assert_eq!((api.calls(), api.refused()), (vec!["GET /images".to_owned()], 0));
    sindri
        .run(&["vm", "list", "--json", "--region", "hel1"])
        .succeeded();
    let template = sindri
        .run(&[
            "vm",
            "build",
            "--dry-run=json",
            "--region",
            "hel1",
            "--instance-type",
            "cax11",
        ])
        .succeeded()
        .json();
    let source = &template["source"]["hcloud"]["sindri"];
    assert_eq!(
        (&source["location"], &source["server_type"]),
        (&"hel1".into(), &"cax11".into())
    );
}

#[test]
fn without_the_users_word_the_tools_of_a_third_party_get_no_credentials() {
    let api = Hetzner::start();
    let sindri = sindri(&api, Hcloud::Honest);
    sindri
        .run(&["plugin", "install", "hcloud.wasm", "--grant-all", "--json"])
        .succeeded();
    let list = sindri.run(&["vm", "list", "--json"]);
    assert!(!list.status.success(), "{list}");
    assert_eq!(
        (api.calls(), api.refused()),
        (Vec::new(), 0),
        "nothing has reached the API"
    );

    for (name, message) in [
        ("LD_PRELOAD", "load or run code"),
        ("AWS_SECRET_ACCESS_KEY", "none of this cloud's"),
    ] {
        let refused = sindri.run(&["plugin", "grant", "hcloud", "--environment", name, "--json"]);
        assert_eq!(refused.failure(), (3, "plugin/grant".to_owned()), "{refused}");
        assert!(refused.stdout.contains(message), "{refused}");
        let edited = lock(&sindri).replacen(
            "wasi = \"none\"",
            &format!("wasi = \"none\"\nenvironment = [\"{name}\"]"),
            1,
        );
        let before = lock(&sindri);
        fs::write(sindri.work().join("sindri.plugins.lock"), edited).unwrap();
        assert_eq!(
            sindri.run(&["vm", "list", "--json"]).failure(),
            (3, "plugin/lock".to_owned())
        );
        fs::write(sindri.work().join("sindri.plugins.lock"), before).unwrap();
    }
    for name in ["HCLOUD_TOKEN", "HCLOUD_ENDPOINT"] {
        sindri
            .run(&["plugin", "grant", "hcloud", "--environment", name, "--json"])
            .succeeded();
    }
    assert!(images(&sindri).is_empty());
    sindri
        .run(&[
            "plugin",
            "revoke",
            "hcloud",
            "--environment",
            "HCLOUD_TOKEN",
            "--json",
        ])
        .succeeded();
    assert!(!sindri.run(&["vm", "list", "--json"]).status.success());
    assert_eq!(api.refused(), 0);
}

/// A wrong token, said by the API through the tool.
#[test]
fn a_refused_token_is_told_from_other_failures() {
    let api = Hetzner::start();
    let mut sindri = sindri(&api, Hcloud::Honest);
    install(&sindri);
    sindri.set("HCLOUD_TOKEN", "another-t0ken-that-nobody-takes");
    let refused = sindri.run(&["vm", "list", "--json"]);
    assert_eq!(refused.failure().1, "credentials/refused", "{refused}");
    assert!(
        refused.stdout.contains("HCLOUD_TOKEN"),
        "how to log in: {refused}"
    );
    assert!(!refused.to_string().contains("another-t0ken"), "{refused}");
}

fn is_refused(run: &Run, words: &str) {
    assert_eq!(run.failure().0, 3, "{run}");
    assert!(run.stdout.contains(words), "{run}");
}

/// Grants by hand what stands under `withheld`: a builder's line, moved to the other list.
fn grant_by_hand(sindri: &Sindri) {
    const BUILDERS: &str = "builders = [\n";
    let before = lock(sindri);
    let (grants, withheld) = before
        .split_once("\n[plugin.hcloud.withheld]\n")
        .expect("something is withheld");
    let line = withheld
        .strip_prefix(BUILDERS)
        .and_then(|rest| rest.strip_suffix("]\n"))
        .expect("a builder alone is withheld");
    let granted = if grants.contains(BUILDERS) {
        grants.replacen(BUILDERS, &format!("{BUILDERS}{line}"), 1)
    } else {
        let table = "[plugin.hcloud.grants]\n";
        grants.replacen(table, &format!("{table}{BUILDERS}{line}]\n"), 1)
    };
    assert!(granted.contains(line));
    fs::write(sindri.work().join("sindri.plugins.lock"), granted).unwrap();
}

#[test]
fn what_reaches_this_machine_is_refused_even_if_it_is_granted() {
    for (kind, specification, words) in [
        (Hcloud::WantsPrivateKey, "builder hcloud", "ssh_private_key_file"),
        (Hcloud::WantsNullBuilder, "builder null", "the builder `null`"),
    ] {
        let api = Hetzner::start();
        let sindri = sindri(&api, kind);
        install(&sindri);
        let dry_run = ["vm", "build", "--dry-run", "--json"];
        is_refused(&sindri.run(&dry_run), "template/builder");
        let grant = ["plugin", "grant", "hcloud", specification, "--json"];
        is_refused(&sindri.run(&grant), words);
        grant_by_hand(&sindri);
        is_refused(&sindri.run(&dry_run), words);
        is_refused(&sindri.run(&["vm", "validate", "--json"]), words);
        is_refused(&sindri.run(&["vm", "build", "--json"]), words);
        assert_eq!(api.calls(), [""; 0]);
    }
}

/// Every file below a folder that holds a text.
fn holding(folder: &Path, text: &str) -> String {
    let output = Command::new("grep")
        .args(["-rlaF", "--", text])
        .arg(folder)
        .output()
        .expect("grep starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Stand-ins for the package manager, which takes most of a build's time and is none of the cloud's, and for the
/// services that are not there then. Of what it would install, only the group of the container engine is asked for.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "/usr/local/sbin/apt-get",
        "#!/bin/bash\nexec groupadd --force docker\n",
    ),
    ("/usr/local/sbin/systemctl", "#!/bin/bash\n"),
];

#[test]
fn a_sixth_clouds_image_lives() {
    let api = Hetzner::start();
    let sshd = Sshd::with_programs(&api, PROGRAMS);
    let release = Release::start("3.1.0");
    let sindri = {
        let mut sindri = sindri(&api, Hcloud::Honest);
        // No checks: this machine's own system has not been made for others.
        sindri.configure(&format!(
            "providers:\n  packer:\n    cloud: hcloud\n    image_name: golden\n    build:\n      sindri_version: 3.1.0\n      \
             docker: {{repository: distribution}}\n      checks: false\n      release_base_url: {}\n      ssh_host: 127.0.0.1\n      ssh_port: {}\n      ssh_timeout: 90s\n",
            release.url(),
            sshd.port()
        ));
        sindri
    };
    install(&sindri);

    let built = sindri.run(&["vm", "build", "--json", "--debug"]).succeeded();
    let image = built.json()["image_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{built}"))
        .to_owned();
    assert_eq!(api.images()[0]["id"].to_string(), image);
    assert_eq!(api.images()[0]["labels"]["ManagedBy"], "sindri");
    assert_eq!(api.leftovers(), 0, "server and key are gone");
    let listed = images(&sindri);
    assert_eq!(
        (listed.len(), listed[0]["id"].as_str()),
        (1, Some(image.as_str())),
        "{listed:?}"
    );

    let calls = api.calls().len();
    let again = sindri.run(&["vm", "build", "--json"]).succeeded();
    assert_eq!(
        again.json()["image_id"],
        image.as_str(),
        "the same content is found by its label"
    );
    assert_eq!(api.calls().len(), calls + 1, "{again}");

    sindri
        .run(&["vm", "delete", &image, "--yes", "--json"])
        .succeeded();
    assert!(api.images().is_empty() && images(&sindri).is_empty());
    assert_eq!(api.refused(), 0);
    let everything = sindri.state();
    assert_eq!(
        holding(everything.parent().unwrap(), TOKEN),
        "",
        "the token is in no file"
    );
    assert!(!built.to_string().contains(TOKEN), "{built}");
}
