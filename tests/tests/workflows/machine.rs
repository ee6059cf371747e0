//! A runner of GitHub Actions, as far as this repository needs one: steps, composite actions, outputs, `if`, and faults.
//!
//! The `run:` texts are executed by bash as they stand. Actions of others are not: what they would do (a login, a
//! checkout) is done by the test's surroundings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::expression::{Scope, Status, show};
use crate::yaml;

/// What goes wrong with the step of this number, from 0, counting what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails before it has begun.
    Before(usize),
    /// It does all of its work, and fails.
    After(usize),
    /// The same, and what it has reported is lost.
    Forgotten(usize),
}

/// One machine, for one job.
pub(crate) struct Machine {
    /// `GITHUB_WORKSPACE`.
    workspace: PathBuf,
    temp: TempDir,
    environment: BTreeMap<OsString, OsString>,
    fault: Option<Fault>,
    /// Names of the steps that were reached, in their order.
    pub(crate) reached: Vec<String>,
    /// Everything that was printed.
    pub(crate) output: String,
    /// The page that people see.
    pub(crate) summary: String,
    /// Asked while a step runs: says when the machine loses its power.
    pub(crate) dies: Option<Box<dyn FnMut() -> bool>>,
}

/// What steps have come to.
#[derive(Default)]
struct Progress {
    status: Status,
    steps: Map<String, Value>,
}

impl Machine {
    /// One with these variables, whose workspace has this repository's actions.
    pub(crate) fn new(
        workspace: &Path,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        fault: Option<Fault>,
    ) -> Self {
        for name in [".github", "tools"] {
            let link = workspace.join(name);
            if !link.exists() {
                std::os::unix::fs::symlink(crate::root().join(name), link).unwrap();
            }
        }
        let temp = TempDir::new().unwrap();
        let mut environment: BTreeMap<_, _> = environment.into_iter().collect();
        environment.insert("RUNNER_TEMP".into(), temp.path().into());
        environment.insert("GITHUB_WORKSPACE".into(), workspace.into());
        environment.insert("GITHUB_REPOSITORY".into(), "example/sindri".into());
        Self {
            workspace: workspace.to_owned(),
            temp,
            environment,
            fault,
            reached: Vec::new(),
            output: String::new(),
            summary: String::new(),
            dies: None,
        }
    }

    /// The folder that GitHub calls `runner.temp`.
    pub(crate) fn temp(&self) -> &Path {
        self.temp.path()
    }

    /// Runs a job's steps with these contexts (`matrix`, `inputs`, …). The outputs of its steps, and whether all went well.
    pub(crate) fn job(&mut self, job: &Value, contexts: &Value) -> (Value, bool) {
        let mut contexts = contexts.clone();
        contexts["runner"] = json!({"temp": self.temp.path()});
        let scope = Scope {
            contexts: &contexts,
            status: Status::Success,
        };
        for (name, value) in job["env"].as_object().into_iter().flatten() {
            let value = show(&scope.text(&show(value)));
            self.environment.insert(name.into(), value.into());
        }
        let progress = self.steps(&job["steps"], &contexts, None);
        (Value::Object(progress.steps), progress.status == Status::Success)
    }

    /// Runs a composite action of the repository, for example `.github/actions/packer/launch-instance`.
    pub(crate) fn action(&mut self, path: &str, inputs: &Value) -> (Value, bool) {
        let folder = self.workspace.join(path);
        let action = yaml::parse(&fs::read_to_string(folder.join("action.yml")).unwrap());
        let mut given = Map::new();
        for (name, input) in action["inputs"].as_object().into_iter().flatten() {
            let value = inputs.get(name).cloned();
            assert!(
                value.is_some() || input["required"] != true,
                "{path}: the input {name} is missing"
            );
            given.insert(name.clone(), value.unwrap_or_else(|| input["default"].clone()));
        }
        for name in inputs.as_object().into_iter().flatten().map(|(name, _)| name) {
            assert!(given.contains_key(name), "{path} has no input {name}");
        }
        let mut contexts = json!({"inputs": given, "runner": {"temp": self.temp.path()}});
        let progress = self.steps(&action["runs"]["steps"], &contexts, Some(&folder));
        contexts["steps"] = Value::Object(progress.steps);
        let scope = Scope {
            contexts: &contexts,
            status: progress.status,
        };
        let outputs = action["outputs"].as_object().into_iter().flatten();
        let outputs: Map<_, _> = outputs
            .map(|(name, output)| (name.clone(), scope.text(output["value"].as_str().unwrap())))
            .collect();
        (Value::Object(outputs), progress.status == Status::Success)
    }

    fn steps(&mut self, steps: &Value, contexts: &Value, action: Option<&Path>) -> Progress {
        let mut progress = Progress::default();
        for step in steps.as_array().expect("steps") {
            let mut contexts = contexts.clone();
            contexts["steps"] = Value::Object(progress.steps.clone());
            let scope = Scope {
                contexts: &contexts,
                status: progress.status,
            };
            if !scope.runs(step.get("if")) {
                continue;
            }
            let (outputs, succeeded) = match step["uses"].as_str() {
                Some(path) if path.starts_with("./") => {
                    let inputs = texts(&scope, &step["with"]);
                    self.action(&path[2..], &inputs)
                }
                // Somebody else's: see the module's comment.
                Some(_) => (json!({}), true),
                None => self.script(step, &scope, action),
            };
            if let Some(id) = step["id"].as_str() {
                progress.steps.insert(id.to_owned(), json!({"outputs": outputs}));
            }
            if !succeeded {
                progress.status = Status::Failure;
            }
        }
        progress
    }

    fn script(&mut self, step: &Value, scope: &Scope<'_>, action: Option<&Path>) -> (Value, bool) {
        let number = self.reached.len();
        let name = show(&step["name"]);
        self.reached.push(name.clone());
        self.output.push_str(&format!("== {number} {name}\n"));
        if self.fault == Some(Fault::Before(number)) {
            return (json!({}), false);
        }
        let files = [
            "GITHUB_OUTPUT",
            "GITHUB_ENV",
            "GITHUB_PATH",
            "GITHUB_STEP_SUMMARY",
        ];
        let folder = TempDir::new_in(self.temp.path()).unwrap();
        let script = folder.path().join("script.sh");
        fs::write(&script, step["run"].as_str().expect("a step runs something")).unwrap();
        let mut bash = Command::new("bash");
        // As GitHub starts it for `shell: bash`.
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&script)
            .env_clear()
            .envs(&self.environment)
            .current_dir(&self.workspace)
            .process_group(0)
            .stdin(Stdio::null());
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
            bash.env(file, folder.path().join(file));
        }
        if let Some(action) = action {
            bash.env("GITHUB_ACTION_PATH", action);
        }
        for (name, value) in texts(scope, &step["env"]).as_object().unwrap() {
            bash.env(name, show(value));
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        bash.stdout(log.try_clone().unwrap()).stderr(log);
        let succeeded = self.wait(bash.spawn().expect("bash starts"));
        let log = fs::read(folder.path().join("log")).unwrap();
        self.output.push_str(&String::from_utf8_lossy(&log));
        let read = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
        self.summary.push_str(&read("GITHUB_STEP_SUMMARY"));
        for (name, value) in assignments(&read("GITHUB_ENV")) {
            self.environment.insert(name.into(), value.into());
        }
        for line in read("GITHUB_PATH").lines() {
            let path = self.environment.get(&OsString::from("PATH")).cloned();
            let path = std::env::split_paths(&path.unwrap_or_default()).collect::<Vec<_>>();
            let path = std::env::join_paths([PathBuf::from(line)].into_iter().chain(path)).unwrap();
            self.environment.insert("PATH".into(), path);
        }
        let outputs: Map<_, _> = assignments(&read("GITHUB_OUTPUT"))
            .map(|(name, value)| (name, value.into()))
            .collect();
        match self.fault {
            Some(Fault::Forgotten(at)) if at == number => (json!({}), false),
            Some(Fault::After(at)) if at == number => (Value::Object(outputs), false),
            _ => (Value::Object(outputs), succeeded),
        }
    }

    fn wait(&mut self, mut bash: Child) -> bool {
        loop {
            if let Some(status) = bash.try_wait().unwrap() {
                return status.success();
            }
            if self.dies.as_mut().is_some_and(|dies| dies()) {
                self.dies = None;
                killpg(Pid::from_raw(bash.id().cast_signed()), Signal::SIGKILL).unwrap();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The texts of a mapping, evaluated.
fn texts(scope: &Scope<'_>, mapping: &Value) -> Value {
    let members = mapping.as_object().into_iter().flatten();
    let evaluated = members.map(|(name, value)| (name.clone(), show(&scope.text(&show(value))).into()));
    Value::Object(evaluated.collect())
}

fn assignments(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines().map(|line| {
        let (name, value) = line.split_once('=').expect("lines are name=value");
        (name.to_owned(), value.to_owned())
    })
}
