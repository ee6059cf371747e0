//! The AWS CLI, versions 1 and 2.

use std::borrow::Cow;

use super::Meaning::{Path, Secret, Setting};
use super::{Meaning, Surroundings, ToolProfile, Variable};
use crate::contract::Effect;

/// What the host knows of `aws`.
pub const PROFILE: ToolProfile = ToolProfile {
    program: Cow::Borrowed("aws"),
    known: true,
    ceiling,
    // `s3api get-object OUTFILE`, `lambda invoke OUTFILE`: positionals are local files.
    positionals: |_| 0,
    reserved_flags: RESERVED,
    // Python's argparse: `--end` is `--endpoint-url`.
    abbreviates_flags: true,
    refuses,
    takes_json: true,
    // Bytes as they are; `file://` would decode them and drop nothing but surprises.
    file_prefix: Some("fileb://"),
    location_flag: Some("--region"),
    // Not --no-cli-pager: version 1 does not know it. AWS_PAGER does the same for both.
    fixed_arguments: &["--output", "json"],
    error_code,
    credential_errors: &[
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "NoCredentials",
        "ProfileNotFound",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenExpired",
        "UnrecognizedClientException",
    ],
    surroundings: Surroundings {
        variables: VARIABLES,
        // How long and how often its waiters ask.
        packer_variables: &[of("AWS_POLL_DELAY_SECONDS", Setting)],
        home_files: &[
            ("AWS_CONFIG_FILE", ".aws/config"),
            ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        ],
        // Tokens of `aws sso login` and `aws login`, and sessions of roles that want a second factor.
        // Never `.aws/cli` itself: its `alias` file replaces built-in commands by shell commands.
        home_links: &[".aws/sso", ".aws/login", ".aws/cli/cache"],
        // A pager or a prompt would wait for a terminal that is not there.
        fixed: &[("AWS_PAGER", ""), ("AWS_CLI_AUTO_PROMPT", "off")],
        endpoint: Some("AWS_ENDPOINT_URL"),
        profile: Some("AWS_PROFILE"),
        location: &["AWS_REGION", "AWS_DEFAULT_REGION"],
        keys: None,
        settings: &[],
    },
};

const fn of(name: &'static str, meaning: Meaning) -> Variable {
    Variable { name, meaning }
}

/// Keys, profiles, web identity, container and instance roles. Not `AWS_ENDPOINT_URL*` (only the
/// configuration redirects requests), `AWS_DATA_PATH` (code), `AWS_DEFAULT_OUTPUT`, `AWS_CLI_*`.
const VARIABLES: &[Variable] = &[
    of("AWS_ACCESS_KEY_ID", Secret),
    of("AWS_SECRET_ACCESS_KEY", Secret),
    of("AWS_SESSION_TOKEN", Secret),
    // The same under its old name.
    of("AWS_SECURITY_TOKEN", Secret),
    of("AWS_PROFILE", Setting),
    of("AWS_DEFAULT_PROFILE", Setting),
    of("AWS_CONFIG_FILE", Path),
    of("AWS_SHARED_CREDENTIALS_FILE", Path),
    of("AWS_WEB_IDENTITY_TOKEN_FILE", Path),
    of("AWS_ROLE_ARN", Setting),
    of("AWS_ROLE_SESSION_NAME", Setting),
    of("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Setting),
    of("AWS_CONTAINER_CREDENTIALS_FULL_URI", Setting),
    of("AWS_CONTAINER_AUTHORIZATION_TOKEN", Secret),
    of("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Path),
    of("AWS_EC2_METADATA_DISABLED", Setting),
    of("AWS_EC2_METADATA_SERVICE_ENDPOINT", Setting),
    of("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", Setting),
    of("AWS_METADATA_SERVICE_TIMEOUT", Setting),
    of("AWS_METADATA_SERVICE_NUM_ATTEMPTS", Setting),
    of("AWS_CA_BUNDLE", Path),
    of("AWS_STS_REGIONAL_ENDPOINTS", Setting),
    of("AWS_USE_FIPS_ENDPOINT", Setting),
    of("AWS_USE_DUALSTACK_ENDPOINT", Setting),
    of("AWS_RETRY_MODE", Setting),
    of("AWS_MAX_ATTEMPTS", Setting),
    of("AWS_SDK_LOAD_CONFIG", Setting),
];

/// Global flags of both versions, and those of every operation that replace its parameters.
const RESERVED: &[&str] = &[
    "ca-bundle",
    "cli-auto-prompt",
    "cli-binary-format",
    "cli-connect-timeout",
    "cli-error-format",
    "cli-input-json",
    "cli-input-yaml",
    "cli-read-timeout",
    "color",
    "debug",
    "endpoint-url",
    "generate-cli-skeleton",
    "no-cli-auto-prompt",
    "no-cli-pager",
    "no-sign-request",
    "no-verify-ssl",
    "output",
    "profile",
    "region",
    "v2-debug",
    "version",
];

const READ: &[Effect] = &[Effect::Read];
const CREATE: &[Effect] = &[Effect::Create];
const DESTROY: &[Effect] = &[Effect::Destroy];
const PUBLISH: &[Effect] = &[Effect::Publish];
const CHANGE: &[Effect] = &[Effect::Create, Effect::Publish];
const UNDO: &[Effect] = &[Effect::Create, Effect::Destroy];

/// Images and instances, and nothing that prints a credential: `sts assume-role`, `ecr
/// get-login-password`, `ec2 create-key-pair` (a private key) and everything else that has no business
/// in the making of an image is out of reach of every grant. The effect is what the user is shown, so
/// a command cannot be called harmless.
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sts", "get-caller-identity"] => READ,
        ["ec2", "wait", _] => READ,
        // Instances' user data often holds passwords.
        [
            "ec2",
            "describe-instance-attribute" | "describe-launch-template-versions",
        ] => &[],
        ["ec2", name] if name.starts_with("describe-") => READ,
        [
            "ec2",
            "get-image-block-public-access-state"
            | "get-snapshot-block-public-access-state"
            | "get-ebs-encryption-by-default"
            | "get-ebs-default-kms-key-id"
            | "get-allowed-images-settings"
            | "get-instance-types-from-instance-requirements"
            | "get-console-output",
        ] => READ,
        [
            "ec2",
            "allocate-address"
            | "associate-address"
            | "authorize-security-group-egress"
            | "authorize-security-group-ingress"
            | "create-image"
            | "create-security-group"
            | "create-snapshot"
            | "create-tags"
            | "create-volume"
            | "import-key-pair"
            | "register-image"
            | "run-instances"
            | "start-instances"
            | "stop-instances",
        ] => CREATE,
        [
            "ec2",
            "delete-key-pair"
            | "delete-security-group"
            | "delete-snapshot"
            | "delete-volume"
            | "deregister-image"
            | "release-address"
            | "terminate-instances",
        ] => DESTROY,
        [
            "ec2",
            "modify-image-attribute"
            | "modify-snapshot-attribute"
            | "reset-image-attribute"
            | "reset-snapshot-attribute"
            | "disable-image-block-public-access"
            | "enable-image-block-public-access",
        ] => PUBLISH,
        [
            "ec2",
            "copy-image"
            | "copy-snapshot"
            | "disable-image"
            | "disable-image-deprecation"
            | "enable-image"
            | "enable-image-deprecation",
        ] => CHANGE,
        [
            "ec2",
            "delete-tags"
            | "disable-image-deregistration-protection"
            | "disassociate-address"
            | "enable-image-deregistration-protection"
            | "revoke-security-group-egress"
            | "revoke-security-group-ingress",
        ] => UNDO,
        _ => &[],
    }
}

/// `file://` and `fileb://` read a file (with `~` and `$VAR` expanded), version 1 fetches `http://`;
/// `Key@=file://…` does so inside the shorthand syntax. JSON is neither: nothing in it is expanded.
fn refuses(value: &str) -> Option<&'static str> {
    let text = value.trim_start();
    let scheme = text
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(
        scheme.as_deref(),
        Some("file" | "fileb" | "http" | "https" | "query")
    ) {
        Some("aws would read what it names")
    } else if text.starts_with('@') || value.contains("@=") {
        Some("`@` names a file in the shorthand syntax")
    } else {
        None
    }
}

/// Failures of the CLI itself have no code; these are the names of botocore's exceptions.
const OWN_FAILURES: &[(&str, &str)] = &[
    ("Unable to locate credentials", "NoCredentials"),
    ("Partial credentials found", "NoCredentials"),
    ("Token has expired and refresh failed", "TokenExpired"),
    ("Error loading SSO Token", "TokenExpired"),
    (
        "The SSO session associated with this profile has expired",
        "TokenExpired",
    ),
    ("The config profile", "ProfileNotFound"),
    ("Could not connect to the endpoint URL", "EndpointConnectionError"),
    ("Connect timeout on endpoint URL", "ConnectTimeoutError"),
    ("Read timeout on endpoint URL", "ReadTimeoutError"),
    ("Waiter encountered a terminal failure state", "WaiterError"),
    ("Max attempts exceeded", "WaiterError"),
    ("Unknown options:", "UnknownOptions"),
    ("Invalid choice", "UnknownCommand"),
    ("invalid choice", "UnknownCommand"),
];

/// `An error occurred (InvalidGroup.NotFound) when calling the DescribeSecurityGroups operation: …`
fn error_code(stderr: &str) -> Option<String> {
    const START: &str = "An error occurred (";
    for (at, start) in stderr.match_indices(START) {
        let code = stderr
            .get(at + start.len()..)
            .and_then(|rest| rest.split_once(')'))
            .map(|(code, _)| code);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
        if let Some(code) = code.filter(|code| (1..=128).contains(&code.len()) && code.chars().all(plain)) {
            return Some(code.to_owned());
        }
    }
    OWN_FAILURES
        .iter()
        .find(|(text, _)| stderr.contains(text))
        .map(|(_, code)| (*code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_both_versions_messages() {
        for (stderr, expected) in [
            (
                "\nAn error occurred (InvalidGroup.NotFound) when calling the DescribeSecurityGroups operation: x\n",
                Some("InvalidGroup.NotFound"),
            ),
            (
                "aws: [ERROR]: An error occurred (AuthFailure) when calling the DescribeImages operation: AWS was not able",
                Some("AuthFailure"),
            ),
            (
                "Waiter InstanceRunning failed: An error occurred (InvalidInstanceID.NotFound): The instance",
                Some("InvalidInstanceID.NotFound"),
            ),
            (
                "Unable to locate credentials. You can configure credentials by running",
                Some("NoCredentials"),
            ),
            (
                "aws: error: Unknown options: --delete-associated-snapshots",
                Some("UnknownOptions"),
            ),
            ("An error occurred (<script>) when", None),
            ("An error occurred (", None),
            ("", None),
        ] {
            assert_eq!(error_code(stderr).as_deref(), expected, "{stderr}");
        }
    }

    #[test]
    fn no_secret_is_called_a_setting() {
        for variable in VARIABLES {
            let looks_secret = ["KEY", "TOKEN", "SECRET"]
                .iter()
                .any(|word| variable.name.contains(word));
            assert!(!looks_secret || variable.meaning != Setting, "{}", variable.name);
        }
    }
}
