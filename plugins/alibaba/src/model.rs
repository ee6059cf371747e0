//! The parts of the API's JSON that plans read. Unknown members are left alone. Lists are objects with one member,
//! such as `"Images": {"Image": [...]}`, and absent texts are often empty ones.

use serde::Deserialize;
use sindri_plugin_sdk::contract::{self, ImageState, Resource, RunPurpose};
use sindri_plugin_sdk::moment::utc;
use sindri_plugin_sdk::tags::{labels, purpose};

use crate::architecture;
use crate::mark;

/// What `sts GetCallerIdentity` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CallerIdentity {
    pub(crate) account_id: String,
    pub(crate) arn: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Image {
    pub(crate) image_id: String,
    #[serde(default)]
    pub(crate) image_name: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) creation_time: Option<String>,
    #[serde(default)]
    pub(crate) architecture: Option<String>,
    #[serde(default)]
    pub(crate) is_public: bool,
    /// GiB.
    #[serde(default)]
    pub(crate) size: Option<u32>,
    #[serde(default)]
    pub(crate) tags: Tags,
    #[serde(default)]
    disk_device_mappings: DiskDeviceMappings,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DiskDeviceMappings {
    #[serde(default)]
    disk_device_mapping: Vec<DiskDeviceMapping>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DiskDeviceMapping {
    #[serde(default)]
    snapshot_id: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tags {
    #[serde(default)]
    tag: Vec<Tag>,
}

/// `TagKey` in most answers, `Key` in some.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    #[serde(alias = "Key")]
    tag_key: String,
    #[serde(default, alias = "Value")]
    tag_value: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Snapshot {
    pub(crate) snapshot_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Instance {
    pub(crate) instance_id: String,
    #[serde(default)]
    instance_name: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    creation_time: Option<String>,
    /// Mbit/s. Packer asks for as much as its elastic address is to have.
    #[serde(default)]
    pub(crate) internet_max_bandwidth_out: i64,
    #[serde(default)]
    public_ip_address: Addresses,
    #[serde(default)]
    eip_address: EipAddress,
    #[serde(default)]
    vpc_attributes: VpcAttributes,
    #[serde(default)]
    tags: Tags,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Addresses {
    #[serde(default)]
    ip_address: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EipAddress {
    #[serde(default)]
    ip_address: String,
    #[serde(default)]
    allocation_id: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcAttributes {
    #[serde(default)]
    private_ip_address: Addresses,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyPair {
    pub(crate) key_pair_name: String,
    #[serde(default)]
    creation_time: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecurityGroup {
    pub(crate) security_group_id: String,
    #[serde(default)]
    pub(crate) security_group_name: String,
    #[serde(default)]
    creation_time: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Vpc {
    pub(crate) vpc_id: String,
    #[serde(default)]
    pub(crate) vpc_name: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    creation_time: Option<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VSwitch {
    #[serde(rename = "VSwitchId")]
    pub(crate) vswitch_id: String,
    #[serde(rename = "VSwitchName", default)]
    pub(crate) vswitch_name: String,
    #[serde(default)]
    pub(crate) status: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Eip {
    #[serde(default)]
    pub(crate) allocation_id: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) allocation_time: String,
    #[serde(default)]
    pub(crate) bandwidth: String,
    #[serde(default)]
    instance_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    /// The same, spelled like this by the API.
    #[serde(default)]
    descritpion: String,
    #[serde(default)]
    tags: Tags,
}

/// A zone of `DescribeAvailableResource`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AvailableZone {
    pub(crate) zone_id: String,
    #[serde(default)]
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) status_category: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Account {
    pub(crate) aliyun_id: String,
}

/// What `RunInstances` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Launched {
    pub(crate) instance_id_sets: InstanceIdSets,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceIdSets {
    pub(crate) instance_id_set: Vec<String>,
}

/// What `CreateVpc`, `CreateVSwitch`, `CreateSecurityGroup` and `CopyImage` print.
#[derive(Debug, Deserialize)]
pub(crate) struct Created {
    #[serde(
        alias = "VpcId",
        alias = "VSwitchId",
        alias = "SecurityGroupId",
        alias = "ImageId"
    )]
    pub(crate) id: String,
}

impl Tags {
    /// In the contract's form.
    pub(crate) fn into_contract(self) -> Vec<contract::Tag> {
        let convert = |tag: Tag| contract::Tag {
            key: tag.tag_key,
            value: tag.tag_value,
        };
        self.tag.into_iter().map(convert).collect()
    }
}

/// RFC 3339 of the API's times, some of which have no seconds.
fn moment(time: &str) -> String {
    match time.strip_suffix('Z') {
        Some(minutes) if minutes.len() == "2026-11-22T09:30".len() => format!("{minutes}:00Z"),
        Some(_) | None => time.to_owned(),
    }
}

/// The tags of a resource, with what its name says.
macro_rules! owned {
    ($kind:ty, $name:ident) => {
        impl $kind {
            pub(crate) fn marks(&self) -> Vec<contract::Tag> {
                let created = self.creation_time.as_deref().map(moment);
                mark::tags(
                    &self.$name,
                    self.tags.clone().into_contract(),
                    created.as_deref(),
                )
            }
        }
    };
}

owned!(Instance, instance_name);
owned!(KeyPair, key_pair_name);
owned!(SecurityGroup, security_group_name);
owned!(Vpc, vpc_name);

impl Instance {
    /// Whether Packer made it: named like a run, and deployed by none.
    pub(crate) fn is_packers(&self) -> bool {
        mark::run_of(&self.instance_name).is_some() && purpose(&self.marks()) != RunPurpose::Deploy
    }

    /// Empty texts are no addresses.
    pub(crate) fn public_ip(&self) -> Option<String> {
        let own = self.public_ip_address.ip_address.iter();
        own.chain(std::iter::once(&self.eip_address.ip_address))
            .find(|address| !address.is_empty())
            .cloned()
    }

    pub(crate) fn private_ip(&self) -> Option<String> {
        self.vpc_attributes.private_ip_address.ip_address.first().cloned()
    }

    /// Its elastic address.
    pub(crate) fn eip(&self) -> Option<&str> {
        Some(self.eip_address.allocation_id.as_str()).filter(|id| !id.is_empty())
    }

    pub(crate) fn created_utc(&self) -> Option<String> {
        utc(&moment(self.creation_time.as_deref()?))
    }

    /// Whether it is to have a public address and has none.
    pub(crate) fn waits_for_address(&self) -> bool {
        self.internet_max_bandwidth_out > 0 && self.public_ip().is_none() && self.eip().is_none()
    }
}

impl Eip {
    /// Whether it is bound to nothing and nobody has said whose it is.
    pub(crate) fn is_nobodys(&self) -> bool {
        let texts = [
            &self.instance_id,
            &self.name,
            &self.description,
            &self.descritpion,
        ];
        texts.into_iter().all(String::is_empty) && self.tags.tag.is_empty()
    }
}

impl Image {
    /// Snapshots that hold the image's disks.
    pub(crate) fn snapshots(&self) -> Vec<String> {
        let mappings = self.disk_device_mappings.disk_device_mapping.iter();
        let mut ids: Vec<String> = mappings
            .map(|mapping| mapping.snapshot_id.clone())
            .filter(|id| !id.is_empty())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The image in the contract's form.
    pub(crate) fn into_contract(self, location: &str, copies: Vec<Resource>) -> contract::Image {
        let tags = self.tags.into_contract();
        contract::Image {
            size_gib: self.size,
            architecture: self.architecture.as_deref().and_then(architecture::from_ecs),
            state: match self.status.as_str() {
                "Available" => ImageState::Available,
                "Creating" | "Waiting" => ImageState::Pending,
                "CreateFailed" => ImageState::Failed,
                "Deprecated" => ImageState::Deregistered,
                // `UnAvailable`, and whatever comes next.
                _ => ImageState::Unknown,
            },
            labels: labels(&tags),
            id: self.image_id,
            name: self.image_name,
            description: self.description,
            created_at: self.creation_time.as_deref().map(moment),
            location: location.to_owned(),
            public: self.is_public,
            copies,
            tags,
        }
    }
}

/// An image of ours that Packer has just finished, as far as that is known without asking.
pub(crate) fn finished(id: String, name: &str, region: &str) -> contract::Image {
    contract::Image {
        id,
        name: name.to_owned(),
        description: String::new(),
        state: ImageState::Available,
        created_at: None,
        size_gib: None,
        architecture: None,
        location: region.to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_seconds_get_some() {
        assert_eq!(moment("2026-11-22T09:30Z"), "2026-11-22T09:30:00Z");
        assert_eq!(moment("2026-11-22T09:30:05Z"), "2026-11-22T09:30:05Z");
    }
}
