//! The plugin's configuration section.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sindri_plugin_sdk::contract::Problem;

use crate::machine;

/// `providers.packer.gcp`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) project_id: String,
    pub(crate) zone: String,
    pub(crate) machine_type: String,
    pub(crate) disk_size: u32,
    pub(crate) disk_type: String,
    pub(crate) source_image: Option<String>,
    pub(crate) source_image_project_id: Vec<String>,
    pub(crate) image_family: Option<String>,
    pub(crate) image_storage_locations: Vec<String>,
    pub(crate) kms_key_name: Option<String>,
    pub(crate) network: Option<String>,
    pub(crate) subnetwork: Option<String>,
    pub(crate) network_project_id: Option<String>,
    pub(crate) network_tags: Vec<String>,
    pub(crate) omit_external_ip: bool,
    pub(crate) use_internal_ip: bool,
    pub(crate) enable_secure_boot: bool,
    pub(crate) enable_vtpm: bool,
    pub(crate) enable_integrity_monitoring: bool,
    pub(crate) service_account_email: Option<String>,
    // Read by the host alone: credentials and endpoints are not a plugin's business.
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "endpoint_url")]
    _endpoint_url: Option<IgnoredAny>,
}

impl Config {
    /// Reads the section and checks what a schema cannot say: combinations that Google refuses only when
    /// the machine is started.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let config: Self = sindri_plugin_sdk::config::parse(text)?;
        config.check_disk()?;
        config.check_network()?;
        if config.enable_integrity_monitoring && !config.enable_vtpm {
            return Err(conflict(
                "enable_integrity_monitoring",
                "integrity monitoring reads the trusted platform module, but enable_vtpm is false",
            )
            .remedy("set enable_integrity_monitoring: false too"));
        }
        Ok(config)
    }

    /// `us-west1` of `us-west1-a`.
    pub(crate) fn region(&self) -> &str {
        self.zone
            .rsplit_once('-')
            .map_or(self.zone.as_str(), |(region, _)| region)
    }

    /// The network's name as far as the configuration alone says it.
    pub(crate) fn known_network(&self) -> Option<&str> {
        match (&self.network, &self.subnetwork) {
            (Some(network), _) => Some(network),
            (None, None) => Some("default"),
            (None, Some(_)) => None,
        }
    }

    fn check_disk(&self) -> Result<(), Problem> {
        match machine::other_disk(&self.machine_type, &self.disk_type) {
            None => Ok(()),
            Some(other) => {
                let message = format!(
                    "instances of type {} take no disk of type {}",
                    self.machine_type, self.disk_type
                );
                Err(conflict("disk_type", &message).remedy(format!("set disk_type: {other}")))
            }
        }
    }

    fn check_network(&self) -> Result<(), Problem> {
        if self.omit_external_ip && !self.use_internal_ip {
            let message = "without a public address the build instance is reached by its internal one only";
            return Err(conflict("omit_external_ip", message)
                .remedy("set use_internal_ip: true, and build where that address is reached"));
        }
        if self.network_project_id.is_some() && self.network.is_none() && self.subnetwork.is_none() {
            let message = "network_project_id is set, but neither network nor subnetwork";
            return Err(conflict("network_project_id", message)
                .remedy("name the subnetwork that is shared with the project"));
        }
        Ok(())
    }
}

fn conflict(key: &str, message: &str) -> Problem {
    Problem::new("conflicting-settings", message).key(key)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use sindri_plugin_sdk::testing::section;

    use super::*;
    use crate::CONFIG_SCHEMA;

    fn with(mut settings: Json) -> String {
        settings["project_id"] = json!("my-project");
        section(CONFIG_SCHEMA, &settings).unwrap()
    }

    #[test]
    fn the_documented_defaults_are_those_of_the_schema() {
        let config = Config::parse(&with(json!({}))).unwrap();
        assert_eq!(
            (config.zone.as_str(), config.region()),
            ("us-west1-a", "us-west1")
        );
        assert_eq!(config.machine_type, "e2-standard-4");
        assert_eq!((config.disk_size, config.disk_type.as_str()), (80, "pd-ssd"));
        assert!(!config.enable_secure_boot && config.enable_vtpm && config.enable_integrity_monitoring);
        assert!(config.image_family.is_none() && config.network.is_none() && config.subnetwork.is_none());
        let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(schema["required"], json!(["project_id"]));
    }

    #[test]
    fn every_key_of_the_schema_is_read_and_described() {
        let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{name}");
            let sample = match property["type"].as_str().unwrap() {
                "string" => json!("x"),
                "integer" => json!(100),
                "boolean" => json!(true),
                "array" => json!(["x"]),
                other => panic!("{other}"),
            };
            sindri_plugin_sdk::config::parse::<Config>(&with(json!({ name: sample }))).unwrap();
        }
    }

    #[test]
    fn what_google_refuses_after_minutes_is_refused_at_once() {
        for (settings, key) in [
            (json!({"machine_type": "c4a-standard-4"}), "disk_type"),
            (json!({"disk_type": "hyperdisk-balanced"}), "disk_type"),
            (json!({"omit_external_ip": true}), "omit_external_ip"),
            (json!({"enable_vtpm": false}), "enable_integrity_monitoring"),
            (
                json!({"network_project_id": "shared-project"}),
                "network_project_id",
            ),
        ] {
            let problem = Config::parse(&with(settings.clone())).unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.key.as_deref()),
                ("conflicting-settings", Some(key)),
                "{settings}"
            );
            assert!(problem.remedy.is_some(), "{settings}");
        }
        let fine = json!({
            "machine_type": "c4a-standard-4", "disk_type": "hyperdisk-balanced", "omit_external_ip": true,
            "use_internal_ip": true, "network_project_id": "shared-project", "subnetwork": "build",
        });
        assert!(Config::parse(&with(fine)).is_ok());
    }
}
