//! Asks EC2 itself what an account has. The program under demonstration is not asked: it could be wrong.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::process::capture;

/// What to ask for, and how to get at the ids: the verb, further arguments, and a query that leaves out what every
/// account has from the start. The owner in the query is that of the base images: moto answers with their snapshots
/// too when asked for the account's own.
const QUESTIONS: [(&str, &[&str], &str); 7] = [
    ("describe-images", &["--owners", "self"], "Images[].ImageId"),
    (
        "describe-snapshots",
        &["--owner-ids", "self"],
        "Snapshots[?OwnerId!='099720109477'].SnapshotId",
    ),
    (
        "describe-instances",
        &[],
        "Reservations[].Instances[?State.Name!='terminated'][].InstanceId",
    ),
    ("describe-volumes", &[], "Volumes[].VolumeId"),
    ("describe-addresses", &[], "Addresses[].AllocationId"),
    ("describe-key-pairs", &[], "KeyPairs[].KeyName"),
    (
        "describe-security-groups",
        &[],
        "SecurityGroups[?GroupName!='default'].GroupName",
    ),
];

/// An account at an endpoint.
pub(super) struct Account<'a> {
    pub(super) aws: &'a Path,
    pub(super) endpoint: &'a str,
    pub(super) region: &'a str,
    pub(super) environment: &'a [(OsString, OsString)],
}

impl Account<'_> {
    /// Everything in the account that somebody made, as `kind: id`.
    pub(super) fn leftovers(&self) -> Result<Vec<String>> {
        let mut all = Vec::new();
        for (verb, arguments, query) in QUESTIONS {
            let kind = verb.trim_start_matches("describe-").trim_end_matches('s');
            all.extend(
                self.ids(verb, arguments, query)?
                    .into_iter()
                    .map(|id| format!("{kind}: {id}")),
            );
        }
        Ok(all)
    }

    fn ids(&self, verb: &str, arguments: &[&str], query: &str) -> Result<Vec<String>> {
        let mut command = Command::new(self.aws);
        command.args([
            "--endpoint-url",
            self.endpoint,
            "--region",
            self.region,
            "--output",
            "json",
        ]);
        command
            .args(["ec2", verb])
            .args(arguments)
            .args(["--query", query]);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        let finished = capture(&mut command, Duration::from_secs(120))?;
        if !finished.success() {
            bail!("`aws ec2 {verb}` failed: {}", finished.stderr.trim())
        }
        let answer: Value =
            serde_json::from_str(&finished.stdout).with_context(|| format!("the answer of {verb}"))?;
        let ids = answer
            .as_array()
            .with_context(|| format!("the answer of {verb} is {answer}"))?;
        Ok(ids
            .iter()
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned))
            .collect())
    }
}
