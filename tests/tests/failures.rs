//! Tools that misbehave: each is one JSON document with a stable code, and nothing stays behind.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use sindri_tests::lab::{Moto, Packer, Run, Sindri};

const LIST: &[&str] = &["vm", "list", "--json"];
const BUILD: &[&str] = &["vm", "build", "--json"];
const DEPLOY: &[&str] = &[
    "vm",
    "deploy",
    "ami-0aaaaaaaaaaaaaa01",
    "--ssh-cidr",
    "203.0.113.7/32",
    "--json",
];

#[track_caller]
fn assert_fails(run: &Run, exit: i32, code: &str) {
    assert_eq!(run.failure(), (exit, code.to_owned()), "{run}");
}

/// Nothing in the account, and no run that would say so.
#[track_caller]
fn assert_nothing_left(moto: &Moto, sindri: &Sindri, run: &Run) {
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
    assert_eq!(sindri.interrupted(), [""; 0], "{run}");
}

/// The program with an `aws` that does this, and no cloud at all.
fn with_aws(script: &str) -> Sindri {
    let mut sindri = Sindri::new();
    sindri
        .configure("providers: {packer: {cloud: aws}}\n")
        .fake_aws(script);
    sindri
}

#[test]
fn a_cli_that_prints_garbage() {
    for script in [
        "echo '<html>Sign in to the hotel network</html>'",
        "printf '{\"Images\": ['",
        "printf '\\xff\\xfe\\x00'",
        "echo '{\"Images\": {\"no\": \"list\"}}'",
        "echo '[[[[[[[[[[[[[[[['",
        ":",
    ] {
        let run = with_aws(script).run(LIST);
        assert_fails(&run, 1, "plugin/problem");
    }
}

#[test]
fn a_cli_that_is_killed() {
    let run = with_aws("kill -9 $$").run(LIST);
    assert_fails(&run, 1, "tool/failed");
    assert!(
        run.json()["error"]["message"]
            .to_string()
            .contains("killed by signal 9")
    );
}

#[test]
fn a_cli_that_fills_its_output() {
    let run = with_aws("exec yes '{\"Images\": []}'").run(LIST);
    assert_fails(&run, 1, "tool/output");
    let run = with_aws("yes 'An error occurred' | head -c 100000000 >&2; exit 254").run(LIST);
    assert_ne!(run.failure().0, 0, "{run}");
    assert!(run.stdout.len() < 100_000, "the flood reached the user");
}

#[test]
fn a_cli_that_hangs_ends_with_ctrl_c() {
    // Not exec: a shim that waits for the real tool, both of which ignore a polite request.
    let sindri = with_aws("trap '' TERM INT; echo $$ >\"$TMPDIR/../../pid\"; sleep 1000");
    let mut running = sindri.start(LIST);
    running.wait_until(|| sindri.count("command-started") == 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.interrupt();
    let began = std::time::Instant::now();
    let run = running.wait();
    assert_fails(&run, 130, "run/interrupted");
    assert!(began.elapsed() < std::time::Duration::from_secs(15), "{run}");
}

#[test]
fn a_cli_without_credentials() {
    for (stderr, exit) in [
        (
            "An error occurred (AuthFailure) when calling the DescribeImages operation: no",
            254,
        ),
        ("Unable to locate credentials. You can configure credentials", 253),
        (
            "An error occurred (ExpiredToken) when calling the DescribeImages operation: no",
            255,
        ),
    ] {
        let run = with_aws(&format!("echo '{stderr}' >&2; exit {exit}")).run(LIST);
        assert_fails(&run, 4, "credentials/refused");
        assert!(run.json()["error"]["remedy"].is_string(), "{run}");
    }
}

/// What a tool prints must not steer the user's terminal or a CI system.
#[test]
fn a_cli_whose_messages_are_commands_for_terminals() {
    let run =
        with_aws("printf '\\033]0;owned\\007\\033[2J\\n::set-output name=x::y\\n' >&2; exit 254").run(LIST);
    assert_fails(&run, 1, "tool/failed");
    assert!(
        !run.stderr.contains('\u{1b}') && !run.stdout.contains('\u{1b}'),
        "{run}"
    );
    let command = |text: &str| text.lines().any(|line| line.starts_with("::set-output"));
    assert!(!command(&run.stderr) && !command(&run.stdout), "{run}");
}

/// The account after a deployment whose `run-instances` misbehaves.
fn deploy_with(script: &str, exit: i32, code: &str) {
    let moto = Moto::start();
    let mut sindri = Sindri::on(&moto, &[]);
    sindri.aws_except("run-instances", script);
    let run = sindri.run(DEPLOY);
    assert_fails(&run, exit, code);
    assert_nothing_left(&moto, &sindri, &run);
    assert!(sindri.count("command-started") > 3, "nothing was made: {run}");
}

#[test]
fn a_deployment_that_the_cloud_refuses_leaves_no_key_and_no_group() {
    deploy_with(
        "echo 'An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation: full' >&2; exit 254",
        1,
        "tool/failed",
    );
}

#[test]
fn an_instance_whose_id_got_lost_is_removed() {
    deploy_with(
        "\"${real[@]}\" >/dev/null; echo oops; exit 0",
        1,
        "plugin/problem",
    );
}

#[test]
fn an_instance_whose_cli_was_killed_is_removed() {
    deploy_with("\"${real[@]}\" >/dev/null; kill -9 $$", 1, "tool/failed");
}

/// The program with the real `aws` and this `packer` in front of the real one.
fn with_packer(moto: &Moto, put: impl FnOnce(&mut Sindri)) -> Sindri {
    let mut sindri = Packer::Debian.sindri(moto, &["communicator: none"]);
    put(&mut sindri);
    sindri
}

#[test]
fn a_packer_that_is_too_old_or_another_program() {
    let moto = Moto::start();
    let mut sindri = Sindri::on(&moto, &[]);
    let only = sindri.home().join("fakes/packer");
    sindri.fake_packer("1.2.0", "exit 1");
    sindri.path(&only, true);
    let run = sindri.run(BUILD);
    assert_fails(&run, 4, "tool/version");
    assert!(
        run.json()["error"]["message"].to_string().contains("1.6.6"),
        "{run}"
    );

    // cracklib's: it packs words from standard input.
    sindri.fake("packer", "read -r _; echo '0 0'");
    sindri.path(&only, true);
    assert_fails(&sindri.run(BUILD), 4, "tool/version");
    assert_eq!(moto.instances(), [""; 0]);

    // With the real one behind it on the PATH, that one is meant.
    let sindri = with_packer(&moto, |sindri| {
        sindri.fake("packer", "read -r _; echo '0 0'");
    });
    let built = sindri.run(BUILD).succeeded().json();
    let image = built["image_id"].as_str().unwrap();
    let deleted = sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_nothing_left(&moto, &sindri, &deleted);
}

#[test]
fn a_packer_that_fails_is_quoted() {
    let moto = Moto::start();
    let script = "echo '1700000000,,ui,error,==> it went wrong%!(PACKER_COMMA) badly'; exit 1";
    let sindri = with_packer(&moto, |sindri| {
        sindri.fake_packer("1.11.2", script);
    });
    let run = sindri.run(BUILD);
    assert_fails(&run, 1, "packer/build");
    assert!(
        run.json()["error"]["details"]
            .to_string()
            .contains("it went wrong, badly"),
        "{run}"
    );
    assert_nothing_left(&moto, &sindri, &run);
}

#[test]
fn a_packer_that_finds_the_template_wrong_is_quoted_by_validate() {
    let moto = Moto::start();
    let script = "case $1 in --version) echo Packer v1.11.2 ;; validate) echo 'Error: no such thing' >&2; exit 1 ;; esac";
    let sindri = with_packer(&moto, |sindri| {
        sindri.fake("packer", script);
    });
    let run = sindri.run(&["vm", "validate", "--json"]);
    assert_fails(&run, 1, "packer/validate");
    let details = run.json()["error"]["details"].to_string();
    assert!(details.contains("no such thing"), "{run}");
    assert_nothing_left(&moto, &sindri, &run);
}

/// An image that nobody can name is an orphan: it is removed again, and never guessed.
#[test]
fn a_build_without_a_usable_manifest_is_taken_back() {
    for spoil in [
        "rm manifest.json",
        "echo '{' >manifest.json",
        "echo '{}' >manifest.json",
    ] {
        let moto = Moto::start();
        let sindri = with_packer(&moto, |sindri| {
            sindri.packer_except_build(&format!("\"${{real[@]}}\"; {spoil}; exit 0"));
        });
        let run = sindri.run(BUILD);
        assert_fails(&run, 1, "packer/artifact");
        assert_eq!(moto.instances().len(), 1, "Packer did build");
        assert_nothing_left(&moto, &sindri, &run);
    }
}

/// The image is there, and then the CLI breaks: better no image than one that nobody knows of.
#[test]
fn a_packer_that_dies_after_the_image_was_made_leaves_nothing() {
    let moto = Moto::start();
    let sindri = with_packer(&moto, |sindri| {
        sindri.packer_except_build("\"${real[@]}\"; kill -9 $$");
    });
    let run = sindri.run(BUILD);
    assert_fails(&run, 1, "packer/build");
    assert_nothing_left(&moto, &sindri, &run);
}
