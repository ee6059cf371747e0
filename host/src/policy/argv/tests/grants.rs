//! Flags, verbs, effects, places and tools that were not granted, or that nobody can grant.

use super::*;

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
