//! A root file system that is mounted on this machine.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::{LARGEST, MOST_ENTRIES, NO_DISK};
use crate::error::{Code, Error, Result};
use crate::foreign::{ForeignEntry, ForeignRoot};
use crate::verify::facts::{Content, State, Survey};
use crate::verify::private_key;
use crate::verify::tree::{Entry, Kind, Tree};

/// Directories below each other. A real root has about 30.
const DEEPEST: usize = 256;

/// A mounted root.
pub struct Mounted {
    root: ForeignRoot,
}

impl Mounted {
    /// Opens a directory that stands for `/`.
    pub fn open(directory: &Path) -> Result<Self> {
        let root = ForeignRoot::open(directory).map_err(|error| {
            Error::new(Code::UsageArgument, "the root cannot be opened")
                .file(directory)
                .source(error)
        })?;
        // An old kernel: nothing would be read, and everything would be a gap.
        match root.read(Path::new("etc/passwd"), LARGEST) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                let message = "this kernel cannot keep a path inside a directory";
                Err(Error::new(Code::ToolVersion, message).remedy("use Linux 5.6 or newer, or --host"))
            }
            _ => Ok(Self { root }),
        }
    }

    /// Everything on it, and where private keys may be.
    pub fn survey(&self) -> Survey {
        let tree = self.walk();
        let is_place = |path: &Path| {
            private_key::PLACES.iter().any(|place| path.starts_with(place))
                && !private_key::NOT_IN.iter().any(|place| path.starts_with(place))
        };
        let candidates = tree.all().filter(|(path, entry)| {
            entry.is_written() && entry.size <= private_key::LARGEST && is_place(path)
        });
        let is_marked = |path: &Path| {
            let content = self.root.read(path, private_key::LARGEST);
            // What cannot be read is looked at again, and is a finding then.
            content.map_or(true, |bytes| private_key::is_marked(&bytes))
        };
        let marked = candidates
            .filter(|(path, _)| is_marked(path))
            .map(|(path, _)| path.to_path_buf())
            .collect();
        Survey {
            tree,
            marked,
            state: State::AtRest,
        }
    }

    fn walk(&self) -> Tree {
        let mut tree = Tree::default();
        let mut directories = VecDeque::from([(PathBuf::from("/"), 0)]);
        while let Some((directory, depth)) = directories.pop_front() {
            let room = MOST_ENTRIES.saturating_sub(tree.len());
            let entries = match self.root.entries(&directory, room) {
                Ok(entries) => entries,
                Err(error) => {
                    tree.gap(directory, error.to_string());
                    continue;
                }
            };
            for found in entries {
                let path = directory.join(&found.name);
                if found.kind == FileType::Directory && !is_no_disk(&path, &found) {
                    if depth < DEEPEST {
                        directories.push_back((path.clone(), depth + 1));
                    } else {
                        tree.gap(&path, format!("more than {DEEPEST} directories below each other"));
                    }
                }
                tree.insert(path, entry(found));
            }
        }
        tree
    }

    /// The contents of these files. One that is absent is left out.
    pub fn read(&self, paths: &[PathBuf]) -> BTreeMap<PathBuf, Content> {
        paths
            .iter()
            .filter_map(|path| {
                let content = match self.root.read(path, LARGEST) {
                    Ok(bytes) => Content::Bytes(bytes),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
                    Err(error) => Content::Unreadable(error.to_string()),
                };
                Some((path.clone(), content))
            })
            .collect()
    }
}

fn is_no_disk(path: &Path, found: &ForeignEntry) -> bool {
    found.is_mount && NO_DISK.iter().any(|place| path == Path::new(place))
}

fn entry(found: ForeignEntry) -> Entry {
    Entry {
        kind: match found.kind {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Link,
            FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => Kind::Special,
        },
        mode: found.mode,
        uid: found.uid,
        gid: found.gid,
        size: found.size,
        modified: found.modified,
        target: found.target,
    }
}
