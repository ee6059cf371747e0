//! The AWS command line: the user's own when it works, else one from PyPI.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{Found, python};
use crate::probe;
use crate::process::{capture, on_path};
use crate::workspace::Workspace;

pub(super) fn find_or_install(workspace: &Workspace) -> Result<Found> {
    if let Some((path, (major, minor, patch))) = probe::on_path(workspace, "aws") {
        return Ok(Found {
            path,
            note: format!("aws {major}.{minor}.{patch} on PATH"),
        });
    }
    from_pypi(workspace)
}

fn from_pypi(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/awscli-requirements.txt");
    python::program(workspace, "aws", "awscli", &requirements)
}

/// The Python that can import the AWS command line. Version 2 as its makers ship it has none, nor has a script
/// whose interpreter lies elsewhere: then the package comes from PyPI.
pub(super) fn package(workspace: &Workspace) -> Result<Found> {
    if let Some(found) = on_path("aws")
        .iter()
        .find_map(|program| interpreter_beside(program))
    {
        return Ok(found);
    }
    let program = from_pypi(workspace)?;
    interpreter_beside(&program.path)
        .with_context(|| format!("no Python beside {} can import awscli", program.path.display()))
}

/// The interpreter beside a program that Python's installers made: in a virtual environment, in Debian's folder, and
/// in pyenv's, they put both in one.
fn interpreter_beside(program: &Path) -> Option<Found> {
    let real = program.canonicalize().ok()?;
    [real.as_path(), program].into_iter().find_map(|program| {
        let path = program.with_file_name("python3");
        let mut python = Command::new(&path);
        python.args(["-c", "import awscli.clidriver; print(awscli.__version__)"]);
        let said = capture(&mut python, Duration::from_secs(60)).ok()?;
        said.success().then(|| Found {
            path,
            note: format!("awscli {} as a Python package", said.stdout.trim()),
        })
    })
}
