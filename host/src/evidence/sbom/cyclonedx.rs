//! The part of CycloneDX 1.6 that a list of packages needs. Without serial number and time: the same packages give the
//! same bytes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::dpkg::Package;
use super::{Packages, purl};
use crate::error::{Code, Error, Result};

const SOURCE: &str = "sindri:dpkg:source";
const ARCHITECTURE: &str = "sindri:dpkg:architecture";

/// A bill of materials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Bom {
    #[serde(rename = "$schema")]
    schema: Schema,
    bom_format: Format,
    spec_version: Version,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "http://cyclonedx.org/schema/bom-1.6.schema.json")]
    V1_6,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    CycloneDX,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "1.6")]
    V1_6,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    component: System,
}

/// The distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct System {
    r#type: SystemType,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SystemType {
    #[serde(rename = "operating-system")]
    OperatingSystem,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Component {
    r#type: ComponentType,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Supplier>,
    name: String,
    version: String,
    purl: String,
    properties: [Property; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ComponentType {
    #[serde(rename = "library")]
    Library,
}

/// dpkg's maintainer: who supplies the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supplier {
    name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Property {
    name: String,
    value: String,
}

impl Bom {
    /// The bill of these packages.
    pub fn of(packages: &Packages) -> Self {
        Self {
            schema: Schema::V1_6,
            bom_format: Format::CycloneDX,
            spec_version: Version::V1_6,
            version: 1,
            metadata: Metadata {
                component: System {
                    r#type: SystemType::OperatingSystem,
                    bom_ref: "operating-system".to_owned(),
                    name: packages.distribution.clone(),
                    version: packages.release.clone(),
                },
            },
            components: packages
                .packages
                .iter()
                .map(|package| Component::of(packages, package))
                .collect(),
        }
    }

    /// JSON with one line end.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::new(Code::Internal, "a list of packages is not JSON").source(error))?;
        json.push(b'\n');
        Ok(json)
    }

    /// Reads what [`Self::to_bytes`] has written.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            Error::new(Code::EvidenceForm, "this is not a list of packages of sindri's").source(error)
        })
    }

    /// The packages in it.
    pub fn packages(&self) -> Packages {
        let packages: BTreeSet<_> = self.components.iter().map(Component::package).collect();
        Packages {
            distribution: self.metadata.component.name.clone(),
            release: self.metadata.component.version.clone(),
            packages,
        }
    }
}

impl Component {
    fn of(packages: &Packages, package: &Package) -> Self {
        let purl = purl::of(packages, package);
        let property = |name: &str, value: &str| Property {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Self {
            r#type: ComponentType::Library,
            bom_ref: purl.clone(),
            supplier: package.maintainer.clone().map(|name| Supplier { name }),
            name: package.name.clone(),
            version: package.version.clone(),
            purl,
            properties: [
                property(SOURCE, &package.source),
                property(ARCHITECTURE, &package.architecture),
            ],
        }
    }

    fn package(&self) -> Package {
        let [source, architecture] = &self.properties;
        Package {
            name: self.name.clone(),
            architecture: architecture.value.clone(),
            version: self.version.clone(),
            source: source.value.clone(),
            maintainer: self.supplier.as_ref().map(|supplier| supplier.name.clone()),
        }
    }
}
