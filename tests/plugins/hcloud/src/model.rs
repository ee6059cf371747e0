//! What `hcloud … --output json` prints.

use std::collections::BTreeMap;

use serde::Deserialize;
use sindri_plugin_sdk::contract::{self, Architecture, ImageState};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::labels;

use crate::labels::RULES;

/// Numbers of Hetzner's are texts in the contract.
#[derive(Debug, Deserialize)]
pub(crate) struct Image {
    pub(crate) id: u64,
    /// A snapshot has no name; what Packer calls its name stands here.
    #[serde(default)]
    description: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    created: String,
    disk_size: Option<f64>,
    architecture: Option<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    protection: Protection,
}

#[derive(Debug, Default, Deserialize)]
struct Protection {
    #[serde(default)]
    delete: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Server {
    pub(crate) id: u64,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) created: String,
}

impl Image {
    pub(crate) fn is_protected(&self) -> bool {
        self.protection.delete
    }

    /// The image in the contract's form.
    pub(crate) fn into_contract(self, location: &str) -> contract::Image {
        let own = self.labels.unwrap_or_default();
        let tags = RULES.read(own.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        contract::Image {
            id: self.id.to_string(),
            name: self.description,
            description: String::new(),
            state: match self.status.as_str() {
                "available" => ImageState::Available,
                "creating" => ImageState::Pending,
                "unavailable" => ImageState::Failed,
                _ => ImageState::Unknown,
            },
            created_at: utc(&self.created),
            size_gib: self.disk_size.and_then(whole),
            architecture: match self.architecture.as_deref() {
                Some("x86") => Some(Architecture::X8664),
                Some("arm") => Some(Architecture::Arm64),
                Some(_) | None => None,
            },
            location: location.to_owned(),
            public: false,
            copies: Vec::new(),
            labels: labels(&tags),
            tags,
        }
    }
}

/// Hetzner writes `+00:00`.
pub(crate) fn utc(time: &str) -> Option<String> {
    let text = time
        .strip_suffix("+00:00")
        .map_or_else(|| time.to_owned(), |time| format!("{time}Z"));
    moment::compact(&text).map(|_| text)
}

// In range, whole, and of no fraction, as the disks of clouds are.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(size: f64) -> Option<u32> {
    (size.is_finite() && (0.0..1e6).contains(&size)).then_some(size.ceil() as u32)
}
