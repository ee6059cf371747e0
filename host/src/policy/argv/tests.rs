#[path = "tests/grants.rs"]
mod grants;
#[path = "tests/values.rs"]
mod values;

use super::super::tools;
use super::*;
use crate::contract::Tolerance;

const FLAGS: &[&str] = &[
    "owners",
    "filters",
    "image-ids",
    "query",
    "public-key-material",
    "key-name",
    "description",
    "user-data",
];

fn grant(verb: &[&str], flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: "aws".into(),
        verb: verb.iter().map(|word| (*word).into()).collect(),
        flags: flags.iter().map(|flag| (*flag).into()).collect(),
        effect,
    }
}

fn grants() -> Vec<CommandRequest> {
    vec![
        grant(&["ec2", "describe-images"], FLAGS, Effect::Read),
        grant(&["ec2", "import-key-pair"], FLAGS, Effect::Create),
        grant(&["sts", "get-caller-identity"], &[], Effect::Read),
        grant(
            &["ec2", "wait", "instance-running"],
            &["instance-ids"],
            Effect::Read,
        ),
    ]
}

fn command(verb: &[&str]) -> Command {
    Command {
        tool: "aws".into(),
        verb: verb.iter().map(|word| (*word).into()).collect(),
        flags: Vec::new(),
        positionals: Vec::new(),
        location: None,
        effect: Effect::Read,
        timeout_seconds: 60,
        tolerates: Tolerance::Nothing,
        secret_output: false,
    }
}

fn with(name: &str, values: &[&str]) -> Command {
    let values = values.iter().map(|value| Value::Text((*value).into())).collect();
    Command {
        flags: vec![Flag {
            name: name.into(),
            values,
        }],
        ..command(&["ec2", "describe-images"])
    }
}

fn check(command: &Command) -> Result<Argv> {
    check_with(command, &grants())
}

fn check_with(command: &Command, granted: &[CommandRequest]) -> Result<Argv> {
    let allowed = ["eu-central-1".to_owned(), "evil.example".to_owned()];
    let place = Placement {
        default: "us-west-2",
        allowed: &allowed,
    };
    render(command, granted, &tools::profile(&command.tool)?, &place)
}

#[track_caller]
fn refused(command: &Command, code: Code) {
    let error = check(command).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn a_tool_that_the_host_does_not_know_gets_plain_words_only() {
    let request = CommandRequest {
        tool: "hcloud".into(),
        verb: vec!["server".into(), "list".into()],
        flags: vec!["selector".into(), "user-data-from-file".into(), "config".into()],
        effect: Effect::Read,
    };
    let granted = [CommandRequest {
        flags: vec!["selector".into()],
        ..request.clone()
    }];
    let command = |value: Value| Command {
        tool: "hcloud".into(),
        flags: vec![Flag {
            name: "selector".into(),
            values: vec![value],
        }],
        ..command(&["server", "list"])
    };
    let argv = check_with(&command(Value::Text("env=prod".into())), &granted).unwrap();
    assert_eq!(argv.display(), "hcloud server list --selector=env=prod");
    for value in [
        "@/etc/passwd",
        "k=@/etc/passwd",
        "/etc/passwd",
        "~/x",
        "../x",
        "ftp://x",
        "-x",
        "$(id)",
        "a;b",
    ] {
        let error = check_with(&command(Value::Text(value.into())), &granted).unwrap_err();
        assert_eq!(error.code(), Code::ArgvValue, "{value}");
    }
    assert_eq!(
        check_with(&command(Value::File("x".into())), &granted)
            .unwrap_err()
            .code(),
        Code::ArgvValue
    );
    let config = check_request(&request, &tools::profile("hcloud").unwrap()).unwrap_err();
    assert_eq!(config.code(), Code::ArgvFlag);
}

#[test]
fn files_are_private_and_named_relative_to_their_directory() {
    use std::os::unix::fs::PermissionsExt;
    let key = "ssh-ed25519 AAAA sindri\n";
    let command = Command {
        flags: vec![Flag {
            name: "public-key-material".into(),
            values: vec![Value::File(key.into())],
        }],
        effect: Effect::Create,
        ..command(&["ec2", "import-key-pair"])
    };
    let argv = check(&command).unwrap();
    assert!(
        argv.display()
            .contains("--public-key-material fileb://<file> --region")
    );
    let directory = tempfile::tempdir().unwrap();
    let arguments = argv.materialise(directory.path()).unwrap();
    assert_eq!(arguments[3], "fileb://value-3");
    let path = directory.path().join("value-3");
    assert_eq!(files::read_text(&path, 100).unwrap(), key);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        argv.materialise(directory.path()).unwrap_err().code(),
        Code::RunFiles
    );
}

#[test]
fn what_is_shown_is_what_a_shell_would_take_and_no_terminal_obeys() {
    let argv = Argv {
        tool: "aws".into(),
        args: ["it's", "", "a b", "$HOME", "\u{1b}[31mx", "a\u{202e}b"]
            .map(|text| Arg::Text(text.into()))
            .into(),
    };
    assert_eq!(argv.display(), r"aws 'it'\''s' '' 'a b' '$HOME' 'x' 'ab'");
}

#[test]
fn a_refusal_says_what_to_grant() {
    let error = check(&with("include-deprecated", &[])).unwrap_err();
    assert_eq!(
        error.next().unwrap(),
        r#"if you trust it with that, grant it the command { tool = "aws", verb = ["ec2", "describe-images"], flags = ["include-deprecated"], effect = "read" }"#
    );
}

fn numbered(flag: &str) -> Result<Argv> {
    let granted = [CommandRequest {
        tool: "aliyun".into(),
        verb: vec!["ecs".into(), "TagResources".into()],
        flags: vec!["Tag.N.Key".into(), "ResourceId.N".into()],
        effect: Effect::Create,
    }];
    let command = Command {
        tool: "aliyun".into(),
        effect: Effect::Create,
        flags: with(flag, &["x"]).flags,
        ..command(&["ecs", "TagResources"])
    };
    check_with(&command, &granted)
}

#[test]
fn numbered_flags_that_were_not_granted_or_are_the_same_one_twice() {
    for granted in ["Tag.1.Key", "Tag.20.Key", "Tag.100.Key", "ResourceId.7"] {
        assert!(numbered(granted).is_ok(), "{granted}");
    }
    for other in [
        "Tag.1.Value",
        "Tag.0.Key",
        "Tag.01.Key",
        "Tag.101.Key",
        "Tag.1.2.Key",
        "Tag..Key",
        "Tag.x.Key",
        "Tag.1.Key-FILE",
        "Tag.Key",
        "Tag.N.Key",
        "ResourceId",
        "force",
    ] {
        assert_eq!(numbered(other).unwrap_err().code(), Code::ArgvFlag, "{other}");
    }
}
