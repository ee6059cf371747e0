//! What is there from the beginning: regions, zones, instance types, base images; and decoys.

use serde_json::{Value, json};

use super::call::Call;
use super::failure::Failure;
use super::store::{Kind, Store};
use super::values::DISK_CATEGORIES;
use super::{ACCOUNT, REGION};
use crate::{Owner, World};

/// Region and the letters of its zones.
const REGIONS: [(&str, &[&str]); 7] = [
    ("ap-southeast-1", &["a", "b", "c"]),
    ("cn-beijing", &["h", "k"]),
    ("cn-hangzhou", &["h", "i", "k"]),
    ("cn-shanghai", &["g", "l"]),
    ("eu-central-1", &["a", "b"]),
    ("us-east-1", &["a", "b"]),
    ("us-west-1", &["a", "b"]),
];

/// Name, processors, memory in GiB, architecture.
const INSTANCE_TYPES: [(&str, u32, u32, &str); 10] = [
    ("ecs.c8y.xlarge", 4, 8, "arm64"),
    ("ecs.e-c1m2.large", 2, 4, "x86_64"),
    ("ecs.g6.large", 2, 8, "x86_64"),
    ("ecs.g6.xlarge", 4, 16, "x86_64"),
    ("ecs.g7.large", 2, 8, "x86_64"),
    ("ecs.g7.xlarge", 4, 16, "x86_64"),
    ("ecs.g8i.2xlarge", 8, 32, "x86_64"),
    ("ecs.g8i.large", 2, 8, "x86_64"),
    ("ecs.g8y.large", 2, 8, "arm64"),
    ("ecs.g8y.xlarge", 4, 16, "arm64"),
];

/// Id, family, architecture; the newest of a family last.
const IMAGES: [(&str, &str, &str); 4] = [
    (
        "ubuntu_24_04_x64_20G_alibase_20260716.vhd",
        "acs:ubuntu_24_04_x64",
        "x86_64",
    ),
    (
        "ubuntu_24_04_x64_20G_alibase_20260916.vhd",
        "acs:ubuntu_24_04_x64",
        "x86_64",
    ),
    (
        "ubuntu_24_04_arm64_20G_alibase_20260916.vhd",
        "acs:ubuntu_24_04_arm64",
        "arm64",
    ),
    (
        "ubuntu_22_04_x64_20G_alibase_20260916.vhd",
        "acs:ubuntu_22_04_x64",
        "x86_64",
    ),
];

pub(super) fn is_region(name: &str) -> bool {
    REGIONS.iter().any(|(region, _)| *region == name)
}

/// Regions' zones.
fn zone_names(region: &str) -> Vec<String> {
    let found = REGIONS.iter().find(|(name, _)| *name == region);
    let letters = found.map(|(_, letters)| *letters).unwrap_or_default();
    letters
        .iter()
        .map(|letter| format!("{region}-{letter}"))
        .collect()
}

pub(super) fn is_zone(region: &str, zone: &str) -> bool {
    zone_names(region).iter().any(|name| name == zone)
}

/// The first zone of each region has no sixth generation and no disk that grows by itself, so that a client that takes
/// any zone fails.
fn has_type(region: &str, zone: &str, name: &str) -> bool {
    let first = zone_names(region).first().is_some_and(|first| first == zone);
    !(first && name.starts_with("ecs.g6."))
}

pub(super) fn has_category(region: &str, zone: &str, category: &str) -> bool {
    let first = zone_names(region).first().is_some_and(|first| first == zone);
    let current = ["cloud_auto", "cloud_efficiency", "cloud_essd", "cloud_ssd"].contains(&category);
    current && !(first && category == "cloud_auto")
}

/// The architecture of a type, if the zone has it.
pub(super) fn architecture(region: &str, zone: &str, wanted: &str) -> Option<&'static str> {
    let (_, _, _, architecture) = INSTANCE_TYPES.iter().find(|(name, ..)| *name == wanted)?;
    has_type(region, zone, wanted).then_some(*architecture)
}

/// Processors and memory in MiB.
pub(super) fn size(wanted: &str) -> (u32, u32) {
    let found = INSTANCE_TYPES.iter().find(|(name, ..)| *name == wanted);
    found.map_or((0, 0), |(_, processors, memory, _)| (*processors, memory * 1024))
}

pub(super) fn regions() -> Value {
    let regions: Vec<_> = REGIONS
        .iter()
        .map(|(region, _)| {
            json!({
                "RegionId": region, "LocalName": region,
                "RegionEndpoint": format!("ecs.{region}.aliyuncs.com"),
            })
        })
        .collect();
    json!({"Regions": {"Region": regions}})
}

/// The directory that the SDKs ask for hosts of a product in a region.
pub(super) fn endpoints(call: &Call) -> Value {
    let (region, service) = (call.text("Id"), call.text("ServiceCode").to_lowercase());
    let known = is_region(region) && ["ecs", "vpc", "sts"].contains(&service.as_str());
    let endpoints: Vec<_> = known
        .then(|| {
            json!({
                "Endpoint": format!("{service}.{region}.aliyuncs.com"), "Id": region, "Namespace": "",
                "Type": "openAPI", "SerivceCode": service, "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
            })
        })
        .into_iter()
        .collect();
    json!({"Success": true, "Endpoints": {"Endpoint": endpoints}})
}

pub(super) fn zones(call: &Call) -> Value {
    let region = call.region.as_str();
    let zones: Vec<_> = zone_names(region)
        .into_iter()
        .map(|zone| {
            let types: Vec<_> = INSTANCE_TYPES
                .iter()
                .map(|(name, ..)| *name)
                .filter(|name| has_type(region, &zone, name))
                .collect();
            let categories: Vec<_> = DISK_CATEGORIES
                .iter()
                .filter(|category| has_category(region, &zone, category))
                .collect();
            json!({
                "ZoneId": zone, "LocalName": zone, "ZoneType": "AvailabilityZone",
                "AvailableResourceCreation": {"ResourceTypes": ["VSwitch", "IoOptimized", "Instance", "Disk"]},
                "AvailableInstanceTypes": {"InstanceTypes": types},
                "AvailableDiskCategories": {"DiskCategories": categories},
            })
        })
        .collect();
    json!({"Zones": {"Zone": zones}})
}

/// Zones in which everything that is asked for can be had; without one the list itself is not there.
pub(super) fn available(call: &Call, world: &mut World) -> Result<Value, Failure> {
    let region = call.region.as_str();
    let destination = call.text("DestinationResource");
    if destination != "InstanceType" {
        return Err(Failure::invalid(
            world,
            "DestinationResource",
            "the lab knows InstanceType only",
        ));
    }
    let wanted = call.text("InstanceType");
    let zones: Vec<_> = zone_names(region)
        .into_iter()
        .filter(|zone| call.fits("ZoneId", zone))
        .filter(|zone| {
            call.get("SystemDiskCategory")
                .is_none_or(|category| has_category(region, zone, category))
        })
        .filter_map(|zone| {
            let types: Vec<_> = INSTANCE_TYPES
                .iter()
                .map(|(name, ..)| *name)
                .filter(|name| wanted.is_empty() || *name == wanted)
                .filter(|name| has_type(region, &zone, name))
                .map(|name| json!({"Value": name, "Status": "Available", "StatusCategory": "WithStock"}))
                .collect();
            let resource = json!({"Type": destination, "SupportedResources": {"SupportedResource": types}});
            (!types.is_empty()).then(|| {
                json!({
                    "RegionId": region, "ZoneId": zone, "Status": "Available", "StatusCategory": "WithStock",
                    "AvailableResources": {"AvailableResource": [resource]},
                })
            })
        })
        .collect();
    Ok(if zones.is_empty() {
        json!({})
    } else {
        json!({"AvailableZones": {"AvailableZone": zones}})
    })
}

pub(super) fn seed(store: &mut Store) {
    for (region, _) in REGIONS {
        for (id, family, architecture) in IMAGES {
            let body = json!({
                "ImageId": id, "ImageName": id, "ImageFamily": family, "Architecture": architecture,
                "ImageOwnerAlias": "system", "Status": "Available", "Progress": "100%", "Size": 20,
                "Description": "", "OSType": "linux", "OSName": "Ubuntu 24.04", "OSNameEn": "Ubuntu 24.04",
                "Platform": "Ubuntu", "IsPublic": false, "IsCopied": false, "IsSelfShared": "",
                "IsSubscribed": false, "IsSupportCloudinit": true, "IsSupportIoOptimized": true,
                "Usage": "instance", "ImageVersion": "", "ProductCode": "", "BootMode": "UEFI-Preferred",
                "CreationTime": "2026-09-16T02:00:00Z",
                "DiskDeviceMappings": {"DiskDeviceMapping": []},
            });
            store.insert(Kind::Image, region, body, Owner::Provider);
        }
    }
}

/// What others leave in the same account: names that look like Packer's and nearly like ours, and no tag of ours.
pub(super) fn plant_decoys(store: &mut Store, count: usize, world: &mut World) {
    let kinds = [
        Kind::Image,
        Kind::Instance,
        Kind::Snapshot,
        Kind::KeyPair,
        Kind::SecurityGroup,
        Kind::Vpc,
        Kind::VSwitch,
        Kind::Eip,
        Kind::Disk,
    ];
    for (number, kind) in kinds.into_iter().cycle().take(count).enumerate() {
        let id = kind.id(world);
        let (id_field, name_field) = kind.fields();
        let name = match number % 3 {
            0 => format!("packer_{id}"),
            1 => format!("my-sindri-run-{number}"),
            _ => format!("sindri-production{number}"),
        };
        let mut body = super::object(json!({
            "Status": "Available", "CreationTime": "2026-11-01T00:00:00Z", "RegionId": REGION,
            "VpcId": "vpc-bp1stranger", "VSwitchId": "vsw-bp1stranger", "ZoneId": format!("{REGION}-h"),
        }));
        body.insert(id_field.to_owned(), json!(id));
        body.insert(name_field.to_owned(), json!(name));
        match kind {
            Kind::Image => {
                body.insert("ImageOwnerAlias".to_owned(), json!("self"));
                body.insert("ImageOwnerId".to_owned(), json!(ACCOUNT));
                body.insert("Architecture".to_owned(), json!("x86_64"));
                body.insert("Size".to_owned(), json!(20));
                body.insert("IsPublic".to_owned(), json!(false));
                body.insert("DiskDeviceMappings".to_owned(), json!({"DiskDeviceMapping": []}));
            }
            Kind::Instance => {
                body.insert("Status".to_owned(), json!("Running"));
                body.insert("InstanceType".to_owned(), json!("ecs.g7.large"));
                body.insert("PublicIpAddress".to_owned(), json!({"IpAddress": []}));
                body.insert(
                    "EipAddress".to_owned(),
                    json!({"AllocationId": "", "IpAddress": ""}),
                );
            }
            Kind::Snapshot => {
                body.insert("Status".to_owned(), json!("accomplished"));
            }
            Kind::Disk | Kind::Eip | Kind::KeyPair | Kind::SecurityGroup | Kind::Vpc | Kind::VSwitch => {}
        }
        let item = store.insert(kind, REGION, Value::Object(body), Owner::Stranger);
        item.tags.insert("owner".to_owned(), "somebody-else".to_owned());
        // Tagged by another tool of the same name.
        if number % 5 == 4 {
            item.tags.insert("ManagedBy".to_owned(), "terraform".to_owned());
        }
    }
}
