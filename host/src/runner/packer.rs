//! Packer: found, asked for its version, started in the run's own directory.

mod debug_log;
mod events;
mod installed;
mod manifest;
mod remembered;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use semver::Version;

pub use debug_log::DebugLog;
pub use events::Event;
pub use manifest::{FILE as MANIFEST_FILE, ManifestEntry};

use super::cancel::Cancel;
use super::capture::LINE_CAP;
use super::process::{self, Ending, Exit, Finished, Invocation, Overflow, Stream};
use super::program::{self, Wanted};
use crate::contract::PackerPlugin;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::journal::Log;
use crate::policy::children::{self, Child, Choices, Equipment, PrivateDirs};
use crate::policy::redact::Redactor;
use crate::policy::tools::Surroundings;

/// The compiled template, relative to the run directory. A file and not the directory: other templates
/// and `*.auto.pkrvars.hcl` beside it are not read then.
pub const TEMPLATE_FILE: &str = "build.pkr.json";

const INSTALL_URL: &str = "https://developer.hashicorp.com/packer/install";
/// The first with `packer init`; the oldest on which builds are tested is 1.6.6.
const FIRST_WITH_INIT: Version = Version::new(1, 7, 0);
const OLDEST: Version = Version::new(1, 6, 6);

/// A plugin is some 100 MB.
const INIT_TIMEOUT: Duration = Duration::from_secs(15 * 60);
const VALIDATE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// Stopping a VM, deleting it, its key and its security group takes minutes.
const CLEAN_UP_GRACE: Duration = Duration::from_secs(10 * 60);
const OUTPUT_CAP: usize = 1 << 20;
/// How many of Packer's error lines an error shows.
const MOST_DETAILS: usize = 40;

/// An installed Packer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packer {
    program: PathBuf,
    version: Version,
}

/// Where and with what Packer runs. No `Debug`: the environment holds credentials.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The run directory with the template; the working directory.
    pub directory: &'a Path,
    /// What it gets of this machine.
    pub child: &'a Equipment,
    /// Masks secrets in what is reported.
    pub redactor: &'a Redactor,
    /// Stops it.
    pub cancel: &'a Cancel,
    /// Where its starts and ends are written down.
    pub log: &'a Log,
    /// Where its debug log is kept, if it is to log.
    pub debug: Option<&'a DebugLog>,
}

/// What the user chooses about a build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// `--on-error`.
    pub on_error: OnError,
    /// `--timeout`.
    pub timeout: Duration,
}

/// What Packer does with the VM when the build fails. Not `ask`: there is nobody to answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Deletes everything.
    #[default]
    Cleanup,
    /// Leaves everything as it is.
    Abort,
    /// Runs the template's clean-up provisioner, then deletes everything.
    RunCleanupProvisioner,
}

impl OnError {
    /// As Packer's flag has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cleanup => "cleanup",
            Self::Abort => "abort",
            Self::RunCleanupProvisioner => "run-cleanup-provisioner",
        }
    }
}

impl Packer {
    /// A Packer whose version is already known.
    pub fn new(program: PathBuf, version: Version) -> Self {
        Self { program, version }
    }

    /// The first on the user's `PATH` that is HashiCorp's: cracklib's dictionary tool has the same name
    /// on some systems and says no version.
    pub async fn locate(
        user: &Environment,
        private: &PrivateDirs,
        choices: &Choices,
        cancel: &Cancel,
        log: &Log,
    ) -> Result<Self> {
        let version_args = ["--version".to_owned()];
        let wanted = Wanted {
            name: "packer",
            install_url: INSTALL_URL,
            version_args: &version_args,
            minimum: Some(&OLDEST),
            log,
        };
        let mut refused: Option<Error> = None;
        for program in program::candidates(wanted.name, user)? {
            if let Some(version) = remembered::recall(&program, user) {
                return Ok(Self { program, version });
            }
            let equipment = children::equip(
                Child::Version {
                    program: &program,
                    surroundings: &Surroundings::PACKER,
                },
                private.temporary(),
                user,
                private,
                choices,
            )?;
            match program::version(&program, wanted, equipment, private.temporary(), cancel).await {
                Ok(version) => {
                    remembered::remember(&program, &version, user);
                    return Ok(Self { program, version });
                }
                Err(error) if error.code() == Code::Interrupted => return Err(error),
                // What is first on the PATH is what the user wonders about.
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Err(refused.unwrap_or_else(|| program::missing(wanted.name, INSTALL_URL, user)))
    }

    /// Its path.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Its version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whether plugins are installed by `packer init`. Before that the builders are part of Packer and
    /// `required_plugins` is an error.
    pub fn has_init(&self) -> bool {
        self.version >= FIRST_WITH_INIT
    }

    /// Whether a required plugin is not there yet.
    pub fn needs_init(&self, required: &[PackerPlugin], user: &Environment, private: &PrivateDirs) -> bool {
        let path = children::packer_plugins(user, private);
        self.has_init()
            && !required
                .iter()
                .all(|plugin| installed::is_installed(plugin, &path))
    }

    /// Installs the plugins that the template requires and that are not there yet; needs no network
    /// when all are. Does nothing where Packer has no `init`.
    pub async fn init(&self, site: &Site<'_>) -> Result<()> {
        if !self.has_init() {
            return Ok(());
        }
        let finished = self.start(site, &["init", TEMPLATE_FILE], INIT_TIMEOUT).await?;
        let remedy = "check the network and the proxy, or install the plugins with `packer plugins install`";
        judge(finished, site, Code::PackerInit, "packer init").map_err(|error| error.remedy(remedy))
    }

    /// Has Packer check the template.
    pub async fn validate(&self, site: &Site<'_>, syntax_only: bool) -> Result<()> {
        let args: &[&str] = if syntax_only {
            &["validate", "-syntax-only", TEMPLATE_FILE]
        } else {
            &["validate", TEMPLATE_FILE]
        };
        let finished = self.start(site, args, VALIDATE_TIMEOUT).await?;
        judge(finished, site, Code::PackerValidate, "packer validate")
    }

    /// Builds the image. `announce` gets Packer's process id as soon as there is one. Events are
    /// redacted and harmless to terminals and CI systems.
    pub async fn build(
        &self,
        site: &Site<'_>,
        options: &BuildOptions,
        announce: &dyn Fn(u32) -> Result<()>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<ManifestEntry> {
        let before = manifest::last_run(site.directory)?;
        let args = build_arguments(options);
        let mut problems: Vec<String> = Vec::new();
        let mut sink = |stream: Stream, line: &str| {
            // Before it is read too: what reads `\n` as a line end takes a secret apart.
            let line = whole(site.redactor, line);
            if let (Stream::Stderr, Some(debug)) = (stream, site.debug) {
                debug.keep(&line);
            }
            let event = match stream {
                Stream::Stdout => Event::parse(&line),
                Stream::Stderr => Event::Text(line.into_owned()),
            };
            let event = event.map(|text| site.redactor.line(text));
            if let Some(problem) = event.problem() {
                add_lines(&mut problems, problem);
            }
            on_event(event);
        };
        let invocation = self.invocation(site, args, options.timeout);
        let finished = process::run_announced(&invocation, site.cancel, announce, Some(&mut sink)).await?;
        let seconds = options.timeout.as_secs();
        let (code, message) = match finished.exit {
            Exit::Code(0) => return manifest::artifact(site.directory, before.as_deref()),
            Exit::Code(code) => (
                Code::PackerBuild,
                format!("packer build failed with exit status {code}"),
            ),
            Exit::Signal(signal) => (
                Code::PackerBuild,
                format!("packer build was killed by signal {signal}"),
            ),
            Exit::TimedOut => (
                Code::RunTimeout,
                format!("the build did not finish within {seconds} s"),
            ),
            Exit::Cancelled => (Code::Interrupted, "the build was interrupted".to_owned()),
        };
        if problems.is_empty() {
            add_lines(
                &mut problems,
                &shown(site.redactor, &finished.stderr, finished.truncated),
            );
        }
        let mut error = with_details(Error::new(code, message), problems);
        if finished.killed || matches!(finished.exit, Exit::Signal(_)) {
            error = error.detail("Packer did not get to clean up");
        }
        Err(error)
    }

    async fn start(&self, site: &Site<'_>, args: &[&str], timeout: Duration) -> Result<Finished> {
        let args = args.iter().map(OsString::from).collect();
        let mut sink = |stream: Stream, line: &str| {
            if let (Stream::Stderr, Some(debug)) = (stream, site.debug) {
                debug.keep(&whole(site.redactor, line));
            }
        };
        process::run(
            &self.invocation(site, args, timeout),
            site.cancel,
            Some(&mut sink),
        )
        .await
    }

    fn invocation(&self, site: &Site<'_>, args: Vec<OsString>, timeout: Duration) -> Invocation {
        Invocation {
            program: self.program.clone(),
            args,
            env: site.child.env.clone(),
            cwd: site.directory.to_path_buf(),
            timeout,
            output_cap: OUTPUT_CAP,
            overflow: Overflow::KeepEnd,
            grace: CLEAN_UP_GRACE,
            ending: Ending::CleanUp,
            log: site.log.clone(),
            sandbox: site.child.sandbox.clone(),
        }
    }
}

/// Arguments of `packer build`.
///
/// Never `-debug`: it waits for somebody to press Enter and writes private keys to the working directory.
pub fn build_arguments(options: &BuildOptions) -> Vec<OsString> {
    vec![
        "build".into(),
        "-machine-readable".into(),
        "-color=false".into(),
        format!("-on-error={}", options.on_error.as_str()).into(),
        TEMPLATE_FILE.into(),
    ]
}

/// `packer validate` of 1.6.6 writes what is wrong to standard output, newer ones to standard error.
fn judge(finished: Finished, site: &Site<'_>, code: Code, what: &str) -> Result<()> {
    if finished.exit == Exit::Code(0) {
        return Ok(());
    }
    let mut lines = Vec::new();
    for output in [&finished.stdout, &finished.stderr] {
        add_lines(&mut lines, &shown(site.redactor, output, finished.truncated));
    }
    Err(match finished.exit {
        Exit::Code(status) => with_details(
            Error::new(code, format!("{what} failed with exit status {status}")),
            lines,
        ),
        Exit::Signal(signal) => with_details(
            Error::new(code, format!("{what} was killed by signal {signal}")),
            lines,
        ),
        Exit::TimedOut | Exit::Cancelled => match finished.success(what) {
            Err(error) => with_details(error, lines),
            Ok(_) => Error::new(code, format!("{what} failed")),
        },
    })
}

/// Output as an error may show it, without the debug log. What is cut may begin within a secret.
fn shown(redactor: &Redactor, output: &str, cut: bool) -> String {
    let output: Vec<_> = output
        .lines()
        .filter(|line| !debug_log::is_of_log(line))
        .collect();
    let output = output.join("\n");
    if cut {
        redactor.line(&redactor.redact_fragment(&output))
    } else {
        redactor.line(&output)
    }
}

/// A line of the output, masked. One that was cut may end within a secret.
fn whole<'a>(redactor: &Redactor, line: &'a str) -> Cow<'a, str> {
    if line.len() < LINE_CAP {
        redactor.redact(line)
    } else {
        redactor.redact_fragment(line).into()
    }
}

fn add_lines(lines: &mut Vec<String>, text: &str) {
    for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if lines.last().is_none_or(|last| last != line) {
            lines.push(line.to_owned());
        }
    }
}

/// The last ones: what broke a build stands at its end.
fn with_details(error: Error, lines: Vec<String>) -> Error {
    let skipped = lines.len().saturating_sub(MOST_DETAILS);
    lines.into_iter().skip(skipped).fold(error, Error::detail)
}

#[cfg(test)]
#[path = "packer/tests.rs"]
mod tests;
