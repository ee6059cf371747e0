//! `cargo xtask setup`: makes every tool available, and says where it is or why it cannot be had.

mod aws;
mod clouds;
mod debian_root;
mod evidence;
mod go;
mod guests;
mod hcldump;
mod lint;
mod nspawn;
mod packer_current;
mod packer_debian;
mod packer_plugin;
mod python;
mod sshd;
mod wasm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace::Workspace;
pub(crate) use packer_current::plugin_folder;
use packer_plugin::{ALICLOUD, GOOGLECOMPUTE, ORACLE};

/// What the project's commands need and do not bring along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// A Rust toolchain that builds the bundled plugins.
    Wasm,
    /// Packer 1.6 as Debian ships it, with its builders inside.
    PackerDebian,
    /// The moto server: EC2's API on the loopback interface.
    Moto,
    /// The AWS command line.
    Aws,
    /// The SSH server behind the machine that Packer provisions in tests.
    Sshd,
    /// A root file system of Debian for the scripts that run inside the VM.
    DebianRoot,
    /// Boots that root file system.
    Nspawn,
    /// Runs the controls of the image: pytest with testinfra.
    Testinfra,
    /// Makes components of JavaScript guests.
    Jco,
    /// Makes components of Python guests.
    ComponentizePy,
    /// Checks shell scripts.
    Shellcheck,
    /// Checks workflows.
    Actionlint,
    /// Looks for holes in workflows and actions.
    Zizmor,
    /// Checks licences and sources of dependencies.
    CargoDeny,
    /// The current Packer and its Amazon plugin.
    PackerCurrent,
    /// Reads templates with the parser that Packer has.
    HclDump,
    /// The Python that can read evidence without sindri: in-toto, DSSE, CycloneDX.
    EvidenceCheckers,
    /// The AWS command line as a Python package: the interpreter that can import it.
    AwsPackage,
    /// The current Packer's plugin for Google Cloud.
    PackerGooglecompute,
    /// The current Packer's plugin for Oracle Cloud.
    PackerOracle,
    /// The current Packer's plugin for Alibaba Cloud.
    PackerAlicloud,
    /// The current Packer's plugin for Azure.
    PackerAzure,
    /// The Google Cloud command line.
    Gcloud,
    /// The Alibaba Cloud command line.
    Aliyun,
    /// The Oracle Cloud command line.
    Oci,
    /// The Azure command line.
    Az,
    /// Hetzner Cloud's command line, for the plugin of a third party.
    Hcloud,
}

impl Tool {
    /// All, in the order in which they are set up: those that a time limit may leave out last.
    pub(crate) const ALL: [Self; 27] = [
        Self::Wasm,
        Self::PackerDebian,
        Self::Moto,
        Self::Aws,
        Self::Sshd,
        Self::DebianRoot,
        Self::Testinfra,
        Self::Nspawn,
        Self::Jco,
        Self::ComponentizePy,
        Self::Shellcheck,
        Self::Actionlint,
        Self::Zizmor,
        Self::CargoDeny,
        Self::PackerCurrent,
        Self::HclDump,
        Self::EvidenceCheckers,
        Self::AwsPackage,
        Self::Gcloud,
        Self::Aliyun,
        Self::Hcloud,
        Self::PackerAzure,
        Self::PackerGooglecompute,
        Self::PackerOracle,
        Self::PackerAlicloud,
        Self::Oci,
        Self::Az,
    ];

    /// The name on the command line and in messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::PackerDebian => "packer-debian",
            Self::Moto => "moto",
            Self::Aws => "aws",
            Self::Sshd => "sshd",
            Self::DebianRoot => "debian-root",
            Self::Testinfra => "testinfra",
            Self::Nspawn => "nspawn",
            Self::Jco => "jco",
            Self::ComponentizePy => "componentize-py",
            Self::Shellcheck => "shellcheck",
            Self::Actionlint => "actionlint",
            Self::Zizmor => "zizmor",
            Self::CargoDeny => "cargo-deny",
            Self::PackerCurrent => "packer-current",
            Self::HclDump => "hcldump",
            Self::EvidenceCheckers => "evidence-checkers",
            Self::AwsPackage => "aws-package",
            Self::PackerGooglecompute => "packer-googlecompute",
            Self::PackerOracle => "packer-oracle",
            Self::PackerAlicloud => "packer-alicloud",
            Self::PackerAzure => "packer-azure",
            Self::Gcloud => "gcloud",
            Self::Aliyun => "aliyun",
            Self::Oci => "oci",
            Self::Az => "az",
            Self::Hcloud => "hcloud",
        }
    }

    fn make_available(self, workspace: &Workspace) -> Result<Found> {
        match self {
            Self::Wasm => wasm::find_or_install(workspace),
            Self::PackerDebian => packer_debian::find_or_install(workspace),
            Self::Moto => python::moto(workspace),
            Self::Aws => aws::find_or_install(workspace),
            Self::Sshd => sshd::find_or_install(workspace),
            Self::DebianRoot => debian_root::find_or_install(workspace),
            Self::Testinfra => python::testinfra(workspace),
            Self::Nspawn => nspawn::find_or_install(workspace),
            Self::Jco => guests::jco(workspace),
            Self::ComponentizePy => guests::componentize_py(workspace),
            Self::Shellcheck => lint::shellcheck(workspace),
            Self::Actionlint => lint::actionlint(workspace),
            Self::Zizmor => lint::zizmor(workspace),
            Self::CargoDeny => lint::cargo_deny(workspace),
            Self::PackerCurrent => packer_current::find_or_build(workspace),
            Self::HclDump => hcldump::find_or_build(workspace),
            Self::EvidenceCheckers => evidence::checkers(workspace),
            Self::AwsPackage => aws::package(workspace),
            Self::PackerGooglecompute => packer_plugin::find_or_build(workspace, &GOOGLECOMPUTE),
            Self::PackerOracle => packer_plugin::find_or_build(workspace, &ORACLE),
            Self::PackerAlicloud => packer_plugin::find_or_build(workspace, &ALICLOUD),
            Self::PackerAzure => packer_plugin::adopt_azure(workspace),
            Self::Gcloud => clouds::gcloud(workspace),
            Self::Aliyun => clouds::aliyun(workspace),
            Self::Oci => clouds::oci(workspace),
            Self::Az => clouds::az(workspace),
            Self::Hcloud => clouds::hcloud(workspace),
        }
    }

    /// For a tool that serves tests of one cloud only: about how long it takes to make on two cores. Large or not to
    /// be had everywhere, so it is set up when somebody asks for it or a test run has time for it.
    const fn extra(self) -> Option<Duration> {
        let seconds = match self {
            Self::Wasm
            | Self::PackerDebian
            | Self::Moto
            | Self::Aws
            | Self::Sshd
            | Self::DebianRoot
            | Self::Testinfra
            | Self::Nspawn
            | Self::Jco
            | Self::ComponentizePy
            | Self::Shellcheck
            | Self::Actionlint
            | Self::Zizmor
            | Self::CargoDeny
            | Self::PackerCurrent
            | Self::HclDump
            | Self::EvidenceCheckers => return None,
            Self::Gcloud | Self::Aliyun | Self::PackerAzure | Self::Hcloud => 5,
            Self::AwsPackage => 60,
            Self::PackerGooglecompute | Self::PackerOracle | Self::PackerAlicloud => 120,
            Self::Oci | Self::Az => 180,
        };
        Some(Duration::from_secs(seconds))
    }
}

/// A tool that is there.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its program.
    pub(crate) path: PathBuf,
    /// Version and origin, for people.
    pub(crate) note: String,
}

/// What a setup found; for what it did not, the reason.
pub(crate) struct Toolbox(BTreeMap<Tool, Result<Found, String>>);

impl Toolbox {
    /// A made-up one.
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(tools: [(Tool, Result<&str, &str>); N]) -> Self {
        let found = |path: &str| Found {
            path: path.into(),
            note: String::new(),
        };
        Self(
            tools
                .map(|(tool, state)| (tool, state.map(found).map_err(str::to_owned)))
                .into(),
        )
    }

    /// The program of a tool, or why there is none.
    pub(crate) fn path(&self, tool: Tool) -> Result<&Path, String> {
        match self.0.get(&tool) {
            Some(Ok(found)) => Ok(&found.path),
            Some(Err(reason)) => Err(format!("{} is not available: {reason}", tool.name())),
            None => Err(format!("{} was not set up", tool.name())),
        }
    }

    /// The tools that could not be had.
    fn missing(&self) -> impl Iterator<Item = (Tool, &str)> {
        self.0
            .iter()
            .filter_map(|(tool, state)| Some((*tool, state.as_ref().err()?.as_str())))
    }
}

/// Makes the given tools available. A tool that cannot be had does not stop the others.
pub(crate) fn run(workspace: &Workspace, tools: &[Tool]) -> Result<Toolbox> {
    run_within(workspace, tools, None)
}

/// The same within a time, after which the tools for one cloud only are left out.
pub(crate) fn run_within(workspace: &Workspace, tools: &[Tool], limit: Option<Duration>) -> Result<Toolbox> {
    let _lock = workspace.lock()?;
    println!("tools in {}", workspace.tools.display());
    let until = limit.map(|limit| Instant::now() + limit);
    let mut states = BTreeMap::new();
    for tool in tools {
        let started = Instant::now();
        let state = match tool.extra() {
            None => tool.make_available(workspace),
            Some(estimate) => {
                in_time(until, estimate).and_then(|()| tool.make_available(&workspace.until(until)))
            }
        };
        let state = state.map_err(|error| format!("{error:#}"));
        let took = match started.elapsed().as_secs() {
            0..5 => String::new(),
            seconds => format!(" [{seconds} s]"),
        };
        match &state {
            Ok(found) => println!(
                "{:20} {} ({}){took}",
                tool.name(),
                found.path.display(),
                found.note
            ),
            Err(reason) => println!("{:20} NOT AVAILABLE: {reason}{took}", tool.name()),
        }
        states.insert(*tool, state);
    }
    go::remove_caches(workspace);
    Ok(Toolbox(states))
}

/// Whether something that takes so long can be done until then.
fn in_time(until: Option<Instant>, estimate: Duration) -> Result<()> {
    let left = until.map_or(Duration::MAX, |until| {
        until.saturating_duration_since(Instant::now())
    });
    if estimate > left {
        bail!(
            "left out: it takes about {} s, and of the time for setup {} s are left",
            estimate.as_secs(),
            left.as_secs()
        )
    }
    Ok(())
}

/// `cargo xtask setup [TOOL…]`. Fails when a tool could not be had.
pub(crate) fn command(workspace: &Workspace, names: &[String]) -> Result<bool> {
    let toolbox = run(workspace, &select(names)?)?;
    if names.is_empty() {
        let extras: Vec<&str> = Tool::ALL
            .into_iter()
            .filter(|tool| tool.extra().is_some())
            .map(Tool::name)
            .collect();
        println!("only when named: {}", extras.join(", "));
    }
    let missing: Vec<&str> = toolbox.missing().map(|(tool, _)| tool.name()).collect();
    if !missing.is_empty() {
        println!(
            "setup is incomplete, for the reasons above: {}",
            missing.join(", ")
        );
    }
    Ok(missing.is_empty())
}

fn select(names: &[String]) -> Result<Vec<Tool>> {
    if names.is_empty() {
        return Ok(Tool::ALL
            .into_iter()
            .filter(|tool| tool.extra().is_none())
            .collect());
    }
    let mut chosen = Vec::new();
    for name in names {
        match Tool::ALL.into_iter().find(|tool| tool.name() == name) {
            Some(tool) => chosen.push(tool),
            None => {
                let known = Tool::ALL.map(Tool::name).join(", ");
                bail!("there is no tool `{name}`; the tools are {known}")
            }
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_can_be_named_and_those_for_one_cloud_must_be() {
        let default = select(&[]).unwrap();
        for tool in Tool::ALL {
            assert_eq!(default.contains(&tool), tool.extra().is_none(), "{tool:?}");
            assert_eq!(select(&[tool.name().to_owned()]).unwrap(), [tool]);
        }
        assert!(
            select(&["packer".to_owned()])
                .unwrap_err()
                .to_string()
                .contains("packer-debian")
        );
    }

    #[test]
    fn what_takes_longer_than_the_rest_of_the_time_is_left_out() {
        let soon = Instant::now() + Duration::from_secs(60);
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert!(in_time(None, minutes(600)).is_ok());
        assert!(in_time(Some(soon), minutes(2)).is_err());
        assert!(in_time(Some(soon + minutes(5)), minutes(2)).is_ok());
        assert!(in_time(Some(Instant::now()), minutes(0)).is_ok());
    }

    #[test]
    fn a_tool_without_a_place_has_a_reason() {
        let toolbox = Toolbox::of([(Tool::Moto, Err("no Python"))]);
        assert_eq!(
            toolbox.path(Tool::Moto).unwrap_err(),
            "moto is not available: no Python"
        );
        assert_eq!(toolbox.path(Tool::Aws).unwrap_err(), "aws was not set up");
        assert_eq!(toolbox.missing().count(), 1);
    }
}
