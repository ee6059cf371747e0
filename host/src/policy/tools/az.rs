//! The Azure CLI.

use std::borrow::Cow;

use super::Meaning::{Path, Secret, Setting};
use super::{Meaning, Surroundings, ToolProfile, Variable};
use crate::contract::Effect;

/// What the host knows of `az`.
pub const PROFILE: ToolProfile = ToolProfile {
    program: Cow::Borrowed("az"),
    known: true,
    ceiling,
    positionals: |_| 0,
    reserved_flags: RESERVED,
    // Python's argparse: `--subs` is `--subscription` (run with 2.91.0).
    abbreviates_flags: true,
    refuses,
    // Half of the commands take JSON and a shorthand of it, which is not JSON; so does `--query`.
    takes_json: false,
    file_prefix: Some("@"),
    // Where a command acts is a subscription; without the flag it would be the one of the last login. The
    // region is an ordinary parameter of what makes something.
    location_flag: Some("--subscription"),
    fixed_arguments: &["--output", "json", "--only-show-errors"],
    error_code,
    credential_errors: &[
        "AuthenticationFailed",
        "ExpiredAuthenticationToken",
        "InvalidAuthenticationToken",
        "InvalidAuthenticationTokenTenant",
        "NotLoggedIn",
        "SubscriptionNotFound",
        "TokenExpired",
    ],
    surroundings: Surroundings {
        variables: &[
            of("AZURE_CONFIG_DIR", Path),
            // Of the managed identity of container apps, functions and the like; a machine's own has an address.
            of("IDENTITY_ENDPOINT", Setting),
            of("IDENTITY_HEADER", Secret),
            of("MSI_ENDPOINT", Setting),
            of("MSI_SECRET", Secret),
        ],
        // Not `ARM_METADATA_URL`, which names a server that says where to log in.
        packer_variables: &[],
        // The login: tokens, accounts, chosen cloud. The tool renews tokens there, so it gets no copy.
        home_files: &[("AZURE_CONFIG_DIR", ".azure")],
        home_links: &[],
        fixed: &[
            // Extensions are Python code that takes commands over, and may be fetched on the way.
            ("AZURE_EXTENSION_DIR", "/nonexistent"),
            ("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no"),
            ("AZURE_AUTO_UPGRADE_ENABLE", "no"),
            ("AZURE_CORE_COLLECT_TELEMETRY", "no"),
            ("AZURE_CORE_DISABLE_PROGRESS_BAR", "true"),
            ("AZURE_CORE_NO_COLOR", "true"),
            ("AZURE_CORE_ONLY_SHOW_ERRORS", "true"),
            ("AZURE_CORE_SURVEY_MESSAGE", "no"),
            ("AZURE_LOGGING_ENABLE_LOG_FILE", "no"),
            // Or `python -m azure.cli` would run an `azure.py` of the working directory.
            ("PYTHONSAFEPATH", "1"),
        ],
        endpoint: None,
        profile: None,
        location: &[],
        settings: &[],
        keys: None,
    },
};

const fn of(name: &'static str, meaning: Meaning) -> Variable {
    Variable { name, meaning }
}

/// Global flags; those that name resources of any subscription; and what puts keys, passwords, scripts or
/// rights onto a machine.
const RESERVED: &[&str] = &[
    "admin-password",
    "assign-identity",
    "attach-data-disks",
    "attach-os-disk",
    "custom-data",
    "debug",
    "defaults",
    "force-string",
    "generate-ssh-keys",
    "help",
    "ids",
    "only-show-errors",
    "output",
    "role",
    "scope",
    "secrets",
    "ssh-dest-key-path",
    "ssh-key-name",
    "subscription",
    "use-unmanaged-disk",
    "user-data",
    "verbose",
    "version",
];

const READ: &[Effect] = &[Effect::Read];
const CREATE: &[Effect] = &[Effect::Create];
const DESTROY: &[Effect] = &[Effect::Destroy];
const PUBLISH: &[Effect] = &[Effect::Publish];
const CHANGE: &[Effect] = &[Effect::Create, Effect::Publish];

/// Images and machines, and nothing that prints a credential (`account get-access-token`, `disk
/// grant-access`), sends one anywhere (`rest`), runs code in a machine (`vm run-command`, `vm extension`) or
/// changes the tool itself (`extension`, `config`, `cloud`, `login`).
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["account", "show" | "list-locations"]
        | ["group", "exists" | "show" | "list" | "wait"]
        | ["image", "show" | "list" | "wait"]
        | ["sig", "show" | "list" | "list-shared" | "list-community" | "wait"]
        | [
            "sig",
            "image-definition" | "image-version",
            "show" | "list" | "list-shared" | "list-community" | "wait",
        ]
        | [
            "vm",
            "show" | "list" | "wait" | "get-instance-view" | "list-skus" | "list-sizes",
        ]
        | ["vm", "image", "show" | "list" | "list-skus"]
        | ["disk" | "snapshot", "show" | "list" | "wait"]
        | ["resource", "list"]
        | ["tag", "list"]
        | [
            "network",
            "vnet" | "nsg" | "nic" | "public-ip",
            "show" | "list" | "wait",
        ]
        | ["network", "vnet", "subnet", "show" | "list"]
        | ["network", "nsg", "rule", "show" | "list"] => READ,
        ["group", "create"]
        | ["image", "create"]
        | ["sig", "image-definition" | "image-version", "create"]
        | ["vm", "create" | "start" | "stop" | "deallocate" | "generalize"]
        | ["disk" | "snapshot", "create"]
        | ["network", "vnet" | "nsg" | "nic" | "public-ip", "create"]
        | ["network", "vnet", "subnet", "create"]
        | ["network", "nsg", "rule", "create"]
        | ["tag", "update"] => CREATE,
        ["group" | "image" | "vm" | "disk" | "snapshot", "delete"]
        | ["sig", "image-definition" | "image-version", "delete"]
        | ["network", "vnet" | "nsg" | "nic" | "public-ip", "delete"]
        | ["network", "vnet", "subnet", "delete"]
        | ["network", "nsg", "rule", "delete"] => DESTROY,
        ["sig", "share", "add" | "remove" | "reset" | "enable-community"] => PUBLISH,
        ["sig", "image-version", "update"] => CHANGE,
        _ => &[],
    }
}

/// Before anything else the tool replaces `@PATH`, also behind the first `=`, by the content of the file
/// (`_expand_file_prefixed_files` of azure-cli-core 2.91.0). Newer commands then take `null`, `??` (a call for
/// help) and quotes for something else than text, and where they want a list the name of a file with one.
fn refuses(value: &str) -> Option<&'static str> {
    let behind = value.split_once('=').map_or("", |(_, behind)| behind);
    if value.starts_with('@') || behind.starts_with('@') {
        Some("`@` names a file")
    } else if value.starts_with('\'') || value == "null" || value == "??" {
        Some("az would take it for something else than text")
    } else if value.starts_with(['~', '.'])
        || (value.starts_with('/') && !value.starts_with("/subscriptions/"))
    {
        Some("az would read a file of this name")
    } else {
        None
    }
}

/// Failures of the tool itself have no code.
const OWN_FAILURES: &[(&str, &str)] = &[
    ("az login", "NotLoggedIn"),
    ("AADSTS", "TokenExpired"),
    ("doesn't exist in cloud", "SubscriptionNotFound"),
    ("is misspelled or not recognized by the system", "UnknownCommand"),
    ("unrecognized arguments:", "UnknownArgument"),
    ("the following arguments are required:", "MissingArgument"),
    ("argument --", "UnusableArgument"),
    ("was not found", "ResourceNotFound"),
    // `group exists` asks with HEAD, whose answers have no body and so no code.
    ("invalid status 'Forbidden'", "AuthorizationFailed"),
    ("invalid status 'Unauthorized'", "InvalidAuthenticationToken"),
    ("Failed to establish a new connection", "ConnectionError"),
    ("Max retries exceeded with url", "ConnectionError"),
    ("CERTIFICATE_VERIFY_FAILED", "ConnectionError"),
];

/// Codes that only say that there are others behind them.
const WRAPPERS: &[&str] = &["DeploymentFailed", "InvalidTemplateDeployment", "None"];

/// `ERROR: (ResourceNotFound) The Resource …`, then `Code: ResourceNotFound`. A deployment's own code says
/// nothing, so the ones of its details come first: `"code":"SkuNotAvailable"` or `(SkuNotAvailable)`.
fn error_code(stderr: &str) -> Option<String> {
    let codes = || {
        in_parentheses(stderr)
            .chain(in_json(stderr))
            .chain(in_lines(stderr))
    };
    // Who is not logged in gets a code of the server in the middle of the advice to log in.
    let code = codes()
        .find(|code| !WRAPPERS.contains(code))
        .or_else(|| codes().next());
    code.map(str::to_owned).or_else(|| {
        OWN_FAILURES
            .iter()
            .find(|(text, _)| stderr.contains(text))
            .map(|(_, code)| (*code).to_owned())
    })
}

/// Codes at the beginning of a message, as `ERROR: (Code) …` and `Exception Details:\t(Code) …`.
fn in_parentheses(stderr: &str) -> impl Iterator<Item = &str> {
    stderr
        .lines()
        .filter_map(|line| {
            let line = line.trim_start();
            let line = ["ERROR:", "Exception Details:"]
                .iter()
                .find_map(|start| line.strip_prefix(start))?;
            line.trim_start().strip_prefix('(')?.split_once(')')
        })
        .map(|(code, _)| code)
        .filter(|code| is_code(code))
}

/// Codes of an error printed as JSON.
fn in_json(stderr: &str) -> impl Iterator<Item = &str> {
    stderr.split("\"code\"").skip(1).filter_map(|rest| {
        let rest = rest.trim_start_matches([':', ' ']).strip_prefix('"')?;
        let (code, _) = rest.split_once('"')?;
        is_code(code).then_some(code)
    })
}

fn in_lines(stderr: &str) -> impl Iterator<Item = &str> {
    stderr
        .lines()
        .filter_map(|line| line.strip_prefix("Code: "))
        .map(str::trim)
        .filter(|code| is_code(code))
}

fn is_code(code: &str) -> bool {
    (1..=128).contains(&code.len())
        && code
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_from_every_way_in_which_az_prints_them() {
        for (stderr, expected) in [
            (
                "ERROR: (ResourceNotFound) The Resource 'Microsoft.Compute/images/x' under resource group 'y' was not found.\nCode: ResourceNotFound\nMessage: The Resource",
                Some("ResourceNotFound"),
            ),
            (
                "ERROR: (ResourceGroupNotFound) Resource group 'x' could not be found.",
                Some("ResourceGroupNotFound"),
            ),
            (
                "ERROR: (InvalidTemplateDeployment) The template deployment is not valid\nCode: InvalidTemplateDeployment\nException Details:\t(SkuNotAvailable) The requested VM size",
                Some("SkuNotAvailable"),
            ),
            (
                r#"ERROR: {"status":"Failed","error":{"code":"DeploymentFailed","details":[{"code": "QuotaExceeded","message":"x"}]}}"#,
                Some("QuotaExceeded"),
            ),
            ("ERROR: (DeploymentFailed) x", Some("DeploymentFailed")),
            (
                "ERROR: Please run 'az login' to setup account.",
                Some("NotLoggedIn"),
            ),
            (
                "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
                Some("TokenExpired"),
            ),
            (
                "ERROR: (ExpiredAuthenticationToken) The access token expiry UTC time is earlier. Please run az login",
                Some("ExpiredAuthenticationToken"),
            ),
            (
                "ERROR: unrecognized arguments: --sharing-profile Community",
                Some("UnknownArgument"),
            ),
            (
                "ERROR: 'siig' is misspelled or not recognized by the system.",
                Some("UnknownCommand"),
            ),
            (
                "ERROR: Operation returned an invalid status 'Forbidden'",
                Some("AuthorizationFailed"),
            ),
            ("ERROR: (<script>) x", None),
            ("ERROR: (", None),
            ("", None),
        ] {
            assert_eq!(error_code(stderr).as_deref(), expected, "{stderr}");
        }
    }

    #[test]
    fn values_that_are_files_or_structure_to_az_are_refused() {
        for bad in [
            "@/etc/passwd",
            "tags=@/etc/passwd",
            "a=@f=b",
            "'x'",
            "null",
            "??",
            "/root/.ssh/id_rsa",
            "~/.ssh/id_rsa.pub",
            "./f",
            "../f",
        ] {
            assert!(refuses(bad).is_some(), "{bad}");
        }
        for good in [
            "team@example.com",
            "owner=team@example.com",
            "/subscriptions/x/resourceGroups/y",
            "publishingProfile.endOfLifeDate=null",
            "10.0.0.0/8",
            "note=a b [c] {{d}}",
            "[?tags.owner=='team@example.com'].name",
        ] {
            assert!(refuses(good).is_none(), "{good}");
        }
    }

    #[test]
    fn no_secret_is_called_a_setting() {
        for variable in PROFILE.surroundings.variables {
            let looks_secret = ["HEADER", "TOKEN", "SECRET"]
                .iter()
                .any(|word| variable.name.contains(word));
            assert!(!looks_secret || variable.meaning != Setting, "{}", variable.name);
        }
    }

    #[test]
    fn nothing_that_prints_a_token_runs_code_or_changes_the_tool_can_be_granted() {
        let verb = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for never in [
            "rest",
            "login",
            "account get-access-token",
            "account set",
            "config set",
            "cloud register",
            "extension add",
            "vm run-command invoke",
            "vm extension set",
            "vm user update",
            "aks install-cli",
            "disk grant-access",
            "ad sp create-for-rbac",
            "role assignment create",
            "deployment group create",
            "evilgroup run",
            "image",
            "",
        ] {
            assert!(ceiling(&verb(never)).is_empty(), "{never}");
        }
        assert_eq!(ceiling(&verb("account show")), READ);
        assert_eq!(ceiling(&verb("group delete")), DESTROY);
        assert_eq!(ceiling(&verb("sig share enable-community")), PUBLISH);
    }
}
