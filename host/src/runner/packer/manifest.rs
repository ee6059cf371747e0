//! Packer's manifest: the one place where the image's id is taken from.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Code, Error, Result};
use crate::files;

/// Where the compiled template has the manifest written, relative to the run directory.
pub const FILE: &str = "manifest.json";

const LIMIT: u64 = 1 << 20;
/// An id per region at most.
const LONGEST_ID: usize = 4096;

/// The artifact of one build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Packer builder, for example `amazon-ebs`.
    pub builder_type: String,
    /// As the builder writes it, for example `us-west-2:ami-1,eu-west-1:ami-2`.
    pub artifact_id: String,
}

/// Packer's own format; newer versions may add to it.
#[derive(Debug, Deserialize)]
struct Manifest {
    builds: Option<Vec<Build>>,
    last_run_uuid: String,
}

#[derive(Debug, Deserialize)]
struct Build {
    builder_type: String,
    artifact_id: String,
    packer_run_uuid: String,
}

/// Which run wrote the manifest last; none when there is no manifest.
pub(super) fn last_run(directory: &Path) -> Result<Option<String>> {
    if !files::exists(&directory.join(FILE)) {
        return Ok(None);
    }
    read(directory).map(|manifest| Some(manifest.last_run_uuid))
}

/// The artifact of the run that just ended, given who wrote the manifest before it. Packer appends to a
/// manifest, and writes none when no image was made.
pub(super) fn artifact(directory: &Path, before: Option<&str>) -> Result<ManifestEntry> {
    let manifest = read(directory)?;
    if before == Some(manifest.last_run_uuid.as_str()) {
        return Err(unusable(directory, "Packer's manifest is that of an earlier run"));
    }
    let mut builds = manifest.builds.unwrap_or_default();
    builds.retain(|build| build.packer_run_uuid == manifest.last_run_uuid);
    let build = match (builds.pop(), builds.is_empty()) {
        (Some(build), true) => build,
        (Some(_), false) => {
            return Err(unusable(
                directory,
                "Packer's manifest has several artifacts of this run",
            ));
        }
        (None, _) => {
            return Err(unusable(
                directory,
                "Packer's manifest has no artifact of this run",
            ));
        }
    };
    let id = &build.artifact_id;
    let plain = !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(|c| c.is_ascii_graphic());
    if !plain {
        return Err(unusable(directory, "Packer's manifest has no usable id"));
    }
    Ok(ManifestEntry {
        builder_type: build.builder_type,
        artifact_id: build.artifact_id,
    })
}

fn read(directory: &Path) -> Result<Manifest> {
    let text = files::read_text(&directory.join(FILE), LIMIT)
        .map_err(|error| unusable(directory, "Packer succeeded but left no manifest").source(error))?;
    serde_json::from_str(&text)
        .map_err(|error| unusable(directory, "Packer's manifest cannot be read").source(error))
}

fn unusable(directory: &Path, message: &str) -> Error {
    Error::new(Code::PackerArtifact, message).file(directory.join(FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        files::write_for_user(&directory.path().join(FILE), text.as_bytes(), false).unwrap();
        directory
    }

    fn build(run: &str, id: &str) -> serde_json::Value {
        // The keys as Packer 1.6.6 writes them.
        serde_json::json!({
            "name": "sindri", "builder_type": "amazon-ebs", "build_time": 1795414077, "files": null,
            "artifact_id": id, "packer_run_uuid": run, "custom_data": null,
        })
    }

    fn manifest(builds: &[serde_json::Value], last: &str) -> tempfile::TempDir {
        written(&serde_json::json!({ "builds": builds, "last_run_uuid": last }).to_string())
    }

    #[test]
    fn the_artifact_of_the_last_run_is_taken_and_not_the_first_in_the_file() {
        let directory = manifest(
            &[
                build("old", "us-west-2:ami-old"),
                build("new", "us-west-2:ami-new"),
            ],
            "new",
        );
        let artifact = artifact(directory.path(), Some("old")).unwrap();
        assert_eq!(artifact.artifact_id, "us-west-2:ami-new");
        assert_eq!(artifact.builder_type, "amazon-ebs");
    }

    #[track_caller]
    fn refused(directory: &tempfile::TempDir, before: Option<&str>) {
        assert_eq!(
            artifact(directory.path(), before).unwrap_err().code(),
            Code::PackerArtifact
        );
    }

    #[test]
    fn an_id_is_never_guessed() {
        refused(&tempfile::tempdir().unwrap(), None);
        refused(&written("not json"), None);
        refused(&written(r#"{"builds": null, "last_run_uuid": "a"}"#), None);
        refused(&manifest(&[build("old", "us-west-2:ami-1")], "new"), None);
        // Packer ended without writing: the file is an earlier run's.
        refused(&manifest(&[build("old", "us-west-2:ami-1")], "old"), Some("old"));
        refused(
            &manifest(&[build("a", "x:ami-1"), build("a", "x:ami-2")], "a"),
            None,
        );
        for id in ["", "UNKNOWN ID", "x\n", "ami-\u{1b}"] {
            refused(&manifest(&[build("a", id)], "a"), None);
        }
    }
}
