//! Commands beyond what is granted, and values that a tool would not take as plain text.

use super::super::attack::{Attack, Verdict};
use crate::error::Code;

/// What somebody wrote into an image's description, for example: the plugin passes it on as a value.
const ECHOED: &[(&str, &str, &str)] = &[
    (
        "echo-flag",
        "to turn what a tool printed into a flag",
        "--endpoint-url=http://127.0.0.1:9",
    ),
    (
        "echo-short-flag",
        "to turn what a tool printed into a short flag",
        "-h",
    ),
    (
        "echo-file",
        "to have the tool read a file by what it printed",
        "file:///etc/passwd",
    ),
    (
        "echo-binary-file",
        "the same for binary files",
        "fileb://~/.aws/credentials",
    ),
    (
        "echo-url",
        "to have the tool fetch an address by what it printed",
        "http://169.254.169.254/latest/",
    ),
    (
        "echo-shorthand-file",
        "the same inside of a structured value",
        "Name=x,Values@=file:///etc/passwd",
    ),
    (
        "echo-line",
        "to add a line to what is logged",
        "ami-1\n::set-env name=PATH::/tmp",
    ),
    ("echo-escape", "to clear the screen", "ami-1\u{1b}[2J"),
];

/// Name, what it tries, attack of the plugin, wall.
const PLANNED: &[(&str, &str, &str, Code)] = &[
    ("other-tool", "to run a shell", "other-tool", Code::ArgvTool),
    (
        "other-verb",
        "to terminate instances without a grant",
        "other-verb",
        Code::ArgvVerb,
    ),
    (
        "lying-effect",
        "to change something with a command that it calls a read",
        "lying-effect",
        Code::ArgvVerb,
    ),
    (
        "other-flag",
        "to redirect signed requests",
        "other-flag",
        Code::ArgvFlag,
    ),
    (
        "abbreviated-flag",
        "the same by an abbreviation",
        "short-flag",
        Code::ArgvFlag,
    ),
    (
        "joined-flag",
        "to hide a flag in another's name",
        "joined-flag",
        Code::ArgvFlag,
    ),
    (
        "repeated-flag",
        "to give a flag twice",
        "repeated-flag",
        Code::ArgvFlag,
    ),
    (
        "positional",
        "to name a file to write to",
        "positional",
        Code::ArgvValue,
    ),
    (
        "location",
        "to name a host as the region",
        "location",
        Code::ArgvLocation,
    ),
    (
        "deep-json",
        "to overflow the stack with a deeply nested value",
        "deep-json",
        Code::ArgvValue,
    ),
    (
        "long-value",
        "to start a tool with a megabyte of arguments",
        "long-value",
        Code::ArgvValue,
    ),
    (
        "no-time-limit",
        "to run a command for 136 years",
        "no-time-limit",
        Code::PluginReturn,
    ),
];

pub(in super::super) fn attacks() -> Vec<Attack> {
    let echoed = ECHOED.iter().map(|(name, tries, printed)| Attack {
        name,
        tries,
        run: Box::new(move |lab| Verdict::of_refusal(lab.drive("echo", printed), &[Code::ArgvValue])),
    });
    let planned = PLANNED.iter().map(|(name, tries, attack, wall)| Attack {
        name,
        tries,
        run: Box::new(move |lab| Verdict::of_refusal(lab.drive(attack, ""), &[*wall])),
    });
    echoed.chain(planned).collect()
}
