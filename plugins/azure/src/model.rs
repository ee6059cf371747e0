//! The parts of `az`'s JSON that plans read. Unknown members are left alone; `null` stands for what is
//! not set.

use std::collections::BTreeMap;

use serde::Deserialize;
use sindri_plugin_sdk::contract::{self, Architecture, ImageState, Resource};
use sindri_plugin_sdk::tags::{BUILD_DATE, labels, value_of};

use crate::check::{DESCRIPTION, canonical};

/// Tags as Azure has them: a map, or none.
pub(crate) type Tags = Option<BTreeMap<String, Option<String>>>;

/// Says since when a managed image is not to be used any more. Versions in a gallery have a field for it.
pub(crate) const DEPRECATED_AT: &str = "SindriDeprecatedAt";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// Of those that `az` is logged in to.
    #[serde(default)]
    pub(crate) is_default: Option<bool>,
    #[serde(default)]
    pub(crate) user: Option<User>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct User {
    #[serde(default)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) location: Option<String>,
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// A managed image.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManagedImage {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) location: String,
    #[serde(default)]
    pub(crate) provisioning_state: Option<String>,
    #[serde(default)]
    pub(crate) storage_profile: Option<ManagedStorage>,
    #[serde(default)]
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManagedStorage {
    #[serde(default)]
    pub(crate) os_disk: Option<ManagedDisk>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ManagedDisk {
    // Older versions of az spell it `diskSizeGb`.
    #[serde(default, rename = "diskSizeGB", alias = "diskSizeGb")]
    pub(crate) size_gb: Option<u32>,
}

/// A version of an image definition.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    pub(crate) id: String,
    /// The version alone.
    pub(crate) name: String,
    pub(crate) location: String,
    #[serde(default)]
    pub(crate) provisioning_state: Option<String>,
    #[serde(default)]
    pub(crate) publishing_profile: Option<Publishing>,
    #[serde(default)]
    pub(crate) safety_profile: Option<Safety>,
    #[serde(default)]
    pub(crate) storage_profile: Option<VersionStorage>,
    #[serde(default)]
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Publishing {
    #[serde(default)]
    pub(crate) published_date: Option<String>,
    #[serde(default)]
    pub(crate) end_of_life_date: Option<String>,
    #[serde(default)]
    pub(crate) exclude_from_latest: Option<bool>,
    #[serde(default)]
    pub(crate) target_regions: Option<Vec<TargetRegion>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetRegion {
    /// As people write it: `West US 2`.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) regional_replica_count: Option<u32>,
    #[serde(default)]
    pub(crate) storage_account_type: Option<String>,
    #[serde(default)]
    pub(crate) encryption: Option<serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Safety {
    #[serde(default)]
    pub(crate) block_deletion_before_end_of_life: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VersionStorage {
    #[serde(default)]
    pub(crate) os_disk_image: Option<VersionDisk>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct VersionDisk {
    #[serde(default, rename = "sizeInGB", alias = "sizeInGb")]
    pub(crate) size_gb: Option<u32>,
}

/// An image definition.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Definition {
    #[serde(default)]
    pub(crate) architecture: Option<String>,
    #[serde(default, alias = "hyperVgeneration")]
    pub(crate) hyper_v_generation: Option<String>,
    #[serde(default)]
    pub(crate) os_state: Option<String>,
    #[serde(default)]
    pub(crate) features: Option<Vec<Feature>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Feature {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Gallery {
    #[serde(default)]
    pub(crate) sharing_profile: Option<Sharing>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sharing {
    #[serde(default)]
    pub(crate) permissions: Option<String>,
    #[serde(default)]
    pub(crate) groups: Option<Vec<SharingGroup>>,
    #[serde(default)]
    pub(crate) community_gallery_info: Option<Community>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SharingGroup {
    #[serde(default, rename = "type")]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) ids: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Community {
    #[serde(default)]
    pub(crate) community_gallery_enabled: Option<bool>,
}

/// A virtual network.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Network {
    pub(crate) name: String,
    pub(crate) resource_group: String,
    #[serde(default)]
    pub(crate) subnets: Option<Vec<Subnet>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// What `vm create` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Created {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) public_ip_address: Option<String>,
    #[serde(default)]
    pub(crate) private_ip_address: Option<String>,
}

/// Tags in the contract's form, the host's own in its spelling.
pub(crate) fn tags(tags: &Tags) -> Vec<contract::Tag> {
    tags.iter()
        .flatten()
        .map(|(key, value)| contract::Tag {
            key: canonical(key).to_owned(),
            value: value.clone().unwrap_or_default(),
        })
        .collect()
}

/// `West US 2` and `westus2` are the same region.
pub(crate) fn region(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

fn state(provisioning: Option<&str>) -> ImageState {
    match provisioning {
        Some("Succeeded") => ImageState::Available,
        Some("Creating" | "Updating" | "Migrating") => ImageState::Pending,
        Some("Failed" | "Canceled") => ImageState::Failed,
        Some("Deleting") => ImageState::Deregistered,
        Some(_) | None => ImageState::Unknown,
    }
}

impl Gallery {
    /// Offered to everybody.
    pub(crate) fn is_public(&self) -> bool {
        self.sharing_profile
            .as_ref()
            .and_then(|sharing| sharing.community_gallery_info.as_ref())
            .is_some_and(|community| community.community_gallery_enabled == Some(true))
    }

    /// `Private`, `Groups` or `Community`.
    pub(crate) fn permissions(&self) -> &str {
        self.sharing_profile
            .as_ref()
            .and_then(|sharing| sharing.permissions.as_deref())
            .unwrap_or("Private")
    }
}

impl Definition {
    pub(crate) fn architecture(&self) -> Option<Architecture> {
        // Definitions from before 2022 have none, and were x64 all.
        crate::size::from_azure(self.architecture.as_deref().unwrap_or("x64"))
    }

    /// `TrustedLaunch`, `TrustedLaunchSupported` and so on.
    pub(crate) fn security_type(&self) -> Option<&str> {
        self.features
            .iter()
            .flatten()
            .find(|feature| feature.name.as_deref() == Some("SecurityType"))
            .and_then(|feature| feature.value.as_deref())
    }

    /// Machines of its versions may start with Secure Boot and a virtual TPM.
    pub(crate) fn allows_trusted_launch(&self) -> bool {
        self.security_type()
            .is_some_and(|kind| kind.starts_with("TrustedLaunch"))
    }
}

impl ManagedImage {
    pub(crate) fn size_gib(&self) -> Option<u32> {
        self.storage_profile.as_ref()?.os_disk.as_ref()?.size_gb
    }

    /// Since when it is not to be used any more.
    pub(crate) fn deprecated_at(&self) -> Option<String> {
        value_of(&tags(&self.tags), DEPRECATED_AT).map(str::to_owned)
    }

    /// In the contract's form. Azure notes no time of creation, but the build's own tag has one.
    pub(crate) fn into_contract(self) -> contract::Image {
        let tags = tags(&self.tags);
        contract::Image {
            size_gib: self.size_gib(),
            state: state(self.provisioning_state.as_deref()),
            description: value_of(&tags, DESCRIPTION).unwrap_or_default().to_owned(),
            created_at: value_of(&tags, BUILD_DATE).map(str::to_owned),
            // A managed image cannot be anything else.
            architecture: Some(Architecture::X8664),
            location: region(&self.location),
            public: false,
            copies: Vec::new(),
            labels: labels(&tags),
            id: self.id,
            name: self.name,
            tags,
        }
    }
}

impl Version {
    pub(crate) fn publishing(&self) -> Publishing {
        self.publishing_profile.clone().unwrap_or_default()
    }

    /// All regions that have a replica.
    pub(crate) fn regions(&self) -> Vec<String> {
        let targets = self.publishing().target_regions.unwrap_or_default();
        targets.iter().map(|target| region(&target.name)).collect()
    }

    /// The replicas in other regions.
    pub(crate) fn copies(&self) -> Vec<Resource> {
        let home = region(&self.location);
        self.regions()
            .into_iter()
            .filter(|region| *region != home)
            .map(|location| Resource {
                kind: "image".to_owned(),
                id: self.id.clone(),
                location,
            })
            .collect()
    }

    pub(crate) fn size_gib(&self) -> Option<u32> {
        self.storage_profile.as_ref()?.os_disk_image.as_ref()?.size_gb
    }

    /// In the contract's form.
    pub(crate) fn into_contract(
        self,
        definition: &str,
        architecture: Option<Architecture>,
        public: bool,
    ) -> contract::Image {
        let tags = tags(&self.tags);
        let built = value_of(&tags, BUILD_DATE).map(str::to_owned);
        contract::Image {
            name: format!("{definition}/{}", self.name),
            size_gib: self.size_gib(),
            state: state(self.provisioning_state.as_deref()),
            description: value_of(&tags, DESCRIPTION).unwrap_or_default().to_owned(),
            created_at: built.or_else(|| self.publishing().published_date),
            architecture,
            location: region(&self.location),
            public,
            copies: self.copies(),
            labels: labels(&tags),
            id: self.id,
            tags,
        }
    }
}

/// An image of ours that Packer has just finished, as far as that is known without asking.
pub(crate) fn finished(id: &str, name: &str, location: &str, architecture: Architecture) -> contract::Image {
    contract::Image {
        id: id.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        state: ImageState::Available,
        created_at: None,
        size_gib: None,
        architecture: Some(architecture),
        location: location.to_owned(),
        public: false,
        copies: Vec::new(),
        tags: Vec::new(),
        labels: contract::Labels {
            managed: true,
            sindri_version: None,
            profile: None,
            cache_key: None,
            run_id: None,
        },
    }
}
