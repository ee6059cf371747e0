//! Starts programs: with their output shown, captured, or sent to a log; always with a reason when they fail.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A command line as a person would type it, for messages.
pub(crate) fn display(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(quote)
        .collect::<Vec<_>>()
        .join(" ")
}

fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.into_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Runs to the end, with the output shown.
pub(crate) fn show(command: &mut Command) -> Result<ExitStatus> {
    println!("$ {}", display(command));
    command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("starting {}", display(command)))
}

/// Where the output of a long command goes.
pub(crate) struct Log {
    /// The file.
    pub(crate) path: PathBuf,
    /// When such a command is killed.
    pub(crate) until: Option<Instant>,
}

impl Log {
    /// The path, for messages.
    pub(crate) fn display(&self) -> std::path::Display<'_> {
        self.path.display()
    }
}

/// Runs to the end with all output in `log`, of which the end is part of the error when it fails.
pub(crate) fn logged(command: &mut Command, log: &Log) -> Result<()> {
    let output = File::options().create(true).append(true).open(&log.path);
    let output = output.with_context(|| format!("opening {}", log.display()))?;
    let errors = output.try_clone().context("sharing the log")?;
    let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
    let mut child = child.with_context(|| format!("starting {}", display(command)))?;
    match wait_until(&mut child, log.until)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!(
            "{} failed ({status}); the end of {}:\n{}",
            display(command),
            log.display(),
            tail(&log.path, 15)
        ),
        None => bail!("{} was stopped: the time for setup was over", display(command)),
    }
}

/// The last lines of a file, indented.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    all.iter()
        .skip(from)
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a finished program said.
pub(crate) struct Finished {
    /// How it ended; none when it had to be killed.
    pub(crate) status: Option<ExitStatus>,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

impl Finished {
    /// Whether it ended by itself with exit code 0.
    pub(crate) fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs with the output captured, killed after `limit`.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Finished> {
    let spawned = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.with_context(|| format!("starting {}", display(command)))?;
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let status = wait(&mut child, limit)?;
    let text =
        |pipe: Option<thread::JoinHandle<String>>| pipe.and_then(|pipe| pipe.join().ok()).unwrap_or_default();
    Ok(Finished {
        status,
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

/// Like [`capture`], but standard error is shown as it comes.
pub(crate) fn capture_stdout(command: &mut Command, limit: Duration) -> Result<Finished> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("starting {}", display(command)))?;
    let stdout = child.stdout.take().map(drain);
    let status = wait(&mut child, limit)?;
    let stdout = stdout.and_then(|pipe| pipe.join().ok()).unwrap_or_default();
    Ok(Finished {
        status,
        stdout,
        stderr: String::new(),
    })
}

/// Waits for the end; kills at the limit, and says so with none.
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    wait_until(child, Some(Instant::now() + limit))
}

fn wait_until(child: &mut Child, deadline: Option<Instant>) -> Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().context("waiting for a child")? {
            return Ok(Some(status));
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            child.kill().context("killing a child")?;
            child.wait().context("waiting for a killed child")?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// A pipe that is not read while its writer runs fills up and stops the writer.
fn drain(mut pipe: impl std::io::Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// All places on PATH where a program of this name is, in PATH's order.
pub(crate) fn on_path(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .filter(|program| is_executable(program))
        .collect()
}

fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// Whether this is root: the ids come from the kernel, the variable USER may lie.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|data| data.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_reads_its_input_forever_or_hangs_is_killed_at_the_limit() {
        let started = Instant::now();
        let finished = capture(Command::new("sleep").arg("60"), Duration::from_millis(200)).unwrap();
        assert!(finished.status.is_none() && !finished.success());
        assert!(started.elapsed() < Duration::from_secs(10));
        let finished = capture(&mut Command::new("cat"), Duration::from_secs(10)).unwrap();
        assert!(finished.success(), "standard input is closed");
    }

    #[test]
    fn a_long_command_is_stopped_when_its_time_is_over() {
        let scratch = crate::workspace::Scratch::new("xtask-log").unwrap();
        let log = |until| Log {
            path: scratch.path().join("log"),
            until,
        };
        let soon = Some(Instant::now() + Duration::from_millis(200));
        let error = logged(Command::new("sleep").arg("60"), &log(soon)).unwrap_err();
        assert!(error.to_string().contains("was stopped"), "{error}");
        logged(&mut Command::new("true"), &log(None)).unwrap();
    }

    #[test]
    fn a_shown_command_line_can_be_pasted_into_a_shell() {
        let mut command = Command::new("printf");
        command.args(["%s|", "a b", "it's", "", "x=$y"]);
        let shell = capture(
            Command::new("sh").arg("-c").arg(display(&command)),
            Duration::from_secs(10),
        );
        assert_eq!(shell.unwrap().stdout, "a b|it's||x=$y|");
    }

    #[test]
    fn more_output_than_a_pipe_holds_does_not_block() {
        let script = "head -c 1000000 /dev/zero | tr '\\0' x; head -c 1000000 /dev/zero | tr '\\0' y >&2";
        let finished = capture(Command::new("sh").args(["-c", script]), Duration::from_secs(20)).unwrap();
        assert_eq!(
            (finished.stdout.len(), finished.stderr.len()),
            (1_000_000, 1_000_000)
        );
    }
}
