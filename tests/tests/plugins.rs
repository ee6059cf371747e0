//! Plugins that do not come with the program: how they are installed, what they are granted, and everything
//! that makes the program refuse one. The component is that of a bundled plugin with another digest, or hostile.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sindri_tests::lab::{Run, Sindri};

const LOCK: &str = "sindri.plugins.lock";
const CONFIGURATION: &str = "providers:\n  packer:\n    nimbus:\n      region: eu-west-1\n";

/// A program whose PATH leads nowhere, with a component in its working directory.
fn project() -> Sindri {
    let mut sindri = Sindri::new();
    let empty = sindri.home();
    sindri.path(&empty, true);
    fs::write(sindri.work().join("nimbus.wasm"), component("first")).unwrap();
    sindri
}

/// The component of the bundled plugin for AWS and a section that nobody reads: another digest.
fn component(note: &str) -> Vec<u8> {
    let bundled = sindri_bundled_plugins::all().iter().find(|one| one.id == "aws");
    let mut bytes = bundled.unwrap().component.to_vec();
    bytes.extend([0, u8::try_from(note.len() + 2).unwrap(), 1, b'x']);
    bytes.extend(note.as_bytes());
    bytes
}

/// A component that exports `describe` of a wrong type, with something in its core module.
fn hostile(core: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $m {core} (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $api (export "describe" (func $f)))
            (export "sindri:packer/packer-provider@0.1.0" (instance $api)))"#
    ))
    .unwrap()
}

fn install(sindri: &Sindri, more: &[&str]) -> Run {
    let mut arguments = vec!["plugin", "install", "nimbus.wasm", "--name", "nimbus", "--json"];
    arguments.extend(more);
    sindri.run(&arguments)
}

fn dry_run(sindri: &Sindri) -> Run {
    sindri.run(&["vm", "build", "--cloud", "nimbus", "--dry-run", "--json"])
}

fn lock(sindri: &Sindri) -> String {
    fs::read_to_string(sindri.work().join(LOCK)).unwrap()
}

fn edit_lock(sindri: &Sindri, from: &str, to: &str) {
    let text = lock(sindri);
    assert!(text.contains(from), "{from}\n{text}");
    fs::write(sindri.work().join(LOCK), text.replacen(from, to, 1)).unwrap();
}

/// The one file with this ending below a directory.
fn file_below(directory: &Path, ending: &str) -> PathBuf {
    let mut found = Vec::new();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                found.push(path);
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Refused with this code, exit status 3 and something to do.
fn refused(run: &Run, code: &str) -> String {
    let error = run.json()["error"].clone();
    assert_eq!(error["code"], code, "{run}");
    assert_eq!(run.code(), Some(3), "{run}");
    assert!(error["remedy"].is_string(), "{run}");
    error.to_string()
}

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
fn a_component_that_was_exchanged_is_refused_wherever_it_lies() {
    let sindri = project();
    install(&sindri, &["--grant-all"]).succeeded();
    let stored = file_below(&sindri.home(), ".wasm");
    assert_eq!(fs::metadata(&stored).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&stored, component("other")).unwrap();
    let error = refused(&dry_run(&sindri), "plugin/tampered");
    assert!(error.contains("sindri plugin install"), "{error}");
    // Without the store the file beside the lock counts, if it is the genuine one.
    fs::remove_file(&stored).unwrap();
    dry_run(&sindri).succeeded();
    fs::write(sindri.work().join("nimbus.wasm"), component("other")).unwrap();
    refused(&dry_run(&sindri), "plugin/tampered");
    fs::remove_file(sindri.work().join("nimbus.wasm")).unwrap();
    let error = refused(&dry_run(&sindri), "plugin/missing");
    assert!(
        error.contains("sindri plugin install FILE --name nimbus"),
        "{error}"
    );
    assert!(error.contains("sindri plugin remove nimbus"), "{error}");
    // The others can be used all the same.
    sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run"])
        .succeeded();
    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    assert_eq!(
        listed.as_array().unwrap().last().unwrap()["state"],
        "plugin/missing"
    );
}

#[test]
fn machine_code_that_was_exchanged_is_not_run() {
    let sindri = project();
    install(&sindri, &["--grant-all"]).succeeded();
    let code = file_below(&sindri.home(), ".code");
    let genuine = fs::read(&code).unwrap();
    let written = fs::metadata(&code).unwrap().modified().unwrap();
    dry_run(&sindri).succeeded();
    assert_eq!(
        fs::metadata(&code).unwrap().modified().unwrap(),
        written,
        "no command compiles a plugin again"
    );
    let mut changed = genuine.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0xff;
    fs::write(&code, &changed).unwrap();
    dry_run(&sindri).succeeded();
    assert_eq!(
        fs::read(&code).unwrap().len(),
        genuine.len(),
        "it was compiled again"
    );
    assert_ne!(fs::read(&code).unwrap(), changed);
    let directory = code.parent().unwrap();
    assert_eq!(
        fs::metadata(directory).unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn what_is_new_in_an_update_is_shown_and_not_granted() {
    let sindri = project();
    install(&sindri, &["--grant-all"]).succeeded();
    let before = lock(&sindri);
    fs::write(sindri.work().join("nimbus.wasm"), component("second")).unwrap();
    let error = refused(&install(&sindri, &[]), "plugin/grant");
    assert!(
        error.contains("sindri plugin install nimbus.wasm --name nimbus --yes"),
        "{error}"
    );
    assert_eq!(lock(&sindri), before, "nothing has changed");
    dry_run(&sindri).succeeded();

    // As if the first had not asked for it.
    let line = before
        .lines()
        .find(|line| line.contains("describe-images"))
        .unwrap();
    edit_lock(&sindri, &format!("{line}\n"), "");
    let error = refused(&dry_run(&sindri), "plugin/grant");
    assert!(
        error.contains("+ command aws ec2 describe-images (read"),
        "{error}"
    );
    assert!(error.contains("sindri plugin grant nimbus --all"), "{error}");
    let error = refused(&install(&sindri, &[]), "plugin/grant");
    assert!(error.contains("+ command aws ec2 describe-images"), "{error}");
    let updated = install(&sindri, &["--yes"]).succeeded().json();
    assert_eq!(
        updated["withheld"]["commands"].as_array().unwrap().len(),
        1,
        "{updated:#}"
    );
    assert_eq!(updated["new"].as_array().unwrap().len(), 1);
    dry_run(&sindri).succeeded();
    refused(
        &sindri.run(&["vm", "list", "--cloud", "nimbus", "--plan", "--json"]),
        "argv/verb",
    );
}

#[test]
fn a_lock_file_with_what_nobody_reads_stops_everything() {
    let sindri = project();
    install(&sindri, &["--grant-all"]).succeeded();
    let good = lock(&sindri);
    for (from, to, said) in [
        ("wasi = \"none\"", "wasi = \"all\"", "unknown variant"),
        ("wasi = \"none\"", "wasi = \"none\"\ntrusted = true", "trusted"),
        ("version = 1\n", "version = 2\n", "version"),
        ("effect = \"read\" }", "effect = \"read\", sudo = true }", "sudo"),
        ("plugin.nimbus", "plugin.\"../nimbus\"", "../nimbus"),
        ("plugin.nimbus", "plugin.aws", "plugin.aws"),
        ("plugin.nimbus", "plugin.NIMBUS", "NIMBUS"),
    ] {
        assert!(good.contains(from), "{good}");
        fs::write(sindri.work().join(LOCK), good.replace(from, to)).unwrap();
        let error = refused(&dry_run(&sindri), "plugin/lock");
        assert!(error.contains(said), "{error}");
        assert!(error.contains(LOCK), "{error}");
        let error = refused(
            &sindri.run(&["vm", "build", "--cloud", "aws", "--dry-run", "--json"]),
            "plugin/lock",
        );
        assert!(error.contains(said), "{error}");
        fs::write(sindri.work().join(LOCK), &good).unwrap();
    }
    edit_lock(&sindri, "sindri:packer@0.1.0", "sindri:packer@0.9.0");
    let later = dry_run(&sindri);
    assert_eq!(later.json()["error"]["code"], "plugin/contract", "{later}");
    assert_eq!(later.json()["error"]["remedy"], "update sindri", "{later}");
    fs::write(sindri.work().join(LOCK), &good).unwrap();
    let alias = good.replace("plugin.nimbus", "plugin.amazon");
    fs::write(sindri.work().join(LOCK), alias).unwrap();
    let alias = sindri.run(&["vm", "build", "--cloud", "amazon", "--dry-run", "--json"]);
    let error = refused(&alias, "plugin/lock");
    assert!(error.contains("another name of the plugin `aws`"), "{error}");
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

/// A policy file named by the environment.
fn policy(sindri: &mut Sindri, text: &str) {
    let path = sindri.home().join("policy.toml");
    fs::write(&path, format!("version = 1\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    sindri.set("SINDRI_POLICY_FILE", &path);
}

#[test]
fn an_organisation_can_demand_the_sandbox_of_every_program() {
    let mut sindri = project();
    sindri.fake("aws", "echo '{\"Images\": []}'");
    sindri.set("SINDRI_SANDBOX", "off");
    let list = ["vm", "list", "--cloud", "aws", "--json"];
    sindri.run(&list).succeeded();
    policy(&mut sindri, "require_sandbox = true");
    refused(&sindri.run(&list), "sandbox/required");
}

#[test]
fn an_organisation_takes_away_and_says_by_which_rule() {
    let mut sindri = project();
    let installed: Value = install(&sindri, &["--grant-all"]).succeeded().json();
    let list = ["vm", "list", "--cloud", "nimbus", "--plan", "--json"];
    let bundled = ["vm", "list", "--cloud", "aws", "--plan", "--json"];
    let check = |sindri: &Sindri, arguments: &[&str], rule: &str| {
        let run = sindri.run(arguments);
        let error = refused(&run, "policy/denied");
        assert!(error.contains("policy.toml"), "{error}");
        assert_eq!(run.json()["error"]["key"], rule, "{run}");
    };
    policy(&mut sindri, "allow_third_party = false");
    check(&sindri, &list, "allow_third_party");
    sindri.run(&bundled).succeeded();
    let again = install(&sindri, &["--grant-all"]);
    refused(&again, "policy/denied");
    let all = sindri
        .run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"])
        .json();
    assert_eq!(
        all["clouds"].as_array().unwrap().len(),
        5,
        "all means all that may be used"
    );

    policy(&mut sindri, "allow_clouds = [\"nimbus\"]");
    check(&sindri, &bundled, "allow_clouds");
    sindri.run(&list).succeeded();
    policy(&mut sindri, "allow_digests = []");
    check(&sindri, &list, "allow_digests");
    policy(&mut sindri, &format!("allow_digests = [{}]", installed["sha256"]));
    sindri.run(&list).succeeded();

    policy(&mut sindri, "deny_effects = [\"read\"]");
    check(&sindri, &list, "deny_effects");
    check(&sindri, &bundled, "deny_effects");
    policy(
        &mut sindri,
        "deny_commands = [{ tool = \"aws\", verb = [\"ec2\"] }]",
    );
    check(&sindri, &bundled, "deny_commands");
    policy(&mut sindri, "deny_builders = [\"amazon-ebs\"]");
    check(
        &sindri,
        &["vm", "build", "--cloud", "aws", "--dry-run", "--json"],
        "deny_builders",
    );
    sindri.run(&["vm", "build", "--cloud", "gcp", "--dry-run", "--plan"]);
    policy(&mut sindri, "deny_everything = true");
    refused(&sindri.run(&bundled), "policy/file");
}

#[test]
fn a_bundled_plugin_can_be_given_less() {
    let sindri = project();
    let list = ["vm", "list", "--cloud", "aws", "--plan", "--json"];
    sindri
        .run(&["plugin", "revoke", "amazon", "command aws ec2 describe-images"])
        .succeeded();
    assert!(
        lock(&sindri).contains("[bundled.aws.withheld]"),
        "{}",
        lock(&sindri)
    );
    let error = refused(&sindri.run(&list), "argv/verb");
    assert!(
        error.contains("sindri plugin grant aws 'command aws ec2 describe-images'"),
        "{error}"
    );
    sindri.run(&["plugin", "grant", "aws", "--all"]).succeeded();
    sindri.run(&list).succeeded();
    assert!(!lock(&sindri).contains("bundled."), "{}", lock(&sindri));
    let remove = sindri.run(&["plugin", "remove", "aws", "--json"]);
    assert_eq!(remove.json()["error"]["code"], "plugin/unknown");
}

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

#[test]
fn the_doctor_runs_no_program_that_a_plugin_was_not_granted() {
    let mut sindri = project();
    // The sandbox would keep the program from leaving a trace.
    sindri.set("SINDRI_SANDBOX", "off");
    let canary = sindri.home().join("canary");
    sindri.fake(
        "aws",
        &format!("echo ran >> {}; echo aws-cli/2.0.0", canary.display()),
    );
    install(&sindri, &[]).succeeded();
    sindri.run(&["vm", "doctor", "--cloud", "nimbus", "--json"]);
    assert!(!canary.exists(), "not even for its version");
    sindri
        .run(&["plugin", "grant", "nimbus", "command aws sts get-caller-identity"])
        .succeeded();
    sindri.run(&["vm", "doctor", "--cloud", "nimbus", "--json"]);
    assert!(canary.exists());
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

#[test]
fn the_lock_file_lies_beside_the_configuration_and_the_component_need_not() {
    let sindri = project();
    let (work, home) = (sindri.work(), sindri.home());
    fs::create_dir(work.join("images")).unwrap();
    fs::write(work.join("images/sindri.yaml"), CONFIGURATION).unwrap();
    fs::rename(work.join("nimbus.wasm"), home.join("nimbus.wasm")).unwrap();
    let file = home.join("nimbus.wasm");
    let installed = sindri
        .run(&[
            "--config",
            "images/sindri.yaml",
            "plugin",
            "install",
            file.to_str().unwrap(),
            "--name",
            "nimbus",
            "--grant-all",
            "--json",
        ])
        .succeeded()
        .json();
    assert_eq!(
        installed["source"], "nimbus.wasm",
        "no path of this machine is committed"
    );
    let text = fs::read_to_string(work.join("images").join(LOCK)).unwrap();
    assert!(!text.contains(home.to_str().unwrap()), "{text}");
    sindri
        .run(&[
            "-c",
            "images/sindri.yaml",
            "vm",
            "build",
            "--cloud",
            "nimbus",
            "--dry-run",
        ])
        .succeeded();
    assert_eq!(
        dry_run(&sindri).code(),
        Some(2),
        "the other directory has no such plugin"
    );
}
