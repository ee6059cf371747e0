use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::contract::Effect;
use crate::error::Code;
use crate::files;
use crate::journal::Finish;
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Invocation, Overflow};
use crate::runner::sandbox::Sandbox;

fn audit(directory: &Path, name: &str) -> Result<Audit> {
    let environment = Environment::of(directory, [(VARIABLE, name)]);
    Audit::open(
        &environment,
        None,
        "vm build",
        Redactor::new(["wJalrXUtnFEMIK7MDENG"]),
    )
}

fn lines(path: &Path) -> Vec<Line> {
    let text = files::read_text(path, 1 << 24).unwrap();
    assert!(text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn plugin() -> PluginIdentity {
    PluginIdentity {
        id: "aws".into(),
        sha256: "0".repeat(64),
        origin: "bundled".into(),
    }
}

/// One of every kind.
fn facts() -> Vec<Fact> {
    vec![
        Fact::RunBegan {
            plugin: plugin(),
            host_version: "0.1.0".into(),
            pid: 1,
        },
        Fact::TemplateAllowed {
            plugin: plugin(),
            builder: "amazon-ebs".into(),
            image_name: "sindri-1".into(),
            template_sha256: "1".repeat(64),
            files: vec![FileDigest {
                path: "scripts/a.sh".into(),
                sha256: "2".repeat(64),
            }],
            packer_plugins: vec!["github.com/hashicorp/amazon >= 1".into()],
            secret_variables: vec!["env_TOKEN".into()],
            added: vec![Addition {
                place: "source.ssh_agent_auth".into(),
                value: "false".into(),
            }],
        },
        Fact::TemplateRefused {
            plugin: plugin(),
            code: "template/block".into(),
            message: "\u{1b}[2J##[x]\u{202e}".into(),
            findings: vec!["line 1".into()],
        },
        Fact::CommandAllowed {
            step: "a".into(),
            purpose: "Look".into(),
            argv: vec!["aws".into(), "ec2".into()],
            grant: Grant {
                tool: "aws".into(),
                verb: vec!["ec2".into()],
                flags: vec!["filters".into()],
                effect: Effect::Create,
            },
        },
        Fact::CommandRefused {
            code: "argv/flag".into(),
            message: "no".into(),
            details: vec!["step `a`".into()],
            steps: vec![RefusedStep {
                step: "a".into(),
                tool: "aws".into(),
                verb: vec!["ec2".into()],
                flags: vec!["cli-input-json".into()],
            }],
        },
        Fact::ProgramStarted {
            number: 1,
            program: "/usr/bin/aws".into(),
            arguments: vec!["ec2".into()],
            environment: vec!["HOME".into()],
            directory: "/".into(),
            timeout_seconds: 60,
        },
        Fact::ProgramEnded {
            number: 1,
            how: How::Signalled,
            status: Some(9),
            code: None,
            milliseconds: 5,
            stdout_sha256: Some("3".repeat(64)),
            stderr_sha256: None,
            truncated: true,
        },
        Fact::RunEnded {
            finish: Finish::Unclean,
            code: Some("packer/build".into()),
        },
    ]
}

#[test]
fn every_kind_of_line_is_read_back_strictly_and_acts_on_no_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let log = audit(directory.path(), "audit.jsonl")
        .unwrap()
        .log(Some("aws"))
        .unwrap();
    for fact in facts() {
        log.attest(|| fact).unwrap();
    }
    let path = directory.path().join("audit.jsonl");
    let read = lines(&path);
    assert_eq!(
        read.iter().map(|line| line.fact.clone()).collect::<Vec<_>>(),
        facts()
    );
    assert!(
        read.iter()
            .all(|line| line.schema == SCHEMA && line.command == "vm build")
    );
    assert!(
        read.iter()
            .all(|line| line.run == read[0].run && line.run.len() == 12)
    );
    let text = files::read_text(&path, 1 << 20).unwrap();
    assert!(!text.contains("##[") && !text.chars().any(|c| c.is_control() && c != '\n'));
    let widened = text.lines().next().unwrap().replacen('{', "{\"more\":1,", 1);
    assert!(serde_json::from_str::<Line>(&widened).is_err());
}

#[test]
fn only_a_plain_file_that_nobody_else_may_write_to_is_a_log() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    files::write_new_private(&at("target"), b"").unwrap();
    files::link(&at("target"), &at("link")).unwrap();
    files::create_private_directory(&at("directory")).unwrap();
    nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    files::write_new_private(&at("shared"), b"").unwrap();
    std::fs::set_permissions(at("shared"), std::fs::Permissions::from_mode(0o620)).unwrap();
    for name in [
        "link",
        "directory",
        "pipe",
        "shared",
        "missing/audit.jsonl",
        "/dev/full",
        "/dev/stderr",
    ] {
        let error = audit(directory.path(), name)
            .err()
            .unwrap_or_else(|| panic!("{name}"));
        assert_eq!(error.code(), Code::AuditLog, "{name}");
    }
    audit(directory.path(), "new").unwrap();
    let mode = std::fs::metadata(at("new")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn lines_of_several_processes_do_not_mix() {
    let directory = tempfile::tempdir().unwrap();
    let long = "x".repeat(20_000);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            // An open file each, as processes have.
            let audit = audit(directory.path(), "audit.jsonl").unwrap();
            let long = &long;
            scope.spawn(move || {
                let log = audit.log(None).unwrap();
                for _ in 0..25 {
                    log.attest(|| Fact::TemplateRefused {
                        plugin: plugin(),
                        code: "x".into(),
                        message: long.clone(),
                        findings: Vec::new(),
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(lines(&directory.path().join("audit.jsonl")).len(), 200);
}

fn invocation(log: Log, script: &str, directory: &Path) -> Invocation {
    Invocation {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        env: vec![
            ("TOKEN".into(), "wJalrXUtnFEMIK7MDENG".into()),
            ("A".into(), "b".into()),
        ],
        cwd: directory.into(),
        timeout: Duration::from_secs(20),
        output_cap: 1 << 20,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(5),
        ending: Ending::Abandon,
        log,
        sandbox: Sandbox::Off,
    }
}

#[tokio::test]
async fn a_program_is_announced_with_masked_arguments_and_the_names_of_its_variables() {
    let directory = tempfile::tempdir().unwrap();
    let log = audit(directory.path(), "audit.jsonl").unwrap().log(None).unwrap();
    let script = "echo wJalrXUtnFEMIK7MDENG; exit 3";
    process::run(
        &invocation(log.clone(), script, directory.path()),
        &Cancel::new(),
        None,
    )
    .await
    .unwrap();
    let secret = log.for_secret_output(true);
    process::run(
        &invocation(secret, "true", directory.path()),
        &Cancel::new(),
        None,
    )
    .await
    .unwrap();
    let path = directory.path().join("audit.jsonl");
    assert!(!files::read_text(&path, 1 << 20).unwrap().contains("wJalr"));
    let facts: Vec<_> = lines(&path).into_iter().map(|line| line.fact).collect();
    assert_eq!(
        facts[0],
        Fact::ProgramStarted {
            number: 1,
            program: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".into(), "echo ***; exit 3".into()],
            environment: vec!["A".into(), "TOKEN".into()],
            directory: directory.path().into(),
            timeout_seconds: 20,
        }
    );
    assert!(matches!(
        &facts[1],
        Fact::ProgramEnded {
            number: 1,
            how: How::Exited,
            status: Some(3),
            stdout_sha256: Some(_),
            ..
        }
    ));
    assert!(matches!(
        &facts[3],
        Fact::ProgramEnded {
            number: 2,
            stdout_sha256: None,
            ..
        }
    ));
}

#[tokio::test]
async fn without_a_log_that_can_be_written_nothing_is_started() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    files::write_new_private(&path, b"").unwrap();
    let log = Log::new(
        Some(Arc::new(AuditFile::read_only(&path))),
        None,
        log::Head {
            run: "r".into(),
            command: "vm build".into(),
            cloud: None,
        },
        Redactor::default(),
    );
    let error = process::run(
        &invocation(log, "touch started", directory.path()),
        &Cancel::new(),
        None,
    )
    .await
    .unwrap_err();
    assert_eq!(error.code(), Code::AuditLog);
    assert!(!directory.path().join("started").exists());
}
