//! The plugin's configuration section.

use serde::Deserialize;
use sindri_plugin_sdk::contract::{Architecture, Problem};

use crate::{size, version};

/// `providers.packer.azure`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) subscription_id: String,
    pub(crate) resource_group: String,
    pub(crate) location: String,
    pub(crate) vm_size: String,
    pub(crate) os_disk_size_gb: u32,
    pub(crate) storage_account_type: String,
    pub(crate) gallery: Option<Gallery>,
    pub(crate) virtual_network_name: Option<String>,
    pub(crate) virtual_network_subnet_name: Option<String>,
    pub(crate) virtual_network_resource_group_name: Option<String>,
    pub(crate) private_virtual_network_with_public_ip: bool,
    pub(crate) security_type: Option<SecurityType>,
    pub(crate) secure_boot_enabled: Option<bool>,
    pub(crate) vtpm_enabled: Option<bool>,
    pub(crate) spot: Option<Spot>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gallery {
    pub(crate) gallery_name: String,
    pub(crate) image_name: String,
    pub(crate) image_version: Option<String>,
    pub(crate) replication_regions: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum SecurityType {
    Standard,
    TrustedLaunch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spot {
    pub(crate) eviction_policy: String,
    pub(crate) max_price: Option<String>,
}

/// Secure Boot and virtual TPM of a Trusted Launch machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrustedLaunch {
    pub(crate) secure_boot: bool,
    pub(crate) vtpm: bool,
}

impl Config {
    /// Reads the section and checks what a schema cannot say: what Azure would refuse after minutes.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let config: Self = sindri_plugin_sdk::config::parse(text)?;
        config.check_disk()?;
        config.check_output()?;
        config.check_network()?;
        if let Some(version) = config.gallery.as_ref().and_then(|g| g.image_version.as_deref()) {
            version::check(version)?;
        }
        Ok(config)
    }

    /// The processor that the machine size has.
    pub(crate) fn architecture(&self) -> Architecture {
        size::architecture(&self.vm_size)
    }

    /// What the build machine starts with. A managed image cannot hold it, and of the Arm sizes only the
    /// newer ones have it, so that these need to be told.
    pub(crate) fn trusted_launch(&self) -> Option<TrustedLaunch> {
        let by_default = self.gallery.is_some() && self.architecture() == Architecture::X8664;
        let wanted = match self.security_type {
            Some(SecurityType::TrustedLaunch) => true,
            Some(SecurityType::Standard) => false,
            None => by_default || self.secure_boot_enabled == Some(true) || self.vtpm_enabled == Some(true),
        };
        wanted.then(|| TrustedLaunch {
            secure_boot: self.secure_boot_enabled.unwrap_or(true),
            vtpm: self.vtpm_enabled.unwrap_or(true),
        })
    }

    /// The user asked for it, or for a part of it, by name.
    pub(crate) fn demands_trusted_launch(&self) -> Option<&'static str> {
        [
            (
                "security_type",
                self.security_type == Some(SecurityType::TrustedLaunch),
            ),
            ("secure_boot_enabled", self.secure_boot_enabled == Some(true)),
            ("vtpm_enabled", self.vtpm_enabled == Some(true)),
        ]
        .into_iter()
        .find_map(|(key, demanded)| demanded.then_some(key))
    }

    fn check_disk(&self) -> Result<(), Problem> {
        if self.storage_account_type == "Premium_LRS" && !size::takes_premium_disks(&self.vm_size) {
            let message = format!("machines of size {} take no Premium_LRS disk", self.vm_size);
            return Err(Problem::new("conflicting-settings", message)
                .key("storage_account_type")
                .remedy("set storage_account_type: StandardSSD_LRS, or choose a vm_size with a small s"));
        }
        Ok(())
    }

    fn check_output(&self) -> Result<(), Problem> {
        if self.gallery.is_none() {
            if let Some(key) = self.demands_trusted_launch() {
                let message = "a managed image cannot hold a Trusted Launch machine";
                return Err(Problem::new("trusted-launch-managed-image", message)
                    .key(key)
                    .remedy("set gallery to publish to a compute gallery instead"));
            }
            if self.architecture() == Architecture::Arm64 {
                let message = format!(
                    "machines of size {} are arm64, and a managed image cannot be",
                    self.vm_size
                );
                return Err(Problem::new("arm64-managed-image", message)
                    .key("gallery")
                    .remedy(
                        "set gallery to publish to a compute gallery, or choose a vm_size without a small p",
                    ));
            }
        }
        if self.security_type == Some(SecurityType::Standard) {
            for (key, value) in [
                ("secure_boot_enabled", self.secure_boot_enabled),
                ("vtpm_enabled", self.vtpm_enabled),
            ] {
                if value == Some(true) {
                    let message = format!("{key} needs Trusted Launch, but security_type is Standard");
                    return Err(Problem::new("conflicting-settings", message).key(key));
                }
            }
        }
        Ok(())
    }

    fn check_network(&self) -> Result<(), Problem> {
        if self.virtual_network_name.is_some() {
            return Ok(());
        }
        let without_network = [
            (
                "virtual_network_subnet_name",
                self.virtual_network_subnet_name.is_some(),
            ),
            (
                "virtual_network_resource_group_name",
                self.virtual_network_resource_group_name.is_some(),
            ),
            (
                "private_virtual_network_with_public_ip",
                self.private_virtual_network_with_public_ip,
            ),
        ];
        match without_network.into_iter().find(|(_, set)| *set) {
            Some((key, _)) => Err(Problem::new(
                "conflicting-settings",
                format!("{key} is set, but virtual_network_name is not"),
            )
            .key(key)
            .remedy("set virtual_network_name")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use sindri_plugin_sdk::testing::section;

    use super::*;
    use crate::CONFIG_SCHEMA;

    fn with(mut settings: Json) -> Result<Config, Problem> {
        settings["subscription_id"] = json!("00000000-0000-0000-0000-000000000001");
        settings["resource_group"] = json!("images");
        Config::parse(&section(CONFIG_SCHEMA, &settings).unwrap())
    }

    fn gallery() -> Json {
        json!({ "gallery_name": "g", "image_name": "d", "replication_regions": [] })
    }

    #[test]
    fn the_documented_defaults_are_those_of_the_schema() {
        let config = with(json!({})).unwrap();
        assert_eq!(
            (config.location.as_str(), config.vm_size.as_str()),
            ("westus2", "Standard_D4s_v4")
        );
        assert_eq!(
            (config.os_disk_size_gb, config.storage_account_type.as_str()),
            (80, "Premium_LRS")
        );
        assert!(config.gallery.is_none() && config.trusted_launch().is_none());
        let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(schema["required"], json!(["subscription_id", "resource_group"]));
    }

    #[test]
    fn every_key_of_the_schema_is_read_and_described() {
        fn keys(schema: &Json) -> Vec<String> {
            let mut all = Vec::new();
            for (name, property) in schema["properties"].as_object().unwrap() {
                assert!(property["description"].is_string(), "{name}");
                all.push(name.clone());
                if property["type"] == "object" {
                    assert_eq!(property["additionalProperties"], false, "{name}");
                    all.extend(keys(property).into_iter().map(|inner| format!("{name}.{inner}")));
                }
            }
            all
        }
        let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(keys(&schema).len(), 21);
        let everything = json!({
            "gallery": { "gallery_name": "g", "image_name": "d", "image_version": "1.0.0", "replication_regions": ["eastus"] },
            "virtual_network_name": "v", "virtual_network_subnet_name": "s", "virtual_network_resource_group_name": "n",
            "private_virtual_network_with_public_ip": true, "security_type": "TrustedLaunch",
            "secure_boot_enabled": true, "vtpm_enabled": true,
            "spot": { "eviction_policy": "Delete", "max_price": "0.05" },
        });
        assert!(with(everything).is_ok());
    }

    #[test]
    fn what_azure_refuses_after_the_build_is_refused_at_once() {
        for (settings, code, key) in [
            (
                json!({"security_type": "TrustedLaunch"}),
                "trusted-launch-managed-image",
                "security_type",
            ),
            (
                json!({"secure_boot_enabled": true}),
                "trusted-launch-managed-image",
                "secure_boot_enabled",
            ),
            (
                json!({"vm_size": "Standard_D4ps_v6"}),
                "arm64-managed-image",
                "gallery",
            ),
            (
                json!({"vm_size": "Standard_D4_v4"}),
                "conflicting-settings",
                "storage_account_type",
            ),
            (
                json!({"virtual_network_subnet_name": "s"}),
                "conflicting-settings",
                "virtual_network_subnet_name",
            ),
            (
                json!({"private_virtual_network_with_public_ip": true}),
                "conflicting-settings",
                "private_virtual_network_with_public_ip",
            ),
            (
                json!({"gallery": gallery(), "security_type": "Standard", "vtpm_enabled": true}),
                "conflicting-settings",
                "vtpm_enabled",
            ),
            (
                json!({"gallery": {"gallery_name": "g", "image_name": "d", "image_version": "1.0.99999999999", "replication_regions": []}}),
                "unusable-version",
                "gallery.image_version",
            ),
        ] {
            let problem = with(settings.clone()).unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.key.as_deref()),
                (code, Some(key)),
                "{settings}"
            );
        }
    }

    #[test]
    fn a_gallery_gets_trusted_launch_unless_the_user_or_the_processor_says_otherwise() {
        let both = Some(TrustedLaunch {
            secure_boot: true,
            vtpm: true,
        });
        assert_eq!(
            with(json!({"gallery": gallery()})).unwrap().trusted_launch(),
            both
        );
        let standard = json!({"gallery": gallery(), "security_type": "Standard"});
        assert_eq!(with(standard).unwrap().trusted_launch(), None);
        let arm = json!({"gallery": gallery(), "vm_size": "Standard_D4ps_v6"});
        assert_eq!(with(arm.clone()).unwrap().trusted_launch(), None);
        let mut told = arm;
        told["security_type"] = json!("TrustedLaunch");
        assert_eq!(with(told).unwrap().trusted_launch(), both);
        let half = json!({"gallery": gallery(), "secure_boot_enabled": false});
        assert_eq!(
            with(half).unwrap().trusted_launch(),
            Some(TrustedLaunch {
                secure_boot: false,
                vtpm: true
            })
        );
    }
}
