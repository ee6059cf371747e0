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

/// The component made of `plugins/hcloud`, as the guide for authors says (`docs/PLUGINS.md`). Cargo knows what has
/// changed, so it is always asked; dependencies are built once.
pub fn hcloud(kind: Hcloud) -> PathBuf {
    const TARGET: &str = "wasm32-unknown-unknown";
    let (name, features) = match kind {
        Hcloud::Honest => ("hcloud", ""),
        Hcloud::WantsPrivateKey => ("hcloud-wants-private-key", "wants-private-key"),
        Hcloud::WantsNullBuilder => ("hcloud-wants-null-builder", "wants-null-builder"),
    };
    // Both features write the same file.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = target().join("guests");
    let modules = folder.join("rust");
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
    cargo
        .arg("--manifest-path")
        .arg(Path::new(PACKAGE).join("../Cargo.toml"))
        .arg("--target-dir")
        .arg(&modules);
    let output = cargo.output().expect("cargo starts");
    assert!(
        output.status.success(),
        "the sixth plugin does not build for {TARGET}:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let module = fs::read(modules.join(TARGET).join("plugin/sindri_plugin_hcloud.wasm")).unwrap();
    let component = wit_component::ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| encoder.validate(true).encode())
        .expect("the module is a component's");
    let path = folder.join(format!("{name}.wasm"));
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    fs::write(&partial, component).unwrap();
    fs::rename(partial, &path).unwrap();
    path
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
