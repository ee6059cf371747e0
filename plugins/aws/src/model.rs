//! The parts of the `aws` command's JSON that plans read. Unknown members are left alone, missing ones
//! that AWS always sends are an error.

use serde::Deserialize;
use sindri_plugin_sdk::contract::{self, ImageState, Resource};
use sindri_plugin_sdk::tags::labels;

use crate::architecture;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CallerIdentity {
    pub(crate) account: String,
    pub(crate) arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Images {
    pub(crate) images: Vec<Image>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Image {
    pub(crate) image_id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) creation_date: Option<String>,
    #[serde(default)]
    pub(crate) deprecation_time: Option<String>,
    #[serde(default)]
    pub(crate) deregistration_protection: Option<String>,
    #[serde(default)]
    pub(crate) architecture: Option<String>,
    #[serde(default)]
    pub(crate) public: bool,
    #[serde(default)]
    pub(crate) root_device_name: Option<String>,
    #[serde(default)]
    pub(crate) block_device_mappings: Vec<BlockDevice>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BlockDevice {
    #[serde(default)]
    pub(crate) device_name: String,
    #[serde(default)]
    pub(crate) ebs: Option<Ebs>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Ebs {
    #[serde(default)]
    pub(crate) snapshot_id: Option<String>,
    #[serde(default)]
    pub(crate) volume_id: Option<String>,
    #[serde(default)]
    pub(crate) volume_size: Option<u32>,
    #[serde(default)]
    pub(crate) encrypted: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reservations {
    pub(crate) reservations: Vec<Reservation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reservation {
    pub(crate) instances: Vec<Instance>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Instance {
    pub(crate) instance_id: String,
    pub(crate) state: State,
    #[serde(default)]
    pub(crate) key_name: Option<String>,
    #[serde(default)]
    pub(crate) public_ip_address: Option<String>,
    #[serde(default)]
    pub(crate) private_ip_address: Option<String>,
    #[serde(default)]
    pub(crate) security_groups: Vec<Group>,
    #[serde(default)]
    pub(crate) block_device_mappings: Vec<BlockDevice>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct State {
    pub(crate) name: String,
}

/// Of an instance's groups, of `describe-security-groups` and of `create-security-group`, which gives
/// no name.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Group {
    pub(crate) group_id: String,
    #[serde(default)]
    pub(crate) group_name: String,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

/// What `run-instances` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Launched {
    pub(crate) instances: Vec<LaunchedInstance>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LaunchedInstance {
    pub(crate) instance_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityGroups {
    pub(crate) security_groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyPairs {
    pub(crate) key_pairs: Vec<KeyPair>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyPair {
    pub(crate) key_name: String,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Volumes {
    pub(crate) volumes: Vec<Volume>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Volume {
    pub(crate) volume_id: String,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Snapshots {
    pub(crate) snapshots: Vec<Snapshot>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Snapshot {
    pub(crate) snapshot_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subnets {
    pub(crate) subnets: Vec<Subnet>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Subnet {
    pub(crate) vpc_id: String,
}

/// What `copy-image` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Copied {
    pub(crate) image_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageAttribute {
    #[serde(default)]
    pub(crate) launch_permissions: Vec<LaunchPermission>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct LaunchPermission {
    #[serde(default)]
    pub(crate) user_id: Option<String>,
    #[serde(default)]
    pub(crate) group: Option<String>,
    #[serde(default)]
    pub(crate) organization_arn: Option<String>,
    #[serde(default)]
    pub(crate) organizational_unit_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublicAccess {
    #[serde(default)]
    pub(crate) image_block_public_access_state: String,
    #[serde(default)]
    pub(crate) managed_by: Option<String>,
}

impl Reservations {
    pub(crate) fn instances(self) -> Vec<Instance> {
        self.reservations
            .into_iter()
            .flat_map(|reservation| reservation.instances)
            .collect()
    }
}

/// An image of ours that Packer has just finished, as far as that is known without asking.
pub(crate) fn finished(
    id: String,
    name: &str,
    region: &str,
    copies: Vec<contract::Resource>,
) -> contract::Image {
    contract::Image {
        id,
        name: name.to_owned(),
        description: String::new(),
        state: contract::ImageState::Available,
        created_at: None,
        size_gib: None,
        architecture: None,
        location: region.to_owned(),
        public: false,
        copies,
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

/// Tags in the contract's form.
pub(crate) fn tags(tags: &[Tag]) -> Vec<contract::Tag> {
    tags.iter()
        .map(|tag| contract::Tag {
            key: tag.key.clone(),
            value: tag.value.clone(),
        })
        .collect()
}

impl Image {
    /// Snapshots that hold the image's disks.
    pub(crate) fn snapshots(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.disks().filter_map(|ebs| ebs.snapshot_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.disks().any(|ebs| ebs.encrypted == Some(true))
    }

    /// The root disk in GiB.
    pub(crate) fn size_gib(&self) -> Option<u32> {
        let root = self.root_device_name.as_deref();
        let disk = self
            .block_device_mappings
            .iter()
            .find(|disk| Some(disk.device_name.as_str()) == root);
        disk.and_then(|disk| disk.ebs.as_ref())
            .or_else(|| self.disks().next())
            .and_then(|ebs| ebs.volume_size)
    }

    fn disks(&self) -> impl Iterator<Item = &Ebs> {
        self.block_device_mappings
            .iter()
            .filter_map(|disk| disk.ebs.as_ref())
    }

    /// The image in the contract's form.
    pub(crate) fn into_contract(self, location: &str, copies: Vec<Resource>) -> contract::Image {
        let tags = tags(&self.tags);
        contract::Image {
            size_gib: self.size_gib(),
            architecture: self.architecture.as_deref().and_then(architecture::from_ec2),
            state: match self.state.as_str() {
                "available" => ImageState::Available,
                "pending" | "transient" => ImageState::Pending,
                "failed" | "error" | "invalid" => ImageState::Failed,
                "deregistered" => ImageState::Deregistered,
                // `disabled`, and whatever AWS invents next.
                _ => ImageState::Unknown,
            },
            labels: labels(&tags),
            id: self.image_id,
            name: self.name,
            description: self.description,
            created_at: self.creation_date,
            location: location.to_owned(),
            public: self.public,
            copies,
            tags,
        }
    }
}
