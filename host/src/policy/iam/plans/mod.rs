//! Which commands the plans of each operation run.
//!
//! The files are written by the plugins' own tests, which drive every plan and hold each that any test drives against
//! them. A line has an operation in the contract's words, and the verb of a command.

use crate::contract::CommandRequest;

const FILES: [(&str, &str); 5] = [
    ("alibaba", include_str!("alibaba.txt")),
    ("aws", include_str!("aws.txt")),
    ("azure", include_str!("azure.txt")),
    ("gcp", include_str!("gcp.txt")),
    ("oci", include_str!("oci.txt")),
];

/// The operations whose plans run this command. None for plugins whose plans nobody has driven.
pub(super) fn operations<'a>(
    cloud: &'a str,
    request: &'a CommandRequest,
) -> impl Iterator<Item = &'static str> + use<'a> {
    let verb = request.verb.join(" ");
    lines(cloud).filter_map(move |(operation, known)| (known == verb).then_some(operation))
}

/// Operation and verb.
pub(super) fn lines(cloud: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let file = FILES.iter().find(|(id, _)| *id == cloud);
    let text = file.map_or("", |(_, text)| text);
    text.lines().filter_map(|line| line.split_once(' '))
}
