//! The files that stand beside a template under review.

use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};
use crate::files::{self, Kind};
use crate::policy::template::Bundle;

/// Entries of a whole directory.
const MAX_ENTRIES: usize = 10_000;
/// Directories within directories.
const MAX_DEPTH: usize = 32;

/// Reads the names below a directory, which the user calls `shown`. No link is followed, not even that to the
/// directory's own content.
pub(super) fn read(directory: &Path, shown: &Path) -> Result<Bundle> {
    let unreadable = |error: std::io::Error| {
        Error::new(Code::UsageArgument, "cannot read the bundle")
            .file(shown)
            .source(error)
            .remedy("name a readable directory")
    };
    let mut ordinary = Vec::new();
    let mut others = Vec::new();
    let mut left: Vec<(PathBuf, usize)> = vec![(directory.to_path_buf(), 0)];
    while let Some((current, depth)) = left.pop() {
        for (path, kind) in files::entries(&current).map_err(unreadable)? {
            let relative = path.strip_prefix(directory).unwrap_or(&path);
            // A name that is not UTF-8 cannot stand in a template.
            let name = relative.to_string_lossy().into_owned();
            match kind {
                Kind::Directory if depth < MAX_DEPTH => left.push((path, depth + 1)),
                Kind::File => ordinary.push(name),
                Kind::Directory | Kind::Other => others.push(name),
            }
        }
        if ordinary.len() + others.len() + left.len() > MAX_ENTRIES {
            let message = format!("the bundle has more than {MAX_ENTRIES} files");
            return Err(Error::new(Code::UsageArgument, message)
                .file(shown)
                .remedy("name the directory of the template's own files"));
        }
    }
    Ok(Bundle::Seen {
        files: ordinary,
        others,
    })
}
