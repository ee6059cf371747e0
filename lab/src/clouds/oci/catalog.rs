//! What is there from the beginning: compartments, networks, buckets, base images; and decoys.

use serde_json::{Value, json};

use super::region::{REGIONS, Region, by_name, ocid};
use super::store::{Store, object, timestamp};
use super::{COMPARTMENT, REGION, TENANCY};
use crate::{Owner, World};

/// Name, system, version, whether for Arm, time of making. Oracle's own names.
const IMAGES: [(&str, &str, &str, bool, &str); 6] = [
    (
        "Canonical-Ubuntu-24.04-2026.07.31-0",
        "Canonical Ubuntu",
        "24.04",
        false,
        "2026-08-03T10:00:00.000Z",
    ),
    (
        "Canonical-Ubuntu-24.04-2026.10.31-0",
        "Canonical Ubuntu",
        "24.04",
        false,
        "2026-11-03T10:00:00.000Z",
    ),
    (
        "Canonical-Ubuntu-24.04-aarch64-2026.10.31-0",
        "Canonical Ubuntu",
        "24.04",
        true,
        "2026-11-03T10:10:00.000Z",
    ),
    (
        "Canonical-Ubuntu-24.04-Minimal-2026.10.31-0",
        "Canonical Ubuntu",
        "24.04 Minimal",
        false,
        "2026-11-03T10:20:00.000Z",
    ),
    (
        "Canonical-Ubuntu-22.04-2026.10.31-0",
        "Canonical Ubuntu",
        "22.04",
        false,
        "2026-11-03T10:30:00.000Z",
    ),
    (
        "Oracle-Linux-9.6-2026.10.31-0",
        "Oracle Linux",
        "9",
        false,
        "2026-11-03T10:40:00.000Z",
    ),
];

/// Numbers of ids below this are of what is there from the beginning.
const FIRST: u64 = 1 << 40;

/// Ids of the networks of a region.
#[derive(Debug)]
pub struct Network {
    /// The network itself.
    pub vcn: String,
    /// A subnet of the whole region, whose instances may have public addresses.
    pub public: String,
    /// One whose instances may not.
    pub private: String,
}

impl Network {
    pub(super) fn of(region: &Region) -> Self {
        let id = |kind: &str, number| ocid(kind, region, FIRST + number);
        Self {
            vcn: id("vcn", 1),
            public: id("subnet", 2),
            private: id("subnet", 3),
        }
    }
}

/// Whether the user may see and change what is in it.
pub(super) fn is_own(compartment: &str) -> bool {
    compartment == COMPARTMENT || compartment == TENANCY
}

pub(super) fn seed(store: &mut Store) {
    for region in &REGIONS {
        for (number, (name, system, version, arm, made)) in (100..).zip(IMAGES) {
            let id = ocid("image", region, FIRST + number);
            let body = json!({
                // Platform images belong to no compartment.
                "compartmentId": null, "displayName": name, "operatingSystem": system,
                "operatingSystemVersion": version, "lifecycleState": "AVAILABLE", "timeCreated": made,
                "createImageAllowed": true, "sizeInMBs": 47694, "baseImageId": null,
                "launchMode": "NATIVE", "listingType": "NONE", "x-arm": arm,
            });
            store.put(&id, "images", region, object(body), Owner::Provider);
        }
        seed_network(store, region);
    }
}

fn seed_network(store: &mut Store, region: &'static Region) {
    let network = Network::of(region);
    let made = "2026-01-01T00:00:00.000Z";
    let vcn = json!({
        "compartmentId": COMPARTMENT, "displayName": "builds", "cidrBlock": "10.0.0.0/16",
        "cidrBlocks": ["10.0.0.0/16"], "lifecycleState": "AVAILABLE", "timeCreated": made,
    });
    store.put(&network.vcn, "vcns", region, object(vcn), Owner::Provider);
    for (id, name, range, private) in [
        (&network.public, "public", "10.0.0.0/24", false),
        (&network.private, "private", "10.0.1.0/24", true),
    ] {
        let subnet = json!({
            "compartmentId": COMPARTMENT, "displayName": name, "vcnId": network.vcn, "cidrBlock": range,
            "availabilityDomain": null, "prohibitPublicIpOnVnic": private, "prohibitInternetIngress": private,
            "routeTableId": ocid("routetable", region, FIRST + 4), "virtualRouterMac": "00:00:17:00:00:01",
            "virtualRouterIp": "10.0.0.1", "lifecycleState": "AVAILABLE", "timeCreated": made,
            "securityListIds": [ocid("securitylist", region, FIRST + 5)],
        });
        store.put(id, "subnets", region, object(subnet), Owner::Provider);
    }
}

/// Images, instances, groups and boot volumes of another user, named like those that an interrupted build leaves.
pub(super) fn plant_decoys(store: &mut Store, count: usize, world: &mut World) {
    let Some(region) = by_name(REGION) else { return };
    let network = Network::of(region);
    for number in 0..count {
        let serial = world.serial();
        let name = format!("sindri-{serial:012x}");
        let common = json!({
            "compartmentId": COMPARTMENT, "displayName": name, "timeCreated": timestamp(world),
            "freeformTags": {"Owner": "somebody-else"},
        });
        let (kind, id_kind, own) = match number % 4 {
            0 => (
                "images",
                "image",
                json!({
                    "lifecycleState": "AVAILABLE", "operatingSystem": "Canonical Ubuntu",
                    "operatingSystemVersion": "24.04", "createImageAllowed": true, "sizeInMBs": 81920,
                }),
            ),
            1 => (
                "instances",
                "instance",
                json!({
                    "lifecycleState": "RUNNING", "shape": "VM.Standard2.1", "region": region.short,
                    "availabilityDomain": super::AVAILABILITY_DOMAIN,
                }),
            ),
            2 => (
                "networkSecurityGroups",
                "networksecuritygroup",
                json!({"lifecycleState": "AVAILABLE", "vcnId": network.vcn}),
            ),
            _ => (
                "bootVolumes",
                "bootvolume",
                json!({
                    "lifecycleState": "AVAILABLE", "sizeInGBs": 80, "sizeInMBs": 81920,
                    "availabilityDomain": super::AVAILABILITY_DOMAIN,
                }),
            ),
        };
        let mut body = object(common);
        body.extend(object(own));
        store.put(
            &ocid(id_kind, region, serial),
            kind,
            region,
            body,
            Owner::Stranger,
        );
    }
}

/// The regions, all subscribed to.
pub(super) fn regions(subscriptions: bool) -> Value {
    let home = |region: &Region| region.name == REGION;
    let document = |region: &Region| match subscriptions {
        true => json!({
            "regionKey": region.key, "regionName": region.name, "status": "READY", "isHomeRegion": home(region),
        }),
        false => json!({"key": region.key, "name": region.name}),
    };
    REGIONS.iter().map(document).collect()
}

pub(super) fn availability_domains(region: &Region, compartment: &str) -> Value {
    let document = |(number, name): (u64, &&str)| {
        json!({
            "compartmentId": compartment, "id": ocid("availabilitydomain", region, FIRST + number), "name": name,
        })
    };
    (10..).zip(region.domains).map(document).collect()
}
