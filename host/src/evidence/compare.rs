//! What differs between two roots, each difference by its name.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::manifest::{Device, Entry, Kind, Manifest, encode};
use crate::error::Result;

/// Set-user-id and set-group-id: whoever runs the file becomes somebody else.
const SET_ID: u16 = 0o6000;
const CAPABILITY: &[u8] = b"security.capability";

/// One difference. A path may have several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// In what.
    pub what: What,
    /// The path, as a manifest writes it, or `NAME:ARCHITECTURE` of a package.
    pub subject: String,
    /// As it was attested; none for what is new.
    pub was: Option<String>,
    /// As it is; none for what is gone.
    pub is: Option<String>,
}

/// In what something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Runs as its owner or group now, and did not: a new file or an old one.
    SetId,
    /// Has other capabilities than it had.
    Capability,
    /// A path is new.
    Added,
    /// A path is gone.
    Removed,
    /// It is another kind of thing.
    Type,
    /// Other bytes.
    Content,
    /// Other permissions.
    Mode,
    /// Another owner or group.
    Owner,
    /// The link leads elsewhere.
    Target,
    /// Other device numbers.
    Device,
    /// Other extended attributes.
    Attribute,
    /// A package has another version or source.
    Package,
    /// A package is new.
    PackageAdded,
    /// A package is gone.
    PackageRemoved,
}

impl What {
    /// The word in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SetId => "set-id",
            Self::Capability => "capability",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Type => "type",
            Self::Content => "content",
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Target => "target",
            Self::Device => "device",
            Self::Attribute => "attribute",
            Self::Package => "package",
            Self::PackageAdded => "package-added",
            Self::PackageRemoved => "package-removed",
        }
    }
}

/// Reads a root, without what the manifest leaves out, and compares it.
pub fn compare(manifest: &Manifest, root: &Path) -> Result<Vec<Difference>> {
    let found = Manifest::of_root(root, manifest.exclusions().clone())?;
    Ok(differences(manifest, &found))
}

/// From what was attested to what was found, in the order of the paths.
pub fn differences(attested: &Manifest, found: &Manifest) -> Vec<Difference> {
    let (was, is) = (attested.entries(), found.entries());
    let paths: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let mut differences = Vec::new();
    for path in paths {
        let subject = match path.as_slice() {
            b"" => "/".to_owned(),
            path => format!("/{}", encode(path)),
        };
        let mut at = At {
            subject,
            differences: &mut differences,
        };
        match (was.get(path), is.get(path)) {
            (Some(was), Some(is)) => at.changed(was, is),
            (None, Some(is)) => at.added(is),
            (Some(was), None) => at.add(What::Removed, Some(summary(was)), None),
            (None, None) => {}
        }
    }
    differences
}

/// A path and where its differences go.
struct At<'a> {
    subject: String,
    differences: &'a mut Vec<Difference>,
}

impl At<'_> {
    fn add(&mut self, what: What, was: Option<String>, is: Option<String>) {
        self.differences.push(Difference {
            what,
            subject: self.subject.clone(),
            was,
            is,
        });
    }

    fn added(&mut self, is: &Entry) {
        self.add(What::Added, None, Some(summary(is)));
        if gains_set_id(0, is) {
            self.add(What::SetId, None, Some(mode(is)));
        }
        if let Some(value) = is.attributes.get(CAPABILITY) {
            self.add(What::Capability, None, Some(hex(value)));
        }
    }

    fn changed(&mut self, was: &Entry, is: &Entry) {
        if was.kind.name() != is.kind.name() {
            self.add(What::Type, Some(summary(was)), Some(summary(is)));
        }
        match (&was.kind, &is.kind) {
            (Kind::File { sha256: was, .. }, Kind::File { sha256: is, .. }) if was != is => {
                self.add(
                    What::Content,
                    Some(format!("sha256:{was}")),
                    Some(format!("sha256:{is}")),
                );
            }
            (Kind::Link { target: was }, Kind::Link { target: is }) if was != is => {
                self.add(What::Target, Some(encode(was)), Some(encode(is)));
            }
            (Kind::Character(was), Kind::Character(is)) | (Kind::Block(was), Kind::Block(is))
                if was != is =>
            {
                self.add(What::Device, Some(numbers(*was)), Some(numbers(*is)));
            }
            // Another kind was named above, and what has no content is the same if its kind is.
            _ => {}
        }
        if was.mode != is.mode {
            self.add(What::Mode, Some(mode(was)), Some(mode(is)));
        }
        if gains_set_id(was.mode, is) {
            self.add(What::SetId, Some(mode(was)), Some(mode(is)));
        }
        if (was.uid, was.gid) != (is.uid, is.gid) {
            self.add(What::Owner, Some(owner(was)), Some(owner(is)));
        }
        let names: BTreeSet<_> = was.attributes.keys().chain(is.attributes.keys()).collect();
        for name in names {
            let (was, is) = (was.attributes.get(name), is.attributes.get(name));
            if was != is {
                let what = if name == CAPABILITY {
                    What::Capability
                } else {
                    What::Attribute
                };
                let text =
                    |value: Option<&Vec<u8>>| value.map(|value| format!("{}={}", encode(name), hex(value)));
                self.add(what, text(was), text(is));
            }
        }
    }
}

/// On a directory the bit decides about the group of what is made in it, and nobody runs it.
fn gains_set_id(before: u16, is: &Entry) -> bool {
    matches!(is.kind, Kind::File { .. }) && is.mode & SET_ID & !before != 0
}

fn summary(entry: &Entry) -> String {
    format!("{} {} {}", entry.kind.name(), mode(entry), owner(entry))
}

fn mode(entry: &Entry) -> String {
    format!("{:04o}", entry.mode)
}

fn owner(entry: &Entry) -> String {
    format!("{}:{}", entry.uid, entry.gid)
}

fn numbers(device: Device) -> String {
    format!("{},{}", device.major, device.minor)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::evidence::manifest::Exclusions;

    #[test]
    fn each_change_is_named_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        for name in ["content", "mode", "gone", "kind", "same", "setuid"] {
            fs::write(root.join(name), name).unwrap();
            fs::set_permissions(root.join(name), Permissions::from_mode(0o644)).unwrap();
        }
        symlink("same", root.join("link")).unwrap();
        let attested = Manifest::of_root(root, Exclusions::standard()).unwrap();
        assert_eq!(compare(&attested, root).unwrap(), []);

        fs::write(root.join("content"), "contenT").unwrap();
        let chmod =
            |name: &str, mode| fs::set_permissions(root.join(name), Permissions::from_mode(mode)).unwrap();
        chmod("mode", 0o600);
        chmod("setuid", 0o4755);
        fs::remove_file(root.join("gone")).unwrap();
        fs::remove_file(root.join("kind")).unwrap();
        fs::create_dir(root.join("kind")).unwrap();
        chmod("kind", 0o644);
        fs::remove_file(root.join("link")).unwrap();
        symlink("content", root.join("link")).unwrap();
        fs::write(root.join("new"), "").unwrap();
        chmod("new", 0o6755);
        let named: Vec<_> = compare(&attested, root)
            .unwrap()
            .into_iter()
            .map(|difference| (difference.what, difference.subject))
            .collect();
        let expected = [
            (What::Content, "/content"),
            (What::Removed, "/gone"),
            (What::Type, "/kind"),
            (What::Target, "/link"),
            (What::Mode, "/mode"),
            (What::Added, "/new"),
            (What::SetId, "/new"),
            (What::Mode, "/setuid"),
            (What::SetId, "/setuid"),
        ];
        assert_eq!(named, expected.map(|(what, path)| (what, path.to_owned())));
    }
}
