//! What is on a root file system, without what is in the files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// As many links on the way as Linux follows.
const LINKS: usize = 40;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// An entry of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// Permissions, as of chmod(2).
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes of a file.
    pub size: u64,
    /// Last change of the content, seconds since 1970.
    pub modified: i64,
    /// What a link names.
    pub target: Option<PathBuf>,
}

impl Entry {
    /// A plain file with something in it.
    pub fn is_written(&self) -> bool {
        self.kind == Kind::File && self.size > 0
    }
}

/// Everything on a root file system by its absolute path there.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    entries: BTreeMap<PathBuf, Entry>,
    gaps: Vec<Gap>,
}

/// A part that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it begins.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

impl Tree {
    /// Adds an entry.
    pub fn insert(&mut self, path: PathBuf, entry: Entry) {
        self.entries.insert(path, entry);
    }

    /// Adds a part that could not be looked at.
    pub fn gap(&mut self, path: impl Into<PathBuf>, reason: impl Into<String>) {
        self.gaps.push(Gap {
            path: path.into(),
            reason: reason.into(),
        });
    }

    /// What could not be looked at.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at a path, not followed if it is a link.
    pub fn get(&self, path: &Path) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Where a path leads to, links on the way and at its end followed. None if nothing is there.
    pub fn real(&self, path: &Path) -> Option<PathBuf> {
        let mut real = PathBuf::from("/");
        let mut rest: Vec<OsString> = names(path);
        let mut links = 0;
        while let Some(name) = rest.pop() {
            if name == ".." {
                real.pop();
                continue;
            }
            let next = real.join(&name);
            let Some(target) = &self.get(&next)?.target else {
                real = next;
                continue;
            };
            links += 1;
            if links > LINKS {
                return None;
            }
            if target.is_absolute() {
                real = PathBuf::from("/");
            }
            rest.extend(names(target));
        }
        Some(real)
    }

    /// What a path leads to, links followed.
    pub fn follow(&self, path: &Path) -> Option<&Entry> {
        self.get(&self.real(path)?)
    }

    /// Everything.
    pub fn all(&self) -> impl Iterator<Item = (&Path, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_path(), entry))
    }

    /// Everything below a directory and the directory itself, sorted.
    pub fn below<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = (&'a Path, &'a Entry)> {
        self.entries
            .range(directory.to_path_buf()..)
            .take_while(move |(path, _)| path.starts_with(directory))
            .map(|(path, entry)| (path.as_path(), entry))
    }

    /// The plain files below a directory.
    pub fn files<'a>(&'a self, directory: &'a Path) -> impl Iterator<Item = (&'a Path, &'a Entry)> {
        self.below(directory)
            .filter(|(_, entry)| entry.kind == Kind::File)
    }
}

/// The names of a path, the first one last.
fn names(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: Kind, target: Option<&str>) -> Entry {
        Entry {
            kind,
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: 1,
            modified: 0,
            target: target.map(Into::into),
        }
    }

    #[test]
    fn below_is_the_directory_itself_and_no_neighbour_of_a_similar_name() {
        let mut tree = Tree::default();
        for path in ["/a", "/a/b", "/a/b/c", "/a-b", "/a.b/c", "/b"] {
            tree.insert(path.into(), entry(Kind::File, None));
        }
        let below: Vec<_> = tree.below(Path::new("/a")).map(|(path, _)| path).collect();
        assert_eq!(below, ["/a", "/a/b", "/a/b/c"].map(Path::new));
    }

    #[test]
    fn links_lead_to_their_targets_and_circles_nowhere() {
        let mut tree = Tree::default();
        tree.insert("/etc".into(), entry(Kind::Directory, None));
        tree.insert("/conf".into(), entry(Kind::Link, Some("./etc/../etc")));
        tree.insert("/etc/real".into(), entry(Kind::File, None));
        tree.insert("/etc/link".into(), entry(Kind::Link, Some("../../etc/real")));
        tree.insert("/etc/round".into(), entry(Kind::Link, Some("round")));
        for path in ["/etc/link", "/conf/real", "/conf/link", "/../etc/real"] {
            assert_eq!(
                tree.real(Path::new(path)).unwrap(),
                Path::new("/etc/real"),
                "{path}"
            );
        }
        for path in ["/etc/round", "/etc/missing", "/conf/round/x"] {
            assert!(tree.real(Path::new(path)).is_none(), "{path}");
        }
    }
}
