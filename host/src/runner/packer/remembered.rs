//! The version of a Packer that was asked before. Asking takes a tenth to a fifth of a second, half as
//! long as everything else that happens before a build.

use std::path::{Path, PathBuf};

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::environment::Environment;
use crate::files;

/// Smaller programs are shims of version managers: what stands behind them changes while they stay.
const SMALLEST: u64 = 1 << 20;
/// A note is one line.
const NOTE: u64 = 4096;

/// What is known of a file that is a program, and of what it said. Any difference makes it another.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    path: PathBuf,
    stamp: files::Stamp,
    version: Version,
}

/// The version that this very file said before.
pub(super) fn recall(program: &Path, user: &Environment) -> Option<Version> {
    let stamp = files::stamp(program)
        .ok()
        .filter(|stamp| stamp.size >= SMALLEST)?;
    let text = files::read_text(&place(program, user)?, NOTE).ok()?;
    let note: Note = serde_json::from_str(&text).ok()?;
    (note.path == program && note.stamp == stamp).then_some(note.version)
}

/// Notes the version. What cannot be noted is asked again the next time.
pub(super) fn remember(program: &Path, version: &Version, user: &Environment) {
    let Some(place) = place(program, user) else { return };
    let Ok(stamp) = files::stamp(program) else { return };
    let note = Note {
        path: program.to_path_buf(),
        stamp,
        version: version.clone(),
    };
    let Ok(text) = serde_json::to_string(&note) else {
        return;
    };
    if let Some(directory) = place.parent() {
        let written = files::create_private_directory(directory)
            .and_then(|()| files::replace_private(&place, text.as_bytes()));
        drop(written);
    }
}

fn place(program: &Path, user: &Environment) -> Option<PathBuf> {
    let name = digest::sha256(program.as_os_str().as_encoded_bytes());
    Some(
        user.cache_directory()?
            .join("programs")
            .join(format!("{name}.json")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_program_and_a_shim_are_asked_again() {
        let directory = tempfile::tempdir().unwrap();
        let user = Environment::of("/", [("SINDRI_CACHE_DIR", directory.path().join("cache"))]);
        let program = directory.path().join("packer");
        let version = Version::new(1, 16, 0);
        let large = vec![0; usize::try_from(SMALLEST).unwrap()];
        files::write_for_user(&program, &large, false).unwrap();
        assert_eq!(recall(&program, &user), None);
        remember(&program, &version, &user);
        assert_eq!(recall(&program, &user), Some(version.clone()));
        files::write_for_user(&program, &[large.as_slice(), b"x"].concat(), true).unwrap();
        assert_eq!(recall(&program, &user), None);
        files::write_for_user(&program, b"#!/bin/sh", true).unwrap();
        remember(&program, &version, &user);
        assert_eq!(recall(&program, &user), None);
    }
}
