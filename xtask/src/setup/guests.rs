//! What makes components of guests written in JavaScript and Python, by the lock files beside those guests.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Found, python};
use crate::process::{logged, on_path};
use crate::workspace::{Installation, Workspace};

pub(super) fn jco(workspace: &Workspace) -> Result<Found> {
    let source = workspace.root.join("tests/guests/javascript");
    let read = |name: &str| {
        let path = source.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    };
    let (package, lock) = (read("package.json")?, read("package-lock.json")?);
    let parsed: serde_json::Value =
        serde_json::from_str(&lock).context("tests/guests/javascript/package-lock.json is not JSON")?;
    let version = parsed
        .pointer("/packages/node_modules~1@bytecodealliance~1jco/version")
        .and_then(serde_json::Value::as_str)
        .context("tests/guests/javascript/package-lock.json does not lock @bytecodealliance/jco")?;
    let folder = workspace.tools.join(format!("jco-{version}"));
    let installation = Installation::new(folder, &format!("{package}{lock}"));
    let path = installation.folder.join("node_modules/.bin/jco");
    if !(installation.is_complete() && path.exists()) {
        if on_path("npm").is_empty() || on_path("node").is_empty() {
            bail!("installing jco needs node and npm on PATH")
        }
        println!("  installing jco {version} from npm");
        installation.begin()?;
        for (name, text) in [("package.json", &package), ("package-lock.json", &lock)] {
            fs::write(installation.folder.join(name), text).with_context(|| format!("writing {name}"))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&installation.folder);
        logged(&mut npm, &workspace.log("jco")?)?;
        fs::metadata(&path).context("@bytecodealliance/jco brought no program `jco`")?;
        installation.finish()?;
    }
    Ok(Found {
        path,
        note: format!("jco {version} from npm"),
    })
}

pub(super) fn componentize_py(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tests/guests/python/requirements.txt");
    python::program(workspace, "componentize-py", "componentize-py", &requirements)
}
