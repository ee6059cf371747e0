//! Python programs, each with its pinned dependencies in a virtual environment of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Found;
use crate::apt;
use crate::process::logged;
use crate::workspace::{Installation, Workspace};

/// The EC2 emulator.
pub(super) fn moto(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/moto-requirements.txt");
    program(workspace, "moto_server", "moto", &requirements)
}

/// What runs the controls of the image where there is no InSpec.
pub(super) fn testinfra(workspace: &Workspace) -> Result<Found> {
    let requirements = workspace.root.join("tools/python/testinfra-requirements.txt");
    program(workspace, "pytest", "pytest-testinfra", &requirements)
}

/// A program that a Python package brings, by a requirements file.
pub(super) fn program(
    workspace: &Workspace,
    program: &str,
    package: &str,
    requirements: &Path,
) -> Result<Found> {
    let text =
        fs::read_to_string(requirements).with_context(|| format!("reading {}", requirements.display()))?;
    let version = pinned(&text, package)
        .with_context(|| format!("{} does not pin {package}", requirements.display()))?;
    let environment = Installation::new(workspace.tools.join(format!("{package}-{version}")), &text);
    let path = environment.folder.join("bin").join(program);
    // The interpreter is a link to the system's: an upgrade of Python can leave it pointing nowhere.
    let interpreter = environment.folder.join("bin/python");
    if !(environment.is_complete() && interpreter.exists() && path.exists()) {
        println!("  installing {package} {version} from PyPI");
        install(workspace, &environment, &interpreter, requirements, package)?;
        fs::metadata(&path).with_context(|| format!("{package} brought no {program}"))?;
        environment.finish()?;
    }
    Ok(Found {
        path,
        note: format!("{package} {version} from PyPI"),
    })
}

fn install(
    workspace: &Workspace,
    environment: &Installation,
    interpreter: &Path,
    requirements: &Path,
    package: &str,
) -> Result<()> {
    let log = workspace.log(package)?;
    environment.begin()?;
    let create = || {
        logged(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment.folder),
            &log,
        )
    };
    if let Err(error) = create() {
        // Debian keeps the module `ensurepip` in a package of its own.
        apt::can_install().map_err(|_| error)?;
        apt::install(workspace, &["python3", "python3-venv"])?;
        environment.begin()?;
        create()?;
    }
    let mut pip = Command::new(interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--prefer-binary",
        "-r",
    ]);
    logged(pip.arg(requirements), &log)
}

/// The version in a line `package==version` or `package[extras]==version`.
fn pinned(requirements: &str, package: &str) -> Option<String> {
    requirements.lines().find_map(|line| {
        let (name, version) = line.split_once("==")?;
        let name = name.split('[').next()?.trim();
        let version = version.split([' ', ';', '#']).next()?;
        (name.eq_ignore_ascii_case(package) && !version.is_empty()).then(|| version.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_the_main_package_names_the_folder() {
        let text = "# comment\nboto3==1.2.3\nmoto[ec2,server]==5.2.5  # why\nmotor==9\n";
        assert_eq!(pinned(text, "moto").unwrap(), "5.2.5");
        assert_eq!(pinned(text, "boto3").unwrap(), "1.2.3");
        assert_eq!(pinned("moto>=5\n", "moto"), None, "a range is no pin");
    }
}
