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
fn ordinary_commands_pass_with_the_hosts_own_arguments_last() {
    let identity = check(&command(&["sts", "get-caller-identity"])).unwrap();
    assert_eq!(
        identity.display(),
        "aws sts get-caller-identity --region us-west-2 --output json"
    );
    let images = check(&with(
        "filters",
        &["Name=name,Values=ubuntu/images/*", "Name=state,Values=available"],
    ));
    assert_eq!(
        images.unwrap().display(),
        "aws ec2 describe-images --filters 'Name=name,Values=ubuntu/images/*' Name=state,Values=available \
         --region us-west-2 --output json"
    );
    for (flag, value) in [
        ("query", "Images[].{Id:ImageId,Name:Name}"),
        ("owners", "self"),
        ("owners", "099720109477"),
        (
            "description",
            "mail a@b.example, 100 % sure: it's \"fine\" ${x} 日本",
        ),
        ("description", ""),
    ] {
        assert!(check(&with(flag, &[value])).is_ok(), "{value}");
    }
    let elsewhere = Command {
        location: Some("eu-central-1".into()),
        ..command(&["sts", "get-caller-identity"])
    };
    assert!(
        check(&elsewhere)
            .unwrap()
            .display()
            .contains("--region eu-central-1 ")
    );
}

#[test]
fn user_text_goes_through_json_unharmed() {
    let text = "file:///etc/passwd @=file://x -- \n $(id) `id` \u{202e}";
    let json = serde_json::json!([{ "Name": "tag:Description", "Values": [text] }]).to_string();
    let argv = check(&with("filters", &[&json])).unwrap();
    assert!(argv.args.contains(&Arg::Text(json)));
}

#[test]
fn a_value_that_aws_would_read_from_somewhere() {
    for value in [
        "file:///etc/passwd",
        "fileb://~/.aws/credentials",
        "FILE:///etc/passwd",
        " file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "https://evil.example/",
        "query://x",
        "@/etc/passwd",
        "Name=name,Values@=file:///root/.aws/credentials",
        "Name@=file:///etc/passwd,Values=x",
    ] {
        refused(&with("filters", &[value]), Code::ArgvValue);
        refused(
            &with("filters", &["Name=state,Values=available", value]),
            Code::ArgvValue,
        );
    }
}

#[test]
fn a_value_that_becomes_a_flag() {
    for value in [
        "--endpoint-url=http://evil.example",
        "--debug",
        "-",
        "--",
        " --profile=admin",
    ] {
        refused(&with("owners", &[value]), Code::ArgvValue);
    }
}

#[test]
fn a_value_that_forges_log_lines_or_ends_the_argument() {
    for value in [
        "self\0--debug",
        "self\n##vso[task.setvariable variable=X]y",
        "a\u{1b}[2J",
        "a\u{85}b",
        "\r",
    ] {
        refused(&with("owners", &[value]), Code::ArgvValue);
    }
}

#[test]
fn shorthand_hidden_behind_json_and_json_that_is_none() {
    refused(
        &with("filters", &["[]", "Name@=file:///etc/passwd"]),
        Code::ArgvValue,
    );
    refused(&with("filters", &["Name=a,Values=b", "[]"]), Code::ArgvValue);
    refused(&with("filters", &["[{\"a\": 1}"]), Code::ArgvValue);
    refused(&with("filters", &[" {x@=file:///etc/passwd}"]), Code::ArgvValue);
    refused(&with("filters", &["[]\n"]), Code::ArgvValue);
    refused(&with("filters", &[&"[".repeat(10_000)]), Code::ArgvValue);
}

#[test]
fn a_value_that_is_too_long() {
    assert!(check(&with("owners", &[&"x".repeat(4096)])).is_ok());
    refused(&with("owners", &[&"x".repeat(4097)]), Code::ArgvValue);
    let long = |length: usize| format!("[\"{}\"]", "x".repeat(length - 4));
    assert!(check(&with("filters", &[&long(64 * 1024)])).is_ok());
    refused(&with("filters", &[&long(64 * 1024 + 1)]), Code::ArgvValue);
    refused(&with("owners", &vec!["x"; 2000]), Code::ArgvValue);
}

#[test]
fn flags_that_redirect_read_or_replace_are_refused_even_when_granted() {
    for flag in [
        "endpoint-url",
        "endpoint",
        "end",
        "profile",
        "profi",
        "region",
        "reg",
        "output",
        "o",
        "out",
        "debug",
        "no-verify-ssl",
        "no-v",
        "ca-bundle",
        "no-sign-request",
        "cli-input-json",
        "cli-input",
        "cli-input-yaml",
        "generate-cli-skeleton",
        "cli-binary-format",
        "cli",
        "color",
        "version",
    ] {
        let command = with(flag, &["x"]);
        refused(&command, Code::ArgvFlag);
        let generous = [grant(&["ec2", "describe-images"], &[flag], Effect::Read)];
        assert_eq!(
            check_with(&command, &generous).unwrap_err().code(),
            Code::ArgvFlag,
            "{flag}"
        );
    }
}

#[test]
fn a_flag_that_is_more_than_a_name() {
    for flag in [
        "owners=x", "owners ", "-owners", "", "x", "Owners", "owners:x", "own", "owners\0",
    ] {
        refused(&with(flag, &["x"]), Code::ArgvFlag);
    }
    for flag in ["owners=x", "-p", "a b", "", "x", "a:b", "--", "a\nb"] {
        let generous = [grant(&["ec2", "describe-images"], &[flag], Effect::Read)];
        assert_eq!(
            check_with(&with(flag, &[]), &generous).unwrap_err().code(),
            Code::ArgvFlag,
            "{flag:?}"
        );
    }
}

#[test]
fn a_flag_given_twice_so_that_the_second_wins() {
    let mut command = with("owners", &["self"]);
    command.flags.push(command.flags[0].clone());
    refused(&command, Code::ArgvFlag);
}

#[test]
fn verbs_that_were_not_granted() {
    for verb in [
        &["ec2", "deregister-image"][..],
        &["ec2"],
        &[],
        &["ec2", "describe-images", "help"],
        &["--endpoint-url", "http://evil.example", "ec2", "describe-images"],
        &["ec2 describe-images"],
        &["EC2", "describe-images"],
        &["ec2", "wait", "instance-stopped"],
    ] {
        refused(&command(verb), Code::ArgvVerb);
    }
}

#[test]
fn verbs_that_no_grant_can_give() {
    for verb in [
        &["configure", "set"][..],
        &["configure", "export-credentials"],
        &["sts", "get-session-token"],
        &["sts", "assume-role"],
        &["ecr", "get-login-password"],
        &["codeartifact", "login"],
        &["ssm", "start-session"],
        &["eks", "update-kubeconfig"],
        &["secretsmanager", "get-secret-value"],
        &["s3", "cp"],
        &["lambda", "invoke"],
        &["iam", "create-access-key"],
        &["ec2", "create-key-pair"],
        &["ec2", "get-password-data"],
        &["ec2", "describe-instance-attribute"],
        &["ec2", "help"],
        &["help"],
        &[],
    ] {
        for effect in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
            let generous = [grant(verb, &[], effect)];
            let command = Command {
                effect,
                ..command(verb)
            };
            assert_eq!(
                check_with(&command, &generous).unwrap_err().code(),
                Code::ArgvVerb,
                "{verb:?}"
            );
        }
    }
}

#[test]
fn an_effect_other_than_the_granted_one() {
    let create = Command {
        effect: Effect::Create,
        ..command(&["ec2", "describe-images"])
    };
    refused(&create, Code::ArgvVerb);
}

#[test]
fn a_destroying_or_publishing_command_called_harmless() {
    for verb in [
        "terminate-instances",
        "deregister-image",
        "delete-snapshot",
        "modify-image-attribute",
    ] {
        let verb = ["ec2", verb];
        for effect in [Effect::Read, Effect::Create] {
            let generous = [grant(&verb, &[], effect)];
            let command = Command {
                effect,
                ..command(&verb)
            };
            assert_eq!(
                check_with(&command, &generous).unwrap_err().code(),
                Code::ArgvVerb,
                "{verb:?}"
            );
        }
    }
}

#[test]
fn positionals_that_name_local_files() {
    let command = Command {
        positionals: vec!["/root/.bashrc".into()],
        ..command(&["ec2", "describe-images"])
    };
    refused(&command, Code::ArgvValue);
}

#[test]
fn places_that_the_configuration_does_not_name_or_that_are_host_names() {
    for location in ["eu-west-1", "", "evil.example", "us-west-2/x", "US-WEST-2", "-x"] {
        let command = Command {
            location: Some(location.into()),
            ..command(&["sts", "get-caller-identity"])
        };
        refused(&command, Code::ArgvLocation);
    }
}

#[test]
fn tools_that_are_not_granted_or_not_the_profiles() {
    let mut other = command(&["ec2", "describe-images"]);
    other.tool = "hcloud".into();
    refused(&other, Code::ArgvTool);
    let aws = tools::profile("aws").unwrap();
    let place = Placement {
        default: "us-west-2",
        allowed: &[],
    };
    assert_eq!(
        render(&other, &grants(), &aws, &place).unwrap_err().code(),
        Code::ArgvTool
    );
    assert_eq!(
        check_with(&command(&["ec2"]), &[]).unwrap_err().code(),
        Code::ArgvTool
    );
}

#[test]
fn time_limits_out_of_range() {
    for timeout_seconds in [0, 3601, u32::MAX] {
        let command = Command {
            timeout_seconds,
            ..command(&["sts", "get-caller-identity"])
        };
        refused(&command, Code::PluginReturn);
    }
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
