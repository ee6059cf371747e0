//! The plugin's configuration section.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sindri_plugin_sdk::contract::Problem;

/// `providers.packer.aws`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) region: String,
    pub(crate) instance_type: String,
    pub(crate) volume_size: u32,
    pub(crate) volume_type: String,
    pub(crate) volume_iops: Option<u32>,
    pub(crate) volume_throughput: Option<u32>,
    pub(crate) encrypt_boot: bool,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) source_ami: Option<String>,
    pub(crate) vpc_id: Option<String>,
    pub(crate) subnet_id: Option<String>,
    pub(crate) security_group_id: Option<String>,
    pub(crate) associate_public_ip_address: Option<bool>,
    pub(crate) iam_instance_profile: Option<String>,
    pub(crate) ami_regions: Vec<String>,
    pub(crate) ami_users: Vec<String>,
    pub(crate) ami_groups: Vec<String>,
    // Read by the host alone: credentials and endpoints are not a plugin's business.
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "endpoint_url")]
    _endpoint_url: Option<IgnoredAny>,
}

impl Config {
    /// Reads the section and checks what a schema cannot say about the disk.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let config: Self = sindri_plugin_sdk::config::parse(text)?;
        config.check_disk()?;
        Ok(config)
    }

    /// Regions of copies; the region of the build itself is none.
    pub(crate) fn other_regions(&self) -> impl Iterator<Item = &str> {
        self.ami_regions
            .iter()
            .map(String::as_str)
            .filter(|region| *region != self.region)
    }

    fn check_disk(&self) -> Result<(), Problem> {
        let conflict =
            |key: &str, message: String| Err(Problem::new("conflicting-settings", message).key(key));
        let kind = self.volume_type.as_str();
        let provisioned = matches!(kind, "io1" | "io2");
        match self.volume_iops {
            Some(_) if kind != "gp3" && !provisioned => {
                return conflict(
                    "volume_iops",
                    format!("a volume of type {kind} takes no volume_iops"),
                );
            }
            Some(iops) if kind == "gp3" && !(3000..=16_000).contains(&iops) => {
                return conflict(
                    "volume_iops",
                    "a gp3 volume has 3000 to 16000 operations per second".to_owned(),
                );
            }
            None if provisioned => {
                return conflict(
                    "volume_iops",
                    format!("a volume of type {kind} needs volume_iops"),
                );
            }
            Some(_) | None => {}
        }
        if self.volume_throughput.is_some() && kind != "gp3" {
            return conflict(
                "volume_throughput",
                format!("a volume of type {kind} takes no volume_throughput"),
            );
        }
        if self.kms_key_id.is_some() && !self.encrypt_boot {
            return conflict(
                "kms_key_id",
                "kms_key_id is set, but encrypt_boot is false".to_owned(),
            );
        }
        Ok(())
    }
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
        assert_eq!(config.region, "us-west-2");
        assert_eq!(config.instance_type, "t3.large");
        assert_eq!((config.volume_size, config.volume_type.as_str()), (80, "gp3"));
        assert!(config.encrypt_boot);
        assert!(config.ami_regions.is_empty() && config.ami_users.is_empty() && config.ami_groups.is_empty());
        assert!(config.vpc_id.is_none() && config.subnet_id.is_none());
    }

    #[test]
    fn every_key_of_the_schema_is_read_and_described() {
        let schema: serde_json::Value = serde_json::from_str(CONFIG_SCHEMA).unwrap();
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
            let text = section(CONFIG_SCHEMA, &json!({ name: sample })).unwrap();
            sindri_plugin_sdk::config::parse::<Config>(&text).unwrap();
        }
    }

    #[test]
    fn disks_that_aws_refuses_after_minutes_are_refused_at_once() {
        for (settings, key) in [
            (json!({"volume_type": "gp2", "volume_iops": 3000}), "volume_iops"),
            (json!({"volume_iops": 2999}), "volume_iops"),
            (json!({"volume_type": "io2"}), "volume_iops"),
            (
                json!({"volume_type": "io2", "volume_iops": 5000, "volume_throughput": 200}),
                "volume_throughput",
            ),
            (
                json!({"encrypt_boot": false, "kms_key_id": "alias/x"}),
                "kms_key_id",
            ),
        ] {
            let problem = Config::parse(&section(CONFIG_SCHEMA, &settings).unwrap()).unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.key.as_deref()),
                ("conflicting-settings", Some(key)),
                "{settings}"
            );
        }
        let fine = json!({"volume_iops": 16000, "volume_throughput": 1000, "kms_key_id": "alias/x"});
        assert!(Config::parse(&section(CONFIG_SCHEMA, &fine).unwrap()).is_ok());
    }
}
