//! What is on the disk at the very end, written down inside the VM and brought back.

use super::Plan;
use super::scripts::Scripts;
use super::steps::{DownloadStep, GuestStep};
use crate::Result;

/// Folder of the run's directory that what is brought back lies in.
pub const FOLDER: &str = "evidence/vm";
/// In the VM, in its memory: nothing of it is on the disk that becomes the image.
const GUEST: &str = "/run/sindri-evidence";
/// The manifest, and the two files that the list of packages is made of.
const FILES: [&str; 3] = ["root.mtree", "status", "os-release"];

pub(super) fn steps(exclusions: &[&str], scripts: &mut Scripts, plan: &mut Plan) -> Result<Vec<GuestStep>> {
    let script = scripts.manifest(GUEST, exclusions)?;
    let mut steps = vec![plan.script("manifest", "95-manifest", script)];
    steps.extend(FILES.iter().map(|file| {
        GuestStep::Download(DownloadStep {
            source: format!("{GUEST}/{file}"),
            destination: format!("{FOLDER}/{file}"),
        })
    }));
    Ok(steps)
}
