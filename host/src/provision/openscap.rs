//! The scan of the finished machine: reports come back to the run before anything is judged.

use super::scripts::Scripts;
use super::steps::{DownloadStep, GuestStep, UploadStep};
use super::{GuestFile, OpenScap, Plan};
use crate::Result;

/// Where the scan leaves its reports in the VM.
pub(super) const REPORTS: &str = "/var/tmp/sindri-openscap";
/// Below the run's directory.
const DOWNLOADED: &str = "openscap/";
const FILES: &[&str] = &["report.html", "results.xml", "summary.json"];
const BUNDLE_FOLDER: &str = "files/sindri-openscap";
const UPLOAD_TO: &str = "/tmp";
const DATA_STREAM: &str = "data-stream.xml";
const STAGED: &str = "/tmp/sindri-openscap/data-stream.xml";

/// Scan, download, judgement.
pub(super) fn steps(scan: &OpenScap<'_>, scripts: &Scripts, plan: &mut Plan) -> Result<Vec<GuestStep>> {
    let staged = scan.data_stream.map(|_| STAGED);
    let mut steps = Vec::new();
    if let Some(stream) = scan.data_stream {
        plan.files.push(GuestFile {
            path: format!("{BUNDLE_FOLDER}/{DATA_STREAM}"),
            content: stream.content.clone(),
        });
        steps.push(GuestStep::Upload(UploadStep {
            source: BUNDLE_FOLDER.to_owned(),
            destination: UPLOAD_TO.to_owned(),
        }));
    }
    steps.push(plan.script("openscap", "60-openscap", scripts.openscap(scan.profile, staged)?));
    steps.push(GuestStep::Download(DownloadStep {
        sources: FILES.iter().map(|file| format!("{REPORTS}/{file}")).collect(),
        destination: DOWNLOADED.to_owned(),
    }));
    let judgement = scripts.openscap_score(scan.minimum_score, staged)?;
    steps.push(plan.script("openscap-score", "65-openscap-score", judgement));
    Ok(steps)
}
