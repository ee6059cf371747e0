//! The packages of an image as CycloneDX 1.6, read from dpkg's own database in the root file system.

mod cyclonedx;
mod dpkg;
mod purl;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use cyclonedx::Bom;
pub use dpkg::Package;

use super::compare::{Difference, What};
use crate::error::{Code, Error, Result};

/// Name of the list of packages in a folder of evidence.
pub const FILE: &str = "sbom.cdx.json";
/// Type of that file.
pub const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json; version=1.6";
/// dpkg's database: 2 MB with 2000 packages.
const STATUS: &[&str] = &["var", "lib", "dpkg", "status"];
/// Not the one in /etc, which is a link.
const OS_RELEASE: &[&str] = &["usr", "lib", "os-release"];
const LIMIT: u64 = 256 << 20;

/// A distribution and what is installed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packages {
    /// `ID` of os-release, for example `ubuntu`.
    pub distribution: String,
    /// `VERSION_ID`, for example `24.04`; none in Debian's unstable.
    pub release: Option<String>,
    /// Sorted by name, architecture and version.
    pub packages: BTreeSet<Package>,
}

impl Packages {
    /// Reads them from a root file system. An image without dpkg has no such list, which is an error and not an
    /// empty one.
    pub fn of_root(root: &Path) -> Result<Self> {
        let read = |parts: &[&str]| {
            let path: std::path::PathBuf = parts.iter().collect();
            super::manifest::read_beneath(root, parts, LIMIT).map_err(|error| {
                Error::new(Code::EvidenceRoot, "the packages cannot be read")
                    .file(root.join(path))
                    .source(error)
            })
        };
        Self::parse(&read(STATUS)?, &read(OS_RELEASE)?)
    }

    /// Reads the texts of `/var/lib/dpkg/status` and `/usr/lib/os-release`.
    pub fn parse(status: &[u8], os_release: &[u8]) -> Result<Self> {
        let os_release = dpkg::variables(&String::from_utf8_lossy(os_release));
        Ok(Self {
            distribution: os_release
                .get("ID")
                .cloned()
                .unwrap_or_else(|| "linux".to_owned()),
            release: os_release.get("VERSION_ID").cloned(),
            packages: dpkg::installed(&String::from_utf8_lossy(status))?,
        })
    }

    /// From these to those that were found, in the order of their names.
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let (was, is) = (self.by_subject(), found.by_subject());
        let subjects: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        let mut differences = Vec::new();
        for subject in subjects {
            let (was, is) = (was.get(subject), is.get(subject));
            let what = match (was, is) {
                (Some(was), Some(is)) if was != is => What::Package,
                (None, Some(_)) => What::PackageAdded,
                (Some(_), None) => What::PackageRemoved,
                (Some(_), Some(_)) | (None, None) => continue,
            };
            differences.push(Difference {
                what,
                subject: subject.clone(),
                was: was.cloned(),
                is: is.cloned(),
            });
        }
        differences
    }

    fn by_subject(&self) -> BTreeMap<String, String> {
        self.packages
            .iter()
            .map(|package| {
                let subject = format!("{}:{}", package.name, package.architecture);
                (subject, format!("{} of {}", package.version, package.source))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
