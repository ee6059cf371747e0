//! The program itself, as a user runs it, in an environment where nothing of this machine's user is found.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::Moto;
use super::process::Group;

/// A test that hangs tells nothing: the slowest real build takes a fraction of this.
const LIMIT: Duration = Duration::from_secs(600);

/// The program with a home, a working directory and a state directory of its own.
#[derive(Debug)]
pub struct Sindri {
    directory: TempDir,
    environment: BTreeMap<OsString, OsString>,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub status: ExitStatus,
    /// All of it.
    pub stdout: String,
    /// All of it.
    pub stderr: String,
}

impl Run {
    /// The exit code; none if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// The one JSON document on standard output.
    ///
    /// # Panics
    /// When there is none, or anything beside it.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not one JSON document: {error}\n{self}"))
    }

    /// The run itself if it succeeded.
    ///
    /// # Panics
    /// When it did not.
    pub fn succeeded(self) -> Self {
        assert!(self.status.success(), "{self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\n--- stdout\n{}\n--- stderr\n{}",
            self.status, self.stdout, self.stderr
        )
    }
}

impl Sindri {
    /// A fresh one, without configuration.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        for name in ["home", "work", "state", "tmp"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let mut sindri = Self {
            directory,
            environment: BTreeMap::new(),
        };
        for (variable, name) in [("HOME", "home"), ("SINDRI_STATE_DIR", "state"), ("TMPDIR", "tmp")] {
            let path = sindri.directory.path().join(name);
            sindri.set(variable, path);
        }
        let path = std::env::var_os("PATH").expect("tests have a PATH");
        sindri
            .set("PATH", path)
            .set("LANG", "C.UTF-8")
            .set("AWS_ACCESS_KEY_ID", "test")
            .set("AWS_SECRET_ACCESS_KEY", "test")
            // No question to the cloud's metadata service: it is a second or more until it fails.
            .set("AWS_EC2_METADATA_DISABLED", "true");
        sindri
    }

    /// One whose configuration points to a local EC2. `build` is YAML below `providers.packer.build`, a line
    /// each.
    pub fn on(moto: &Moto, build: &[&str]) -> Self {
        let build: String = build.iter().map(|line| format!("      {line}\n")).collect();
        let build = if build.is_empty() {
            String::new()
        } else {
            format!("    build:\n{build}")
        };
        let mut sindri = Self::new();
        sindri.configure(&format!(
            "providers:\n  packer:\n    cloud: aws\n{build}    aws:\n      region: {}\n      endpoint_url: {}\n",
            moto.region(),
            moto.endpoint()
        ));
        sindri
    }

    /// Writes `sindri.yaml`.
    pub fn configure(&mut self, yaml: &str) -> &mut Self {
        fs::write(self.work().join("sindri.yaml"), yaml).unwrap();
        self
    }

    /// Sets a variable of the program's environment.
    pub fn set(&mut self, variable: &str, value: impl Into<OsString>) -> &mut Self {
        self.environment.insert(variable.into(), value.into());
        self
    }

    /// Puts a folder in front of the PATH, or in place of it.
    pub fn path(&mut self, folder: &Path, only: bool) -> &mut Self {
        let mut folders = vec![folder.to_path_buf()];
        if !only {
            folders.extend(std::env::split_paths(&self.environment[OsStr::new("PATH")]));
        }
        self.set("PATH", std::env::join_paths(folders).unwrap())
    }

    /// The working directory.
    pub fn work(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    /// The state directory: runs and their journals.
    pub fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// When it takes more than ten minutes.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).wait()
    }

    /// Starts the program, for tests that interrupt it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = Group::start(
            Command::new(program())
                .args(arguments)
                .env_clear()
                .envs(&self.environment)
                .current_dir(self.work())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped()),
        );
        let stdout = collect(child.0.stdout.take().unwrap());
        let stderr = collect(child.0.stderr.take().unwrap());
        Running {
            child,
            stdout,
            stderr,
            arguments: arguments.join(" "),
        }
    }
}

impl Default for Sindri {
    fn default() -> Self {
        Self::new()
    }
}

/// A run that is still going on; killed with all its children on drop.
#[derive(Debug)]
pub struct Running {
    child: Group,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    arguments: String,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.0.id()
    }

    /// What Ctrl-C in a terminal does: the signal goes to the whole group.
    pub fn interrupt(&self) {
        self.child.signal(Signal::SIGINT);
    }

    /// Kills the program alone, as the kernel's memory killer would; its children live on.
    pub fn kill(&self) {
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(self.child.0.id().cast_signed()),
            Signal::SIGKILL,
        );
    }

    /// Waits until `ready` says so.
    ///
    /// # Panics
    /// When the program ends before, or nothing happens for ten minutes.
    pub fn wait_until(&mut self, mut ready: impl FnMut() -> bool) -> &mut Self {
        let deadline = Instant::now() + LIMIT;
        while !ready() {
            assert!(
                !self.child.has_ended(),
                "`sindri {}` ended too early",
                self.arguments
            );
            assert!(
                Instant::now() < deadline,
                "`sindri {}` does not get there",
                self.arguments
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it takes more than ten minutes.
    pub fn wait(mut self) -> Run {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.0.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "`sindri {}` hangs", self.arguments);
            std::thread::sleep(Duration::from_millis(2));
        };
        // A child that outlives the program holds the pipes open; the group is killed so that reading ends.
        // Whoever wants to see such children looks before waiting.
        let patience = Instant::now() + Duration::from_secs(5);
        while !(self.stdout.is_finished() && self.stderr.is_finished()) {
            if Instant::now() > patience {
                self.child.signal(Signal::SIGKILL);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let Self { stdout, stderr, .. } = self;
        Run {
            status,
            stdout: stdout.join().unwrap(),
            stderr: stderr.join().unwrap(),
        }
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The program that belongs to these tests: built by the same cargo into the same folder, and brought up to
/// date once per test program, because cargo does not build other packages' programs for a test.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // target/debug/deps/NAME-HASH
        let test = std::env::current_exe().unwrap();
        let profile = test
            .parent()
            .and_then(Path::parent)
            .expect("tests run from target/PROFILE/deps");
        let program = profile.join(format!("sindri{}", std::env::consts::EXE_SUFFIX));
        if let Some(cargo) = std::env::var_os("CARGO") {
            let mut build = Command::new(cargo);
            build.args(["build", "--quiet", "--package", "sindri", "--bin", "sindri"]);
            build.arg("--target-dir").arg(profile.parent().expect("target"));
            if profile.ends_with("release") {
                build.arg("--release");
            }
            let status = build
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .status()
                .expect("cargo starts");
            assert!(status.success(), "the program `sindri` does not build");
        }
        assert!(
            program.exists(),
            "{} does not exist: run `cargo xtask test`",
            program.display()
        );
        program
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_environment_has_nothing_of_the_users() {
        let mut sindri = Sindri::new();
        sindri.set("EXTRA", "1");
        let names: Vec<_> = sindri
            .environment
            .keys()
            .map(|name| name.to_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "AWS_ACCESS_KEY_ID",
                "AWS_EC2_METADATA_DISABLED",
                "AWS_SECRET_ACCESS_KEY",
                "EXTRA",
                "HOME",
                "LANG",
                "PATH",
                "SINDRI_STATE_DIR",
                "TMPDIR"
            ]
        );
        assert_ne!(
            sindri.home(),
            PathBuf::from(std::env::var_os("HOME").unwrap_or_default())
        );
    }
}
