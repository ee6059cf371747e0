//! A template against the policy.

use std::path::Path;

use semver::Version;

use super::bundle;
use super::check::Basis;
use super::verdict::{Refusal, Verdict};
use crate::cli::App;
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal;
use crate::policy::template::{self, Bundle, Communicator, Connection, Finding, Settings};
use crate::provision::HostSteps;

/// Bytes of a file that are read: more than a template may have, so that a longer one is refused and not unreadable.
const READ_LIMIT: u64 = 16 << 20;

/// Checks a template.
pub(super) fn check(
    app: &App,
    basis: &Basis,
    file: &Path,
    bundle: Option<&Path>,
    packer: Option<&Version>,
) -> Result<Verdict> {
    let directory = app.environment.working_directory();
    let bytes = files::read(&directory.join(file), READ_LIMIT).map_err(|error| {
        Error::new(Code::UsageArgument, "cannot read the template")
            .file(file)
            .source(error)
            .remedy("name a readable file")
    })?;
    let bundle = match bundle {
        Some(bundle) => bundle::read(&directory.join(bundle), bundle)?,
        None => Bundle::Unseen,
    };
    let findings = match std::str::from_utf8(&bytes) {
        Ok(text) => review(text, basis, &bundle, packer),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            vec![Finding {
                code: Code::TemplateSyntax,
                line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
                construct: String::new(),
                message: "the template is not UTF-8".to_owned(),
                remedy: "write it in UTF-8".to_owned(),
            }]
        }
    };
    Ok(Verdict {
        subject: "template",
        file: file.to_path_buf(),
        sha256: digest::sha256(&bytes),
        findings: findings.into_iter().map(Refusal::from).collect(),
    })
}

fn review(text: &str, basis: &Basis, bundle: &Bundle, packer: Option<&Version>) -> Vec<Finding> {
    let requests = &basis.info.requests;
    template::review(
        text,
        bundle,
        &Settings {
            builders: &requests.builders,
            guest_phases: &requests.guest_phases,
            packer_plugins: &requests.packer_plugins,
            config: &basis.config,
            packer: packer.cloned(),
            now: &journal::now(),
            run_id: "check0000000",
            connection: Connection {
                communicator: Communicator::Ssh,
                host: None,
                port: None,
                timeout: "1200s".to_owned(),
                source_cidrs: Vec::new(),
            },
            steps: HostSteps::default(),
            sensitive_variables: Vec::new(),
        },
    )
}
