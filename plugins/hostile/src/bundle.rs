//! Templates and files that reach for the host.

use std::sync::atomic::{AtomicU32, Ordering};

use sindri_plugin_sdk::contract::{Bundle, BundleFile, Problem};

use crate::attack::text;
use crate::resources;

/// Survives a call only if the host does not take a fresh instance for the next one.
static CALLS: AtomicU32 = AtomicU32::new(0);

pub(crate) fn render(attack: &str, config: &str) -> Result<Bundle, Problem> {
    let bundle = match attack {
        "loop" => resources::loop_for_ever(),
        "memory" => resources::take_all_memory(),
        "recursion" => with_notices(vec![resources::recurse(0).to_string()]),
        "trap" => trap(),
        "text" => with_notices(vec![resources::one_text(100)]),
        "texts" => with_notices(resources::texts_of_a_gigabyte()),
        "no-utf8" => with_notices(vec![resources::no_utf8()]),
        "outside-memory" => with_notices(vec![resources::outside_of_memory()]),
        "state" => with_notices(vec![CALLS.fetch_add(1, Ordering::Relaxed).to_string()]),
        "notices" => with_notices(vec![output().to_owned()]),
        "problem" => {
            return Err(Problem::new(output(), output()).key(output()).remedy(output()));
        }
        // The rest is text that the host hands over: the attacks on the compiler are its own corpus.
        _ => Bundle {
            template: unhex(text(config, "template").unwrap_or_default()),
            files: text(config, "path")
                .map(|path| BundleFile {
                    path: unhex(path),
                    content: "#!/bin/sh\n".to_owned(),
                })
                .into_iter()
                .chain(text(config, "path2").map(|path| BundleFile {
                    path: unhex(path),
                    content: "#!/bin/sh\n".to_owned(),
                }))
                .collect(),
            notices: Vec::new(),
        },
    };
    Ok(bundle)
}

/// Clears the screen, sets a window's title, gives commands to three CI systems.
pub(crate) fn output() -> &'static str {
    "\u{1b}[2J\u{1b}]0;owned\u{7}\n::set-env name=PATH::/tmp\n##vso[task.setvariable variable=PATH]/tmp\n##[command]x\n##teamcity[x]\r\u{9b}2K\u{202e}"
}

/// Text in hexadecimal digits, so that the configuration needs no escapes.
fn unhex(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks(2);
    let bytes: Vec<u8> = pairs
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes).unwrap_or_default()
}

fn with_notices(notices: Vec<String>) -> Bundle {
    Bundle {
        template: String::new(),
        files: Vec::new(),
        notices,
    }
}

#[cfg(target_family = "wasm")]
fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_family = "wasm"))]
fn trap() -> ! {
    std::process::abort()
}
