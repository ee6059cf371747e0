//! Programs built from their Go modules.
//!
//! `go install PACKAGE@VERSION` refuses modules with a `replace` line, and Packer and its plugins have one. So
//! `tools/go/` holds a small module for each, with that line, every dependency pinned, and the program as a `tool`.
//! One module for all would build them with the newest of their dependencies, which nobody has released; what they
//! do share, Go's build cache compiles once; it is removed when the setup ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{logged, on_path};
use crate::workspace::{Installation, Workspace};

/// A wrapper module of `tools/go/`.
pub(super) struct Module {
    /// The name of its folder, and of the program.
    pub(super) name: &'static str,
    /// What is compiled.
    package: &'static str,
    folder: PathBuf,
    /// The pinned version of the wrapped program, without the `v`.
    pub(super) version: String,
    sums: String,
}

impl Module {
    /// The module `tools/go/NAME`, which wraps the program `import`.
    pub(super) fn read(workspace: &Workspace, name: &'static str, import: &'static str) -> Result<Self> {
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
            package: import,
            version,
            sums: format!("{module}{sums}"),
            folder,
        })
    }

    /// The module `tools/go/NAME`, which is a program of this repository around the library `import`.
    pub(super) fn own(workspace: &Workspace, name: &'static str, import: &'static str) -> Result<Self> {
        let mut module = Self::read(workspace, name, import)?;
        let source = module.folder.join("main.go");
        module.package = ".";
        module.sums +=
            &fs::read_to_string(&source).with_context(|| format!("reading {}", source.display()))?;
        Ok(module)
    }

    /// The program, compiled unless that was done before.
    pub(super) fn find_or_build(&self, workspace: &Workspace) -> Result<PathBuf> {
        let installation = self.installation(workspace);
        let program = installation.folder.join(self.name);
        if !(installation.is_complete() && program.exists()) {
            installation.begin()?;
            self.build(workspace, &program)?;
            installation.finish()?;
        }
        Ok(program)
    }

    /// Where the program is kept.
    pub(super) fn installation(&self, workspace: &Workspace) -> Installation {
        Installation::new(
            workspace.tools.join(format!("{}-{}", self.name, self.version)),
            &self.sums,
        )
    }

    /// Compiles the program.
    pub(super) fn build(&self, workspace: &Workspace, output: &Path) -> Result<()> {
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
            .env("GOWORK", "off")
            .envs(caches(workspace));
        // Neither paths of this machine nor debugging data: a third smaller, and the same on every machine.
        go.args(["build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w", "-o"])
            .arg(output)
            .arg(self.package);
        logged(&mut go, &log)
    }
}

/// Go's own folders for what it downloads and compiles, in the tools folder: the user's stay as they are.
fn caches(workspace: &Workspace) -> [(&'static str, PathBuf); 2] {
    let folder = workspace.tools.join(CACHES);
    [
        ("GOCACHE", folder.join("build")),
        ("GOMODCACHE", folder.join("mod")),
    ]
}

const CACHES: &str = "go-caches";

/// Removes what building left behind, 9 GB for Packer with all its plugins, which no later build of the same version
/// needs.
pub(super) fn remove_caches(workspace: &Workspace) {
    let folder = workspace.tools.join(CACHES);
    if !folder.exists() {
        return;
    }
    // Go writes modules read-only, which only root can remove without Go. What is left costs disk and nothing else.
    let mut go = Command::new("go");
    go.args(["clean", "-modcache"])
        .current_dir(&workspace.tools)
        .env("GOTOOLCHAIN", "local")
        .envs(caches(workspace));
    let cleaned = workspace.log("go-clean").and_then(|log| logged(&mut go, &log));
    let removed = fs::remove_dir_all(&folder).context("removing the rest");
    if let Err(error) = removed {
        let reason = cleaned.err().unwrap_or(error);
        println!("  {} could not be removed: {reason:#}", folder.display());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_version_is_read_from_the_wrapper() {
        let packer = "github.com/hashicorp/packer";
        let module = "module x\n\ntool github.com/hashicorp/packer\n\nrequire (\n\tgithub.com/hashicorp/packer-plugin-sdk v0.6.0 // indirect\n\tgithub.com/hashicorp/packer v1.16.0 // indirect\n)\n";
        assert_eq!(required(module, packer).unwrap(), "1.16.0");
        assert_eq!(
            required(module, "github.com/hashicorp/packer-plugin-amazon"),
            None
        );
        assert_eq!(
            required("require github.com/hashicorp/packer v1.2.3\n", packer).unwrap(),
            "1.2.3"
        );
    }
}
