//! What a program that Sindri starts can do to the machine: fakes that attack, then every way of logging in with the
//! real AWS CLI, all with the sandbox that is on by default.
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

use sindri_tests::lab::{Moto, Sindri, tool};

const LIST: &[&str] = &["vm", "list", "--json"];
const CANARY: &str = "canary-5b1d";

/// Secrets beside the tool's own: of the user, of other clouds, of the project, of an earlier run.
const SECRETS: &[&str] = &[
    "home/.ssh/id_ed25519",
    "home/.azure/msal_token_cache.json",
    "home/.config/gcloud/credentials.db",
    "home/.docker/config.json",
    "home/.aws/cli/alias",
    "home/notes.txt",
    "work/.env",
    "state/runs/earlier/journal.jsonl",
];

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn root(sindri: &Sindri) -> PathBuf {
    sindri.home().parent().unwrap().to_path_buf()
}

/// A user with secrets everywhere and a login of this cloud.
fn victim() -> Sindri {
    let mut sindri = Sindri::new();
    sindri.configure("providers: {packer: {cloud: aws}}\n");
    plant(&mut sindri);
    sindri
}

fn plant(sindri: &mut Sindri) {
    for path in SECRETS {
        put(&root(sindri).join(path), CANARY);
    }
    put(
        &sindri.home().join(".aws/config"),
        "[default]\nregion = us-west-2\n",
    );
    put(&sindri.home().join(".aws/sso/cache/token.json"), "{}");
    sindri.set("GITHUB_TOKEN", CANARY);
}

/// Bash that says `read PATH` or `wrote PATH` on standard error for whatever it could do.
fn attack(sindri: &Sindri) -> String {
    let root = root(sindri);
    let read: Vec<_> = SECRETS
        .iter()
        .map(|path| root.join(path).display().to_string())
        .chain([
            "/etc/shadow".into(),
            "/proc/$PPID/environ".into(),
            "/proc/1/environ".into(),
        ])
        .collect();
    let write: Vec<_> = [
        "home/.bashrc",
        "home/.ssh/authorized_keys",
        "home/.aws/config",
        "work/Makefile",
    ]
    .iter()
    .map(|path| root.join(path).display().to_string())
    .chain([
        "/tmp/sindri-test-intruder".into(),
        "/etc/sindri-test-intruder".into(),
    ])
    .collect();
    format!(
        "for f in {}; do if t=$(cat \"$f\" 2>/dev/null) && [ -n \"$t\" ]; then echo \"read $f\" >&2; fi; done\n\
         for f in {}; do if (echo x >>\"$f\") 2>/dev/null; then echo \"wrote $f\" >&2; fi; done\n\
         env | grep -q {CANARY} && echo 'read the environment' >&2\n\
         ls {} >/dev/null 2>&1 && echo 'listed the runs' >&2\n\
         kill -0 $PPID 2>/dev/null && echo 'may signal its parent' >&2\n\
         cat $HOME/.aws/sso/cache/token.json >/dev/null || echo 'cannot read its own login' >&2\n\
         echo x >$TMPDIR/x && echo x >x || echo 'cannot work' >&2\n\
         exit 254",
        read.join(" "),
        write.join(" "),
        root.join("state/runs").display(),
    )
}

/// What the attack achieved.
fn loot(stderr: &str) -> Vec<&str> {
    let achieved = ["read ", "wrote ", "listed ", "may ", "cannot "];
    let lines = stderr.lines().map(str::trim);
    lines
        .filter(|line| achieved.iter().any(|start| line.starts_with(start)))
        .collect()
}

#[test]
fn a_hostile_cli_reads_no_secret_changes_nothing_and_still_has_its_own_login() {
    let mut sindri = victim();
    let script = attack(&sindri);
    sindri.fake_aws(&script);
    let run = sindri.run(LIST);
    assert_eq!(run.failure(), (1, "tool/failed".to_owned()), "{run}");
    assert_eq!(loot(&run.stderr), [""; 0], "{run}");
    for path in SECRETS {
        assert_eq!(
            fs::read_to_string(root(&sindri).join(path)).unwrap(),
            CANARY,
            "{path}"
        );
    }

    // The same attack succeeds without: it is the sandbox that stopped it, and the user is told.
    sindri.set("SINDRI_SANDBOX", "off");
    let run = sindri.run(LIST);
    assert!(loot(&run.stderr).len() > SECRETS.len(), "{run}");
    assert!(run.stderr.contains("without the sandbox"), "{run}");
    for intruder in ["/tmp/sindri-test-intruder", "/etc/sindri-test-intruder"] {
        let _ = fs::remove_file(intruder);
    }
}

/// Packer, or one of its plugins, which are of the same sandbox.
#[test]
fn a_hostile_packer_reads_no_secret_and_changes_nothing() {
    let moto = Moto::start();
    let mut sindri = Sindri::on(&moto, &["communicator: none"]);
    plant(&mut sindri);
    sindri.path(tool("SINDRI_TEST_AWS").parent().unwrap(), false);
    let script = attack(&sindri);
    sindri.fake_packer("1.6.6", &script);
    let run = sindri.run(&["vm", "build", "--json"]);
    assert_eq!(run.failure(), (1, "packer/build".to_owned()), "{run}");
    assert_eq!(loot(&run.stderr), [""; 0], "{run}");
    for path in SECRETS {
        assert_eq!(
            fs::read_to_string(root(&sindri).join(path)).unwrap(),
            CANARY,
            "{path}"
        );
    }
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
}

/// A program is asked for its version before anything is known of it. Then it has not even its own cloud's files.
#[test]
fn a_hostile_program_that_is_only_asked_for_its_version_gets_nothing() {
    let mut sindri = victim();
    let config = sindri.home().join(".aws/config");
    let probe = format!(
        "if [ \"$1\" = --version ]; then (cat {0} || echo x >>{0} || ls $HOME/.aws) >/dev/null 2>&1 && echo 9.9.9; echo 2.15.30; fi",
        config.display(),
    );
    sindri.fake("aws", &probe).fake("packer", &probe);
    let doctor = sindri.run(&["vm", "doctor", "--cloud", "aws", "--json"]);
    let report = doctor.json()[0].clone();
    assert_eq!(report["cli_version"], "2.15.30", "{doctor}");
    assert_eq!(report["packer_version"], "2.15.30", "{doctor}");
    assert!(
        report["sandbox"].as_str().unwrap().starts_with("landlock abi "),
        "{doctor}"
    );
    assert_eq!(
        fs::read_to_string(config).unwrap(),
        "[default]\nregion = us-west-2\n"
    );
    let text = sindri.run(&["vm", "doctor", "--cloud", "aws"]);
    assert!(text.stdout.contains("landlock abi "), "{text}");
}

#[test]
fn nothing_but_a_clear_word_switches_the_sandbox_off() {
    let mut sindri = victim();
    let touched = sindri.home().join("touched");
    sindri.fake_aws(&format!("touch {}; echo '{{\"Images\": []}}'", touched.display()));
    for (value, yaml, expected) in [
        ("maybe", "", (2, "config/value")),
        ("off", "    sandbox: {required: true}\n", (3, "sandbox/required")),
    ] {
        sindri
            .set("SINDRI_SANDBOX", value)
            .configure(&format!("providers:\n  packer:\n    cloud: aws\n{yaml}"));
        let run = sindri.run(LIST);
        assert_eq!(run.failure(), (expected.0, expected.1.to_owned()), "{run}");
        assert!(!touched.exists(), "{run}");
    }
    // The configuration often comes from a repository, so it cannot do that at all.
    sindri
        .set("SINDRI_SANDBOX", "")
        .configure("providers:\n  packer:\n    cloud: aws\n    sandbox: off\n");
    assert_eq!(sindri.run(LIST).code(), Some(2));
    sindri.configure("providers:\n  packer:\n    cloud: aws\n    sandbox: {required: true}\n");
    sindri.run(LIST).succeeded();
    assert!(!touched.exists());
}

/// A tool in an odd place: the user names what belongs to it.
#[test]
fn the_configuration_adds_what_an_odd_installation_needs() {
    let mut sindri = victim();
    let data = root(&sindri).join("shared/data");
    put(&data, "x");
    sindri.fake_aws(&format!(
        "cat {} >&2 && echo '{{\"Images\": []}}'",
        data.display()
    ));
    let run = sindri.run(LIST);
    assert_eq!(run.failure(), (1, "tool/failed".to_owned()));
    let remedy = run.json()["error"]["remedy"].to_string();
    assert!(remedy.contains("sandbox.read"), "{run}");
    sindri.configure("providers:\n  packer:\n    cloud: aws\n    sandbox: {read: [../shared]}\n");
    sindri.run(LIST).succeeded();
}

/// The real AWS CLI against a local EC2, logged in through files of the user only.
#[test]
fn every_way_of_logging_in_to_aws_works_in_the_sandbox() {
    let moto = Moto::start();
    let mut sindri = Sindri::on(&moto, &[]);
    sindri
        .path(tool("SINDRI_TEST_AWS").parent().unwrap(), false)
        .set("AWS_ACCESS_KEY_ID", "")
        .set("AWS_SECRET_ACCESS_KEY", "");
    let root = root(&sindri);
    let config = sindri.home().join(".aws/config");

    assert_eq!(sindri.run(LIST).failure(), (4, "credentials/refused".to_owned()));

    put(
        &sindri.home().join(".aws/credentials"),
        "[default]\naws_access_key_id = a\naws_secret_access_key = b\n",
    );
    sindri.run(LIST).succeeded();
    fs::remove_file(sindri.home().join(".aws/credentials")).unwrap();

    put(
        &config,
        "[profile work]\naws_access_key_id = a\naws_secret_access_key = b\n",
    );
    sindri.set("AWS_PROFILE", "work");
    sindri.run(LIST).succeeded();

    // A program of the user's that prints keys, with a key file of its own.
    let helper = root.join("helper/login");
    let key = root.join("keys/id.pem");
    put(&key, "k");
    put(
        &helper,
        "#!/bin/bash\n[ \"$(cat \"$2\")\" = k ] && echo '{\"Version\": 1, \"AccessKeyId\": \"a\", \"SecretAccessKey\": \"b\"}'\n",
    );
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    put(
        &config,
        &format!(
            "[profile work]\ncredential_process = {} --key {}\n",
            helper.display(),
            key.display()
        ),
    );
    sindri.run(LIST).succeeded();

    // A token of the CI system, once named by the configuration and once by variables.
    let token = root.join("ci/token");
    put(&token, "a-token");
    put(
        &config,
        &format!(
            "[profile work]\nrole_arn = arn:aws:iam::123456789012:role/ci\nweb_identity_token_file = {}\n",
            token.display()
        ),
    );
    sindri.run(LIST).succeeded();
    fs::remove_file(&config).unwrap();
    sindri
        .set("AWS_PROFILE", "")
        .set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", &token);
    sindri.run(LIST).succeeded();

    // A bundle of an own certificate authority is read, or else this would fail before the first request.
    sindri.set("AWS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt");
    sindri.run(LIST).succeeded();
}
