//! A root file system that somebody else wrote: nothing in it leads out of it, and only plain files are opened.
// Like `files`, this is one of the few places that touch the file system.
#![allow(clippy::disallowed_methods)]

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Stat};

use crate::files::read_at_most;

/// A directory that stands for `/`. Links in it, also absolute ones and `..`, resolve inside it: the kernel sees to
/// that (`openat2`, Linux 5.6), so that nothing that is exchanged meanwhile can lead out either.
#[derive(Debug)]
pub struct ForeignRoot {
    directory: OwnedFd,
    device: u64,
}

/// An entry of a directory, not followed if it is a link.
#[derive(Clone, Debug)]
pub struct ForeignEntry {
    /// File name; any bytes.
    pub name: OsString,
    /// What it is.
    pub kind: FileType,
    /// Permissions, as of chmod(2).
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes, as the file system says.
    pub size: u64,
    /// Last change of the content, seconds since 1970.
    pub modified: i64,
    /// What a link names.
    pub target: Option<PathBuf>,
    /// Another file system is mounted here.
    pub is_mount: bool,
}

impl ForeignRoot {
    /// Opens a directory of this machine; it may be named by a link.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = fs::openat(CWD, directory, flags, Mode::empty())?;
        let device = fs::fstat(&directory)?.st_dev;
        Ok(Self { directory, device })
    }

    fn resolve(&self, path: &Path, flags: OFlags, how: ResolveFlags) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | how;
        let flags = flags | OFlags::CLOEXEC;
        Ok(fs::openat2(&self.directory, path, flags, Mode::empty(), resolve)?)
    }

    /// The entries of a directory, which no link leads to; at most `most` of them.
    pub fn entries(&self, path: &Path, most: usize) -> io::Result<Vec<ForeignEntry>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NONBLOCK;
        let directory = self.resolve(path, flags, ResolveFlags::NO_SYMLINKS)?;
        let mut entries = Vec::new();
        for entry in fs::Dir::read_from(&directory)? {
            let name = entry?.file_name().to_owned();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            if entries.len() >= most {
                return Err(io::Error::other(format!("it has more than {most} entries")));
            }
            let stat = fs::statat(
                &directory,
                &name,
                AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT,
            )?;
            let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
            let target = is_link
                .then(|| fs::readlinkat(&directory, &name, Vec::new()))
                .transpose()?;
            let target = target.map(|target| OsString::from_vec(target.into_bytes()).into());
            entries.push(self.entry(OsString::from_vec(name.into_bytes()), &stat, target));
        }
        Ok(entries)
    }

    fn entry(&self, name: OsString, stat: &Stat, target: Option<PathBuf>) -> ForeignEntry {
        ForeignEntry {
            name,
            kind: FileType::from_raw_mode(stat.st_mode),
            mode: stat.st_mode & 0o7777,
            uid: stat.st_uid,
            gid: stat.st_gid,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified: stat.st_mtime,
            target,
            is_mount: stat.st_dev != self.device,
        }
    }

    /// Reads a plain file of at most `limit` bytes, links followed inside the root. Whatever else stands there is not
    /// even opened: a device may act on that, a pipe would wait for its other end.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let handle = self.resolve(path, OFlags::PATH, ResolveFlags::empty())?;
        let stat = fs::fstat(&handle)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it is not a plain file",
            ));
        }
        // Opens the very file that was looked at.
        let file = File::open(format!("/proc/self/fd/{}", handle.as_raw_fd()))?;
        read_at_most(file, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    fn root() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(directory.path().join("host"), "of the host").unwrap();
        std::fs::write(root.join("own"), "of the image").unwrap();
        (directory, root)
    }

    #[test]
    fn links_stay_inside_however_they_try_to_leave() {
        let (directory, root) = root();
        let host = directory.path().join("host");
        for (name, target) in [
            ("absolute", host.as_path()),
            ("up", Path::new("../host")),
            ("far-up", Path::new("../../../../../../../../etc/hostname")),
            ("magic", Path::new("/proc/self/root/etc/hostname")),
            ("inside", Path::new("/own")),
            ("up-inside", Path::new("../../own")),
        ] {
            files::link(target, &root.join(name)).unwrap();
        }
        files::link(Path::new(".."), &root.join("parent")).unwrap();
        let foreign = ForeignRoot::open(&root).unwrap();
        for path in ["absolute", "up", "far-up", "magic", "parent/host", "../host"] {
            assert!(foreign.read(Path::new(path), 99).is_err(), "{path}");
        }
        for path in ["own", "/own", "inside", "up-inside", "parent/own"] {
            assert_eq!(
                foreign.read(Path::new(path), 99).unwrap(),
                b"of the image",
                "{path}"
            );
        }
        assert!(
            foreign.entries(Path::new("parent"), 9).is_err(),
            "a link was walked into"
        );
    }

    #[test]
    fn what_is_no_plain_file_is_listed_and_not_opened() {
        let (_directory, root) = root();
        nix::unistd::mkfifo(&root.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let foreign = ForeignRoot::open(&root).unwrap();
        assert!(foreign.read(Path::new("pipe"), 99).is_err());
        assert!(foreign.read(Path::new("."), 99).is_err());
        let entries = foreign.entries(Path::new("."), 9).unwrap();
        assert!(
            entries
                .iter()
                .any(|entry| entry.name == "pipe" && entry.kind == FileType::Fifo)
        );
        assert!(foreign.entries(Path::new("."), 1).is_err(), "too many");
    }
}
