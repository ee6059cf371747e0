//! A tool that the host does not know: whatever any known tool does with a value is refused here.

use std::borrow::Cow;

use super::{Surroundings, ToolProfile};
use crate::contract::Effect;

const ANY: &[Effect] = &[Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish];

/// No files, no positionals, no location, no credentials.
pub(super) fn profile(program: &str) -> ToolProfile {
    ToolProfile {
        program: Cow::Owned(program.to_owned()),
        ceiling: |_| ANY,
        positionals: |_| 0,
        reserved_flags: RESERVED,
        abbreviates_flags: true,
        refuses,
        takes_json: false,
        file_prefix: None,
        location_flag: None,
        fixed_arguments: &[],
        error_code: |_| None,
        credential_errors: &[],
        surroundings: Surroundings::NONE,
    }
}

/// Where the tool connects to, what it reads and runs, and as whom, under their usual names.
const RESERVED: &[&str] = &[
    "auth",
    "ca-bundle",
    "cert",
    "config",
    "config-file",
    "context",
    "credentials",
    "debug",
    "endpoint",
    "endpoint-url",
    "exec",
    "insecure",
    "key-file",
    "log-file",
    "output-file",
    "password",
    "plugin",
    "profile",
    "proxy",
    "secret",
    "server",
    "token",
    "url",
    "verbose",
];

fn refuses(value: &str) -> Option<&'static str> {
    let text = value.trim_start();
    if text.starts_with('@') || value.contains("=@") || value.contains("@=") {
        Some("`@` means a file to some tools")
    } else if value.contains("://") {
        Some("an address would be read by some tools")
    } else if text.starts_with(['/', '~', '.']) || value.contains("..") {
        Some("a path would be read by some tools")
    } else if value.contains(['$', '`', '\\', ';', '|', '<', '>', '&']) {
        Some("it would mean something to a shell")
    } else {
        None
    }
}
