//! What no plugin gets, whoever grants it.

use super::item::Item;
use crate::contract::{BuilderRequest, PackerPlugin};
use crate::policy::builders::Builder;
use crate::policy::{argv, tools};

/// Longest name of anything.
const NAME: usize = 128;
/// Most attributes of a builder and flags of a command: `run-instances` has about a hundred.
const DETAILS: usize = 512;

/// Why no plugin gets it; none for what the user may grant.
pub fn refuses(item: &Item) -> Option<String> {
    match item {
        Item::Builder(builder) => refuses_builder(builder),
        Item::PackerPlugin(plugin) => refuses_plugin(plugin),
        Item::Command(command) => {
            if command.flags.len() > DETAILS {
                return Some(format!("it has more than {DETAILS} flags"));
            }
            tools::profile(&command.tool)
                .and_then(|profile| argv::check_request(command, &profile))
                .err()
                .map(|error| error.message().to_owned())
        }
        // Each stands in the plan, and the guest is the plugin's own.
        Item::Phase(_) => None,
    }
}

fn refuses_builder(builder: &BuilderRequest) -> Option<String> {
    if !is_plain(&builder.name, "-") {
        return Some("a builder's name is lower-case letters, digits and -".to_owned());
    }
    if builder.attributes.len() > DETAILS {
        return Some(format!("it has more than {DETAILS} attributes"));
    }
    let wrong = builder.attributes.iter().find(|name| !is_plain(name, "_."));
    if let Some(name) = wrong {
        return Some(format!(
            "`{}` is not the name of an attribute",
            name.escape_default()
        ));
    }
    Builder::of(builder).err().map(|error| error.message().to_owned())
}

/// `github.com/OWNER/NAME` and a constraint of versions: what `packer init` takes.
fn refuses_plugin(plugin: &PackerPlugin) -> Option<String> {
    let part = |part: &str| is_plain(&part.to_ascii_lowercase(), "-_.") && !part.contains("..");
    let parts: Vec<&str> = plugin.source.split('/').collect();
    if !is_plain(&plugin.name, "-_") {
        return Some("its local name is lower-case letters, digits, - and _".to_owned());
    }
    if parts.len() != 3 || parts.first() != Some(&"github.com") || !parts.iter().all(|one| part(one)) {
        return Some("Packer plugins come from `github.com/OWNER/NAME`".to_owned());
    }
    let version = |c: char| c.is_ascii_alphanumeric() || " .,<>=!~+-".contains(c);
    if plugin.version.is_empty() || plugin.version.len() > NAME || !plugin.version.chars().all(version) {
        return Some("its version is not a constraint such as `>= 1.2.0`".to_owned());
    }
    None
}

fn is_plain(name: &str, also: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || also.contains(c);
    name.len() <= NAME && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain)
}
