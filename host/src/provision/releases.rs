//! Releases of Sindri that travel with the build in place of being downloaded: no network, no mirror.

use serde::Serialize;

use super::steps::UploadStep;
use super::{GuestFile, ReleaseArchive};
use crate::digest;

/// Where the archives stand in the bundle.
const BUNDLE_FOLDER: &str = "files/sindri-release";
/// Where they stand in the VM until the script has taken one.
pub(super) const STAGING: &str = "/tmp/sindri-release";
const UPLOAD_TO: &str = "/tmp";

/// What the script checks an archive against.
#[derive(Debug, Serialize)]
pub(super) struct Digest<'a> {
    arch: &'a str,
    sha256: String,
}

pub(super) fn digests(archives: &[ReleaseArchive]) -> Vec<Digest<'_>> {
    let digest = |archive: &'_ ReleaseArchive| digest::sha256(&archive.file.content);
    archives
        .iter()
        .map(|archive| Digest {
            arch: archive.arch,
            sha256: digest(archive),
        })
        .collect()
}

/// The archives as files of the bundle, and the step that brings them into the VM.
pub(super) fn stage(archives: &[ReleaseArchive]) -> (Vec<GuestFile>, UploadStep) {
    let files = archives
        .iter()
        .map(|archive| GuestFile {
            path: format!("{BUNDLE_FOLDER}/{}", archive.file.name),
            content: archive.file.content.clone(),
        })
        .collect();
    let step = UploadStep {
        source: BUNDLE_FOLDER.to_owned(),
        destination: UPLOAD_TO.to_owned(),
    };
    (files, step)
}
