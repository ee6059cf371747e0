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
const TIERS: [(&str, &[Tool]); 23] = [
    ("packer_debian", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("packer_current", &[Tool::PackerCurrent, Tool::Moto, Tool::Aws]),
    ("account", &[Tool::Moto, Tool::Aws]),
    ("failures", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("permissions", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("canaries", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("gc", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("guests", &[Tool::Jco, Tool::ComponentizePy]),
    (
        "ssh",
        &[
            Tool::DebianRoot,
            Tool::Sshd,
            Tool::PackerDebian,
            Tool::Moto,
            Tool::Aws,
        ],
    ),
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
    (
        "distribution",
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
    ("rehearsal", &[Tool::DebianRoot, Tool::Sshd, Tool::PackerDebian]),
    ("cli_parsers", &[]),
    ("differential", &[Tool::HclDump]),
    ("evidence", &[Tool::DebianRoot]),
    ("exploits", &[Tool::PackerDebian]),
    ("sandbox", &[Tool::Moto, Tool::Aws]),
    ("templates_debian", &[Tool::PackerDebian]),
    ("templates_current", &[Tool::PackerCurrent]),
    ("third_party", &[Tool::PackerDebian, Tool::Hcloud]),
];

/// Tests of a tier that need more than the tier, by their names. A cloud's own tools are large or not to be had
/// everywhere; without them the other clouds are tested all the same.
const PARTS: [(&str, &[Tool]); 31] = [
    ("aliyun_reads_every_command", &[Tool::Aliyun]),
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
    ("aws_rehearsal", &[Tool::Moto, Tool::Aws]),
    ("azure_rehearsal", &[Tool::Az]),
    ("azure_current_packer_rehearsal", &[Tool::Az, Tool::PackerAzure]),
    ("gcp_rehearsal", &[Tool::Gcloud]),
    (
        "gcp_current_packer_rehearsal",
        &[Tool::Gcloud, Tool::PackerGooglecompute],
    ),
    ("oci_rehearsal", &[Tool::Oci, Tool::PackerOracle]),
    // Its command line may be the repository's own stand-in.
    ("alibaba_current_packer_rehearsal", &[Tool::PackerAlicloud]),
    ("a_sixth_clouds_image_lives", &[Tool::Sshd]),
    ("the_controls_judge_a_hardened_root", &[Tool::Testinfra]),
    (
        "two_machines_of_one_image_start_their_services_and_share_no_identity",
        &[Tool::Nspawn],
    ),
    (
        "a_build_without_a_key_writes_what_went_in_and_says_that_nobody_signed",
        &[Tool::PackerDebian, Tool::Moto, Tool::Aws],
    ),
    (
        "a_signed_build_brings_the_manifest_of_its_own_disk",
        &[Tool::Sshd, Tool::PackerDebian, Tool::Moto, Tool::Aws],
    ),
    ("packer_verifies_the_attestation", &[Tool::PackerCurrent]),
    (
        "python_reads_statement_envelope_and_packages",
        &[Tool::EvidenceCheckers],
    ),
    ("actionlint_finds_nothing", &[Tool::Actionlint, Tool::Shellcheck]),
    ("zizmor_finds_nothing", &[Tool::Zizmor]),
    ("shellcheck_finds_nothing_in_actions", &[Tool::Shellcheck]),
    ("job_life::", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
    ("job_gcp::", &[Tool::PackerDebian, Tool::Gcloud]),
    ("job_chain::", &[Tool::PackerDebian, Tool::Moto, Tool::Aws]),
];

/// Tools that a stand-in of the repository takes the place of: what is not tested then, and by what it is replaced.
const STAND_INS: [(Tool, &str, &str); 1] = [(
    Tool::Aliyun,
    "rehearsals of alibaba with aliyun itself",
    "they run with tests/tools/aliyun instead",
)];

/// Tests that run only where somebody has what they need, time or data, and says so by a variable.
const ON_REQUEST: [(&str, &str, &str); 3] = [
    (
        "further_templates_get_their_answers",
        "SINDRI_TEST_ATTACK_CASES",
        "it names a directory with templates and an argv.json besides those in tests/attacks",
    ),
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

/// Tests of the host's library that need Linux's Landlock.
const CONFINED: &str = "runner::sandbox::tests";

/// The variables by which tests find the tools.
const VARIABLES: [(&str, Tool); 19] = [
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
    ("SINDRI_TEST_EVIDENCE_PYTHON", Tool::EvidenceCheckers),
    ("SINDRI_TEST_ACTIONLINT", Tool::Actionlint),
    ("SINDRI_TEST_ZIZMOR", Tool::Zizmor),
    ("SINDRI_TEST_SHELLCHECK", Tool::Shellcheck),
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
    for (tool, what, instead) in STAND_INS {
        if let Err(reason) = toolbox.path(tool) {
            tally.skip(what, &format!("{reason}; {instead}"));
        }
    }
    for (test, variable, reason) in ON_REQUEST {
        if std::env::var_os(variable).is_none() {
            tally.skip(&format!("test {test}"), reason);
            left_out.push(test);
        }
    }
    if let Err(reason) = crate::probe::landlock() {
        tally.skip(&format!("tests {CONFINED}"), &format!("{reason:#}"));
        left_out.push(CONFINED);
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
            Tool::Aliyun,
            Tool::Aws,
            Tool::AwsPackage,
            Tool::Az,
            Tool::Gcloud,
            Tool::Moto,
            Tool::Oci,
            Tool::PackerCurrent,
            Tool::PackerAzure,
            Tool::PackerGooglecompute,
            Tool::PackerOracle,
            Tool::PackerAlicloud,
            Tool::Sshd,
            Tool::Nspawn,
            Tool::EvidenceCheckers,
            Tool::Actionlint,
            Tool::Shellcheck,
            Tool::Zizmor,
            Tool::PackerDebian,
            Tool::Moto,
            Tool::Aws,
            Tool::Testinfra,
        ];
        let toolbox = Toolbox::of(all.map(|tool| {
            let is_there = tool != Tool::Oci;
            (tool, is_there.then_some("/there").ok_or("not on PATH"))
        }));
        let mut tally = Tally::default();
        let mut left_out = leave_out(&toolbox, &mut tally);
        left_out.retain(|test| ON_REQUEST.iter().all(|(long, ..)| long != test));
        assert_eq!(left_out, ["oci_reads_every_command", "oci_rehearsal"]);
        for (test, _) in PARTS {
            let others = PARTS.iter().filter(|(other, _)| other.contains(test));
            assert_eq!(others.count(), 1, "`--skip {test}` leaves out more than that");
        }
    }
}
