//! Linters of others.

use std::process::Command;

use sindri_tests::lab::tool;

use crate::root;

fn finds_nothing(command: &mut Command) {
    let output = command.current_dir(root()).output().expect("the linter starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Types of expressions, contexts that are not there, inputs that an action has not; shellcheck on every `run:`.
#[test]
fn actionlint_finds_nothing() {
    let shellcheck = tool("SINDRI_TEST_SHELLCHECK");
    finds_nothing(
        Command::new(tool("SINDRI_TEST_ACTIONLINT"))
            .arg("-shellcheck")
            .arg(shellcheck),
    );
}

/// Injections into shells and expressions, unpinned actions, credentials that stay, wide permissions.
#[test]
fn zizmor_finds_nothing() {
    finds_nothing(Command::new(tool("SINDRI_TEST_ZIZMOR")).args([
        "--offline",
        "--quiet",
        "--config",
        ".github/zizmor.yml",
        ".github",
    ]));
}

/// actionlint reads no actions, so their scripts are read here.
#[test]
fn shellcheck_finds_nothing_in_actions() {
    for (path, text) in crate::files() {
        let file = crate::yaml::parse(&text);
        let steps = file["runs"]["steps"].as_array().into_iter().flatten();
        for run in steps.filter_map(|step| step["run"].as_str()) {
            let script = tempfile::NamedTempFile::new().unwrap();
            // Set by the step or by GitHub.
            std::fs::write(script.path(), format!("# shellcheck disable=SC2154\n{run}\n")).unwrap();
            let mut command = Command::new(tool("SINDRI_TEST_SHELLCHECK"));
            finds_nothing(command.args(["--shell=bash", "--"]).arg(script.path()));
            assert!(path.ends_with("action.yml"));
        }
    }
}
