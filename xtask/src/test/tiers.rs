//! The whole-program tests come in tiers, each a test target of its own, each with the real tools it needs.

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Tally;
use crate::process::capture;
use crate::setup::{Tool, Toolbox};
use crate::workspace::Workspace;

/// Test targets that need tools. All other test targets need none and always run.
const TIERS: [(&str, &[Tool]); 20] = [
    ("packer_debian", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("packer_current", &[Tool::PackerCurrent, Tool::Moto, Tool::Aws]),
    ("account", &[Tool::Moto, Tool::Aws]),
    ("failures", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("canaries", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("gc", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("guests", &[Tool::Jco, Tool::ComponentizePy]),
    ("ssh", &[Tool::Sshd, Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("provisioning", &[Tool::DebianRoot]),
    (
        "verify",
        &[
            Tool::DebianRoot,
            Tool::Sshd,
            Tool::PackerDebian,
            Tool::Moto,
            Tool::Aws,
        ],
    ),
    ("lab", &[Tool::Sshd, Tool::Moto]),
    ("clouds", &[Tool::Sshd, Tool::PackerDebian]),
    ("rehearsal", &[Tool::Sshd, Tool::PackerDebian]),
    ("cli_parsers", &[]),
    ("differential", &[Tool::HclDump]),
    ("exploits", &[Tool::PackerDebian]),
    ("sandbox", &[Tool::Moto, Tool::Aws]),
    ("templates_debian", &[Tool::PackerDebian]),
    ("templates_current", &[Tool::PackerCurrent]),
    ("third_party", &[Tool::PackerDebian, Tool::Hcloud]),
];

/// Tests of a tier that need more than the tier, by their names. A cloud's own tools are large or not to be had
/// everywhere; without them the other clouds are tested all the same.
const PARTS: [(&str, &[Tool]); 18] = [
    ("aws_reads_every_command", &[Tool::AwsPackage]),
    ("az_reads_every_command", &[Tool::Az]),
    ("gcloud_reads_every_command", &[Tool::Gcloud]),
    ("oci_reads_every_command", &[Tool::Oci]),
    ("azure_templates_pass_current_packer", &[Tool::PackerAzure]),
    ("gcp_templates_pass_current_packer", &[Tool::PackerGooglecompute]),
    ("oci_templates_pass_current_packer", &[Tool::PackerOracle]),
    ("alibaba_templates_pass_current_packer", &[Tool::PackerAlicloud]),
    ("raw_attacks_work_on_the_current_packer", &[Tool::PackerCurrent]),
    (
        "what_the_compiler_takes_harms_nothing_on_the_current_packer",
        &[Tool::PackerCurrent],
    ),
    ("azure_rehearsal", &[Tool::Az]),
    ("gcp_rehearsal", &[Tool::Gcloud]),
    (
        "gcp_current_packer_rehearsal",
        &[Tool::Gcloud, Tool::PackerGooglecompute],
    ),
    ("oci_rehearsal", &[Tool::Oci, Tool::PackerOracle]),
    // Its command line is the repository's own stand-in.
    ("alibaba_current_packer_rehearsal", &[Tool::PackerAlicloud]),
    ("a_sixth_clouds_image_lives", &[Tool::Sshd]),
    ("the_controls_judge_a_hardened_root", &[Tool::Testinfra]),
    (
        "two_machines_of_one_image_start_their_services_and_share_no_identity",
        &[Tool::Nspawn],
    ),
];

/// What nothing tests yet, and why.
const UNWRITTEN: [(&str, &str); 1] = [(
    "commands of alibaba, read by aliyun itself",
    "aliyun-cli is in no package registry; the plugin's own tests hold them to its published parameters",
)];

/// Tests that run only where somebody has the time for them, and says how much of it by a variable.
const LONG: [(&str, &str, &str); 2] = [
    (
        "oci_rehearsal_of_failed_builds",
        "SINDRI_TEST_FAULTS",
        "Oracle's SDK tries again for minutes at each step; SINDRI_TEST_FAULTS=1 is one step, 1000 are all",
    ),
    (
        "alibaba_rehearsal_of_failed_builds",
        "SINDRI_TEST_FAULTS",
        "Packer tries again for minutes at each step; SINDRI_TEST_FAULTS=1 is one step, 1000 are all",
    ),
];

/// The variables by which tests find the tools.
const VARIABLES: [(&str, Tool); 15] = [
    ("SINDRI_TEST_PACKER_DEBIAN", Tool::PackerDebian),
    ("SINDRI_TEST_PACKER_CURRENT", Tool::PackerCurrent),
    ("SINDRI_TEST_HCLDUMP", Tool::HclDump),
    ("SINDRI_TEST_DEBIAN_ROOT", Tool::DebianRoot),
    ("SINDRI_TEST_TESTINFRA", Tool::Testinfra),
    ("SINDRI_TEST_MOTO", Tool::Moto),
    ("SINDRI_TEST_AWS", Tool::Aws),
    ("SINDRI_TEST_JCO", Tool::Jco),
    ("SINDRI_TEST_COMPONENTIZE_PY", Tool::ComponentizePy),
    ("SINDRI_TEST_AWS_PYTHON", Tool::AwsPackage),
    ("SINDRI_TEST_AZ", Tool::Az),
    ("SINDRI_TEST_OCI", Tool::Oci),
    ("SINDRI_TEST_GCLOUD", Tool::Gcloud),
    ("SINDRI_TEST_ALIYUN", Tool::Aliyun),
    ("SINDRI_TEST_HCLOUD", Tool::Hcloud),
];

/// All integration test targets of the workspace, by name.
pub(super) fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(&workspace.root);
    let finished = capture(&mut cargo, Duration::from_secs(300))?;
    if !finished.success() {
        bail!("cargo metadata failed: {}", finished.stderr.trim())
    }
    names(&finished.stdout)
}

fn names(metadata: &str) -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(metadata).context("the output of cargo metadata")?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let targets = packages
        .iter()
        .filter_map(|package| package.get("targets")?.as_array())
        .flatten();
    let name = |target: &Value| {
        let is_test = target.get("kind")?.as_array()?.contains(&"test".into());
        is_test
            .then(|| target.get("name")?.as_str().map(str::to_owned))
            .flatten()
    };
    let mut names: Vec<String> = targets.filter_map(name).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// The targets that can run. A tier that cannot, or that does not exist, is counted as skipped, with the reason.
pub(super) fn choose(targets: &[String], toolbox: &Toolbox, tally: &mut Tally) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for (tier, tools) in TIERS {
        if !targets.iter().any(|target| target == tier) {
            tally.skip(
                &format!("tier {tier}"),
                "the workspace has no test target of this name",
            );
            continue;
        }
        match missing(tools, toolbox) {
            None => chosen.push(tier.to_owned()),
            Some(reason) => tally.skip(&format!("tier {tier}"), &reason),
        }
    }
    let needs_tools = |target: &&String| TIERS.iter().any(|(tier, _)| tier == target);
    chosen.extend(targets.iter().filter(|target| !needs_tools(target)).cloned());
    chosen
}

/// Tests that cannot run for want of their own tools, counted as skipped, with the reason.
pub(super) fn leave_out(toolbox: &Toolbox, tally: &mut Tally) -> Vec<&'static str> {
    let mut left_out = Vec::new();
    for (what, reason) in UNWRITTEN {
        tally.skip(what, reason);
    }
    for (test, variable, reason) in LONG {
        if std::env::var_os(variable).is_none() {
            tally.skip(&format!("test {test}"), reason);
            left_out.push(test);
        }
    }
    for (test, tools) in PARTS {
        if let Some(reason) = missing(tools, toolbox) {
            tally.skip(&format!("test {test}"), &reason);
            left_out.push(test);
        }
    }
    left_out
}

/// Why these tools are not all there.
fn missing(tools: &[Tool], toolbox: &Toolbox) -> Option<String> {
    let missing: Vec<String> = tools
        .iter()
        .filter_map(|tool| toolbox.path(*tool).err())
        .collect();
    (!missing.is_empty()).then(|| missing.join("; "))
}

/// Where tests find the tools that are there.
pub(super) fn environment(toolbox: &Toolbox) -> Vec<(&'static str, OsString)> {
    VARIABLES
        .iter()
        .filter_map(|(name, tool)| Some((*name, toolbox.path(*tool).ok()?.into())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_targets_are_found_in_cargos_own_list() {
        let metadata = r#"{"packages":[{"targets":[{"kind":["lib"],"name":"a"},{"kind":["test"],"name":"ssh"}]},
            {"targets":[{"kind":["test"],"name":"contract"},{"kind":["bench"],"name":"speed"}]}]}"#;
        assert_eq!(names(metadata).unwrap(), ["contract", "ssh"]);
        assert!(names("no JSON").is_err());
    }

    #[test]
    fn a_tier_without_its_tools_is_skipped_by_name_and_other_targets_run() {
        let toolbox = Toolbox::of([(Tool::Jco, Err("no node")), (Tool::ComponentizePy, Ok("/c"))]);
        let mut tally = Tally::default();
        let targets = ["contract".to_owned(), "guests".to_owned()];
        assert_eq!(choose(&targets, &toolbox, &mut tally), ["contract"]);
        let toolbox = Toolbox::of([(Tool::Jco, Ok("/j")), (Tool::ComponentizePy, Ok("/c"))]);
        assert_eq!(choose(&targets, &toolbox, &mut tally), ["guests", "contract"]);
        assert_eq!(environment(&toolbox).len(), 2);
    }
    #[test]
    fn a_test_without_its_own_tools_is_left_out_by_name() {
        let all = [
            Tool::AwsPackage,
            Tool::Az,
            Tool::Gcloud,
            Tool::Oci,
            Tool::PackerCurrent,
            Tool::PackerAzure,
            Tool::PackerGooglecompute,
            Tool::PackerOracle,
            Tool::PackerAlicloud,
            Tool::Sshd,
            Tool::Nspawn,
            Tool::Testinfra,
        ];
        let toolbox = Toolbox::of(all.map(|tool| {
            let is_there = tool != Tool::Oci;
            (tool, is_there.then_some("/there").ok_or("not on PATH"))
        }));
        let mut tally = Tally::default();
        let mut left_out = leave_out(&toolbox, &mut tally);
        left_out.retain(|test| LONG.iter().all(|(long, ..)| long != test));
        assert_eq!(left_out, ["oci_reads_every_command", "oci_rehearsal"]);
        for (test, _) in PARTS {
            let others = PARTS.iter().filter(|(other, _)| other.contains(test));
            assert_eq!(others.count(), 1, "`--skip {test}` leaves out more than that");
        }
    }
}
