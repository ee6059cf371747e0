//! The plugin's configuration section.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sindri_plugin_sdk::contract::Problem;

/// `providers.packer.alibaba`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) region: String,
    pub(crate) zone_id: Option<String>,
    pub(crate) instance_type: String,
    pub(crate) system_disk_size_gb: u32,
    pub(crate) system_disk_category: String,
    pub(crate) system_disk_performance_level: Option<String>,
    pub(crate) source_image: Option<String>,
    vpc_id: Option<String>,
    vswitch_id: Option<String>,
    pub(crate) security_group_id: Option<String>,
    pub(crate) associate_public_ip_address: bool,
    pub(crate) internet_charge_type: String,
    pub(crate) internet_max_bandwidth_out: u32,
    pub(crate) spot_strategy: SpotStrategy,
    pub(crate) spot_price_limit: Option<f64>,
    pub(crate) image_copy_regions: Vec<String>,
    pub(crate) image_share_accounts: Vec<String>,
    /// Whose name the host alone uses: credentials are not a plugin's business.
    pub(crate) profile: Option<IgnoredAny>,
}

/// How deployed instances bid for spare capacity.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum SpotStrategy {
    NoSpot,
    SpotAsPriceGo,
    SpotWithPriceLimit,
}

impl SpotStrategy {
    /// What the API calls it; none for the default.
    pub(crate) fn api_name(self) -> Option<&'static str> {
        match self {
            Self::NoSpot => None,
            Self::SpotAsPriceGo => Some("SpotAsPriceGo"),
            Self::SpotWithPriceLimit => Some("SpotWithPriceLimit"),
        }
    }
}

/// A network of the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network<'a> {
    pub(crate) vpc: &'a str,
    pub(crate) vswitch: &'a str,
}

impl Config {
    /// Reads the section and checks what a schema cannot say.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let config: Self = sindri_plugin_sdk::config::parse(text)?;
        config.check_network()?;
        config.check_disk()?;
        config.check_spot()?;
        Ok(config)
    }

    /// The configured network; none when every run makes its own.
    pub(crate) fn network(&self) -> Option<Network<'_>> {
        Some(Network {
            vpc: self.vpc_id.as_deref()?,
            vswitch: self.vswitch_id.as_deref()?,
        })
    }

    /// Regions of copies; the region of the build itself is none.
    pub(crate) fn other_regions(&self) -> impl Iterator<Item = &str> {
        self.image_copy_regions
            .iter()
            .map(String::as_str)
            .filter(|region| *region != self.region)
    }

    /// Packer looks for the vSwitch and the group inside the VPC, and makes a new VPC first if none is given:
    /// either is then not found, minutes later. A vSwitch that it makes itself has 172.16.0.0/24 in any VPC.
    fn check_network(&self) -> Result<(), Problem> {
        match (&self.vpc_id, &self.vswitch_id, &self.security_group_id) {
            (None, Some(_), _) => conflict(
                "vpc_id",
                "vswitch_id is set, but not vpc_id: the builder looks for the vSwitch inside its VPC",
            ),
            (Some(_), None, _) => conflict("vswitch_id", "vpc_id is set, but not vswitch_id"),
            (None, None, Some(_)) => conflict(
                "vpc_id",
                "security_group_id is set, but not vpc_id and vswitch_id: a group belongs to a VPC",
            ),
            (Some(_), Some(_), _) if self.zone_id.is_some() => {
                conflict("zone_id", "zone_id is set, but the zone is that of vswitch_id")
            }
            (Some(_), Some(_), _) | (None, None, None) => Ok(()),
        }
    }

    fn check_disk(&self) -> Result<(), Problem> {
        let kind = self.system_disk_category.as_str();
        match self.system_disk_performance_level.as_deref() {
            Some(_) if kind != "cloud_essd" => conflict(
                "system_disk_performance_level",
                &format!("a disk of category {kind} has no performance level"),
            ),
            Some(level @ "PL2") if self.system_disk_size_gb < 461 => too_small(level, 461),
            Some(level @ "PL3") if self.system_disk_size_gb < 1261 => too_small(level, 1261),
            Some(_) | None => Ok(()),
        }
    }

    fn check_spot(&self) -> Result<(), Problem> {
        match (self.spot_strategy, self.spot_price_limit) {
            (SpotStrategy::SpotWithPriceLimit, None) => conflict(
                "spot_price_limit",
                "spot_strategy SpotWithPriceLimit needs spot_price_limit",
            ),
            (SpotStrategy::NoSpot | SpotStrategy::SpotAsPriceGo, Some(_)) => conflict(
                "spot_price_limit",
                "spot_price_limit is set, but spot_strategy is not SpotWithPriceLimit",
            ),
            (SpotStrategy::SpotWithPriceLimit, Some(_))
            | (SpotStrategy::NoSpot | SpotStrategy::SpotAsPriceGo, None) => Ok(()),
        }
    }
}

fn too_small(level: &str, least: u32) -> Result<(), Problem> {
    conflict(
        "system_disk_size_gb",
        &format!("a disk of performance level {level} has at least {least} GiB"),
    )
}

fn conflict(key: &str, message: &str) -> Result<(), Problem> {
    Err(Problem::new("conflicting-settings", message)
        .key(key)
        .remedy(format!(
            "change {key} in the section `alibaba`, or leave the other key out"
        )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sindri_plugin_sdk::testing::section;

    use super::*;
    use crate::CONFIG_SCHEMA;

    #[test]
    fn the_documented_defaults_are_those_of_the_schema() {
        let config = Config::parse(&section(CONFIG_SCHEMA, &json!({})).unwrap()).unwrap();
        assert_eq!(config.region, "cn-hangzhou");
        assert_eq!(config.instance_type, "ecs.g6.xlarge");
        assert_eq!(
            (config.system_disk_size_gb, config.system_disk_category.as_str()),
            (80, "cloud_essd")
        );
        assert!(config.network().is_none() && config.security_group_id.is_none());
        assert!(config.image_copy_regions.is_empty() && config.image_share_accounts.is_empty());
    }

    #[test]
    fn every_key_of_the_schema_is_read_and_described() {
        let schema: serde_json::Value = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].is_string(), "{name}");
            if property.get("not").is_some() {
                continue;
            }
            let sample = match (property["type"].as_str().unwrap(), &property["enum"][0]) {
                ("string", serde_json::Value::Null) => json!("x"),
                ("string", one) => one.clone(),
                ("integer", _) => json!(100),
                ("number", _) => json!(0.5),
                ("boolean", _) => json!(true),
                ("array", _) => json!(["x"]),
                other => panic!("{other:?}"),
            };
            let text = section(CONFIG_SCHEMA, &json!({ name: sample })).unwrap();
            sindri_plugin_sdk::config::parse::<Config>(&text).unwrap();
        }
    }

    #[test]
    fn what_the_builder_or_the_api_refuses_after_minutes_is_refused_at_once() {
        for (settings, key) in [
            (json!({"vswitch_id": "vsw-00000000"}), "vpc_id"),
            (json!({"vpc_id": "vpc-00000000"}), "vswitch_id"),
            (json!({"security_group_id": "sg-00000000"}), "vpc_id"),
            (
                json!({"vpc_id": "vpc-00000000", "vswitch_id": "vsw-00000000", "zone_id": "cn-hangzhou-b"}),
                "zone_id",
            ),
            (
                json!({"system_disk_category": "cloud_ssd", "system_disk_performance_level": "PL1"}),
                "system_disk_performance_level",
            ),
            (
                json!({"system_disk_performance_level": "PL2", "system_disk_size_gb": 460}),
                "system_disk_size_gb",
            ),
            (json!({"spot_strategy": "SpotWithPriceLimit"}), "spot_price_limit"),
            (json!({"spot_price_limit": 0.5}), "spot_price_limit"),
        ] {
            let problem = Config::parse(&section(CONFIG_SCHEMA, &settings).unwrap()).unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.key.as_deref()),
                ("conflicting-settings", Some(key)),
                "{settings}"
            );
        }
    }
}
