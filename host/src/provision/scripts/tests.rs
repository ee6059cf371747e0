use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::provision::{ReleaseArchive, UserFile};

const DOWNLOAD: Release<'_> = Release::Download {
    base_url: "https://example.org/d/",
};

/// Standard output of a script that real bash reads.
fn bash(script: &str) -> Vec<u8> {
    let output = Command::new("bash").args(["-c", script]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Fails unless shellcheck has nothing to say, or is not installed (then bash only parses).
fn assert_clean(script: &str) {
    check(script, "style");
}

/// The same where hostile values stand in the script: shellcheck's hints about `$` in single quotes
/// are then about the very thing that is wanted.
fn assert_parses(script: &str) {
    check(script, "warning");
}

fn check(script: &str, severity: &str) {
    let parsed = run("bash", &["-n"], script).unwrap();
    assert!(parsed.0, "{}\n{script}", parsed.1);
    let severity = format!("--severity={severity}");
    if let Some((clean, said)) = run("shellcheck", &["--shell=bash", &severity, "-"], script) {
        assert!(clean, "{said}\n{script}");
    }
}

fn run(program: &str, arguments: &[&str], input: &str) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some((
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

fn render(template: &str, value: &impl Serialize) -> String {
    let mut scripts = Scripts::new().unwrap();
    scripts.0.add_raw_template("test.sh", template).unwrap();
    let mut context = Context::new();
    context.insert("value", value);
    scripts.render("test.sh", &context).unwrap()
}

#[test]
fn a_value_that_a_template_forgot_to_quote_is_quoted_all_the_same() {
    assert_eq!(
        render("echo {{ value }}", &"$(id) 'x'"),
        r"echo '$(id) '\''x'\'''"
    );
    assert_eq!(render("echo {{ value | sh }}", &"a b"), "echo 'a b'");
}

#[test]
fn nul_is_refused_because_the_shell_would_drop_it() {
    let mut scripts = Scripts::new().unwrap();
    for template in ["{{ value }}", "{{ value | sh }}"] {
        scripts.0.add_raw_template("test.sh", template).unwrap();
        let mut context = Context::new();
        context.insert("value", "a\0b");
        assert!(scripts.render("test.sh", &context).is_err());
    }
}

#[test]
fn every_rendered_script_is_clean_under_shellcheck() {
    let scripts = Scripts::new().unwrap();
    for ansible in [false, true] {
        assert_clean(&scripts.init(Docker::Distribution, ansible, false).unwrap());
    }
    let repository = Docker::Repository {
        url: "https://example.org/linux",
        key: crate::provision::DOCKER_KEY,
    };
    assert_clean(&scripts.init(repository, false, true).unwrap());
    assert_clean(&scripts.ansible_environment(&["A", "B"]).unwrap());
    for stream in [None, Some("/tmp/x/ds.xml")] {
        assert_clean(&scripts.openscap("cis_level1_server", stream).unwrap());
        assert_clean(&scripts.openscap_score(70, stream).unwrap());
    }
    let hostile = "a'; touch /tmp/owned; '$(id)`id`\n\"\\".to_owned();
    for (profile, extensions) in [(None, vec![]), (Some("base"), vec!["docker".to_owned()])] {
        assert_clean(
            &scripts
                .install_sindri(&DOWNLOAD, "3.1.0", profile, &extensions)
                .unwrap(),
        );
        let archives = [ReleaseArchive {
            arch: "x86_64",
            file: UserFile {
                name: "a.tar.gz".to_owned(),
                content: vec![0xff],
            },
        }];
        let uploaded = Release::Uploaded { archives: &archives };
        assert_clean(
            &scripts
                .install_sindri(&uploaded, "3.1.0", profile, &extensions)
                .unwrap(),
        );
    }
    let list = std::slice::from_ref(&hostile);
    assert_parses(
        &scripts
            .install_sindri(
                &Release::Download { base_url: &hostile },
                &hostile,
                Some(&hostile),
                list,
            )
            .unwrap(),
    );
    let placement = Placement {
        source: hostile.clone(),
        destination: format!("/opt/{hostile}"),
    };
    assert_parses(&scripts.files("/tmp/x", &[placement], list).unwrap());
    let placement = Placement {
        source: "0/a".to_owned(),
        destination: "/opt/a".to_owned(),
    };
    assert_clean(
        &scripts
            .files("/tmp/x", &[placement], &["/opt/b".to_owned()])
            .unwrap(),
    );
    assert_clean(&scripts.harden().unwrap());
    for (data, keys) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_clean(&scripts.clean(data, keys, &["TOKEN"]).unwrap());
    }
}

#[test]
fn every_script_stops_at_the_first_failure_and_refuses_to_run_without_root() {
    let scripts = Scripts::new().unwrap();
    for script in [
        scripts.init(Docker::Distribution, false, false).unwrap(),
        scripts.files("/tmp/x", &[], &[]).unwrap(),
        scripts.install_sindri(&DOWNLOAD, "latest", None, &[]).unwrap(),
        scripts.harden().unwrap(),
        scripts.clean(true, true, &[]).unwrap(),
    ] {
        assert!(script.starts_with("#!/usr/bin/env bash\n"));
        assert!(script.contains("\nset -Eeuo pipefail\n") && script.contains("id -u"));
    }
}

#[test]
fn switches_of_the_clean_up_have_an_effect() {
    let scripts = Scripts::new().unwrap();
    let nothing = scripts.clean(false, false, &[]).unwrap();
    assert!(!nothing.contains("${credentials[@]}") && !nothing.contains("rm -f /etc/ssh/ssh_host_"));
    assert!(
        scripts
            .clean(true, false, &[])
            .unwrap()
            .contains("${credentials[@]}")
    );
    let keys = scripts.clean(false, true, &[]).unwrap();
    assert!(keys.contains("ssh_host_") && !keys.contains("dpkg-reconfigure openssh"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_bash_as_exactly_one_word(texts in prop::collection::vec("[^\0]{0,40}|['\"\\\\$`!\n\r\t ;&|*?{}%#~-]{0,20}", 1..6)) {
        let script = format!("printf '%s\\0' {}", render("{{ value | sh }}", &texts));
        let words: Vec<_> = texts.iter().map(|text| [text.as_bytes(), b"\0"].concat()).collect();
        prop_assert_eq!(bash(&script), words.concat());
    }
}
