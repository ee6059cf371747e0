//! The user's own files that go into the image.

use std::path::Path;

use crate::config::Build;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::provision::{Upload, UploadSource, UserFile};

/// Files travel in the run directory and over SSH; what is larger belongs in a package or a bucket.
const FILE: u64 = 8 << 20;
/// A data stream of OpenSCAP for one release of Ubuntu has 30 MB.
const DATA_STREAM: u64 = 128 << 20;
/// Files below one uploaded directory.
const FILES: usize = 10_000;

/// The scripts, in their order.
pub(super) fn scripts(build: &Build) -> Result<Vec<UserFile>> {
    build
        .scripts
        .iter()
        .map(|path| user_file(path, "providers.packer.build.scripts"))
        .collect()
}

/// The playbook.
pub(super) fn playbook(build: &Build) -> Result<Option<UserFile>> {
    let key = "providers.packer.build.ansible_playbook";
    build
        .ansible_playbook
        .as_ref()
        .map(|path| user_file(path, key))
        .transpose()
}

/// The files and directories to copy.
pub(super) fn uploads(build: &Build) -> Result<Vec<Upload>> {
    let key = "providers.packer.build.file_uploads";
    build
        .file_uploads
        .iter()
        .map(|upload| {
            let source = if upload.source.is_dir() {
                let mut found = Vec::new();
                collect(&upload.source, &upload.source, &mut found, key)?;
                UploadSource::Directory(found)
            } else {
                UploadSource::File(user_file(&upload.source, key)?)
            };
            Ok(Upload {
                source,
                destination: upload.destination.clone(),
            })
        })
        .collect()
}

/// What the scan checks, if not the distribution's own content.
pub(super) fn data_stream(build: &Build) -> Result<Option<UserFile>> {
    let key = "providers.packer.build.security.openscap_data_stream";
    let path = &build.security.openscap_data_stream;
    path.as_ref().map(|path| read(path, DATA_STREAM, key)).transpose()
}

/// The key of a mirror of Docker's packages.
pub(super) fn docker_key(build: &Build) -> Result<Option<String>> {
    let key = "providers.packer.build.docker.key_file";
    let path = &build.docker.key_file;
    path.as_ref()
        .map(|path| files::read_text(path, FILE).map_err(|error| unreadable(path, key).source(error)))
        .transpose()
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<UserFile>, key: &str) -> Result<()> {
    for path in files::list(directory).map_err(|error| unreadable(directory, key).source(error))? {
        if found.len() >= FILES {
            return Err(Error::new(
                Code::ConfigValue,
                format!("the directory has more than {FILES} files"),
            )
            .file(root)
            .key(key));
        }
        if path.is_symlink() {
            // Where it points may be outside of what the user named.
            return Err(unreadable(&path, key).remedy("replace the symbolic link by the file itself"));
        }
        if path.is_dir() {
            collect(root, &path, found, key)?;
            continue;
        }
        let name = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .to_string_lossy()
            .into_owned();
        found.push(UserFile {
            name,
            ..user_file(&path, key)?
        });
    }
    Ok(())
}

fn user_file(path: &Path, key: &str) -> Result<UserFile> {
    read(path, FILE, key)
}

/// A file of any content, not larger than `limit` bytes.
pub(super) fn read(path: &Path, limit: u64, key: &str) -> Result<UserFile> {
    let content = files::read(path, limit).map_err(|error| unreadable(path, key).source(error))?;
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok(UserFile { name, content })
}

fn unreadable(path: &Path, key: &str) -> Error {
    Error::new(Code::ConfigValue, "the file cannot be used")
        .file(path)
        .key(key)
}
