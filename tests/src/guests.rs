//! Builds the plugins that are written in JavaScript and Python, with the tools that their authors use.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lab::tool;

const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");

/// The component made of `guests/javascript`.
pub fn javascript() -> PathBuf {
    let source = Path::new(PACKAGE).join("guests/javascript/guest.js");
    cached(
        "javascript",
        &[&source, &source.with_file_name("package-lock.json")],
        |output| {
            let mut command = Command::new(tool("SINDRI_TEST_JCO"));
            command.arg("componentize").arg(&source).arg("--wit").arg(wit());
            // Without the last two it would import WASI, and a feature of the component model that hosts lack.
            command.args(["-n", "provider", "--backend", "qjs"]);
            command
                .args(["--backend-qjs-stub-wasi", "--backend-qjs-disable-async", "-o"])
                .arg(output);
            command
        },
    )
}

/// The component made of `guests/python`.
pub fn python() -> PathBuf {
    let folder = Path::new(PACKAGE).join("guests/python");
    cached(
        "python",
        &[&folder.join("app.py"), &folder.join("requirements.txt")],
        |output| {
            let mut command = Command::new(tool("SINDRI_TEST_COMPONENTIZE_PY"));
            command.env("PYTHONDONTWRITEBYTECODE", "1").arg("-d").arg(wit());
            // -s puts stubs in the place of WASI.
            command
                .args(["-w", "provider", "componentize", "app", "-p"])
                .arg(&folder)
                .args(["-s", "-o"])
                .arg(output);
            command
        },
    )
}

fn wit() -> PathBuf {
    Path::new(PACKAGE).join("../wit")
}

/// `target/guests/NAME-HASH.wasm`, built only when the contract or a source changed: Python takes 20 seconds.
fn cached(name: &str, sources: &[&Path], build: impl FnOnce(&Path) -> Command) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    let contract = wit().join("packer-provider.wit");
    for source in sources.iter().copied().chain([contract.as_path()]) {
        fs::read(source)
            .unwrap_or_else(|error| panic!("{}: {error}", source.display()))
            .hash(&mut hasher);
    }
    let folder = target().join("guests");
    fs::create_dir_all(&folder).unwrap();
    let built = folder.join(format!("{name}-{:016x}.wasm", hasher.finish()));
    if !built.exists() {
        // Renamed when complete: another test program may be waiting for the same file.
        let partial = built.with_extension(format!("{}.partial", std::process::id()));
        let output = build(&partial).output().expect("the guest's tool starts");
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "the {name} guest does not build:\n{}",
            String::from_utf8_lossy(&said)
        );
        fs::rename(partial, &built).unwrap();
    }
    built
}

/// Cargo's target folder: the test program runs from `target/PROFILE/deps`.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors()
        .nth(3)
        .expect("tests run from target/PROFILE/deps")
        .to_path_buf()
}
