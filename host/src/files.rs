//! The only place where the host touches the file system.
#![allow(clippy::disallowed_methods)]

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Owner only: run directories hold credentials' neighbours (keys, logs, plans).
const PRIVATE_DIRECTORY: u32 = 0o700;
/// Owner only, as above.
const PRIVATE_FILE: u32 = 0o600;

/// Reads a text file of at most `limit` bytes; a longer one is an error, not a cut text.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Reads a file of at most `limit` bytes; a longer one is an error.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_at_most(File::open(path)?, limit)
}

/// Reads at most `limit` bytes; more is an error.
pub(crate) fn read_at_most(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("larger than {limit} bytes"),
        ));
    }
    Ok(content)
}

/// Reads a plain file, links followed: no device, and no pipe that somebody has to fill.
pub fn read_plain(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(foreign("it is not a plain file"));
    }
    read_at_most(file, limit)
}

/// Makes a directory (and its parents) that only its owner may enter. Parents that are missing
/// become private too.
pub fn create_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_DIRECTORY)
        .create(path)
}

/// Makes a directory that must not exist yet; its parent must.
pub fn create_new_private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(PRIVATE_DIRECTORY).create(path)
}

/// Makes a directory for the user to look at, with the usual permissions.
pub fn create_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Writes a file that must not exist yet, for its owner only. Never follows a link.
pub fn write_new_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
        .open(path)?;
    file.write_all(content)
}

/// Replaces a file in one step, for its owner only: a reader sees the old or the new content.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(parent_of(path)?)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes a file that must not exist yet in one step, for its owner only: whoever sees it sees all of it.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(parent_of(path)?)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Replaces a file of the user in one step, with the usual permissions.
pub fn replace_for_user(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o666))
        .tempfile_in(parent_of(path)?)?;
    file.write_all(content)?;
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn parent_of(path: &Path) -> io::Result<&Path> {
    path.parent()
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

/// Whom a file may belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This user.
    User,
    /// This user or root.
    UserOrRoot,
    /// Root.
    Root,
}

/// Reads a plain file that belongs to `owner` and that nobody else may write to. A link is none.
pub fn read_owned(path: &Path, owner: Owner, limit: u64) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new()
        .read(true)
        // A pipe would wait for its other end.
        .custom_flags((nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(foreign("it is not a plain file"));
    }
    check_owner(&metadata, owner)?;
    read_at_most(file, limit)
}

/// Whether a directory belongs to `owner` and nobody else may write to it. A link is none.
pub fn check_directory(path: &Path, owner: Owner) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_dir() {
        return Err(foreign("it is not a directory"));
    }
    check_owner(&metadata, owner)
}

fn check_owner(metadata: &fs::Metadata, owner: Owner) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let (own, uid) = (nix::unistd::geteuid().as_raw(), metadata.uid());
    let fits = match owner {
        Owner::User => uid == own,
        Owner::UserOrRoot => uid == own || uid == 0,
        Owner::Root => uid == 0,
    };
    if !fits {
        return Err(foreign(&format!("it belongs to user {uid}")));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(foreign("others may write to it"));
    }
    Ok(())
}

fn foreign(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

/// Writes a file for the user, with the usual permissions; `replace` says whether one may be there.
pub fn write_for_user(path: &Path, content: &[u8], replace: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(path)?.write_all(content)
}

/// Opens a log that only its owner may read, for appending.
pub fn append_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(PRIVATE_FILE)
        .custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits())
        .open(path)
}

/// Opens a log that others append to as well, making it for its owner only if it is not there. Refuses a
/// link, what is no plain file (a pipe would wait for a reader), and a file that somebody else may write to.
pub fn append_log(path: &Path) -> io::Result<File> {
    use nix::fcntl::OFlag;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(PRIVATE_FILE)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if data.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::other("others may write to it"));
    }
    Ok(file)
}

/// What changes when a file is replaced or written to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds of the last change of content or owner.
    changed: (i64, i64),
}

/// The stamp of a file, links followed.
pub fn stamp(path: &Path) -> io::Result<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path)?;
    Ok(Stamp {
        size: metadata.len(),
        device: metadata.dev(),
        inode: metadata.ino(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Makes a file executable for its owner.
pub fn make_executable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// What a name in a directory stands for, links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary file.
    File,
    /// A directory.
    Directory,
    /// A link, socket, device or pipe.
    Other,
}

/// The entries of a directory and what they are, sorted.
pub fn entries(path: &Path) -> io::Result<Vec<(PathBuf, Kind)>> {
    let mut entries = fs::read_dir(path)?
        .map(|entry| {
            let entry = entry?;
            let kind = entry.file_type()?;
            let kind = if kind.is_file() {
                Kind::File
            } else if kind.is_dir() {
                Kind::Directory
            } else {
                Kind::Other
            };
            Ok((entry.path(), kind))
        })
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(entries)
}

/// The names in a directory, sorted. An absent directory is an empty one.
pub fn list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Removes a directory tree; an absent one is fine.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether this is a file (or a link to one) that somebody may execute.
pub fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Whether this is a plain file or a link to one.
pub fn is_plain(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_file())
}

/// Whether this is a directory, or a link to one.
pub fn is_directory(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.is_dir())
}

/// What a link names, as an absolute path; none for what is no link.
pub fn link_target(path: &Path) -> Option<PathBuf> {
    let target = fs::read_link(path).ok()?;
    Some(path.parent()?.join(target))
}

/// The first bytes of a file, at most so many.
pub fn beginning(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(most as u64).read_to_end(&mut content)?;
    Ok(content)
}

/// To whom a file or directory belongs and who may write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership {
    /// User id.
    pub owner: u32,
    /// Permissions, as of chmod(2).
    pub mode: u32,
    /// It belongs to the user who runs this program.
    pub is_own: bool,
}

/// The ownership of what is at a path, links followed; none when nothing is there.
pub fn ownership(path: &Path) -> Option<Ownership> {
    use std::os::unix::fs::MetadataExt;
    let data = fs::metadata(path).ok()?;
    Some(Ownership {
        owner: data.uid(),
        mode: data.mode() & 0o7777,
        is_own: data.uid() == nix::unistd::geteuid().as_raw(),
    })
}

/// Whether anything is there; a dangling link is nothing.
pub fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// The path without links and dots.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

/// Makes a directory of a new name that only its owner may enter; removed when the value is dropped.
pub fn temporary_directory(parent: &Path) -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix("sindri-")
        .permissions(fs::Permissions::from_mode(PRIVATE_DIRECTORY))
        .tempdir_in(parent)
}

/// Removes a file.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// Makes a symbolic link.
pub fn link(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_files_are_for_the_owner_only_and_never_overwrite_or_follow() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        write_new_private(&path, b"secret").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            write_new_private(&path, b"x").unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        let trap = directory.path().join("trap");
        link(&directory.path().join("elsewhere"), &trap).unwrap();
        assert!(write_new_private(&trap, b"x").is_err());
        assert!(!directory.path().join("elsewhere").exists());
    }

    #[test]
    fn what_somebody_else_could_have_written_is_not_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        write_new_private(&path, b"x").unwrap();
        assert_eq!(read_owned(&path, Owner::User, 9).unwrap(), b"x");
        let trap = directory.path().join("trap");
        link(&path, &trap).unwrap();
        assert!(read_owned(&trap, Owner::User, 9).is_err(), "a link");
        assert!(
            read_owned(directory.path(), Owner::User, 9).is_err(),
            "a directory"
        );
        for mode in [0o620, 0o602] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(read_owned(&path, Owner::User, 9).is_err(), "{mode:o}");
        }
        check_directory(directory.path(), Owner::User).unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(check_directory(directory.path(), Owner::User).is_err());
    }

    #[test]
    fn a_file_over_the_limit_is_an_error_and_not_a_cut_text() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        write_new_private(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
