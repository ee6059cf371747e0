//! Finding a Rust toolchain that compiles to WebAssembly.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

/// Environment variable that forces a way: `target`, `rustup` or `debian`.
pub const FORCE: &str = "SINDRI_WASM_TOOLCHAIN";

const TARGET: &str = "wasm32-unknown-unknown";

const HELP: &str = "no Rust toolchain here compiles to WebAssembly. Install one of:
  rustup target add wasm32-unknown-unknown
  apt-get install rustc-web cargo-web rust-web-src lld      (Debian)
and build again.";

/// A toolchain and how it is called.
pub enum Toolchain {
    /// The one that builds everything else has the target.
    Own { cargo: PathBuf, rustc: PathBuf },
    /// Debian's, which has the sources of the standard library in place of the compiled target.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// The first that works.
    pub fn find() -> Result<Self> {
        match env::var(FORCE).as_deref() {
            Ok("target") => Self::with_target().context("the current toolchain does not have the target"),
            Ok("rustup") => Self::after_rustup().context("rustup could not add the target"),
            Ok("debian") => Self::debian().context("Debian's toolchain is not complete"),
            Ok(other) => bail!("{FORCE} is `{other}`, not one of target, rustup, debian"),
            Err(_) => Self::with_target()
                .or_else(Self::after_rustup)
                .or_else(Self::debian)
                .context(HELP),
        }
    }

    fn with_target() -> Option<Self> {
        let cargo = PathBuf::from(env::var_os("CARGO")?);
        let rustc = PathBuf::from(env::var_os("RUSTC")?);
        let answer = Command::new(&rustc)
            .args(["--print", "target-libdir", "--target", TARGET])
            .output()
            .ok()?;
        let folder = String::from_utf8(answer.stdout).ok()?;
        let is_library = |entry: fs::DirEntry| entry.path().extension() == Some(OsStr::new("rlib"));
        let present = fs::read_dir(folder.trim()).ok()?.flatten().any(is_library);
        present.then_some(Self::Own { cargo, rustc })
    }

    fn after_rustup() -> Option<Self> {
        let added = Command::new("rustup")
            .args(["target", "add", TARGET])
            .stdin(Stdio::null())
            .output()
            .ok()?;
        added.status.success().then(Self::with_target)?
    }

    fn debian() -> Option<Self> {
        let sources = Path::new("/usr/bin/rustc").exists() && Path::new("/usr/bin/cargo").exists() && {
            let answer = Command::new("/usr/bin/rustc")
                .args(["--print", "sysroot"])
                .env_remove("LD_LIBRARY_PATH")
                .output()
                .ok()?;
            let sysroot = String::from_utf8(answer.stdout).ok()?;
            Path::new(sysroot.trim())
                .join("lib/rustlib/src/rust/library/std")
                .exists()
        };
        sources.then(wasm_linker)?.map(|linker| Self::Debian { linker })
    }

    /// Builds the packages as modules, in one go. The folder is not the outer build's, whose lock is held.
    pub fn build(&self, root: &Path, packages: &[&str], target_dir: &Path) -> Result<Vec<Vec<u8>>> {
        let mut command = match self {
            Self::Own { cargo, rustc } => {
                let mut command = clean(cargo);
                command.env("RUSTC", rustc);
                command
            }
            Self::Debian { linker } => {
                let mut command = clean(Path::new("/usr/bin/cargo"));
                command.env("RUSTC", "/usr/bin/rustc").env("RUSTC_BOOTSTRAP", "1");
                command.env("RUSTFLAGS", format!("-Clinker={}", linker.display()));
                command
            }
        };
        command.args(["build", "--lib", "--profile", "plugin", "--target", TARGET]);
        command.args(packages.iter().flat_map(|package| ["--package", package]));
        command
            .arg("--manifest-path")
            .arg(root.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target_dir);
        if matches!(self, Self::Debian { .. }) {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {command:?}"))?;
        if !output.status.success() {
            bail!(
                "the plugins do not build for {TARGET}:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let built = target_dir.join(TARGET).join("plugin");
        let read = |package: &&str| {
            let file = built.join(package.replace('-', "_")).with_extension("wasm");
            fs::read(&file).with_context(|| file.display().to_string())
        };
        packages.iter().map(read).collect()
    }
}

/// A program without what the outer build has put into the environment: flags, wrappers (clippy's, for
/// one) and library paths of another compiler. Where crates come from stays.
fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let registry = [
            "CARGO_HOME",
            "CARGO_NET_",
            "CARGO_HTTP_",
            "CARGO_REGISTR",
            "CARGO_SOURCE_",
        ];
        let foreign = ["CARGO", "RUSTC", "RUSTFLAGS", "RUSTDOC", "CLIPPY_", "DEP_"]
            .iter()
            .any(|start| name.starts_with(start))
            || [
                "LD_LIBRARY_PATH",
                "DYLD_FALLBACK_LIBRARY_PATH",
                "TARGET",
                "HOST",
                "PROFILE",
                "MAKEFLAGS",
            ]
            .contains(&name);
        if foreign && !registry.iter().any(|start| name.starts_with(start)) {
            command.env_remove(name);
        }
    }
    command
}

/// LLVM's linker for WebAssembly, which Debian names with its version.
fn wasm_linker() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let versions = (11..=30).rev().map(|version| format!("wasm-ld-{version}"));
    let names = std::iter::once("wasm-ld".to_owned())
        .chain(versions)
        .chain(["rust-lld".to_owned()]);
    names
        .flat_map(|name| folders.iter().map(move |folder| folder.join(&name)))
        .find(|file| file.exists())
}
