//! The key under which an image is found again instead of being built again.

use semver::Version;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Session;
use crate::config::{Communicator, Settings};
use crate::contract::BuildRequest;
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::policy::builders::{PACKER_WITH_PLUGINS, knows};
use crate::provision::{HostSteps, Provisioned};

/// Changes whenever the way the key is computed changes.
const SCHEME: &str = "sindri-cache-2";

/// The part of a cloud's section that makes the image what it is, in the order of its keys: in which order
/// a file, variables and flags set them does not matter.
pub(super) fn content(settings: &Settings) -> Map<String, Value> {
    let belongs = |key: &String| !settings.access_keys.contains(key);
    let section = &settings.cloud_section;
    let mut content: Vec<_> = section.iter().filter(|(key, _)| belongs(key)).collect();
    content.sort_by_key(|(key, _)| key.as_str());
    content
        .into_iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// Everything that makes the image what it is, as far as it is known before anything is rendered.
#[derive(Serialize)]
struct Content<'a> {
    host_version: &'a str,
    plugin_sha256: &'a str,
    request: &'a BuildRequest,
    /// Packers before 1.7 know less and get another template.
    packer_has_plugins: bool,
    provisioned: bool,
    steps: &'a HostSteps,
}

/// SHA-256 over the canonical configuration, the plugin's digest, the host's version and every file that
/// goes into the VM. The template follows from these and from nothing else: the plugin is a pure function,
/// and so is the compiler. So the key is known before the template is rendered, which carries it as a tag.
///
/// `request` has neither time nor run nor key. The values of `build.environment` are left out, their names
/// are not: the key is a public tag, and a digest over a short secret would let anyone try values.
pub(super) fn key(
    session: &Session<'_>,
    request: &BuildRequest,
    packer: Option<&Version>,
    provisioned: &Provisioned,
) -> Result<String> {
    let content = Content {
        host_version: env!("CARGO_PKG_VERSION"),
        plugin_sha256: &session.plugin.identity().sha256,
        request,
        packer_has_plugins: knows(packer, Some(PACKER_WITH_PLUGINS)),
        provisioned: session.settings.build.communicator == Communicator::Ssh,
        steps: &provisioned.steps,
    };
    let content = serde_json::to_vec(&content)
        .map_err(|error| Error::new(Code::Internal, "the cache key cannot be computed").source(error))?;
    let mut files: Vec<_> = provisioned.files.iter().collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup();
    let mut parts: Vec<&[u8]> = vec![SCHEME.as_bytes(), &content];
    for file in files {
        parts.push(file.path.as_bytes());
        parts.push(&file.content);
    }
    Ok(digest::sha256_of_parts(parts))
}
