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
use serde_json::Value;
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

    /// Exit code and stable error code of a run that failed with one JSON document.
    ///
    /// # Panics
    /// When it did not fail, or said so in another form.
    pub fn failure(&self) -> (i32, String) {
        let json = self.json();
        assert_eq!(json["success"], false, "{self}");
        let error = json["error"]["code"].as_str().unwrap_or_else(|| panic!("{self}"));
        (self.code().unwrap_or_else(|| panic!("{self}")), error.to_owned())
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
        let mut sindri = Self::new();
        sindri.point_to(&moto.endpoint(), moto.region(), build, &[]);
        sindri
    }

    /// Writes `sindri.yaml` for an endpoint: lines below `providers.packer.build`, and lines below
    /// `providers.packer`. Sindri's version is one that nobody has to look up, unless a line says otherwise.
    pub fn point_to(&mut self, endpoint: &str, region: &str, build: &[&str], packer: &[&str]) -> &mut Self {
        let mut yaml = String::from("providers:\n  packer:\n    cloud: aws\n");
        yaml.push_str("    build:\n");
        if !build.iter().any(|line| line.starts_with("sindri_version")) {
            yaml.push_str("      sindri_version: 3.1.0\n");
        }
        yaml.extend(build.iter().map(|line| format!("      {line}\n")));
        yaml.extend(packer.iter().map(|line| format!("    {line}\n")));
        yaml.push_str(&format!(
            "    aws:\n      region: {region}\n      endpoint_url: {endpoint}\n"
        ));
        self.configure(&yaml)
    }

    /// Writes `sindri.yaml`.
    pub fn configure(&mut self, yaml: &str) -> &mut Self {
        fs::write(self.work().join("sindri.yaml"), yaml).unwrap();
        self
    }

    /// Adds a line to the cloud's section, which is the last one of `sindri.yaml`.
    pub fn add(&mut self, line: &str) -> &mut Self {
        let yaml = fs::read_to_string(self.work().join("sindri.yaml")).unwrap();
        self.configure(&format!("{yaml}      {line}\n"))
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

    /// All variables of the program's environment, for tests of what starts it.
    pub fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
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

    /// The directory of a run.
    pub fn run_directory(&self, id: &str) -> PathBuf {
        self.state().join("runs").join(id)
    }

    /// The lines of all journals; a line that is being written is left out.
    pub fn journal(&self) -> Vec<Value> {
        let runs = fs::read_dir(self.state().join("runs"))
            .into_iter()
            .flatten()
            .flatten();
        let text =
            |run: fs::DirEntry| fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default();
        runs.map(text)
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter_map(|line| serde_json::from_str(&line).ok())
            .collect()
    }

    /// How many lines of the journals are of this kind.
    pub fn count(&self, event: &str) -> usize {
        self.journal()
            .iter()
            .filter(|line| line["event"] == event)
            .count()
    }

    /// Waits until no run is going on: a killed program takes the kernel a moment to end.
    ///
    /// # Panics
    /// When a run is still going on after ten minutes.
    pub fn wait_until_idle(&self) {
        let deadline = Instant::now() + LIMIT;
        let is_active = || {
            let runs = self.run(&["vm", "runs", "--json"]).succeeded().json();
            let mut runs = runs.as_array().expect("runs are an array").iter();
            runs.any(|run| run["state"] == "active")
        };
        while is_active() {
            assert!(Instant::now() < deadline, "a run is still going on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ids of the runs that may have left something behind.
    pub fn interrupted(&self) -> Vec<String> {
        self.runs(&["--interrupted"])
            .iter()
            .map(|run| run["id"].as_str().expect("a run has an id").to_owned())
            .collect()
    }

    /// What the journals know of these runs.
    pub fn runs(&self, which: &[&str]) -> Vec<Value> {
        let json = self
            .run(&[&["vm", "runs", "--json"], which].concat())
            .succeeded()
            .json();
        json.as_array().expect("runs are an array").clone()
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

    /// Kills the program and all that descends from it, as a machine that loses its power does.
    pub fn kill_with_descendants(&self) {
        let mut victims = vec![self.id()];
        let mut next = 0;
        while let Some(parent) = victims.get(next) {
            victims.extend(children(*parent));
            next += 1;
        }
        for victim in victims {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(victim.cast_signed()), Signal::SIGKILL);
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.has_ended()
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

/// Ids of the processes that a process has started and that are still there.
fn children(parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task"));
    let of_thread =
        |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    threads
        .into_iter()
        .flatten()
        .flatten()
        .map(of_thread)
        .flat_map(|ids| {
            ids.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn collect(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The program under test: the one that `SINDRI_TEST_PROGRAM` names, else the one that the last build of the
/// workspace left beside these tests. Never built from here: cargo would choose other features for it alone,
/// and compile half of the dependencies again.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if std::env::var_os("SINDRI_TEST_PROGRAM").is_some() {
            return super::tool("SINDRI_TEST_PROGRAM");
        }
        // target/debug/deps/NAME-HASH
        let test = std::env::current_exe().unwrap();
        let profile = test
            .parent()
            .and_then(Path::parent)
            .expect("tests run from target/PROFILE/deps");
        let program = profile.join(format!("sindri{}", std::env::consts::EXE_SUFFIX));
        assert!(
            program.exists(),
            "{} does not exist: run `cargo build --workspace`",
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
