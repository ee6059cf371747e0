//! dpkg's database: paragraphs of `Field: value`, continued by lines that begin with a blank.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Code, Error, Result};

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Binary package.
    pub name: String,
    /// `amd64`, `all`.
    pub architecture: String,
    /// With epoch and revision.
    pub version: String,
    /// Source package, with its version where that is another one: `glibc`, `util-linux (2.38.1-5)`.
    pub source: String,
    /// Name and address.
    pub maintainer: Option<String>,
}

/// The packages whose files are on the disk. A removed one of which only the configuration is left is none.
pub(super) fn installed(status: &str) -> Result<BTreeSet<Package>> {
    let mut packages = BTreeSet::new();
    let mut line = 1;
    for paragraph in status.split("\n\n") {
        let fields = fields(paragraph);
        let field = |name: &str| fields.get(name).copied();
        // `want flag status`: only the last says what is there.
        let is_there = field("status").is_some_and(|status| {
            matches!(
                status.split(' ').next_back(),
                Some(
                    "installed"
                        | "unpacked"
                        | "half-configured"
                        | "half-installed"
                        | "triggers-awaited"
                        | "triggers-pending"
                )
            )
        });
        if is_there {
            let required = |name: &str| {
                field(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                    Error::new(
                        Code::EvidenceForm,
                        format!("dpkg's database has a package without the field `{name}`"),
                    )
                    .line(line)
                })
            };
            let name = required("package")?;
            packages.insert(Package {
                name: name.to_owned(),
                architecture: required("architecture")?.to_owned(),
                version: required("version")?.to_owned(),
                source: field("source").unwrap_or(name).to_owned(),
                maintainer: field("maintainer").map(str::to_owned),
            });
        }
        line += paragraph.matches('\n').count() + 2;
    }
    if packages.is_empty() {
        return Err(Error::new(
            Code::EvidenceForm,
            "dpkg's database names no installed package",
        ));
    }
    Ok(packages)
}

/// First lines of fields; nothing here needs the rest. Names in small letters, as dpkg does not care.
fn fields(paragraph: &str) -> BTreeMap<String, &str> {
    paragraph
        .lines()
        .filter(|line| !line.starts_with([' ', '\t', '#']))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect()
}

/// `NAME=value` lines, with or without quotes, as os-release(5) has them.
pub(super) fn variables(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['"', '\'']).to_owned()))
        .collect()
}
