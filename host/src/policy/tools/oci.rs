//! The OCI CLI, version 3.

use std::borrow::Cow;

use super::Meaning::{Path, Secret, Setting};
use super::{Meaning, Surroundings, ToolProfile, Variable};
use crate::contract::Effect;

/// What the host knows of `oci`.
pub const PROFILE: ToolProfile = ToolProfile {
    program: Cow::Borrowed("oci"),
    known: true,
    ceiling,
    positionals: |_| 0,
    reserved_flags: RESERVED,
    // Python's click takes whole names only.
    abbreviates_flags: false,
    refuses,
    takes_json: true,
    // `--user-data-file` and its like are reserved; what they would carry goes into JSON.
    file_prefix: None,
    location_flag: Some("--region"),
    // The file of defaults of the user's home may hold an endpoint for every command, and other names for its
    // flags; an empty one in its place is read first.
    fixed_arguments: &["--output", "json", "--cli-rc-file", "/dev/null"],
    error_code,
    credential_errors: &[
        "NotAuthenticated",
        "InvalidConfig",
        "NoConfig",
        "ProfileNotFound",
        "TokenExpired",
    ],
    surroundings: Surroundings {
        variables: VARIABLES,
        packer_variables: &[],
        home_files: &[("OCI_CLI_CONFIG_FILE", ".oci/config")],
        // Keys and session tokens: the configuration file may name them as `~/.oci/…`.
        home_links: &[".oci"],
        fixed: &[
            // Warnings about the user's files, on standard error of every command.
            ("OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING", "True"),
            ("SUPPRESS_LABEL_WARNING", "True"),
        ],
        endpoint: None,
        profile: Some("OCI_CLI_PROFILE"),
        location: &["OCI_CLI_REGION"],
        settings: &[
            ("auth", of("OCI_CLI_AUTH", Setting)),
            ("config_file", of("OCI_CLI_CONFIG_FILE", Path)),
            ("tenancy_ocid", of("OCI_CLI_TENANCY", Setting)),
            ("user_ocid", of("OCI_CLI_USER", Setting)),
            ("fingerprint", of("OCI_CLI_FINGERPRINT", Setting)),
            ("key_file", of("OCI_CLI_KEY_FILE", Path)),
        ],
        keys: None,
    },
};

const fn of(name: &'static str, meaning: Meaning) -> Variable {
    Variable { name, meaning }
}

/// API keys, session tokens, instance and resource principals, workload identity. Not `OCI_CLI_ENDPOINT` and
/// `OCI_CLI_FEDERATION_ENDPOINT` (they redirect signed requests), `OCI_CLI_RC_FILE` (so does the file),
/// `OCI_CLI_AUTO_PROMPT` (it would wait for a terminal), `OCI_CLI_PKCS11_MODULE_PATH` (code).
const VARIABLES: &[Variable] = &[
    of("OCI_CLI_USER", Setting),
    of("OCI_CLI_TENANCY", Setting),
    of("OCI_CLI_FINGERPRINT", Setting),
    of("OCI_CLI_KEY_FILE", Path),
    of("OCI_CLI_KEY_CONTENT", Secret),
    of("OCI_CLI_PASSPHRASE", Secret),
    of("OCI_CLI_REGION", Setting),
    of("OCI_CLI_PROFILE", Setting),
    of("OCI_CLI_CONFIG_FILE", Path),
    of("OCI_CLI_AUTH", Setting),
    of("OCI_CLI_SECURITY_TOKEN_FILE", Path),
    of("OCI_CLI_DELEGATION_TOKEN_FILE", Path),
    of("OCI_CLI_CERT_BUNDLE", Path),
    of("OCI_RESOURCE_PRINCIPAL_VERSION", Setting),
    of("OCI_RESOURCE_PRINCIPAL_REGION", Setting),
    // The token and the key themselves, or the files that hold them.
    of("OCI_RESOURCE_PRINCIPAL_RPST", Secret),
    of("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", Secret),
    of("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", Secret),
    of("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH", Path),
    of("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH", Path),
    of("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_STRING", Secret),
    of("KUBERNETES_SERVICE_HOST", Setting),
];

/// Global options, those of every command that replace its parameters, and those that name a file of the host.
const RESERVED: &[&str] = &[
    "auth",
    "auth-purpose",
    "cert-bundle",
    "cli-auto-prompt",
    "cli-rc-file",
    "config-file",
    "connection-timeout",
    "debug",
    "defaults-file",
    "enable-dual-stack",
    "enable-propagation",
    "endpoint",
    "federation-endpoint",
    "file",
    "from-json",
    "generate-full-command-json-input",
    "generate-param-json-input",
    "help",
    "ipxe-script-file",
    "latest-version",
    "max-retries",
    "no-retry",
    "opc-client-request-id",
    "opc-request-id",
    "output",
    "profile",
    "proxy",
    "raw-output",
    "read-timeout",
    "realm-specific-endpoint",
    "region",
    "release-info",
    "request-id",
    "ssh-authorized-keys-file",
    "user-data-file",
    "version",
];

const READ: &[Effect] = &[Effect::Read];
const CREATE: &[Effect] = &[Effect::Create];
const DESTROY: &[Effect] = &[Effect::Destroy];
const PUBLISH: &[Effect] = &[Effect::Publish];
const CHANGE: &[Effect] = &[Effect::Create, Effect::Publish];

/// Images, instances and what they stand on, and nothing that prints a credential (`session`, `iam … api-key`,
/// `get-windows-initial-creds`), signs a request to anywhere (`raw-request`) or moves a file (`os object put`).
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        [
            "iam",
            "region" | "region-subscription" | "availability-domain",
            "list",
        ]
        | ["os", "ns", "get"]
        | ["os", "object", "list"]
        | [
            "compute",
            "image" | "image-capability-schema" | "instance" | "vnic-attachment" | "boot-volume-attachment",
            "list" | "get",
        ]
        | ["compute", "shape" | "image-shape-compatibility-entry", "list"]
        | ["compute", "instance", "list-vnics"]
        | ["network", "subnet" | "vcn" | "nsg" | "vnic", "list" | "get"]
        | ["network", "nsg", "rules" | "vnics", "list"]
        | ["bv", "boot-volume", "list" | "get"]
        | ["work-requests", "work-request", "get"] => READ,
        ["compute", "instance", "launch"]
        | ["compute", "image", "create"]
        | ["compute", "image", "import", "from-object"]
        | ["network", "nsg", "create"]
        | ["network", "nsg", "rules", "add"] => CREATE,
        // Tags are what policies and people go by.
        ["compute", "image" | "image-capability-schema", "update"] => CHANGE,
        // Into a bucket, which may be anybody's.
        ["compute", "image", "export", "to-object"] | ["os", "object", "copy"] => PUBLISH,
        ["compute", "instance", "terminate"]
        | ["compute", "image" | "image-capability-schema", "delete"]
        | ["network", "nsg", "delete"]
        | ["network", "nsg", "rules", "remove"]
        | ["bv", "boot-volume", "delete"]
        | ["os", "object", "delete"] => DESTROY,
        _ => &[],
    }
}

/// A structured parameter whose value begins with `file://`, in any case, is read from that file, with `~` and `$VAR`
/// expanded; `query://` names a query of the file of defaults. Nothing in JSON is expanded.
fn refuses(value: &str) -> Option<&'static str> {
    let scheme = value
        .trim_start()
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("file" | "query" | "http" | "https") => Some("oci would read what it names"),
        Some(_) | None => None,
    }
}

/// Failures of the CLI itself have no code. The first that is found counts.
const OWN_FAILURES: &[(&str, &str)] = &[
    // Behind `--wait-for-state`, with exit code 2, which a wrong flag has as well.
    ("Failed to wait until the ", "WaitTimeout"),
    ("Could not find config file", "NoConfig"),
    ("Do you want to create a new config file", "NoConfig"),
    ("Do you want to create a new CLI session", "TokenExpired"),
    ("not found in config file", "ProfileNotFound"),
    ("is invalid:", "InvalidConfig"),
    ("Config value for 'security_token_file' must be", "InvalidConfig"),
    ("Private key passphrase", "InvalidConfig"),
    ("The session has expired", "TokenExpired"),
    ("Security Token has expired", "TokenExpired"),
    ("RequestException:", "RequestException"),
    ("ConnectTimeout:", "ConnectTimeout"),
    ("Error: No such command", "UnknownCommand"),
    ("Error: No such option", "UnknownOptions"),
    ("Usage: oci", "UsageError"),
];

/// `ServiceError:` and a JSON document with the API's own `"code"`.
fn error_code(stderr: &str) -> Option<String> {
    const START: &str = "ServiceError:";
    let of_service = || {
        let (_, after) = stderr.split_once(START)?;
        let (_, after) = after.split_once("\"code\": \"")?;
        let (code, _) = after.split_once('"')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        ((1..=128).contains(&code.len()) && code.chars().all(plain)).then(|| code.to_owned())
    };
    of_service().or_else(|| {
        OWN_FAILURES
            .iter()
            .find(|(text, _)| stderr.contains(text))
            .map(|(_, code)| (*code).to_owned())
    })
}

#[cfg(test)]
#[path = "oci/tests.rs"]
mod tests;
