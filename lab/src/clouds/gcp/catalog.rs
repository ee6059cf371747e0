//! What is there from the beginning: projects, zones, machine types, networks, base images; and decoys.

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::link::url;
use super::store::Store;
use super::{OTHER_PROJECT, PROJECT};
use crate::{Owner, World};

const REGIONS: [(&str, &[&str]); 3] = [
    ("us-west1", &["us-west1-a", "us-west1-b"]),
    ("us-central1", &["us-central1-a", "us-central1-b"]),
    ("europe-west1", &["europe-west1-b", "europe-west1-c"]),
];

/// Name, processors, memory in MiB, architecture.
const MACHINE_TYPES: [(&str, u32, u32, &str); 10] = [
    ("c4a-standard-1", 1, 4096, "ARM64"),
    ("c4a-standard-4", 4, 16384, "ARM64"),
    ("e2-medium", 2, 4096, "X86_64"),
    ("e2-small", 2, 2048, "X86_64"),
    ("e2-standard-2", 2, 8192, "X86_64"),
    ("e2-standard-4", 4, 16384, "X86_64"),
    ("n1-standard-1", 1, 3840, "X86_64"),
    ("n2-standard-2", 2, 8192, "X86_64"),
    ("t2a-standard-1", 1, 4096, "ARM64"),
    ("t2a-standard-4", 4, 16384, "ARM64"),
];

const DISK_TYPES: [&str; 7] = [
    "hyperdisk-balanced",
    "hyperdisk-extreme",
    "hyperdisk-throughput",
    "pd-balanced",
    "pd-extreme",
    "pd-ssd",
    "pd-standard",
];

/// Project, name, family, architecture; the newest of a family last.
const IMAGES: [(&str, &str, &str, &str); 6] = [
    (
        "ubuntu-os-cloud",
        "ubuntu-2404-noble-amd64-v20260801",
        "ubuntu-2404-lts-amd64",
        "X86_64",
    ),
    (
        "ubuntu-os-cloud",
        "ubuntu-2404-noble-amd64-v20261101",
        "ubuntu-2404-lts-amd64",
        "X86_64",
    ),
    (
        "ubuntu-os-cloud",
        "ubuntu-2404-noble-arm64-v20261101",
        "ubuntu-2404-lts-arm64",
        "ARM64",
    ),
    (
        "ubuntu-os-cloud",
        "ubuntu-2204-jammy-v20261101",
        "ubuntu-2204-lts",
        "X86_64",
    ),
    (
        "debian-cloud",
        "debian-12-bookworm-v20261101",
        "debian-12",
        "X86_64",
    ),
    (
        "debian-cloud",
        "debian-12-bookworm-arm64-v20261101",
        "debian-12-arm64",
        "ARM64",
    ),
];

/// Whether the user may change anything in it.
pub(super) fn is_own(project: &str) -> bool {
    project == PROJECT || project == OTHER_PROJECT
}

/// Own, or one that everybody may read images of.
pub(super) fn is_known(project: &str) -> bool {
    is_own(project) || IMAGES.iter().any(|(owner, ..)| *owner == project)
}

pub(super) fn project_number(project: &str) -> String {
    let number = if project == PROJECT { 1 } else { 2 };
    (100_000_000_000_u64 + number).to_string()
}

pub(super) fn seed(store: &mut Store) {
    for (project, name, family, architecture) in IMAGES {
        seed_image(store, project, name, family, architecture, &[]);
    }
    let old = "projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-amd64-v20260801";
    if let Some(image) = store.get_mut(old) {
        let newer = url("projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-amd64-v20261101");
        let state = json!({"state": "DEPRECATED", "replacement": newer});
        image.body.insert("deprecated".to_owned(), state);
    }
    for project in [PROJECT, OTHER_PROJECT] {
        let network = format!("projects/{project}/global/networks/default");
        let subnets: Vec<_> = REGIONS
            .iter()
            .map(|(region, _)| format!("projects/{project}/regions/{region}/subnetworks/default"))
            .collect();
        let links: Vec<_> = subnets.iter().map(|path| url(path)).collect();
        put(
            store,
            &network,
            json!({
                "name": "default", "autoCreateSubnetworks": true, "subnetworks": links,
                "routingConfig": {"routingMode": "REGIONAL"},
            }),
        );
        for (subnet, (region, _)) in subnets.iter().zip(REGIONS) {
            put(
                store,
                subnet,
                json!({
                    "name": "default", "network": url(&network), "ipCidrRange": "10.138.0.0/20",
                    "gatewayAddress": "10.138.0.1", "region": url(&format!("projects/{project}/regions/{region}")),
                }),
            );
        }
    }
}

pub(super) fn seed_image(
    store: &mut Store,
    project: &str,
    name: &str,
    family: &str,
    architecture: &str,
    labels: &[(&str, &str)],
) {
    let licence = format!("projects/{project}/global/licenses/{family}");
    let labels: Map<_, _> = labels
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    put(
        store,
        &format!("projects/{project}/global/images/{name}"),
        json!({
            "name": name, "family": family, "architecture": architecture, "status": "READY", "diskSizeGb": "10",
            "archiveSizeBytes": "700000000", "sourceType": "RAW", "labelFingerprint": "42WmSpB8rSM=",
            "licenses": [url(&licence)], "storageLocations": ["us"], "labels": labels,
            "guestOsFeatures": [
                {"type": "VIRTIO_SCSI_MULTIQUEUE"}, {"type": "UEFI_COMPATIBLE"}, {"type": "GVNIC"},
            ],
        }),
    );
}

fn put(store: &mut Store, path: &str, body: Value) {
    let serial = path
        .bytes()
        .fold(0, |sum: u64, byte| sum * 31 % 1_000_003 + u64::from(byte));
    let identity = (serial, "2026-11-01T00:00:00Z".to_owned());
    store.insert(path, object(body), Owner::Provider, identity);
}

/// The fields of an object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// What `packer-…` and `sindri-…` of another user would leave: an image, a VM with its disk, a firewall rule.
pub(super) fn plant_decoys(store: &mut Store, count: usize, world: &mut World) {
    let zone = format!("projects/{PROJECT}/zones/{}", super::ZONE);
    for number in 0..count {
        let name = format!("packer-{}", world.uuid());
        let labels = json!({"owner": "somebody-else"});
        let (path, body) = match number % 4 {
            0 => (
                format!("projects/{PROJECT}/global/images/{name}"),
                json!({
                    "name": name, "family": "packer", "status": "READY", "labels": labels, "diskSizeGb": "10",
                    "archiveSizeBytes": "1", "architecture": "X86_64", "labelFingerprint": "42WmSpB8rSM=",
                }),
            ),
            1 => (
                format!("{zone}/instances/{name}"),
                json!({
                    "name": name, "status": "RUNNING", "labels": labels, "disks": [],
                    "machineType": url(&format!("{zone}/machineTypes/e2-small")), "networkInterfaces": [],
                    "metadata": {"fingerprint": "42WmSpB8rSM="}, "labelFingerprint": "42WmSpB8rSM=",
                }),
            ),
            2 => (
                format!("{zone}/disks/{name}"),
                json!({
                    "name": name, "status": "READY", "labels": labels, "sizeGb": "10",
                    "type": url(&format!("{zone}/diskTypes/pd-standard")), "labelFingerprint": "42WmSpB8rSM=",
                }),
            ),
            _ => (
                format!("projects/{PROJECT}/global/firewalls/{name}"),
                json!({
                    "name": name, "direction": "INGRESS", "priority": 1000, "sourceRanges": ["192.0.2.1/32"],
                    "allowed": [{"IPProtocol": "tcp", "ports": ["22"]}],
                    "network": url(&format!("projects/{PROJECT}/global/networks/default")),
                }),
            ),
        };
        let identity = (world.serial(), world.timestamp());
        store.insert(&path, object(body), Owner::Stranger, identity);
    }
}

/// Answers of what nobody can change. The parts are those after `projects/PROJECT`.
pub(super) fn describe(project: &str, parts: &[&str]) -> Option<Result<Value, Failure>> {
    let path = format!("projects/{project}/{}", parts.join("/"));
    let found = match parts {
        [] => Some(json!({
            "kind": "compute#project", "name": project, "id": project_number(project),
            "selfLink": url(&format!("projects/{project}")),
            "defaultServiceAccount": format!("{}-compute@developer.gserviceaccount.com", project_number(project)),
            "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": "42WmSpB8rSM=", "items": []},
        })),
        ["zones"] => Some(list(
            "compute#zoneList",
            zones().map(|(zone, region)| zone_document(project, zone, region)),
        )),
        ["regions"] => Some(list(
            "compute#regionList",
            REGIONS
                .iter()
                .map(|(region, zones)| region_document(project, region, zones)),
        )),
        ["zones", name] => zones()
            .find(|(zone, _)| zone == name)
            .map(|(zone, region)| zone_document(project, zone, region)),
        ["regions", name] => REGIONS
            .iter()
            .find(|(region, _)| region == name)
            .map(|(region, zones)| region_document(project, region, zones)),
        ["zones", zone, "machineTypes"] => is_zone(zone).then(|| {
            list(
                "compute#machineTypeList",
                MACHINE_TYPES
                    .iter()
                    .map(|(name, ..)| machine_document(project, zone, name).unwrap_or_default()),
            )
        }),
        ["zones", zone, "machineTypes", name] => is_zone(zone)
            .then(|| machine_document(project, zone, name))
            .flatten(),
        ["zones", zone, "diskTypes", name] => (is_zone(zone) && DISK_TYPES.contains(name)).then(|| {
            json!({
                "kind": "compute#diskType", "name": name, "selfLink": url(&path),
                "zone": url(&format!("projects/{project}/zones/{zone}")),
            })
        }),
        _ => return None,
    };
    Some(found.ok_or_else(|| Failure::not_found(&path)))
}

fn list(kind: &str, items: impl Iterator<Item = Value>) -> Value {
    json!({"kind": kind, "id": kind, "items": items.collect::<Vec<_>>()})
}

fn zones() -> impl Iterator<Item = (&'static str, &'static str)> {
    REGIONS
        .iter()
        .flat_map(|(region, zones)| zones.iter().map(move |zone| (*zone, *region)))
}

pub(super) fn is_zone(name: &str) -> bool {
    zones().any(|(zone, _)| zone == name)
}

/// The architecture of a machine type, if there is such a type.
pub(super) fn architecture(machine_type: &str) -> Option<&'static str> {
    MACHINE_TYPES
        .iter()
        .find(|(name, ..)| *name == machine_type)
        .map(|(.., architecture)| *architecture)
}

pub(super) fn is_disk_type(name: &str) -> bool {
    DISK_TYPES.contains(&name)
}

fn zone_document(project: &str, zone: &str, region: &str) -> Value {
    json!({
        "kind": "compute#zone", "name": zone, "id": "2210", "status": "UP", "description": zone,
        "region": url(&format!("projects/{project}/regions/{region}")),
        "selfLink": url(&format!("projects/{project}/zones/{zone}")),
    })
}

fn region_document(project: &str, region: &str, zones: &[&str]) -> Value {
    let zones: Vec<_> = zones
        .iter()
        .map(|zone| url(&format!("projects/{project}/zones/{zone}")))
        .collect();
    json!({
        "kind": "compute#region", "name": region, "id": "1220", "status": "UP", "description": region,
        "zones": zones, "selfLink": url(&format!("projects/{project}/regions/{region}")), "quotas": [],
    })
}

fn machine_document(project: &str, zone: &str, wanted: &str) -> Option<Value> {
    let (name, processors, memory, architecture) = MACHINE_TYPES.iter().find(|(name, ..)| *name == wanted)?;
    Some(json!({
        "kind": "compute#machineType", "name": name, "id": "801002", "guestCpus": processors, "memoryMb": memory,
        "architecture": architecture, "zone": zone, "isSharedCpu": false, "maximumPersistentDisks": 128,
        "selfLink": url(&format!("projects/{project}/zones/{zone}/machineTypes/{name}")),
    }))
}
