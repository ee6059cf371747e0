//! The current Packer and its Amazon plugin, built from their modules.
//!
//! `go install PACKAGE@VERSION` refuses modules with a `replace` line, and both have one. So `tools/go/` holds two
//! small modules with that line, every dependency pinned, and the program as a `tool`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Found;
use crate::probe;
use crate::process::{capture, display, logged, on_path};
use crate::workspace::{Installation, Scratch, Workspace};

const PACKER: &str = "github.com/hashicorp/packer";
const PLUGIN: &str = "github.com/hashicorp/packer-plugin-amazon";
/// The name under which templates ask for the plugin.
const PLUGIN_SOURCE: &str = "github.com/hashicorp/amazon";

/// Where Packer finds the plugins: the value of PACKER_PLUGIN_PATH.
pub(crate) fn plugin_folder(workspace: &Workspace) -> PathBuf {
    workspace.tools.join("packer-plugins")
}

pub(super) fn find_or_build(workspace: &Workspace) -> Result<Found> {
    let module = Module::read(workspace, "packer", PACKER)?;
    let installation = module.installation(workspace);
    let packer = installation.folder.join("packer");
    if !(installation.is_complete() && packer.exists()) {
        installation.begin()?;
        module.build(workspace, &packer)?;
        let version = probe::version(workspace, &packer).context("the built packer prints no version")?;
        if module.version != version_text(version) {
            bail!(
                "built {PACKER} {} and it says it is {}",
                module.version,
                version_text(version)
            )
        }
        installation.finish()?;
    }
    let plugin = plugin(workspace, &packer)?;
    let note = format!(
        "Packer {}, amazon plugin {plugin} in {}",
        module.version,
        plugin_folder(workspace).display()
    );
    Ok(Found { path: packer, note })
}

/// Builds the plugin and lets Packer install it; returns its version.
fn plugin(workspace: &Workspace, packer: &Path) -> Result<String> {
    let module = Module::read(workspace, "packer-plugin-amazon", PLUGIN)?;
    let installation = module.installation(workspace);
    let binary = installation.folder.join("packer-plugin-amazon");
    let folder = plugin_folder(workspace);
    if installation.is_complete() && has_plugin(&folder, &module.version) {
        return Ok(module.version);
    }
    installation.begin()?;
    module.build(workspace, &binary)?;
    // A plugin built with the suffix `-dev` satisfies no version constraint.
    let described = run(Command::new(&binary).arg("describe"))?;
    let described: Value =
        serde_json::from_str(&described).context("the plugin's description is not JSON")?;
    if described.get("version").and_then(Value::as_str) != Some(module.version.as_str()) {
        bail!(
            "built {PLUGIN} {} and it describes itself as {described}",
            module.version
        )
    }
    // Packer itself gives the binary the name with the API version, and writes the checksum beside it.
    let _ = fs::remove_dir_all(folder.join(PLUGIN_SOURCE));
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let packer = Packer {
        program: packer,
        plugins: &folder,
        scratch: &Scratch::new("sindri-packer")?,
    };
    let binary_path = binary.as_os_str();
    packer.run(&[
        "plugins".as_ref(),
        "install".as_ref(),
        "--path".as_ref(),
        binary_path,
        PLUGIN_SOURCE.as_ref(),
    ])?;
    packer.check_offline()?;
    fs::remove_file(&binary).context("removing the plugin's copy")?;
    installation.finish()?;
    Ok(module.version)
}

fn has_plugin(folder: &Path, version: &str) -> bool {
    let Ok(entries) = fs::read_dir(folder.join(PLUGIN_SOURCE)) else {
        return false;
    };
    let prefix = format!("packer-plugin-amazon_v{version}_x");
    let names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names
        .iter()
        .any(|name| name.starts_with(&prefix) && names.contains(&format!("{name}_SHA256SUM")))
}

/// Packer with nothing but these plugins.
struct Packer<'a> {
    program: &'a Path,
    plugins: &'a Path,
    scratch: &'a Scratch,
}

impl Packer<'_> {
    /// Runs it without the user's configuration, and without its call home.
    fn run(&self, arguments: &[&OsStr]) -> Result<String> {
        let configuration = self.scratch.path().join("config.json");
        fs::write(&configuration, "{}").context("writing an empty Packer configuration")?;
        let mut command = Command::new(self.program);
        command.args(arguments).env("PACKER_PLUGIN_PATH", self.plugins);
        command
            .env("PACKER_CONFIG", &configuration)
            .env("PACKER_CONFIG_DIR", self.scratch.path());
        run(command.env("CHECKPOINT_DISABLE", "1"))
    }

    /// `packer init` must be content with what is installed: tests have no way to a release server.
    fn check_offline(&self) -> Result<()> {
        let installed = self.run(&["plugins".as_ref(), "installed".as_ref()])?;
        if !installed.contains("packer-plugin-amazon") {
            bail!(
                "packer does not see the plugin in {}: {installed:?}",
                self.plugins.display()
            )
        }
        let template = self.scratch.path().join("build.pkr.hcl");
        let text = format!(
            "packer {{\n  required_plugins {{\n    amazon = {{\n      source = \"{PLUGIN_SOURCE}\"\n      version = \">= 1.2.2\"\n    }}\n  }}\n}}\n"
        );
        fs::write(&template, text).context("writing a template")?;
        self.run(&["init".as_ref(), template.as_os_str()]).map(drop)
    }
}

fn run(command: &mut Command) -> Result<String> {
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

/// A wrapper module of `tools/go/`.
struct Module {
    name: &'static str,
    import: &'static str,
    folder: PathBuf,
    /// The pinned version of the wrapped program, without the `v`.
    version: String,
    sums: String,
}

impl Module {
    fn read(workspace: &Workspace, name: &'static str, import: &'static str) -> Result<Self> {
        let folder = workspace.root.join("tools/go").join(name);
        let read = |file: &str| {
            let path = folder.join(file);
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
        };
        let (module, sums) = (read("go.mod")?, read("go.sum")?);
        let version =
            required(&module, import).with_context(|| format!("{name}/go.mod does not require {import}"))?;
        Ok(Self {
            name,
            import,
            version,
            sums: format!("{module}{sums}"),
            folder,
        })
    }

    fn installation(&self, workspace: &Workspace) -> Installation {
        Installation::new(
            workspace.tools.join(format!("{}-{}", self.name, self.version)),
            &self.sums,
        )
    }

    fn build(&self, workspace: &Workspace, output: &Path) -> Result<()> {
        if on_path("go").is_empty() {
            bail!(
                "building {} needs Go on PATH (1.21 or newer; it fetches the exact version itself)",
                self.name
            )
        }
        let log = workspace.log(self.name)?;
        println!(
            "  building {} {} with Go; this takes minutes ({})",
            self.name,
            self.version,
            log.display()
        );
        let mut go = Command::new("go");
        go.current_dir(&self.folder)
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off");
        go.args(["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o"])
            .arg(output)
            .arg(self.import);
        logged(&mut go, &log)
    }
}

/// The version in a `go.mod` line `path vX.Y.Z`, without the `v`.
fn required(module: &str, import: &str) -> Option<String> {
    module.lines().find_map(|line| {
        let mut words = line.trim().trim_start_matches("require ").split_whitespace();
        let (path, version) = (words.next()?, words.next()?);
        (path == import)
            .then(|| version.strip_prefix('v').map(str::to_owned))
            .flatten()
    })
}

fn version_text((major, minor, patch): probe::Version) -> String {
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_version_is_read_from_the_wrapper() {
        let module = "module x\n\ntool github.com/hashicorp/packer\n\nrequire (\n\tgithub.com/hashicorp/packer-plugin-sdk v0.6.0 // indirect\n\tgithub.com/hashicorp/packer v1.16.0 // indirect\n)\n";
        assert_eq!(required(module, PACKER).unwrap(), "1.16.0");
        assert_eq!(required(module, PLUGIN), None);
        assert_eq!(
            required("require github.com/hashicorp/packer v1.2.3\n", PACKER).unwrap(),
            "1.2.3"
        );
    }

    #[test]
    fn a_plugin_without_its_checksum_or_of_another_version_does_not_count() {
        let scratch = Scratch::new("xtask-plugins").unwrap();
        let folder = scratch.path().join(PLUGIN_SOURCE);
        fs::create_dir_all(&folder).unwrap();
        let name = "packer-plugin-amazon_v1.8.2_x5.0_linux_amd64";
        fs::write(folder.join(name), "").unwrap();
        assert!(!has_plugin(scratch.path(), "1.8.2"));
        fs::write(folder.join(format!("{name}_SHA256SUM")), "").unwrap();
        assert!(has_plugin(scratch.path(), "1.8.2"));
        assert!(!has_plugin(scratch.path(), "1.8.20"));
        assert!(!has_plugin(scratch.path(), "1.8"));
    }
}
