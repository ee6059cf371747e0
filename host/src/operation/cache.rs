//! The key under which an image is found again instead of being built again.

use serde_json::{Map, Value};

use super::Session;
use crate::digest;
use crate::policy::template::Template;
use crate::provision::Provisioned;

/// Changes whenever the way the key is computed changes.
const SCHEME: &str = "sindri-cache-1";

/// Keys of a cloud's section that say how to reach the cloud, not what the image is. A plugin renders without them, so
/// none may be one that it needs.
const NOT_THE_IMAGE: &[&str] = &[
    "auth",
    "config_file",
    "endpoint_url",
    "fingerprint",
    "key_file",
    "profile",
    "tenancy_ocid",
    "user_ocid",
];

/// The part of a cloud's section that makes the image what it is.
pub(super) fn content(section: &Map<String, Value>) -> Map<String, Value> {
    let belongs = |key: &str| !NOT_THE_IMAGE.contains(&key);
    section
        .iter()
        .filter(|(key, _)| belongs(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// SHA-256 over the plugin's digest, the canonical configuration, the compiled template and every
/// file it names.
///
/// The values of `build.environment` are left out, their names are not: the key is a public tag, and
/// a digest over a short secret would let anyone try values.
pub(super) fn key(
    session: &Session<'_>,
    content: &Map<String, Value>,
    template: &Template,
    provisioned: &Provisioned,
) -> String {
    let mut config: Vec<_> = content
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    config.sort();
    let config = config.join("\n");
    let json = template.to_packer_json();
    let mut files: Vec<_> = template.bundle_files().iter().chain(&provisioned.files).collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup();
    let mut parts: Vec<&[u8]> = vec![
        SCHEME.as_bytes(),
        session.plugin.identity().sha256.as_bytes(),
        config.as_bytes(),
        json.as_bytes(),
    ];
    for file in files {
        parts.push(file.path.as_bytes());
        parts.push(file.content.as_bytes());
    }
    digest::sha256_of_parts(parts)
}
