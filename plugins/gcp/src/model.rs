//! The parts of `gcloud`'s JSON that plans read. Unknown members are left alone, missing ones that Google
//! always sends are an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use sindri_plugin_sdk::contract::{self, ImageState, Labels, Resource, Tag};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::labels;

use crate::labels::RULES;
use crate::machine;

/// Where images and firewall rules are.
pub(crate) const GLOBAL: &str = "global";

/// Of `gcloud auth list`.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) account: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) creation_timestamp: Option<String>,
    /// A number in quotes.
    #[serde(default)]
    pub(crate) disk_size_gb: Option<String>,
    #[serde(default)]
    pub(crate) architecture: Option<String>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) deprecated: Option<Deprecated>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Deprecated {
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// When it is or was deprecated.
    #[serde(default)]
    pub(crate) deprecated: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Instance {
    pub(crate) name: String,
    /// A URL.
    pub(crate) zone: String,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) network_interfaces: Vec<Interface>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Interface {
    #[serde(default, rename = "networkIP")]
    pub(crate) network_ip: Option<String>,
    #[serde(default)]
    pub(crate) access_configs: Vec<AccessConfig>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AccessConfig {
    #[serde(default, rename = "natIP")]
    pub(crate) nat_ip: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Disk {
    pub(crate) name: String,
    /// A URL; none for a regional disk, which Sindri does not make.
    #[serde(default)]
    pub(crate) zone: Option<String>,
    #[serde(default)]
    pub(crate) creation_timestamp: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Firewall {
    pub(crate) name: String,
    /// A URL.
    #[serde(default)]
    pub(crate) network: String,
    #[serde(default)]
    pub(crate) disabled: bool,
    #[serde(default)]
    pub(crate) creation_timestamp: Option<String>,
    #[serde(default)]
    pub(crate) source_ranges: Vec<String>,
    #[serde(default)]
    pub(crate) target_tags: Vec<String>,
    #[serde(default)]
    pub(crate) target_service_accounts: Vec<String>,
    #[serde(default)]
    pub(crate) allowed: Vec<Traffic>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Traffic {
    #[serde(rename = "IPProtocol")]
    pub(crate) protocol: String,
    /// Numbers and ranges, `8000-9000`; none means all.
    #[serde(default)]
    pub(crate) ports: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Subnetwork {
    /// A URL.
    pub(crate) network: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Policy {
    #[serde(default)]
    pub(crate) bindings: Vec<Binding>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Binding {
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) members: Vec<String>,
}

/// The name at the end of a URL.
pub(crate) fn last(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(_, name)| name)
}

/// Labels of ours as tags, anybody else's as they are.
pub(crate) fn tags(labels: &BTreeMap<String, String>) -> Vec<Tag> {
    RULES.read(labels.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

/// An image of ours that Packer has just finished, as far as that is known without asking.
pub(crate) fn finished(name: &str) -> contract::Image {
    contract::Image {
        id: name.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        state: ImageState::Available,
        created_at: None,
        size_gib: None,
        architecture: None,
        location: GLOBAL.to_owned(),
        public: false,
        copies: Vec::new(),
        tags: Vec::new(),
        labels: Labels {
            managed: true,
            sindri_version: None,
            profile: None,
            cache_key: None,
            run_id: None,
        },
    }
}

impl Image {
    pub(crate) fn size_gb(&self) -> Option<u32> {
        self.disk_size_gb.as_deref().and_then(|size| size.parse().ok())
    }

    /// When it was made, in UTC: Google writes the time of California.
    pub(crate) fn created_at(&self) -> Option<String> {
        self.creation_timestamp.as_deref().and_then(moment::utc)
    }

    /// Whether it is offered at this moment. A time of deprecation changes no state when it comes.
    pub(crate) fn is_offered(&self, now: &str) -> bool {
        let Some(deprecated) = &self.deprecated else {
            return true;
        };
        let active = deprecated.state.as_deref().is_none_or(|state| state == "ACTIVE");
        let at = deprecated.deprecated.as_deref().and_then(moment::utc);
        active && !at.is_some_and(|at| moment::is_past(&at, now))
    }

    /// The image in the contract's form.
    pub(crate) fn into_contract(self) -> contract::Image {
        let tags = tags(&self.labels);
        contract::Image {
            size_gib: self.size_gb(),
            architecture: self.architecture.as_deref().and_then(machine::from_google),
            created_at: self.created_at(),
            state: match self.status.as_str() {
                "READY" => ImageState::Available,
                "PENDING" => ImageState::Pending,
                "FAILED" => ImageState::Failed,
                "DELETING" => ImageState::Deregistered,
                _ => ImageState::Unknown,
            },
            labels: labels(&tags),
            id: self.name.clone(),
            name: self.name,
            description: self.description,
            location: GLOBAL.to_owned(),
            // Only the image's policy says it, which takes a command for each image.
            public: false,
            copies: Vec::new(),
            tags,
        }
    }
}

impl Instance {
    pub(crate) fn zone(&self) -> &str {
        last(&self.zone)
    }

    pub(crate) fn private_ip(&self) -> Option<String> {
        self.network_interfaces.first()?.network_ip.clone()
    }

    pub(crate) fn public_ip(&self) -> Option<String> {
        let interface = self.network_interfaces.first()?;
        interface
            .access_configs
            .iter()
            .find_map(|config| config.nat_ip.clone())
    }
}

impl Firewall {
    pub(crate) fn lets_ssh_in(&self) -> bool {
        !self.disabled && self.allowed.iter().any(Traffic::is_ssh)
    }

    pub(crate) fn is_open_to_everybody(&self) -> bool {
        self.source_ranges
            .iter()
            .any(|range| range == "0.0.0.0/0" || range == "::/0")
    }

    /// Whether it concerns a machine with these network tags and this service account.
    pub(crate) fn concerns(&self, tags: &[String], service_account: Option<&str>) -> bool {
        let everything = self.target_tags.is_empty() && self.target_service_accounts.is_empty();
        everything
            || self.target_tags.iter().any(|tag| tags.contains(tag))
            || self
                .target_service_accounts
                .iter()
                .any(|email| Some(email.as_str()) == service_account)
    }
}

impl Traffic {
    fn is_ssh(&self) -> bool {
        let port_22 = |ports: &String| {
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if (first..=last).contains(&22))
        };
        match self.protocol.as_str() {
            "all" => true,
            "tcp" | "6" => self.ports.is_empty() || self.ports.iter().any(port_22),
            _ => false,
        }
    }
}

/// A resource of the contract.
pub(crate) fn resource(kind: &str, id: &str, location: &str) -> Resource {
    Resource {
        kind: kind.to_owned(),
        id: id.to_owned(),
        location: location.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn firewall(rule: serde_json::Value) -> Firewall {
        serde_json::from_value(rule).unwrap()
    }

    #[test]
    fn rules_that_let_ssh_in_are_told_from_those_that_do_not() {
        for (allowed, expected) in [
            (json!([{ "IPProtocol": "tcp", "ports": ["22"] }]), true),
            (json!([{ "IPProtocol": "tcp", "ports": ["80", "20-30"] }]), true),
            (json!([{ "IPProtocol": "tcp" }]), true),
            (json!([{ "IPProtocol": "all" }]), true),
            (
                json!([{ "IPProtocol": "tcp", "ports": ["2222", "x", "-"] }]),
                false,
            ),
            (json!([{ "IPProtocol": "udp", "ports": ["22"] }]), false),
            (json!([{ "IPProtocol": "icmp" }]), false),
        ] {
            let rule = firewall(json!({ "name": "a", "allowed": allowed }));
            assert_eq!(rule.lets_ssh_in(), expected, "{allowed}");
        }
        let disabled = json!({ "name": "a", "disabled": true, "allowed": [{ "IPProtocol": "all" }] });
        assert!(!firewall(disabled).lets_ssh_in());
    }

    #[test]
    fn a_rule_for_other_machines_does_not_count() {
        let rule = firewall(json!({ "name": "a", "targetTags": ["web", "build"] }));
        assert!(rule.concerns(&["build".to_owned()], None));
        assert!(!rule.concerns(&[], None));
        assert!(firewall(json!({ "name": "a" })).concerns(&[], None));
        let rule = firewall(json!({ "name": "a", "targetServiceAccounts": ["x@p.iam.gserviceaccount.com"] }));
        assert!(rule.concerns(&[], Some("x@p.iam.gserviceaccount.com")) && !rule.concerns(&[], None));
    }

    #[test]
    fn an_image_is_offered_until_its_time_has_come() {
        let image = |deprecated| -> Image {
            serde_json::from_value(json!({ "name": "a", "deprecated": deprecated })).unwrap()
        };
        let now = "2026-11-22T09:30:05Z";
        assert!(image(json!(null)).is_offered(now));
        assert!(image(json!({ "state": "ACTIVE" })).is_offered(now));
        assert!(
            image(json!({ "state": "ACTIVE", "deprecated": "2026-11-22T01:30:06.0-08:00" })).is_offered(now)
        );
        assert!(
            !image(json!({ "state": "ACTIVE", "deprecated": "2026-11-22T01:30:05-08:00" })).is_offered(now)
        );
        assert!(!image(json!({ "state": "DEPRECATED" })).is_offered(now));
    }
}
