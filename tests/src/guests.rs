//! Builds the plugins that are not part of the program, with the tools that their authors use: those in JavaScript and
//! Python, and the sixth cloud's in Rust.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

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

/// What the sixth cloud's plugin asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hcloud {
    /// What it needs.
    Honest,
    /// And the attribute `ssh_private_key_file`.
    WantsPrivateKey,
    /// And the builder `null`.
    WantsNullBuilder,
}

/// The component made of `plugins/hcloud`, as the guide for authors says (`docs/PLUGIN_GUIDE.md`).
pub fn hcloud(kind: Hcloud) -> PathBuf {
    // Variants are made in one folder, of the same dependencies.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (name, features) = match kind {
        Hcloud::Honest => ("hcloud", ""),
        Hcloud::WantsPrivateKey => ("hcloud-wants-private-key", "wants-private-key"),
        Hcloud::WantsNullBuilder => ("hcloud-wants-null-builder", "wants-null-builder"),
    };
    let root = Path::new(PACKAGE).join("..");
    let mut sources = vec![root.join("Cargo.lock"), root.join("Cargo.toml")];
    for folder in [root.join("plugins/sdk"), root.join("tests/plugins/hcloud")] {
        collect(&folder, &mut sources);
    }
    sources.sort();
    let sources: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
    let built = place(name, &sources);
    if !built.exists() {
        let module = module(&root, features);
        let component = wit_component::ComponentEncoder::default()
            .module(&module)
            .and_then(|encoder| encoder.validate(true).encode())
            .expect("the module is a component's");
        let partial = built.with_extension(format!("{}.partial", std::process::id()));
        fs::write(&partial, component).unwrap();
        fs::rename(partial, &built).unwrap();
    }
    built
}

fn module(root: &Path, features: &str) -> Vec<u8> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let folder = target().join("guests").join("rust");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo says to its tests is not meant for a build for another target.
    for (variable, _) in std::env::vars_os() {
        let is_cargos = |variable: &str| {
            (variable.starts_with("CARGO_") && variable != "CARGO_HOME") || variable.starts_with("RUSTFLAGS")
        };
        if variable.to_str().is_some_and(is_cargos) {
            cargo.env_remove(&variable);
        }
    }
    cargo.args(["build", "--lib", "--profile", "plugin", "--target", TARGET]);
    cargo.args(["--package", "sindri-plugin-hcloud", "--features", features]);
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml"));
    let output = cargo
        .arg("--target-dir")
        .arg(&folder)
        .output()
        .expect("cargo starts");
    assert!(
        output.status.success(),
        "the sixth plugin does not build for {TARGET}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::read(folder.join(TARGET).join("plugin/sindri_plugin_hcloud.wasm")).unwrap()
}

/// Every file below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn wit() -> PathBuf {
    Path::new(PACKAGE).join("../wit")
}

/// `target/guests/NAME-HASH.wasm`, built only when the contract or a source changed: Python takes 20 seconds.
fn cached(name: &str, sources: &[&Path], build: impl FnOnce(&Path) -> Command) -> PathBuf {
    let built = place(name, sources);
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

/// Where the guest made of these sources and the contract is kept.
fn place(name: &str, sources: &[&Path]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    let contract = wit().join("packer-provider.wit");
    for source in sources.iter().copied().chain([contract.as_path()]) {
        fs::read(source)
            .unwrap_or_else(|error| panic!("{}: {error}", source.display()))
            .hash(&mut hasher);
    }
    let folder = target().join("guests");
    fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}-{:016x}.wasm", hasher.finish()))
}

/// Cargo's target folder: the test program runs from `target/PROFILE/deps`.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors()
        .nth(3)
        .expect("tests run from target/PROFILE/deps")
        .to_path_buf()
}
