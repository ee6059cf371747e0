//! Values that a tool would read as something else than text.

use super::*;

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
