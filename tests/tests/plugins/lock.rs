//! The lock file and what it is bound to.

use super::*;

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
