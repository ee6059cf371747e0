//! The only place where the host starts programs.

use std::ffi::OsString;
use std::io::PipeReader;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout};
use tokio::time::Instant;

use super::before_exec;
use super::cancel::{Cancel, Urgency};
use super::capture::{Capture, Sink};
use super::group::Group;
use super::sandbox::Sandbox;
use crate::contract::StepStatus;
use crate::error::{Code, Error, Result};
use crate::journal::Log;

/// How long output may still arrive after the program ended: somebody who left its group may hold the
/// pipe open for ever.
const DRAIN: Duration = Duration::from_secs(1);
/// How long a killed program may take to be gone; one that sits in the kernel is left behind.
const REAP: Duration = Duration::from_secs(10);
/// A clock cannot count further than this, and nothing here runs longer.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);
const CHUNK: usize = 16 * 1024;

/// One start of one program. Everything is said here; the program inherits nothing. No `Debug`: the
/// environment holds credentials.
#[derive(Clone)]
pub struct Invocation {
    /// Absolute.
    pub program: PathBuf,
    /// Arguments without the program's own name.
    pub args: Vec<OsString>,
    /// The whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Working directory.
    pub cwd: PathBuf,
    /// After this the program is asked to stop.
    pub timeout: Duration,
    /// How much of each of the two streams is kept, in bytes.
    pub output_cap: usize,
    /// What happens to a program that prints more.
    pub overflow: Overflow,
    /// How long it may take to stop, once asked, before it is killed.
    pub grace: Duration,
    /// How it is asked.
    pub ending: Ending,
    /// Where the start and the end are written down.
    pub log: Log,
    /// What it may touch, with everything that it starts.
    pub sandbox: Sandbox,
}

/// Output beyond the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// Kills the program: half a JSON document is of no use.
    Kill,
    /// Forgets the beginning: a chatty build is no reason to leave a virtual machine behind.
    KeepEnd,
}

/// How a program is asked to stop, and what happens to it when this program is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// SIGTERM to the whole group (a version manager's shim may stand before the tool); the kernel
    /// kills the leader with us (a shim that stays in front of its tool leaves that to end by itself).
    /// What it did can be looked up.
    Abandon,
    /// SIGTERM to the leader alone, also from the kernel when we are killed, so that it can clean up.
    ///
    /// For Packer, whose first process is a wrapper that ignores SIGINT and forwards SIGTERM (measured
    /// with 1.6.6, the same in the source of 1.16). Its plugins would die of a SIGTERM, so they must not
    /// get it. It also writes to its output while it cleans up and dies of SIGPIPE when nobody reads,
    /// so it holds the reading ends itself.
    CleanUp,
}

/// An output stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By a signal that did not come from us.
    Signal(i32),
    /// It was stopped because its time ran out.
    TimedOut,
    /// It was stopped because somebody asked for that.
    Cancelled,
}

impl Exit {
    /// As a plugin sees it: a signal like a shell shows it. None when the plan is over anyway.
    pub fn step_status(self) -> Option<StepStatus> {
        match self {
            Self::Code(code) => Some(StepStatus::Exited(code)),
            Self::Signal(signal) => Some(StepStatus::Exited(signal.saturating_add(128))),
            Self::TimedOut => Some(StepStatus::TimedOut),
            Self::Cancelled => None,
        }
    }
}

/// A program that ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How.
    pub exit: Exit,
    /// Its standard output, bytes that are not UTF-8 replaced.
    pub stdout: String,
    /// Its standard error, the same.
    pub stderr: String,
    /// It was killed by us, so it did not clean up.
    pub killed: bool,
    /// The beginning of one of the two was forgotten.
    pub truncated: bool,
    /// How long it ran.
    pub duration: Duration,
    /// Its process id.
    pub pid: u32,
}

impl Finished {
    /// Itself when the program succeeded, an error that names it otherwise. The output is not part of
    /// the error: it may hold secrets.
    pub fn success(self, program: &str) -> Result<Self> {
        match self.exit {
            Exit::Code(0) => Ok(self),
            Exit::Code(code) => Err(Error::new(
                Code::ToolFailed,
                format!("{program} failed with exit status {code}"),
            )),
            Exit::Signal(signal) => Err(Error::new(
                Code::ToolFailed,
                format!("{program} was killed by signal {signal}"),
            )),
            Exit::TimedOut => Err(Error::new(
                Code::ToolTimeout,
                format!(
                    "{program} did not finish within {} s",
                    self.duration.as_secs().max(1)
                ),
            )),
            Exit::Cancelled => Err(Error::new(
                Code::Interrupted,
                format!("{program} was interrupted"),
            )),
        }
    }
}

/// A started program.
struct Running {
    child: Child,
    group: Group,
    pid: u32,
    stdout: ChildStdout,
    stderr: ChildStdout,
}

/// Where a program stands on its way out.
#[derive(Clone, Copy)]
enum Phase {
    Running,
    Asked(Exit),
    Killed(Why),
}

/// Why it was killed.
#[derive(Clone, Copy)]
enum Why {
    Exit(Exit),
    Output,
}

/// Runs a program to its end. Each line goes to `sink` as it comes; lines are raw, so whoever prints
/// them has to redact and neutralise them first.
///
/// Dropping the future kills the program's whole group.
pub async fn run(invocation: &Invocation, cancel: &Cancel, sink: Option<&mut Sink<'_>>) -> Result<Finished> {
    run_announced(invocation, cancel, &|_| Ok(()), sink).await
}

/// The same for a program that must be found again if this one is killed: `announce` gets its process
/// id before anything else happens. An error from it kills the program.
pub async fn run_announced(
    invocation: &Invocation,
    cancel: &Cancel,
    announce: &dyn Fn(u32) -> Result<()>,
    sink: Option<&mut Sink<'_>>,
) -> Result<Finished> {
    if cancel.is_requested() {
        let name = invocation.program.display();
        return Err(Error::new(
            Code::Interrupted,
            format!("{name} was not started: interrupted"),
        ));
    }
    let number = invocation.log.program_starts(invocation)?;
    let result = supervise(invocation, cancel, announce, sink).await;
    let written = invocation.log.program_ended(number, &result);
    // How it ended matters more than a log that cannot be written.
    result.and_then(|finished| written.map(|()| finished))
}

async fn supervise(
    invocation: &Invocation,
    cancel: &Cancel,
    announce: &dyn Fn(u32) -> Result<()>,
    mut sink: Option<&mut Sink<'_>>,
) -> Result<Finished> {
    let name = invocation.program.display();
    let started = Instant::now();
    let Running {
        mut child,
        mut group,
        pid,
        mut stdout,
        mut stderr,
    } = start(invocation)?;
    announce(pid)?;
    let mut out = Capture::new(Stream::Stdout, invocation.output_cap, invocation.overflow);
    let mut err = Capture::new(Stream::Stderr, invocation.output_cap, invocation.overflow);
    let (mut out_buffer, mut err_buffer) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut out_open, mut err_open) = (true, true);
    let mut phase = Phase::Running;
    let mut deadline = started + invocation.timeout.min(LONGEST);
    let mut urgency = Urgency::None;

    // Signals before output: a program that floods us must still be stoppable.
    let status = loop {
        let mut overflown = false;
        tokio::select! {
            biased;
            wanted = cancel.beyond(urgency) => {
                urgency = wanted;
                match (phase, urgency) {
                    (Phase::Running, Urgency::Stop) => {
                        ask(&group, invocation.ending);
                        phase = Phase::Asked(Exit::Cancelled);
                        deadline = Instant::now() + invocation.grace.min(LONGEST);
                    }
                    (Phase::Running | Phase::Asked(_), Urgency::Kill) => {
                        group.signal_all(Signal::SIGKILL);
                        phase = Phase::Killed(Why::Exit(Exit::Cancelled));
                        deadline = Instant::now() + REAP;
                    }
                    (Phase::Asked(_) | Phase::Killed(_), _) | (Phase::Running, Urgency::None) => {}
                }
            }
            () = tokio::time::sleep_until(deadline) => match phase {
                Phase::Running => {
                    ask(&group, invocation.ending);
                    phase = Phase::Asked(Exit::TimedOut);
                    deadline = Instant::now() + invocation.grace.min(LONGEST);
                }
                Phase::Asked(exit) => {
                    group.signal_all(Signal::SIGKILL);
                    phase = Phase::Killed(Why::Exit(exit));
                    deadline = Instant::now() + REAP;
                }
                Phase::Killed(_) => break None,
            },
            status = child.wait() => break status.ok(),
            read = stdout.read(&mut out_buffer), if out_open => {
                let bytes = filled(&out_buffer, read, &mut out_open);
                overflown = !out.feed(bytes, sink.as_deref_mut());
            }
            read = stderr.read(&mut err_buffer), if err_open => {
                let bytes = filled(&err_buffer, read, &mut err_open);
                overflown = !err.feed(bytes, sink.as_deref_mut());
            }
        }
        if overflown && !matches!(phase, Phase::Killed(_)) {
            group.signal_all(Signal::SIGKILL);
            phase = Phase::Killed(Why::Output);
            deadline = Instant::now() + REAP;
        }
    };
    group.end();
    let duration = started.elapsed();

    let last = Instant::now() + DRAIN;
    while out_open || err_open {
        let fits = tokio::select! {
            biased;
            () = tokio::time::sleep_until(last) => break,
            read = stdout.read(&mut out_buffer), if out_open => {
                out.feed(filled(&out_buffer, read, &mut out_open), sink.as_deref_mut())
            }
            read = stderr.read(&mut err_buffer), if err_open => {
                err.feed(filled(&err_buffer, read, &mut err_open), sink.as_deref_mut())
            }
        };
        if !fits {
            phase = match phase {
                Phase::Running => Phase::Killed(Why::Output),
                Phase::Asked(_) | Phase::Killed(_) => phase,
            };
            break;
        }
    }
    let (stdout, stdout_cut) = out.finish(sink.as_deref_mut());
    let (stderr, stderr_cut) = err.finish(sink);

    let exit = match phase {
        Phase::Running => natural(status),
        Phase::Asked(exit) | Phase::Killed(Why::Exit(exit)) => exit,
        Phase::Killed(Why::Output) => {
            let message = format!(
                "{name} printed more than {} bytes and was stopped",
                invocation.output_cap
            );
            return Err(Error::new(Code::ToolOutput, message));
        }
    };
    let killed = matches!(phase, Phase::Killed(_));
    Ok(Finished {
        exit,
        stdout,
        stderr,
        killed,
        truncated: stdout_cut || stderr_cut,
        duration,
        pid,
    })
}

/// The bytes of a read; the end of the stream and an error both close it.
fn filled<'a>(buffer: &'a [u8], read: std::io::Result<usize>, open: &mut bool) -> &'a [u8] {
    let length = read.unwrap_or(0);
    *open = length > 0;
    buffer.get(..length).unwrap_or_default()
}

fn natural(status: Option<ExitStatus>) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    match status {
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => Exit::Signal(Signal::SIGKILL as i32),
        },
        None => Exit::Signal(Signal::SIGKILL as i32),
    }
}

fn ask(group: &Group, ending: Ending) {
    match ending {
        Ending::Abandon => group.signal_all(Signal::SIGTERM),
        Ending::CleanUp => group.signal_leader(Signal::SIGTERM),
    }
}

#[allow(clippy::disallowed_methods)]
fn start(invocation: &Invocation) -> Result<Running> {
    let name = invocation.program.display();
    if !invocation.program.is_absolute() {
        return Err(Error::new(
            Code::Internal,
            format!("{name} is not an absolute path"),
        ));
    }
    let failed =
        |error: std::io::Error| Error::new(Code::ToolStart, format!("cannot start {name}")).source(error);
    let (stdout, stdout_writer) = std::io::pipe().map_err(failed)?;
    let (stderr, stderr_writer) = std::io::pipe().map_err(failed)?;
    let ruleset = invocation.sandbox.prepare().map_err(|error| {
        Error::new(Code::ToolStart, format!("cannot make a sandbox for {name}")).source(error)
    })?;
    let sandbox = ruleset.as_ref().map(AsRawFd::as_raw_fd);
    let mut command = tokio::process::Command::new(&invocation.program);
    command
        .args(&invocation.args)
        .env_clear()
        .envs(invocation.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&invocation.cwd)
        .stdin(Stdio::null())
        .stdout(stdout_writer)
        .stderr(stderr_writer)
        .process_group(0)
        .kill_on_drop(true);
    match invocation.ending {
        Ending::Abandon => before_exec::arrange(&mut command, Signal::SIGKILL, None, sandbox),
        Ending::CleanUp => {
            enlarge(&stdout);
            enlarge(&stderr);
            let reading_ends: [RawFd; 2] = [stdout.as_raw_fd(), stderr.as_raw_fd()];
            before_exec::arrange(&mut command, Signal::SIGTERM, Some(reading_ends), sandbox);
        }
    }
    let child = command.spawn().map_err(failed)?;
    // It holds the writing ends: while one of them is open here, the streams never end.
    drop(command);
    let pid = child
        .id()
        .and_then(|pid| i32::try_from(pid).ok())
        .filter(|pid| *pid > 1);
    let pid = pid.ok_or_else(|| Error::new(Code::ToolStart, format!("{name} has no process id")))?;
    Ok(Running {
        child,
        group: Group::new(Pid::from_raw(pid)),
        pid: pid.unsigned_abs(),
        stdout: reader(stdout).map_err(failed)?,
        stderr: reader(stderr).map_err(failed)?,
    })
}

/// Room for everything that a program prints while it cleans up and nobody reads any more. A system
/// that does not give that much leaves it at 64 KiB.
fn enlarge(pipe: &PipeReader) {
    #[cfg(target_os = "linux")]
    let _ = nix::fcntl::fcntl(pipe, nix::fcntl::FcntlArg::F_SETPIPE_SZ(1 << 20));
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

fn reader(pipe: PipeReader) -> std::io::Result<ChildStdout> {
    ChildStdout::from_std(std::process::ChildStdout::from(OwnedFd::from(pipe)))
}

#[cfg(test)]
#[path = "process/tests.rs"]
mod tests;
