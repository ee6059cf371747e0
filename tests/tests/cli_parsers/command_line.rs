//! The real command lines: those in Python are asked by `tests/parsers/ask.py` in their own, the others run themselves.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sindri::environment::Environment;
use sindri::policy::children::{self, Child, Choices, PrivateDirs};
use sindri::policy::tools::profile;
use sindri_tests::lab::{free_port, tool};
use tempfile::TempDir;

use crate::itself::{self, Barrier};
use crate::words::Words;

/// One command line.
#[derive(Debug)]
pub(crate) struct CommandLine {
    /// The program's name, as the host and `ask.py` know it.
    name: &'static str,
    /// Where its commands act.
    pub(crate) location: &'static str,
    program: Program,
    /// Ends of the names of the hosts that it may want to talk to.
    hosts: &'static [&'static str],
}

/// What is started.
#[derive(Debug)]
enum Program {
    /// Its Python, and where it is installed when that is not where its Python is.
    Python(PathBuf, Option<PathBuf>),
    Itself(PathBuf),
}

/// A key that nobody issued: without one some command lines stop before they have read their arguments.
const KEYS: [(&str, &str); 2] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "nobodys"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "nobodys"),
];

/// What it says to a command.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) verdict: Verdict,
    /// Whom it wanted to talk to.
    pub(crate) host: String,
    /// What it printed.
    pub(crate) said: String,
}

/// As in `ask.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Sent,
    Done,
    Refused,
}

impl CommandLine {
    /// The AWS command line, in the version that is a Python package.
    pub(crate) fn aws() -> Self {
        Self {
            name: "aws",
            location: "us-west-2",
            program: Program::Python(tool("SINDRI_TEST_AWS_PYTHON"), None),
            hosts: &[".amazonaws.com"],
        }
    }

    /// Azure's.
    pub(crate) fn az() -> Self {
        Self {
            name: "az",
            // The subscription that ask.py says somebody is logged in to.
            location: "00000000-0000-0000-0000-000000000001",
            program: Program::Python(tool("SINDRI_TEST_AZ").with_file_name("python"), None),
            // A token is asked for when everything else is known.
            hosts: &["login.microsoftonline.com", "management.azure.com"],
        }
    }

    /// Google Cloud's, with the Python that it brings or has chosen.
    pub(crate) fn gcloud() -> Self {
        let asked = Command::new(tool("SINDRI_TEST_GCLOUD"))
            .args([
                "info",
                "--format=value(basic.python_location,installation.sdk_root)",
            ])
            .stdin(Stdio::null())
            .output()
            .expect("gcloud starts");
        let said = String::from_utf8_lossy(&asked.stdout).into_owned();
        let (python, root) = said
            .trim()
            .split_once('\t')
            .unwrap_or_else(|| panic!("{asked:?}"));
        Self {
            name: "gcloud",
            location: "us-west1-a",
            program: Program::Python(python.into(), Some(root.into())),
            hosts: &[".googleapis.com"],
        }
    }

    /// Oracle Cloud's.
    pub(crate) fn oci() -> Self {
        Self {
            name: "oci",
            location: "eu-frankfurt-1",
            program: Program::Python(tool("SINDRI_TEST_OCI").with_file_name("python"), None),
            hosts: &[".oraclecloud.com"],
        }
    }

    /// Alibaba Cloud's.
    pub(crate) fn aliyun() -> Self {
        Self {
            name: "aliyun",
            location: "cn-hangzhou",
            program: Program::Itself(tool("SINDRI_TEST_ALIYUN")),
            hosts: &[".aliyuncs.com"],
        }
    }

    /// Whether this host is the cloud's.
    pub(crate) fn is_api(&self, host: &str) -> bool {
        self.hosts.iter().any(|end| host.ends_with(end))
    }

    /// Asks about all of them.
    ///
    /// # Panics
    /// When there is not an answer to each.
    pub(crate) fn ask(&self, questions: &[Words]) -> Vec<Answer> {
        let directory = TempDir::new().unwrap();
        let asked: Vec<(Vec<OsString>, PathBuf)> = questions
            .iter()
            .enumerate()
            .map(|(index, question)| {
                let cwd = directory.path().join(index.to_string());
                fs::create_dir(&cwd).unwrap();
                (question.arguments(&cwd), cwd)
            })
            .collect();
        let answers = match &self.program {
            Program::Python(python, root) => {
                // Nobody listens there: whatever finds a way around ask.py's own barrier ends at this one.
                let mut environment = self.environment(python, directory.path(), free_port());
                environment.extend(root.clone().map(|root| ("CLOUDSDK_ROOT_DIR".into(), root.into())));
                self.ask_in_python(python, environment, directory.path(), &asked)
            }
            Program::Itself(program) => {
                let barrier = Barrier::start();
                let environment = self.environment(program, directory.path(), barrier.port());
                itself::ask(program, &environment, &barrier, &asked)
            }
        };
        assert_eq!(
            answers.len(),
            questions.len(),
            "{} did not answer everything",
            self.name
        );
        answers
    }

    /// That the whole arrangement can tell right from wrong: no command with a flag that does not exist is taken.
    ///
    /// # Panics
    /// When it cannot.
    pub(crate) fn can_say_no(&self, questions: &[Words]) {
        // A few are enough, and each takes its time.
        let misspelt: Vec<Words> = questions.iter().take(5).map(Words::misspelt).collect();
        for (question, answer) in misspelt.iter().zip(self.ask(&misspelt)) {
            assert_eq!(answer.verdict, Verdict::Refused, "{question}: {answer:?}");
        }
    }

    fn ask_in_python(
        &self,
        python: &Path,
        environment: Vec<(OsString, OsString)>,
        directory: &Path,
        questions: &[(Vec<OsString>, PathBuf)],
    ) -> Vec<Answer> {
        let mut lines = String::new();
        for (arguments, cwd) in questions {
            let words: Vec<&str> = arguments.iter().map(|word| word.to_str().unwrap()).collect();
            lines.push_str(&json!({ "argv": words, "cwd": cwd }).to_string());
            lines.push('\n');
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("parsers/ask.py");
        let mut child = Command::new(python)
            .arg(script)
            .arg(self.name)
            .env_clear()
            .envs(environment)
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a Python starts");
        let mut stdin = child.stdin.take().unwrap();
        // In a thread of its own, because it answers while it is being asked.
        let asking = std::thread::spawn(move || {
            let _ = stdin.write_all(lines.as_bytes());
        });
        let output = child.wait_with_output().unwrap();
        asking.join().unwrap();
        assert!(output.status.success(), "ask.py {} failed", self.name);
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(answer)
            .collect()
    }
}

impl CommandLine {
    /// What the host would give it, of a user who has nothing but a proxy and a key.
    fn environment(&self, program: &Path, directory: &Path, port: u16) -> Vec<(OsString, OsString)> {
        let proxy = OsString::from(format!("http://127.0.0.1:{port}"));
        let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
        let mut variables: Vec<_> = proxies.map(|name| (OsString::from(name), proxy.clone())).into();
        variables.extend(KEYS.map(|(name, value)| (name.into(), value.into())));
        variables.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
        let user = Environment::of(directory, variables);
        let profile = profile(self.name).unwrap();
        let private = PrivateDirs::create(&directory.join("private"), &user, &profile.surroundings).unwrap();
        let child = Child::Tool {
            program,
            profile: &profile,
        };
        let choices = Choices {
            location: Some(self.location.to_owned()),
            ..Choices::default()
        };
        children::environment(child, &user, &private, &choices).unwrap()
    }
}

fn answer(line: &str) -> Answer {
    let answer: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Answer {
        verdict: match text("verdict").as_str() {
            "sent" => Verdict::Sent,
            "done" => Verdict::Done,
            "refused" => Verdict::Refused,
            other => panic!("{other}"),
        },
        host: text("host"),
        said: text("said"),
    }
}
