//! What is installed, and what is not.

use super::*;

#[test]
fn an_installed_plugin_is_a_cloud_like_any_other() {
    let mut sindri = project();
    sindri.configure(CONFIGURATION);
    let unknown = sindri.run(&["vm", "build", "--cloud", "aws", "--dry-run"]);
    assert_eq!(
        unknown.code(),
        Some(2),
        "its section is no key of anybody yet: {unknown}"
    );

    let installed = install(&sindri, &["--grant-all"]).succeeded().json();
    assert_eq!(installed["id"], "nimbus");
    assert_eq!(installed["claims"], "aws", "what it calls itself is said");
    assert_eq!(installed["source"], "nimbus.wasm");
    assert_eq!(installed["withheld"]["commands"], serde_json::json!([]));

    let built = dry_run(&sindri).succeeded().json();
    assert_eq!(built["cloud"], "nimbus");
    assert_eq!(
        built["template"]["source"]["amazon-ebs"]["sindri"]["region"],
        "eu-west-1"
    );
    sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run"])
        .succeeded();
    let plan = sindri.run(&["vm", "list", "--cloud", "NIMBUS", "--plan", "--json"]);
    assert_eq!(plan.succeeded().json()["plan"][0]["argv"][0], "aws");
    let all = sindri.run(&["vm", "build", "--cloud", "aws,nimbus", "--dry-run", "--json"]);
    assert_eq!(all.succeeded().json()["clouds"][1]["cloud"], "nimbus");

    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    let row = listed.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&row["id"], &row["origin"], &row["state"]),
        (&"nimbus".into(), &"installed".into(), &"ok".into())
    );
    let schema = sindri.run(&["config", "schema", "--json"]).succeeded().json();
    let section = &schema["properties"]["providers"]["properties"]["packer"]["properties"]["nimbus"];
    assert!(section["properties"]["region"].is_object());
    let inspected = sindri
        .run(&["plugin", "inspect", "nimbus", "--json"])
        .succeeded()
        .json();
    assert_eq!(inspected["sha256"], installed["sha256"]);
    assert_eq!(
        (&inspected["id"], &inspected["claims"]),
        (&"nimbus".into(), &"aws".into())
    );
    assert_eq!(inspected["imports"], serde_json::json!([]));
    assert_eq!(inspected["contract"], "sindri:packer@0.1.0");
    assert_eq!(inspected["granted"], inspected["requests"]);

    sindri.run(&["plugin", "remove", "nimbus", "--purge"]).succeeded();
    assert_eq!(dry_run(&sindri).code(), Some(2));
}

#[test]
fn nobody_grants_anything_without_a_terminal_and_the_refusal_says_what_to_type() {
    let sindri = project();
    let installed = install(&sindri, &[]).succeeded().json();
    assert_eq!(installed["granted"]["commands"], serde_json::json!([]));
    assert!(!installed["withheld"]["commands"].as_array().unwrap().is_empty());

    let error = refused(&dry_run(&sindri), "template/value");
    assert!(
        error.contains("sindri plugin grant nimbus 'packer github.com/hashicorp/amazon'"),
        "{error}"
    );
    sindri
        .run(&["plugin", "grant", "nimbus", "packer github.com/hashicorp/amazon"])
        .succeeded();
    let error = refused(&dry_run(&sindri), "template/builder");
    assert!(
        error.contains("sindri plugin grant nimbus 'builder amazon-ebs'"),
        "{error}"
    );
    sindri
        .run(&["plugin", "grant", "nimbus", "builder amazon-ebs"])
        .succeeded();
    dry_run(&sindri).succeeded();

    let list = ["vm", "list", "--cloud", "nimbus", "--plan", "--json"];
    let error = refused(&sindri.run(&list), "argv/tool");
    assert!(
        error.contains("sindri plugin grant nimbus 'command aws ec2 describe-images'"),
        "{error}"
    );
    assert!(
        error.contains(r#"{ tool = \"aws\", verb = [\"ec2\", \"describe-images\"]"#),
        "{error}"
    );
    sindri
        .run(&["plugin", "grant", "nimbus", "effect read"])
        .succeeded();
    sindri.run(&list).succeeded();
    let revoked = sindri
        .run(&["plugin", "revoke", "nimbus", "effect read", "--json"])
        .succeeded();
    assert_eq!(revoked.json()["granted"]["commands"], serde_json::json!([]));
    refused(&sindri.run(&list), "argv/tool");

    let unknown = sindri.run(&["plugin", "grant", "nimbus", "command sh -c", "--json"]);
    assert_eq!(unknown.json()["error"]["code"], "usage/argument", "{unknown}");
}

#[test]
fn no_name_is_a_path_or_that_of_a_bundled_plugin() {
    let sindri = project();
    for name in [
        "aws", "amazon", "../x", "/etc/x", "AWS", "Nimbus", "all", "a/b", "-x", "",
    ] {
        let run = sindri.run(&[
            "plugin",
            "install",
            "nimbus.wasm",
            &format!("--name={name}"),
            "--json",
        ]);
        assert_eq!(run.json()["error"]["code"], "plugin/name", "{name}: {run}");
    }
    // What it calls itself is a name like any other.
    let run = sindri.run(&["plugin", "install", "nimbus.wasm", "--json"]);
    assert_eq!(run.json()["error"]["code"], "plugin/name", "{run}");
    assert!(
        run.json()["error"]["remedy"]
            .as_str()
            .unwrap()
            .contains("--name NAME")
    );
    // Nor one of the configuration's keys.
    let run = sindri.run(&["plugin", "install", "nimbus.wasm", "--name", "build", "--json"]);
    assert_eq!(run.json()["error"]["code"], "plugin/return", "{run}");
    assert!(!sindri.work().join(LOCK).exists());
}

#[test]
fn what_is_no_plugin_is_not_installed() {
    let sindri = project();
    let wasi = wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#).unwrap();
    for (bytes, code) in [
        (wasi, "plugin/imports"),
        (hostile("(func $s unreachable) (start $s)"), "plugin/trap"),
        (hostile("(func $s (loop br 0)) (start $s)"), "plugin/timeout"),
        (hostile(""), "plugin/contract"),
        (b"#!/bin/sh\n".to_vec(), "plugin/contract"),
        (Vec::new(), "plugin/contract"),
    ] {
        fs::write(sindri.work().join("nimbus.wasm"), bytes).unwrap();
        let run = install(&sindri, &["--grant-all"]);
        assert_eq!(run.json()["error"]["code"], code, "{run}");
        let looked = sindri.run(&["plugin", "inspect", "./nimbus.wasm", "--json"]);
        assert_eq!(looked.json()["error"]["code"], code, "{looked}");
    }
    assert!(!sindri.work().join(LOCK).exists());
    let pipe = sindri.work().join("nimbus.wasm");
    fs::remove_file(&pipe).unwrap();
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let run = install(&sindri, &[]);
    assert_eq!(
        run.json()["error"]["code"],
        "usage/argument",
        "a pipe is not waited for: {run}"
    );
}

/// Functions like this one cost the compiler more than any file of their size should.
fn bomb() -> Vec<u8> {
    let depth = 4000;
    let locals = "i32 ".repeat(depth);
    let open: String = (0..depth)
        .map(|at| {
            let of = |factor: usize| at * factor % depth;
            format!(
                "loop local.get {} local.get {} i32.add local.set {} ",
                of(13),
                of(29),
                of(7)
            )
        })
        .collect();
    let close: String = (0..depth)
        .map(|at| format!("local.get {} br_if {} end ", at * 3 % depth, depth - 1 - at))
        .collect();
    hostile(&format!("(func (local {locals}) {open} {close})"))
}

#[test]
fn the_process_that_compiles_has_limits_of_time_and_memory() {
    let sindri = project();
    fs::write(sindri.work().join("bomb.wasm"), bomb()).unwrap();
    let mut child = sindri.start(&["plugin", "compile-component", "bomb.wasm", "code"]);
    let limits = format!("/proc/{}/limits", child.id());
    child.wait_until(|| {
        let text = fs::read_to_string(&limits).unwrap_or_default();
        let limited = |what: &str, limit: &str| {
            let line = text.lines().find(|line| line.starts_with(what));
            line.is_some_and(|line| line.split_whitespace().any(|word| word == limit))
        };
        limited("Max cpu time", "300") && limited("Max address space", "4294967296")
    });
    assert!(!sindri.work().join("code").exists(), "and it is not done yet");
}
