//! What is there from the beginning: regions, sizes, marketplace images, a group and a gallery; and decoys.

use serde_json::{Map, Value, json};

use super::id::Id;
use super::kinds;
use super::store::Store;
use super::{
    BUILD_GROUP, DEFINITION, GALLERY, GROUP, LOCATION, NETWORK, SUBNET, SUBSCRIPTION, TRUSTED_DEFINITION,
};
use crate::{Owner, World};

/// Name and display name.
const LOCATIONS: [(&str, &str); 5] = [
    ("eastus", "East US"),
    ("eastus2", "East US 2"),
    ("northeurope", "North Europe"),
    ("westeurope", "West Europe"),
    ("westus2", "West US 2"),
];

/// Name, architecture, whether it starts images of generation 2 only.
const SIZES: [(&str, &str, bool); 13] = [
    ("Standard_A1", "x64", false),
    ("Standard_B1s", "x64", false),
    ("Standard_B2s", "x64", false),
    ("Standard_B2ms", "x64", false),
    ("Standard_D2s_v3", "x64", false),
    ("Standard_D4s_v4", "x64", false),
    ("Standard_D2s_v5", "x64", false),
    ("Standard_D4s_v5", "x64", false),
    ("Standard_D4s_v6", "x64", true),
    ("Standard_DS1_v2", "x64", false),
    ("Standard_D2ps_v5", "Arm64", true),
    ("Standard_D4ps_v5", "Arm64", true),
    ("Standard_D4ps_v6", "Arm64", true),
];

/// A marketplace image.
#[derive(Clone, Copy, Debug)]
pub(super) struct MarketplaceImage {
    pub(super) publisher: &'static str,
    pub(super) offer: &'static str,
    pub(super) sku: &'static str,
    pub(super) version: &'static str,
    pub(super) generation: &'static str,
    pub(super) architecture: &'static str,
}

const fn canonical(
    sku: &'static str,
    generation: &'static str,
    architecture: &'static str,
) -> MarketplaceImage {
    MarketplaceImage {
        publisher: "Canonical",
        offer: "ubuntu-24_04-lts",
        sku,
        version: "24.04.202611010",
        generation,
        architecture,
    }
}

const MARKETPLACE: [MarketplaceImage; 5] = [
    canonical("server", "V2", "x64"),
    canonical("server-gen1", "V1", "x64"),
    canonical("server-arm64", "V2", "Arm64"),
    canonical("minimal", "V2", "x64"),
    MarketplaceImage {
        publisher: "Debian",
        offer: "debian-12",
        sku: "12-gen2",
        version: "0.20261101.1",
        generation: "V2",
        architecture: "x64",
    },
];

/// The code of a region, from its name in any form (`West US 2`, `westus2`).
pub(super) fn location(name: &str) -> Option<&'static str> {
    let bare: String = name
        .chars()
        .filter(|c| *c != ' ')
        .collect::<String>()
        .to_lowercase();
    LOCATIONS.iter().map(|(code, _)| *code).find(|code| *code == bare)
}

pub(super) fn locations() -> Value {
    let list: Vec<_> = LOCATIONS
        .iter()
        .map(|(name, title)| json!({
            "id": format!("/subscriptions/{SUBSCRIPTION}/locations/{name}"), "name": name, "displayName": title,
            "regionalDisplayName": title, "type": "Region", "metadata": {"regionType": "Physical"},
        }))
        .collect();
    json!({"value": list})
}

/// Architecture of a size, and whether it starts generation 2 only.
pub(super) fn size(name: &str) -> Option<(&'static str, bool)> {
    SIZES
        .iter()
        .find(|(size, ..)| size.eq_ignore_ascii_case(name))
        .map(|(_, architecture, second)| (*architecture, *second))
}

/// The document with short names of images that `az` reads from a public place.
pub(super) fn aliases() -> Value {
    let image = |sku: &str| {
        json!({
            "publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": sku, "version": "latest", "architecture": "x64",
        })
    };
    let linux = json!({"Ubuntu2404": image("server")});
    json!({"outputs": {"aliases": {"type": "object", "value": {"Linux": linux, "Windows": {}}}}})
}

/// All sizes, as `vmSizes` of a region lists them.
pub(super) fn sizes() -> Value {
    let list: Vec<_> = SIZES
        .iter()
        .map(|(name, ..)| {
            json!({
                "name": name, "numberOfCores": 4, "osDiskSizeInMB": 1_047_552, "resourceDiskSizeInMB": 0,
                "memoryInMB": 16384, "maxDataDiskCount": 8,
            })
        })
        .collect();
    json!({"value": list})
}

/// A marketplace image; `latest` is a version too.
pub(super) fn marketplace(
    publisher: &str,
    offer: &str,
    sku: &str,
    version: &str,
) -> Option<MarketplaceImage> {
    MARKETPLACE.into_iter().find(|image| {
        image.publisher.eq_ignore_ascii_case(publisher)
            && image.offer.eq_ignore_ascii_case(offer)
            && image.sku.eq_ignore_ascii_case(sku)
            && (version.eq_ignore_ascii_case("latest") || version == image.version)
    })
}

/// The marketplace's own tree: `publishers/P/artifacttypes/vmimage/offers/O/skus/S/versions/V`, each level listed
/// without its name.
pub(super) fn browse(place: &str, parts: &[&str]) -> Option<Value> {
    let entry = |id: String, name: &str| json!({"id": id, "name": name, "location": place});
    let base = format!("/Subscriptions/{SUBSCRIPTION}/Providers/Microsoft.Compute/Locations/{place}");
    let list = |names: Vec<&str>| {
        let mut names = names;
        names.sort_unstable();
        names.dedup();
        let path = format!("{base}/{}", parts.join("/"));
        let entries: Vec<_> = names
            .iter()
            .map(|name| entry(format!("{path}/{name}"), name))
            .collect();
        (!entries.is_empty()).then(|| Value::Array(entries))
    };
    let of = |publisher: &str, offer: &str, sku: &str| {
        MARKETPLACE
            .into_iter()
            .filter(move |image| {
                let fits = |wanted: &str, name: &str| wanted.is_empty() || name.eq_ignore_ascii_case(wanted);
                fits(publisher, image.publisher) && fits(offer, image.offer) && fits(sku, image.sku)
            })
            .collect::<Vec<_>>()
    };
    match parts {
        ["publishers"] => list(of("", "", "").iter().map(|image| image.publisher).collect()),
        ["publishers", p, _, _, "offers"] => list(of(p, "", "").iter().map(|image| image.offer).collect()),
        ["publishers", p, _, _, "offers", o, "skus"] => {
            list(of(p, o, "").iter().map(|image| image.sku).collect())
        }
        ["publishers", p, _, _, "offers", o, "skus", s, "versions"] => {
            list(of(p, o, s).iter().map(|image| image.version).collect())
        }
        ["publishers", p, _, _, "offers", o, "skus", s, "versions", v] => {
            let image = marketplace(p, o, s, v)?;
            let mut document = entry(format!("{base}/{}", parts.join("/")), image.version);
            document.as_object_mut()?.insert(
                "properties".to_owned(),
                json!({
                    "osDiskImage": {"operatingSystem": "Linux", "sizeInGb": 30}, "dataDiskImages": [],
                    "hyperVGeneration": image.generation, "architecture": image.architecture,
                    "features": [{"name": "SecurityType", "value": "TrustedLaunchSupported"}],
                }),
            );
            Some(document)
        }
        _ => None,
    }
}

pub(super) fn seed(store: &mut Store) {
    for group in [GROUP, BUILD_GROUP] {
        store.put_group(group, group_body(LOCATION, json!({})), Owner::Provider);
    }
    let mut put = |kind: &str, names: &str, properties: Value| {
        if let Some(id) = Id::new(GROUP, kind, names) {
            store.put(
                &id,
                object(json!({"location": LOCATION, "properties": properties})),
                Owner::Provider,
            );
        }
    };
    let subnet = Id::new(GROUP, kinds::SUBNET, &format!("{NETWORK}/{SUBNET}")).map(|id| id.to_string());
    put(
        kinds::NETWORK,
        NETWORK,
        json!({
            "addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}, "provisioningState": "Succeeded",
            "subnets": [{
                "id": subnet, "name": SUBNET,
                "properties": {"addressPrefix": "10.1.0.0/24", "provisioningState": "Succeeded"},
            }],
        }),
    );
    put(
        kinds::GALLERY,
        GALLERY,
        json!({
            "identifier": {"uniqueName": format!("{SUBSCRIPTION}-LAB")}, "provisioningState": "Succeeded",
        }),
    );
    for (name, trusted) in [(DEFINITION, false), (TRUSTED_DEFINITION, true)] {
        let features = if trusted {
            json!([{"name": "SecurityType", "value": "TrustedLaunchSupported"}])
        } else {
            json!([])
        };
        put(
            kinds::DEFINITION,
            &format!("{GALLERY}/{name}"),
            json!({
                "osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "architecture": "x64",
                "identifier": {"publisher": "sindri", "offer": "lab", "sku": name}, "features": features,
                "provisioningState": "Succeeded",
            }),
        );
    }
}

pub(super) fn seed_image(store: &mut Store, name: &str, tags: &[(&str, &str)]) {
    let tags: Map<_, _> = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    let properties = json!({
        "hyperVGeneration": "V2", "provisioningState": "Succeeded",
        "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized", "diskSizeGB": 30}, "dataDisks": []},
    });
    if let Some(id) = Id::new(GROUP, kinds::IMAGE, name) {
        let body = json!({"location": LOCATION, "tags": tags, "properties": properties});
        store.put(&id, object(body), Owner::Provider);
    }
}

pub(super) fn group_body(location: &str, tags: Value) -> Map<String, Value> {
    object(json!({"location": location, "tags": tags, "properties": {"provisioningState": "Succeeded"}}))
}

/// The fields of an object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// Groups of another user's builds with what is in them, an image and a snapshot.
pub(super) fn plant_decoys(store: &mut Store, count: usize, world: &mut World) {
    let tags = json!({"owner": "somebody-else"});
    let state = json!({"provisioningState": "Succeeded"});
    let mut planted = 0;
    while planted < count {
        let number = world.serial();
        let group = format!("pkr-Resource-Group-{number:010}");
        store.put_group(&group, group_body(LOCATION, tags.clone()), Owner::Stranger);
        planted += 1;
        for (place, kind, name) in [
            (group.as_str(), kinds::DISK, format!("pkros{number:010}")),
            (&group, kinds::ADDRESS, format!("pkrip{number:010}")),
            (GROUP, kinds::IMAGE, format!("packer-{number:010}")),
            (GROUP, kinds::SNAPSHOT, format!("packer-{number:010}")),
        ] {
            if planted < count
                && let Some(id) = Id::new(place, kind, &name)
            {
                let body = json!({"location": LOCATION, "tags": tags, "properties": state});
                store.put(&id, object(body), Owner::Stranger);
                planted += 1;
            }
        }
    }
}
