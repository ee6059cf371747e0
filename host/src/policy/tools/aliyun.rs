//! The Alibaba Cloud CLI, version 3.
//!
//! `aliyun PRODUCT Action --Parameter value`: parameters are those of the API, in PascalCase, lists numbered
//! (`--Tag.1.Key`); everything in lower case is the CLI's own. It tells `--Force` from `--force`, joins no
//! abbreviations, and reads a parameter from a file when its name ends in `-FILE` (read in aliyun-cli 3.4.11).

use std::borrow::Cow;

use super::Meaning::{Path, Setting};
use super::{Meaning, Surroundings, ToolProfile, Variable};
use crate::contract::Effect;

/// What the host knows of `aliyun`.
pub const PROFILE: ToolProfile = ToolProfile {
    program: Cow::Borrowed("aliyun"),
    known: true,
    ceiling,
    // `aliyun PRODUCT GET /path` calls any API whatever.
    positionals: |_| 0,
    reserved_flags: RESERVED,
    abbreviates_flags: false,
    // A value is a text, whatever it looks like; `check_text` has refused what begins with a dash.
    refuses: |_| None,
    takes_json: false,
    file_prefix: None,
    // Endpoint and parameter `RegionId` at once. It goes before the profile's region.
    location_flag: Some("--region"),
    // JSON is what it prints; `--output` makes a table.
    fixed_arguments: &[],
    error_code,
    credential_errors: &[
        "Forbidden.AccessKeyDisabled",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidAccessKeyId.Inactive",
        "InvalidAccessKeyId.NotFound",
        "InvalidSecurityToken",
        "InvalidSecurityToken.Expired",
        "InvalidSecurityToken.Malformed",
        "InvalidSecurityToken.MismatchWithAccessKey",
        "MissingSecurityToken",
        "NoCredentials",
        "ProfileNotFound",
        "SignatureDoesNotMatch",
    ],
    surroundings: Surroundings {
        variables: VARIABLES,
        packer_variables: &[],
        // Packer reads profiles from here; the CLI has no variable for it, hence the link.
        home_files: &[("ALICLOUD_SHARED_CREDENTIALS_FILE", ".aliyun/config.json")],
        // The file alone: `.aliyun` also holds plugins, which are programs, and canned answers of `aliyun mock`.
        home_links: &[".aliyun/config.json"],
        fixed: &[("ALIBABA_CLOUD_CLI_PLUGIN_AUTO_INSTALL", "false")],
        endpoint: None,
        // Read by both, and first by Packer.
        profile: Some("ALICLOUD_PROFILE"),
        location: &["ALICLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"],
        settings: &[],
        keys: Some(super::Keys {
            spellings: SPELLINGS,
            // Otherwise the CLI takes its configuration's current profile instead of the variables.
            chosen: &[("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE")],
        }),
    },
};

/// Key, secret, token. The CLI reads the first three and not the fourth, Packer's builder only the fourth.
const SPELLINGS: &[[&str; 3]] = &[
    [
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ],
    [
        "ALIBABACLOUD_ACCESS_KEY_ID",
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
        "ALIBABACLOUD_SECURITY_TOKEN",
    ],
    [
        "ALICLOUD_ACCESS_KEY",
        "ALICLOUD_SECRET_KEY",
        "ALICLOUD_SECURITY_TOKEN",
    ],
    ["ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "SECURITY_TOKEN"],
];

const fn of(name: &'static str, meaning: Meaning) -> Variable {
    Variable { name, meaning }
}

/// Profile, role by OIDC and by an address of the machine itself. Not `ALIBABA_CLOUD_ENDPOINT` and `…_STS_ENDPOINT`
/// (nothing redirects requests), `ACCESS_KEY_ID` and `REGION` (too common to mean this), `…_EXEC_PATH` (programs).
const VARIABLES: &[Variable] = &[
    of("ALICLOUD_PROFILE", Setting),
    of("ALICLOUD_SHARED_CREDENTIALS_FILE", Path),
    of("ALIBABA_CLOUD_ROLE_ARN", Setting),
    of("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", Setting),
    of("ALIBABA_CLOUD_OIDC_TOKEN_FILE", Path),
    of("ALIBABA_CLOUD_ROLE_SESSION_NAME", Setting),
    of("ALIBABA_CLOUD_CREDENTIALS_URI", Meaning::Secret),
    of("ALIBABA_CLOUD_CONNECT_TIMEOUT", Setting),
    of("ALIBABA_CLOUD_READ_TIMEOUT", Setting),
    of("ALIBABA_CLOUD_RETRY_COUNT", Setting),
];

/// The CLI's own flags, and those of one letter, which are no flags of a plan anyway.
const RESERVED: &[&str] = &[
    "*-FILE",
    "RegionId",
    "accept",
    "access-key-id",
    "access-key-secret",
    "auto-plugin-install",
    "auto-plugin-install-enable-pre",
    "bearer-token",
    "bearer-token-header-key",
    "body",
    "body-file",
    "cli-ai-mode",
    "cli-dry-run",
    "cli-dry-run-json",
    "cli-query",
    "cloud-sso-access-config",
    "cloud-sso-account-id",
    "cloud-sso-sign-in-url",
    "config-path",
    "connect-timeout",
    "dryrun",
    "endpoint",
    "endpoint-type",
    "estimate-cost",
    "estimate-cost-context",
    "expired-seconds",
    "external-account-type",
    "external-id",
    "force",
    "header",
    "help",
    "insecure",
    "key-pair-name",
    "language",
    "log-level",
    "method",
    "mode",
    "no-cli-ai-mode",
    "oauth-site-type",
    "oidc-provider-arn",
    "oidc-token-file",
    "output",
    "pager",
    "pathPattern",
    "private-key",
    "process-command",
    "profile",
    "quiet",
    "ram-role-arn",
    "ram-role-name",
    "read-timeout",
    "region",
    "retry-count",
    "retry-timeout",
    "roa",
    "role-session-name",
    "secure",
    "skip-secure-verify",
    "source-profile",
    "sts-endpoint",
    "sts-region",
    "sts-token",
    "user-agent",
    "version",
    "waiter",
    "yes",
];

const READ: &[Effect] = &[Effect::Read];
const CREATE: &[Effect] = &[Effect::Create];
const DESTROY: &[Effect] = &[Effect::Destroy];
const PUBLISH: &[Effect] = &[Effect::Publish];
const CHANGE: &[Effect] = &[Effect::Create, Effect::Publish];
const UNDO: &[Effect] = &[Effect::Create, Effect::Destroy];

/// Images and instances, and nothing that prints a credential or runs a command inside an instance: `CreateKeyPair` (a
/// private key), `RunCommand`, `sts AssumeRole`, `configure`, `plugin`, `upgrade` and every other product are out of
/// reach of every grant.
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["sts", "GetCallerIdentity"] => READ,
        // Passwords stand in user data and in commands; the other two open a console.
        [
            "ecs",
            "DescribeUserData"
            | "DescribeLaunchTemplateVersions"
            | "DescribeCommands"
            | "DescribeInvocations"
            | "DescribeInvocationResults"
            | "DescribeSendFileResults"
            | "DescribeInstanceVncPasswd"
            | "DescribeInstanceVncUrl",
        ] => &[],
        ["ecs" | "vpc", name] if name.starts_with("Describe") => READ,
        [
            "ecs",
            "AuthorizeSecurityGroup"
            | "AuthorizeSecurityGroupEgress"
            | "CreateDisk"
            | "CreateImage"
            | "CreateSecurityGroup"
            | "CreateSnapshot"
            | "ImportKeyPair"
            | "RunInstances"
            | "StartInstance"
            | "StopInstance"
            | "TagResources",
        ]
        | [
            "vpc",
            "AllocateEipAddress" | "AssociateEipAddress" | "CreateVSwitch" | "CreateVpc" | "TagResources",
        ] => CREATE,
        [
            "ecs",
            "DeleteDisk"
            | "DeleteImage"
            | "DeleteInstance"
            | "DeleteKeyPairs"
            | "DeleteSecurityGroup"
            | "DeleteSnapshot",
        ]
        | ["vpc", "DeleteVSwitch" | "DeleteVpc" | "ReleaseEipAddress"] => DESTROY,
        ["ecs", "ModifyImageAttribute" | "ModifyImageSharePermission"] => PUBLISH,
        ["ecs", "CopyImage"] => CHANGE,
        [
            "ecs",
            "CancelCopyImage" | "RevokeSecurityGroup" | "RevokeSecurityGroupEgress" | "UntagResources",
        ]
        | ["vpc", "UnassociateEipAddress" | "UnTagResources"] => UNDO,
        _ => &[],
    }
}

/// Failures of the CLI itself, which have no code.
const OWN_FAILURES: &[(&str, &str)] = &[
    ("is not configure yet", "NoCredentials"),
    ("is not configured for profile", "NoCredentials"),
    ("unknown profile", "ProfileNotFound"),
    ("init client failed", "NoCredentials"),
    ("is not a valid parameter or flag", "UnknownParameter"),
    ("required parameters not assigned", "MissingParameter"),
    ("is not a valid api", "UnknownCommand"),
    ("is not a valid command or product", "UnknownCommand"),
    ("is not a valid product", "UnknownCommand"),
    ("invalid region", "UnknownRegion"),
    ("i/o timeout", "ConnectTimeout"),
    ("Client.Timeout exceeded", "ConnectTimeout"),
    ("dial tcp", "ConnectionError"),
    ("proxyconnect", "ConnectionError"),
];

/// `ERROR: SDK.ServerError`, then `ErrorCode: InvalidAccessKeyId.NotFound` on a line of its own.
fn error_code(stderr: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    let code = stderr
        .lines()
        .filter_map(|line| line.trim().strip_prefix("ErrorCode:"))
        .map(str::trim)
        .find(|code| (1..=128).contains(&code.len()) && code.chars().all(plain));
    code.map(str::to_owned).or_else(|| {
        OWN_FAILURES
            .iter()
            .find(|(text, _)| stderr.contains(text))
            .map(|(_, code)| (*code).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;
    use crate::contract::CommandRequest;
    use crate::policy::argv::check_request;

    fn asked(verb: &[&str], flags: &[&str], effect: Effect) -> crate::Result<()> {
        let request = CommandRequest {
            tool: "aliyun".into(),
            verb: verb.iter().map(|word| (*word).into()).collect(),
            flags: flags.iter().map(|flag| (*flag).into()).collect(),
            effect,
        };
        check_request(&request, &PROFILE)
    }

    #[test]
    fn flags_that_redirect_read_a_file_or_run_a_program_are_no_plugins() {
        for flag in [
            "mode",
            "process-command",
            "sts-endpoint",
            "endpoint",
            "ImageName-FILE",
            "Tag.1.Value-FILE",
            "body-FILE",
            "config-path",
            "force",
            "version",
            "region",
            "RegionId",
            "profile",
            "p",
            "output",
            "waiter",
            "pager",
            "header",
            "insecure",
            "body-file",
            "cli-query",
        ] {
            let refusal = asked(&["ecs", "DescribeImages"], &[flag], Effect::Read).unwrap_err();
            assert_eq!(refusal.code(), Code::ArgvFlag, "{flag}");
        }
        let flags = ["ImageOwnerAlias", "ImageName", "Tag.N.Key", "Force"];
        assert!(asked(&["ecs", "DescribeImages"], &flags, Effect::Read).is_ok());
    }

    #[test]
    fn nothing_outside_of_images_and_instances_is_within_reach() {
        for verb in [
            &["configure", "get"][..],
            &["configure"],
            &["upgrade"],
            &["plugin", "install"],
            &["evil", "Anything"],
            &["ecs"],
            &["ecs", "CreateKeyPair"],
            &["ecs", "RunCommand"],
            &["ecs", "DescribeUserData"],
            &["ecs", "describe-images"],
            &["ecs", "GET", "/x"],
            &["sts", "AssumeRole"],
            &["ram", "CreateAccessKey"],
            &["oss", "cp"],
            &["mock", "set"],
            &["acr", "Describe"],
        ] {
            for effect in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
                assert!(asked(verb, &[], effect).is_err(), "{verb:?}");
            }
        }
    }

    #[test]
    fn a_command_cannot_be_called_harmless() {
        for (verb, effect) in [
            (["ecs", "DeleteInstance"], Effect::Destroy),
            (["ecs", "ModifyImageSharePermission"], Effect::Publish),
            (["vpc", "DeleteVpc"], Effect::Destroy),
            (["ecs", "RunInstances"], Effect::Create),
            (["vpc", "DescribeVpcs"], Effect::Read),
        ] {
            for said in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
                assert_eq!(asked(&verb, &[], said).is_ok(), said == effect, "{verb:?}");
            }
        }
    }

    #[test]
    fn codes_are_read_from_the_clis_messages() {
        let server = "ERROR: SDK.ServerError\nErrorCode: InvalidAccessKeyId.NotFound\nRecommend: https://x\nRequestId: 1\nMessage: Specified access key is not found.\n";
        for (stderr, expected) in [
            (server, Some("InvalidAccessKeyId.NotFound")),
            (
                "ERROR: profile default is not configure yet, run `aliyun configure --profile default` first\n",
                Some("NoCredentials"),
            ),
            (
                "ERROR: '--Permissions.1.PortRange' is not a valid parameter or flag. See `aliyun help ecs`.\n",
                Some("UnknownParameter"),
            ),
            (
                "ERROR: Post \"https://ecs.cn-hangzhou.aliyuncs.com/\": dial tcp: lookup",
                Some("ConnectionError"),
            ),
            ("ErrorCode: <script>", None),
            ("ErrorCode:", None),
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
