//! The plugin's configuration section.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sindri_plugin_sdk::contract::Problem;

use crate::shape;

/// Most memory for each OCPU, in GB, of any flexible shape. Some have less, which only OCI can say.
const MOST_MEMORY_PER_OCPU: u32 = 64;

/// `providers.packer.oci`. Meaning and defaults stand in `config.schema.json`; no default here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    region: Option<String>,
    pub(crate) compartment_ocid: String,
    pub(crate) availability_domain: String,
    pub(crate) subnet_ocid: String,
    pub(crate) shape: String,
    shape_config: Option<ShapeConfig>,
    pub(crate) boot_volume_size_gb: u32,
    pub(crate) base_image_ocid: Option<String>,
    pub(crate) use_private_ip: bool,
    pub(crate) nsg_ocids: Vec<String>,
    pub(crate) ssh_username: String,
    pub(crate) copy_regions: Vec<String>,
    pub(crate) copy_bucket: Option<String>,
    // Read by the host alone: how to log in is not a plugin's business.
    #[serde(rename = "auth")]
    _auth: Option<IgnoredAny>,
    #[serde(rename = "profile")]
    _profile: Option<IgnoredAny>,
    #[serde(rename = "config_file")]
    _config_file: Option<IgnoredAny>,
    #[serde(rename = "tenancy_ocid")]
    _tenancy_ocid: Option<IgnoredAny>,
    #[serde(rename = "user_ocid")]
    _user_ocid: Option<IgnoredAny>,
    #[serde(rename = "fingerprint")]
    _fingerprint: Option<IgnoredAny>,
    #[serde(rename = "key_file")]
    _key_file: Option<IgnoredAny>,
}

/// The keys that say who logs in. `vm doctor` asks before anything else is configured, so none has to be there and
/// the rest of the section does not matter.
#[derive(Debug, Deserialize)]
pub(crate) struct Login {
    pub(crate) compartment_ocid: Option<String>,
    pub(crate) tenancy_ocid: Option<String>,
    pub(crate) user_ocid: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) auth: Option<String>,
}

/// Size of an instance of a flexible shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShapeConfig {
    pub(crate) ocpus: u32,
    pub(crate) memory_in_gbs: u32,
}

/// The schema's default, which is there whatever the shape is.
const DEFAULT_SIZE: ShapeConfig = ShapeConfig {
    ocpus: 2,
    memory_in_gbs: 16,
};

impl Config {
    /// Reads the section and checks what a schema cannot say about the shape.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let config: Self = sindri_plugin_sdk::config::parse(text)?;
        config.check_size()?;
        Ok(config)
    }

    /// OCPUs and memory, if the shape is a flexible one.
    pub(crate) fn size(&self) -> Option<ShapeConfig> {
        self.shape_config.filter(|_| shape::is_flexible(&self.shape))
    }

    /// The configured region; none means that of the user's OCI profile.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Regions of copies; the region of the build itself is none.
    pub(crate) fn other_regions(&self) -> impl Iterator<Item = &str> {
        self.copy_regions
            .iter()
            .map(String::as_str)
            .filter(|region| *region != self.location())
    }

    /// Where everything is: the region, as far as it is known. OCIDs carry it too, the two oldest regions as a key of
    /// three letters: `ocid1.subnet.oc1.iad.…`. Their names are the ones that `copy_regions` has: with the key, the
    /// image itself would pass for its copy in another region.
    pub(crate) fn location(&self) -> &str {
        let of_subnet = || self.subnet_ocid.split('.').nth(3).filter(|word| !word.is_empty());
        match self.region.as_deref().or_else(of_subnet) {
            Some("iad") => "us-ashburn-1",
            Some("phx") => "us-phoenix-1",
            Some(region) => region,
            None => &self.availability_domain,
        }
    }

    fn check_size(&self) -> Result<(), Problem> {
        let flexible = shape::is_flexible(&self.shape);
        match self.shape_config {
            None if flexible => Err(Problem::new(
                "missing-ocpus",
                format!("{} is a flexible shape and needs its number of OCPUs", self.shape),
            )
            .key("shape_config")
            .remedy("set shape_config: { ocpus: 2, memory_in_gbs: 16 }")),
            Some(size) if !flexible && size != DEFAULT_SIZE => Err(Problem::new(
                "conflicting-settings",
                format!("the size of {} is fixed, shape_config cannot change it", self.shape),
            )
            .key("shape_config")
            .remedy("leave shape_config out, or choose a flexible shape such as VM.Standard.E4.Flex")),
            Some(ShapeConfig { ocpus, memory_in_gbs })
                if flexible
                    && !(ocpus..=ocpus.saturating_mul(MOST_MEMORY_PER_OCPU)).contains(&memory_in_gbs) =>
            {
                Err(Problem::new(
                    "conflicting-settings",
                    format!(
                        "{memory_in_gbs} GB of memory do not fit {ocpus} OCPUs: each has 1 to {MOST_MEMORY_PER_OCPU} GB"
                    ),
                )
                .key("shape_config"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use sindri_plugin_sdk::testing::section;

    use super::*;
    use crate::CONFIG_SCHEMA;

    fn parse(settings: Json) -> Result<Config, Problem> {
        let mut all = json!({
            "compartment_ocid": "ocid1.compartment.oc1..aaaa", "availability_domain": "Uocm:PHX-AD-1",
            "subnet_ocid": "ocid1.subnet.oc1.phx.aaaa",
        });
        for (key, value) in settings.as_object().unwrap() {
            all[key] = value.clone();
        }
        Config::parse(&section(CONFIG_SCHEMA, &all).unwrap())
    }

    #[test]
    fn the_documented_defaults_are_those_of_the_schema() {
        let schema: Json = serde_json::from_str(CONFIG_SCHEMA).unwrap();
        assert_eq!(
            schema["required"],
            json!(["compartment_ocid", "availability_domain", "subnet_ocid"])
        );
        let config = parse(json!({})).unwrap();
        assert_eq!(config.shape, "VM.Standard.E4.Flex");
        assert_eq!(
            config.size(),
            Some(DEFAULT_SIZE),
            "the default shape is a flexible one"
        );
        assert_eq!(config.boot_volume_size_gb, 80);
        assert_eq!(config.ssh_username, "ubuntu");
        assert!(!config.use_private_ip && config.nsg_ocids.is_empty() && config.base_image_ocid.is_none());
        assert_eq!((config.region(), config.location()), (None, "us-phoenix-1"));
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
                "object" => json!({"ocpus": 2, "memory_in_gbs": 16}),
                other => panic!("{other}"),
            };
            parse(json!({ name: sample })).unwrap();
        }
    }

    #[test]
    fn sizes_that_oci_refuses_at_the_launch_are_refused_at_once() {
        for (settings, code) in [
            (json!({"shape_config": null}), "missing-ocpus"),
            (
                json!({"shape": "VM.Standard2.2", "shape_config": {"ocpus": 4, "memory_in_gbs": 16}}),
                "conflicting-settings",
            ),
            (
                json!({"shape_config": {"ocpus": 2, "memory_in_gbs": 129}}),
                "conflicting-settings",
            ),
            (
                json!({"shape_config": {"ocpus": 8, "memory_in_gbs": 7}}),
                "conflicting-settings",
            ),
        ] {
            let problem = parse(settings.clone()).unwrap_err();
            assert_eq!(
                (problem.code.as_str(), problem.key.as_deref()),
                (code, Some("shape_config")),
                "{settings}"
            );
        }
        let fixed = parse(json!({"shape": "VM.Standard2.2"})).unwrap();
        assert_eq!(fixed.size(), None, "the default size is not for fixed shapes");
        assert!(parse(json!({"shape_config": {"ocpus": 1, "memory_in_gbs": 64}})).is_ok());
    }
}
