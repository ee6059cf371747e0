//! The Google Cloud CLI.

use std::borrow::Cow;

use super::Meaning::{Path, Secret, Setting};
use super::{Meaning, Surroundings, ToolProfile, Variable};
use crate::contract::Effect;

/// What the host knows of `gcloud`.
pub const PROFILE: ToolProfile = ToolProfile {
    program: Cow::Borrowed("gcloud"),
    known: true,
    ceiling,
    positionals,
    reserved_flags: RESERVED,
    // It takes whole names only (tried with 528).
    abbreviates_flags: false,
    refuses,
    takes_json: false,
    // What takes a file has a flag of its own, and reads any.
    file_prefix: None,
    // Not every command takes a zone, so the zone goes through the environment like the project.
    location_flag: None,
    fixed_arguments: &["--format", "json", "--quiet"],
    error_code,
    credential_errors: &[
        "unauthenticated",
        "noActiveAccount",
        "tokenRefresh",
        "unknownConfiguration",
    ],
    surroundings: Surroundings {
        variables: VARIABLES,
        packer_variables: &[],
        home_files: &[],
        // Logins, configurations, and the default credentials that Packer's builder looks for there.
        home_links: &[".config/gcloud"],
        fixed: &[
            ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
            ("CLOUDSDK_CORE_DISABLE_COLOR", "1"),
            ("CLOUDSDK_CORE_DISABLE_FILE_LOGGING", "1"),
            ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1"),
            ("CLOUDSDK_CORE_LOG_HTTP", "false"),
            ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1"),
            ("CLOUDSDK_SURVEY_DISABLE_PROMPTS", "1"),
        ],
        settings: &[("project_id", of("CLOUDSDK_CORE_PROJECT", Setting))],
        keys: None,
        endpoint: Some("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"),
        profile: Some("CLOUDSDK_ACTIVE_CONFIG_NAME"),
        location: &["CLOUDSDK_COMPUTE_ZONE"],
    },
};

const fn of(name: &'static str, meaning: Meaning) -> Variable {
    Variable { name, meaning }
}

/// Accounts, configurations, service account files, federation, impersonation, proxies. Not the other
/// `CLOUDSDK_API_ENDPOINT_OVERRIDES_*` (only the configuration redirects requests, which carry a token) and
/// not `CLOUDSDK_CORE_TRACE_*`.
const VARIABLES: &[Variable] = &[
    of("GOOGLE_APPLICATION_CREDENTIALS", Path),
    of("GOOGLE_CLOUD_QUOTA_PROJECT", Setting),
    of("GOOGLE_CLOUD_UNIVERSE_DOMAIN", Setting),
    // Federation with a program of the user's that prints the token.
    of("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", Setting),
    of("GCE_METADATA_HOST", Setting),
    of("GCE_METADATA_IP", Setting),
    of("GCE_METADATA_ROOT", Setting),
    of("CLOUDSDK_CONFIG", Path),
    of("CLOUDSDK_ACTIVE_CONFIG_NAME", Setting),
    of("CLOUDSDK_CORE_ACCOUNT", Setting),
    of("CLOUDSDK_CORE_PROJECT", Setting),
    of("CLOUDSDK_CORE_UNIVERSE_DOMAIN", Setting),
    of("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", Path),
    of("CLOUDSDK_COMPUTE_ZONE", Setting),
    of("CLOUDSDK_BILLING_QUOTA_PROJECT", Setting),
    of("CLOUDSDK_AUTH_ACCESS_TOKEN", Secret),
    of("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", Path),
    of("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", Path),
    of("CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT", Setting),
    // For emulators, which ask for none.
    of("CLOUDSDK_AUTH_DISABLE_CREDENTIALS", Setting),
    of("CLOUDSDK_PROXY_TYPE", Setting),
    of("CLOUDSDK_PROXY_ADDRESS", Setting),
    of("CLOUDSDK_PROXY_PORT", Setting),
    of("CLOUDSDK_PROXY_RDNS", Setting),
    of("CLOUDSDK_PROXY_USERNAME", Setting),
    of("CLOUDSDK_PROXY_PASSWORD", Secret),
    // Which Python runs it, a name or a path.
    of("CLOUDSDK_PYTHON", Setting),
    of("CLOUDSDK_PYTHON_SITEPACKAGES", Setting),
];

/// Flags of every command, and those of single ones that read files, act elsewhere or as somebody else.
const RESERVED: &[&str] = &[
    "access-token-file",
    "account",
    "authority-selector",
    "authorization-token-file",
    "billing-project",
    "capture-session-file",
    "condition-from-file",
    "configuration",
    "credential-file-override",
    "csek-key-file",
    "document",
    "flags-file",
    "flatten",
    "format",
    "help",
    "http-timeout",
    "impersonate-service-account",
    "log-http",
    "metadata-from-file",
    "no-log-http",
    "no-user-output-enabled",
    "project",
    "quiet",
    "source-uri",
    "trace-email",
    "trace-log",
    "trace-token",
    "universe-domain",
    "user-output-enabled",
    "verbosity",
    "version",
    "zone",
];

const READ: &[Effect] = &[Effect::Read];
const CREATE: &[Effect] = &[Effect::Create];
const DESTROY: &[Effect] = &[Effect::Destroy];
const PUBLISH: &[Effect] = &[Effect::Publish];
const CHANGE: &[Effect] = &[Effect::Create, Effect::Publish];

/// Images and instances of Compute Engine. `auth print-access-token` prints a credential, `config set`
/// redirects every later command of the user's, `compute ssh` and `scp` run programs, `components` installs
/// them, `storage` and `secrets` have no business in the making of an image.
fn ceiling(verb: &[String]) -> &'static [Effect] {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["auth", "list"] => READ,
        [
            "compute",
            "images" | "instances" | "disks" | "firewall-rules" | "networks" | "snapshots" | "zones"
            | "regions" | "machine-types" | "disk-types",
            "list" | "describe",
        ]
        | ["compute", "networks", "subnets", "list" | "describe"]
        | ["compute", "images", "describe-from-family" | "get-iam-policy"] => READ,
        ["compute", "instances", "create" | "start" | "stop"]
        | ["compute", "images" | "disks" | "firewall-rules", "create"]
        | [
            "compute",
            "images" | "instances" | "disks",
            "update" | "add-labels" | "remove-labels",
        ] => CREATE,
        [
            "compute",
            "images" | "instances" | "disks" | "firewall-rules" | "snapshots",
            "delete",
        ] => DESTROY,
        [
            "compute",
            "images",
            "add-iam-policy-binding" | "remove-iam-policy-binding",
        ] => PUBLISH,
        ["compute", "images", "deprecate"] => CHANGE,
        _ => &[],
    }
}

/// The name of the one thing that the command is about.
fn positionals(verb: &[String]) -> usize {
    match verb.last().map(String::as_str) {
        None | Some("list") => 0,
        Some(_) => 1,
    }
}

/// Resources that belong to another project by right: shared networks and keys.
const SHARED: &[&str] = &["/subnetworks/", "/global/networks/", "/cryptoKeys/"];

/// A whole path is a name too and goes before the configured project, so `images delete
/// projects/OTHER/global/images/X` would delete in another one. A list that starts with `^:^` is taken apart at
/// `:` instead of `,`.
fn refuses(value: &str) -> Option<&'static str> {
    if value.starts_with('^') {
        Some("gcloud would take what follows for a separator")
    } else if value.contains("://") {
        Some("an address names a resource of any project")
    } else if value.contains("projects/") && !SHARED.iter().any(|part| value.contains(part)) {
        Some("a path names a resource of any project")
    } else {
        None
    }
}

/// Failures as gcloud words them, with the reasons of the API's own error format. The first that is found
/// counts.
const FAILURES: &[(&str, &str)] = &[
    (
        "You do not currently have an active account selected",
        "noActiveAccount",
    ),
    ("Your default credentials were not found", "noActiveAccount"),
    ("does not have any valid credentials", "noActiveAccount"),
    ("There was a problem refreshing", "tokenRefresh"),
    ("Reauthentication", "tokenRefresh"),
    ("invalid authentication credentials", "unauthenticated"),
    ("missing required authentication credential", "unauthenticated"),
    ("UNAUTHENTICATED", "unauthenticated"),
    ("HTTPError 401", "unauthenticated"),
    ("Cannot find configuration", "unknownConfiguration"),
    ("Policy binding with the specified principal", "bindingNotFound"),
    ("Policy bindings with the specified principal", "bindingNotFound"),
    ("is already being used by", "resourceInUseByAnotherResource"),
    (
        "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE",
        "resourceInUseByAnotherResource",
    ),
    ("is not ready", "resourceNotReady"),
    ("RESOURCE_NOT_READY", "resourceNotReady"),
    ("already exists", "alreadyExists"),
    ("was not found", "notFound"),
    ("HTTPError 404", "notFound"),
    ("NOT_FOUND", "notFound"),
    ("ZONE_RESOURCE_POOL_EXHAUSTED", "zoneResourcePoolExhausted"),
    (
        "does not have enough resources available",
        "zoneResourcePoolExhausted",
    ),
    ("' exceeded.", "quotaExceeded"),
    ("QUOTA_EXCEEDED", "quotaExceeded"),
    ("API has not been used in project", "accessNotConfigured"),
    ("conditionNotMet", "conditionNotMet"),
    ("constraints/", "conditionNotMet"),
    ("Required '", "forbidden"),
    ("PERMISSION_DENIED", "forbidden"),
    ("HTTPError 403", "forbidden"),
    ("unrecognized arguments:", "UnknownOptions"),
    ("Invalid choice:", "UnknownCommand"),
];

fn error_code(stderr: &str) -> Option<String> {
    // Warnings stand before it and may say the same things of something else.
    let error = stderr
        .find("ERROR:")
        .and_then(|at| stderr.get(at..))
        .unwrap_or(stderr);
    FAILURES
        .iter()
        .find(|(text, _)| error.contains(text))
        .map(|(_, code)| (*code).to_owned())
}

#[cfg(test)]
#[path = "gcloud/tests.rs"]
mod tests;
