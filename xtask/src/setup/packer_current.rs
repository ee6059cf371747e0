//! The current Packer, built from its module, and its Amazon plugin.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::Found;
use super::go::Module;
use super::packer_plugin::{self, AMAZON};
use crate::probe;
use crate::process::{capture, display};
use crate::workspace::{Scratch, Workspace};

/// Where Packer finds the plugins: the value of PACKER_PLUGIN_PATH.
pub(crate) fn plugin_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools.join("packer-plugins")
}

pub(super) fn find_or_build(workspace: &Workspace) -> Result<Found> {
    let (packer, version) = packer(workspace)?;
    let plugin = packer_plugin::find_or_build(workspace, &AMAZON)?;
    Ok(Found {
        path: packer,
        note: format!("Packer {version}, {}", plugin.note),
    })
}

/// Packer itself, and its version.
pub(super) fn packer(workspace: &Workspace) -> Result<(PathBuf, String)> {
    let module = Module::read(workspace, "packer", "github.com/hashicorp/packer")?;
    let installation = module.installation(workspace);
    let packer = installation.folder.join("packer");
    if !(installation.is_complete() && packer.exists()) {
        installation.begin()?;
        module.build(workspace, &packer)?;
        let (major, minor, patch) =
            probe::version(workspace, &packer).context("the built packer prints no version")?;
        let said = format!("{major}.{minor}.{patch}");
        if module.version != said {
            bail!("built packer {} and it says it is {said}", module.version)
        }
        installation.finish()?;
    }
    Ok((packer, module.version))
}

/// Packer with nothing but the plugins of [`plugin_folder`].
pub(super) struct Packer {
    program: PathBuf,
    plugins: PathBuf,
    scratch: Scratch,
}

impl Packer {
    /// The one that [`packer`] found.
    pub(super) fn new(workspace: &Workspace, program: &Path) -> Result<Self> {
        let plugins = plugin_folder(workspace);
        fs::create_dir_all(&plugins).with_context(|| format!("creating {}", plugins.display()))?;
        Ok(Self {
            program: program.to_path_buf(),
            plugins,
            scratch: Scratch::new("sindri-packer")?,
        })
    }

    /// Runs it without the user's configuration, and without its call home.
    fn run(&self, arguments: &[&OsStr]) -> Result<String> {
        let configuration = self.scratch.path().join("config.json");
        fs::write(&configuration, "{}").context("writing an empty Packer configuration")?;
        let mut command = Command::new(&self.program);
        command.args(arguments).env("PACKER_PLUGIN_PATH", &self.plugins);
        command
            .env("PACKER_CONFIG", &configuration)
            .env("PACKER_CONFIG_DIR", self.scratch.path());
        output(command.env("CHECKPOINT_DISABLE", "1"))
    }

    /// Installs a plugin's program: Packer itself gives it the name with the API version, and writes the checksum
    /// beside it.
    pub(super) fn install(&self, program: &Path, source: &str) -> Result<()> {
        let arguments = ["plugins", "install", "--path"].map(OsStr::new);
        let arguments = [&arguments[..], &[program.as_os_str(), source.as_ref()]].concat();
        self.run(&arguments)?;
        self.check_offline(source)
    }

    /// `packer init` must be content with what is installed: tests have no way to a release server.
    fn check_offline(&self, source: &str) -> Result<()> {
        let installed = self.run(&["plugins".as_ref(), "installed".as_ref()])?;
        if !installed.contains(source) {
            bail!(
                "packer does not see {source} in {}: {installed:?}",
                self.plugins.display()
            )
        }
        let template = self.scratch.path().join("build.pkr.hcl");
        let text = format!(
            "packer {{\n  required_plugins {{\n    wanted = {{\n      source = \"{source}\"\n      version = \">= 1.0.0\"\n    }}\n  }}\n}}\n"
        );
        fs::write(&template, text).context("writing a template")?;
        self.run(&["init".as_ref(), template.as_os_str()]).map(drop)
    }
}

/// What a program prints that takes a moment.
pub(super) fn output(command: &mut Command) -> Result<String> {
    let finished = capture(command, Duration::from_secs(120))?;
    if !finished.success() {
        bail!(
            "{} failed: {} {}",
            display(command),
            finished.stdout.trim(),
            finished.stderr.trim()
        )
    }
    Ok(finished.stdout)
}
