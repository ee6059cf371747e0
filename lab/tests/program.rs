//! The program `sindri-lab`.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod client;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn it_prints_the_environment_and_runs_until_it_is_interrupted() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("it's a lab");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sindri-lab"))
        .arg("--dir")
        .arg(&directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first
        .strip_prefix("export HTTPS_PROXY='http://")
        .unwrap()
        .trim_end_matches('\'');
    let bundle = lines.find_map(|line| {
        line.unwrap()
            .strip_prefix("export SSL_CERT_FILE=")
            .map(str::to_owned)
    });
    assert_eq!(
        bundle.unwrap(),
        format!("'{}/ca.pem'", directory.display()).replace("it's", r"it'\''s")
    );
    let told = client::raw(
        address.parse().unwrap(),
        "GET /lab/violations HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(told, Some((200, "[]".to_owned())));
    let pid = child.id().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn wrong_arguments_are_named() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_sindri-lab"))
            .args(arguments)
            .output()
            .unwrap()
    };
    for (arguments, text) in [
        (&["--what"][..], "unknown argument --what"),
        (&[], "--dir is missing"),
        (&["--dir"], "--dir wants a value"),
        (&["--dir", "x", "--port", "99999"], "--port wants a number"),
    ] {
        let output = run(arguments);
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains(text), "{text}");
    }
    assert!(run(&["--help"]).status.success());
}
