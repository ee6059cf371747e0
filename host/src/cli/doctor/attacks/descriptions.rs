//! What a component says and wants before it is ever asked for anything.

use super::super::attack::{Attack, Lab, Verdict};
use crate::config;
use crate::contract::{CommandRequest, Effect};
use crate::error::{Code, Result};
use crate::plugin::Plugin;
use crate::policy::{argv, tools};

/// A component that imports the environment and the file system. Its header and one section are enough: it is
/// refused before it is compiled.
const IMPORTS: &[u8] =
    b"\0asm\x0d\0\x01\0\x07\x03\x01\x42\x00\x0a\x20\x01\x00\x1bwasi:filesystem/types@0.2.0\x05\x00";

pub(in super::super) fn attacks() -> Vec<Attack> {
    vec![
        Attack {
            name: "wasi-import",
            tries: "to import a file system",
            run: Box::new(|lab| {
                let loaded = Plugin::compile(lab.engine(), "hostile", IMPORTS);
                Verdict::of_refusal(loaded, &[Code::PluginImports])
            }),
        },
        Attack {
            name: "no-component",
            tries: "to be loaded without being WebAssembly",
            run: Box::new(|lab| {
                let loaded = Plugin::compile(lab.engine(), "hostile", b"#!/bin/sh\ntouch /tmp/owned\n");
                Verdict::of_refusal(loaded, &[Code::PluginContract])
            }),
        },
        Attack {
            name: "lying-name",
            tries: "to be taken for the bundled plugin `aws`",
            run: Box::new(|lab| match lying_name(lab) {
                Ok((said, known_as)) => Verdict::of_mechanism(
                    said == "aws" && known_as == "hostile",
                    "identity",
                    "it is known by the name that the user gave it",
                    "it is known by the name that it gave itself",
                ),
                Err(error) => Verdict::NotBlocked {
                    what: error.message().to_owned(),
                },
            }),
        },
        schema(
            "deep-schema",
            "to overflow the stack with a deeply nested schema",
            "describe-deep-schema",
        ),
        schema(
            "large-schema",
            "to have a schema of two megabytes read",
            "describe-large-schema",
        ),
        schema(
            "credential-in-schema",
            "to get AWS_SECRET_ACCESS_KEY as a value of its configuration",
            "describe-credential-variable",
        ),
        request(
            "request-ceiling",
            "to be granted `aws iam create-access-key`",
            &["iam", "create-access-key"],
            &[],
            Code::ArgvVerb,
        ),
        request(
            "request-endpoint",
            "to be granted the flag that redirects signed requests",
            &["ec2", "describe-images"],
            &["endpoint-url"],
            Code::ArgvFlag,
        ),
        request(
            "request-abbreviation",
            "to be granted an abbreviation of that flag",
            &["ec2", "describe-images"],
            &["endp"],
            Code::ArgvFlag,
        ),
        request(
            "request-profile",
            "to be granted `--profile`, which can name a program",
            &["ec2", "describe-images"],
            &["profile"],
            Code::ArgvFlag,
        ),
        Attack {
            name: "request-shell",
            tries: "to be granted a shell as its tool",
            run: Box::new(|_| {
                let wanted = command("sh", &["c"], &[]);
                let checked = tools::profile("sh").and_then(|profile| argv::check_request(&wanted, &profile));
                Verdict::of_refusal(checked, &[Code::ArgvTool, Code::ArgvVerb])
            }),
        },
    ]
}

fn lying_name(lab: &Lab) -> Result<(String, String)> {
    let plugin = lab.with("describe-lying-name")?;
    Ok((plugin.ask()?.id, plugin.identity().id.clone()))
}

fn schema(name: &'static str, tries: &'static str, attack: &'static str) -> Attack {
    Attack {
        name,
        tries,
        run: Box::new(move |lab| {
            let admitted = lab
                .with(attack)
                .and_then(|plugin| plugin.ask())
                .and_then(|info| config::schema(&[info]));
            Verdict::of_refusal(admitted, &[Code::PluginReturn])
        }),
    }
}

fn request(
    name: &'static str,
    tries: &'static str,
    verb: &'static [&'static str],
    flags: &'static [&'static str],
    wall: Code,
) -> Attack {
    Attack {
        name,
        tries,
        run: Box::new(move |_| {
            let wanted = command("aws", verb, flags);
            let checked = tools::profile("aws").and_then(|profile| argv::check_request(&wanted, &profile));
            Verdict::of_refusal(checked, &[wall])
        }),
    }
}

fn command(tool: &str, verb: &[&str], flags: &[&str]) -> CommandRequest {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CommandRequest {
        tool: tool.to_owned(),
        verb: owned(verb),
        flags: owned(flags),
        effect: Effect::Read,
    }
}
