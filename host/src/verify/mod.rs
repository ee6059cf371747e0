//! Is an image what it claims to be? The checklist for images that are given to others, held against a root file
//! system: mounted here, or of a running machine.
//!
//! A source ([`source`]) only tells what is there: all entries of the tree and the files that checks ask for. The
//! checks ([`checks`]) judge on this machine and start nothing. What cannot be read is a finding; what a source can
//! never show is said to be so.

pub mod checks;
pub mod facts;
mod gate;
mod private_key;
pub mod report;
mod secrets;
pub mod source;
pub mod tree;
pub mod users;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use facts::Expectation;
use facts::{Content, Facts, Scene, Survey};
pub use gate::{Verification, gate, unverified};
pub use report::{Evidence, Judgement, Point, Report, Status};
use source::remote::Remote;

use crate::error::Result;

const PASSWD: &str = "/etc/passwd";

/// Checks a root file system that is mounted at a directory.
#[cfg(target_os = "linux")]
pub fn mounted(directory: &Path, expectation: Expectation) -> Result<Report> {
    let mounted = source::mounted::Mounted::open(directory)?;
    let passwd = mounted.read(&[PASSWD.into()]);
    let scene = scene(mounted.survey(), &passwd);
    let contents = mounted.read(&checks::wanted(&scene));
    Ok(report(&Facts::new(scene, expectation, contents)))
}

/// Checks a machine that can be reached over SSH.
pub async fn remote(remote: &Remote<'_>, expectation: Expectation) -> Result<Report> {
    let survey = remote.survey().await?;
    let passwd = remote.read(&[PASSWD.into()]).await?;
    let scene = scene(survey, &passwd);
    let contents = remote.read(&checks::wanted(&scene)).await?;
    Ok(report(&Facts::new(scene, expectation, contents)))
}

fn scene(survey: Survey, passwd: &BTreeMap<PathBuf, Content>) -> Scene {
    let text = match passwd.get(Path::new(PASSWD)) {
        Some(Content::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        // The point on passwords says that it cannot be read.
        Some(Content::Unreadable(_)) | None => String::new(),
    };
    Scene::new(survey, &text)
}

fn report(facts: &Facts) -> Report {
    Report {
        points: checks::points(facts),
    }
}
