//! Walks a root file system that may be hostile: every step is relative to a directory that is open already, and no
//! link is followed, so that nothing outside is read; what is no ordinary file is never opened.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::hash::{self, Job};
use super::{Attributes, Device, Entry, Exclusions, Kind};
use crate::error::{Code, Error, Result};
use crate::files;

/// Directories below each other, each of which is held open. A real root has about 30.
const DEEPEST: usize = 256;
/// Paths. A desktop has a million.
const MOST: usize = 8_000_000;
/// Bytes of all files. A file with holes may claim to have 8 EiB, and reading them takes centuries.
const LARGEST: u64 = 4 << 40;
/// Bytes of an attribute, as Linux limits it.
const ATTRIBUTE: usize = 64 << 10;

/// Attributes that mean something on another machine: not the labels of this one's SELinux, and not what an overlay
/// keeps in `trusted.overlay.*`.
const ATTRIBUTES: [&[u8]; 3] = [b"security.capability", b"system.posix_acl_", b"user."];

pub(super) fn walk(root: &Path, exclusions: &Exclusions) -> Result<BTreeMap<Vec<u8>, Entry>> {
    let (walk, digests) = hash::all(|jobs| {
        let mut walk = Walk {
            root,
            exclusions,
            jobs,
            entries: BTreeMap::new(),
            files: Vec::new(),
            bytes: 0,
        };
        walk.root()?;
        Ok::<_, Error>((walk.entries, walk.files))
    });
    let (mut entries, files) = walk?;
    let mut digests: BTreeMap<usize, hash::Outcome> = digests.into_iter().collect();
    for (number, file) in files.into_iter().enumerate() {
        let sha256 = digests
            .remove(&number)
            .unwrap_or_else(|| Err(std::io::Error::other("the thread that read it has ended")))
            .map_err(|error| unreadable(root, &file.path).source(error))?;
        let kind = Kind::File {
            size: file.size,
            sha256,
        };
        entries.insert(file.path, entry(&file.stat, kind, file.attributes));
    }
    Ok(entries)
}

/// A file whose digest is not there yet.
struct Pending {
    path: Vec<u8>,
    stat: Stat,
    size: u64,
    attributes: Attributes,
}

struct Walk<'a> {
    root: &'a Path,
    exclusions: &'a Exclusions,
    jobs: &'a SyncSender<Job>,
    entries: BTreeMap<Vec<u8>, Entry>,
    files: Vec<Pending>,
    bytes: u64,
}

impl Walk<'_> {
    fn root(&mut self) -> Result<()> {
        // The user may name the root by a link; what lies below may not.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root =
            fs::openat(CWD, self.root, flags, Mode::empty()).map_err(|error| self.failed(&[], error))?;
        self.directory(&root, &mut Vec::new(), 0)
    }

    fn directory(&mut self, directory: &OwnedFd, path: &mut Vec<u8>, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(unreadable(self.root, path)
                .source(format!("there are more than {DEEPEST} directories in each other")));
        }
        let stat = fs::fstat(directory).map_err(|error| self.failed(path, error))?;
        let attributes = self.attributes(directory.as_fd(), path)?;
        self.entries
            .insert(path.clone(), entry(&stat, Kind::Directory, attributes));
        for name in self.names(directory, path)? {
            let length = path.len();
            if length > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(name.as_bytes());
            if !self.exclusions.has(path) {
                self.child(directory, &name, path, depth)?;
            }
            path.truncate(length);
        }
        Ok(())
    }

    /// Sorted, so that of several failures always the same one is reported.
    fn names(&self, directory: &OwnedFd, path: &[u8]) -> Result<Vec<CString>> {
        let mut names = Vec::new();
        let entries = Dir::read_from(directory).map_err(|error| self.failed(path, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| self.failed(path, error))?;
            if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
                names.push(entry.file_name().to_owned());
            }
        }
        if names.len() + self.entries.len() + self.files.len() > MOST {
            return Err(unreadable(self.root, path).source(format!("there are more than {MOST} paths")));
        }
        names.sort();
        Ok(names)
    }

    fn child(&mut self, directory: &OwnedFd, name: &CString, path: &mut Vec<u8>, depth: usize) -> Result<()> {
        let stat = fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|error| self.failed(path, error))?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let child = self.open(directory, name, path, OFlags::DIRECTORY)?;
                return self.directory(&child, path, depth + 1);
            }
            FileType::RegularFile => return self.file(directory, name, path),
            FileType::Symlink => {
                let target =
                    fs::readlinkat(directory, name, Vec::new()).map_err(|error| self.failed(path, error))?;
                Kind::Link {
                    target: target.into_bytes(),
                }
            }
            FileType::CharacterDevice => Kind::Character(device(&stat)),
            FileType::BlockDevice => Kind::Block(device(&stat)),
            FileType::Fifo => Kind::Fifo,
            FileType::Socket => Kind::Socket,
            FileType::Unknown => {
                return Err(unreadable(self.root, path).source("it is of a kind that nobody knows"));
            }
        };
        self.entries
            .insert(path.clone(), entry(&stat, kind, Attributes::new()));
        Ok(())
    }

    fn file(&mut self, directory: &OwnedFd, name: &CString, path: &[u8]) -> Result<()> {
        // It may have become a pipe since it was looked at, and opening that must not wait.
        let file = self.open(directory, name, path, OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let stat = fs::fstat(&file).map_err(|error| self.failed(path, error))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(unreadable(self.root, path).source("it changed while it was read"));
        }
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > LARGEST {
            return Err(
                unreadable(self.root, path).source(format!("all files have more than {LARGEST} bytes"))
            );
        }
        let attributes = self.attributes(file.as_fd(), path)?;
        let job = Job {
            number: self.files.len(),
            size,
            file: File::from(file),
        };
        self.files.push(Pending {
            path: path.to_vec(),
            stat,
            size,
            attributes,
        });
        self.jobs
            .send(job)
            .map_err(|_| Error::new(Code::Internal, "the threads that read files have ended"))
    }

    fn open(&self, directory: &OwnedFd, name: &CString, path: &[u8], more: OFlags) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | more;
        fs::openat(directory, name, flags, Mode::empty()).map_err(|error| self.failed(path, error))
    }

    fn attributes(&self, file: BorrowedFd<'_>, path: &[u8]) -> Result<Attributes> {
        let mut attributes = Attributes::new();
        // Nearly every file has none: asked for the length first, it is one call and no memory.
        match fs::flistxattr_query(file) {
            // Or a file system without them.
            Ok(0) | Err(Errno::OPNOTSUPP) => return Ok(attributes),
            Ok(_) => {}
            Err(error) => return Err(self.failed(path, error)),
        }
        let mut names = vec![0_u8; ATTRIBUTE];
        let length = fs::flistxattr(file, &mut names).map_err(|error| self.failed(path, error))?;
        let names = names.get(..length).unwrap_or_default();
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            if !ATTRIBUTES.iter().any(|known| name.starts_with(known)) {
                continue;
            }
            let mut value = vec![0_u8; ATTRIBUTE];
            let length = fs::fgetxattr(file, name, &mut value).map_err(|error| self.failed(path, error))?;
            value.truncate(length);
            attributes.insert(name.to_vec(), value);
        }
        Ok(attributes)
    }

    fn failed(&self, path: &[u8], error: Errno) -> Error {
        let failed = unreadable(self.root, path).source(std::io::Error::from(error));
        match error {
            Errno::ACCESS | Errno::PERM => failed.remedy("read the root file system as root"),
            _ => failed,
        }
    }
}

/// Reads an ordinary file of a root that may be hostile. None of the parts may be a link.
pub(in crate::evidence) fn read_beneath(root: &Path, parts: &[&str], limit: u64) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let mut file = fs::openat(CWD, root, flags | OFlags::DIRECTORY, Mode::empty())?;
    for part in parts {
        let beneath = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        file = fs::openat(&file, *part, beneath, Mode::empty())?;
    }
    if FileType::from_raw_mode(fs::fstat(&file)?.st_mode) != FileType::RegularFile {
        return Err(std::io::Error::other("it is not an ordinary file"));
    }
    files::read_at_most(File::from(file), limit)
}

fn entry(stat: &Stat, kind: Kind, attributes: Attributes) -> Entry {
    Entry {
        mode: u16::try_from(stat.st_mode & 0o7777).unwrap_or_default(),
        uid: stat.st_uid,
        gid: stat.st_gid,
        kind,
        attributes,
    }
}

fn device(stat: &Stat) -> Device {
    Device {
        major: fs::major(stat.st_rdev),
        minor: fs::minor(stat.st_rdev),
    }
}

/// A root that cannot be read completely has no manifest.
fn unreadable(root: &Path, path: &[u8]) -> Error {
    use std::os::unix::ffi::OsStrExt as _;
    let file: PathBuf = root.join(std::ffi::OsStr::from_bytes(path));
    Error::new(Code::EvidenceRoot, "the root file system cannot be read").file(file)
}
