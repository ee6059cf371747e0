//! The user's files on their way into the image. All of them travel in one folder, which Packer copies to
//! `/tmp` as the login user; a script then puts each in its place as root.

use super::check;
use super::scripts::Placement;
use super::steps::UploadStep;
use super::{GuestFile, UserFile};
use crate::Result;

/// Where the folder stands in the bundle. Without a slash at its end Packer keeps the last name.
const BUNDLE_FOLDER: &str = "files/sindri-files";
/// Exists in every VM and may be written by every login user.
const UPLOAD_TO: &str = "/tmp";
/// Where it stands in the VM until the script has placed everything.
pub(super) const STAGING: &str = "/tmp/sindri-files";

/// Something of the user's that is to be in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// What.
    pub source: UploadSource,
    /// Absolute path in the VM. A file whose destination ends in `/` keeps its name there; the files of a
    /// directory go below the destination.
    pub destination: String,
}

/// A file, or the files of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadSource {
    /// One file.
    File(UserFile),
    /// All files below a directory, each named by its path there.
    Directory(Vec<UserFile>),
}

/// What the uploads come to.
#[derive(Debug)]
pub(super) struct Staged {
    pub(super) files: Vec<GuestFile>,
    /// None when there are only empty directories.
    pub(super) step: Option<UploadStep>,
    pub(super) placements: Vec<Placement>,
    pub(super) directories: Vec<String>,
}

/// None when there is nothing to upload.
pub(super) fn stage(uploads: &[Upload]) -> Result<Option<Staged>> {
    if uploads.is_empty() {
        return Ok(None);
    }
    let mut staged = Staged {
        files: Vec::new(),
        step: None,
        placements: Vec::new(),
        directories: Vec::new(),
    };
    for (index, upload) in uploads.iter().enumerate() {
        check::destination(&upload.destination)?;
        let directory = upload.destination.trim_end_matches('/');
        match &upload.source {
            UploadSource::File(file) if upload.destination.ends_with('/') => {
                staged.add(index, file, format!("{directory}/{}", file.name))?;
            }
            UploadSource::File(file) => staged.add(index, file, upload.destination.clone())?,
            UploadSource::Directory(files) => {
                staged.directories.push(upload.destination.clone());
                for file in files {
                    staged.add(index, file, format!("{directory}/{}", file.name))?;
                }
            }
        }
    }
    if !staged.files.is_empty() {
        staged.step = Some(UploadStep {
            source: BUNDLE_FOLDER.to_owned(),
            destination: UPLOAD_TO.to_owned(),
        });
    }
    Ok(Some(staged))
}

impl Staged {
    fn add(&mut self, index: usize, file: &UserFile, destination: String) -> Result<()> {
        check::relative_path(&file.name)?;
        let source = format!("{index}/{}", file.name);
        let path = format!("{BUNDLE_FOLDER}/{source}");
        self.files.push(GuestFile {
            path,
            content: file.content.clone(),
        });
        self.placements.push(Placement { source, destination });
        Ok(())
    }
}
