//! Time and memory of one run of a program.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::display;

/// A program to run, always in the same way.
pub(super) struct Job {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) folder: PathBuf,
    pub(super) environment: Vec<(OsString, OsString)>,
}

impl Job {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        command
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs it; from before the start until its end has been seen, and what it printed.
    pub(super) fn run(&self) -> Result<(Duration, String)> {
        let mut command = self.command();
        let started = Instant::now();
        let output = command.output();
        let took = started.elapsed();
        let output = output.with_context(|| format!("starting {}", display(&command)))?;
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!(
                "{} failed ({}):\n{stdout}{}",
                display(&command),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )
        }
        Ok((took, stdout))
    }

    /// Runs it; how long it took.
    pub(super) fn time(&self) -> Result<Duration> {
        Ok(self.run()?.0)
    }

    /// Most memory in use at any moment of a run, in bytes, of the program itself without its children.
    ///
    /// Read from the living process: what the kernel says after its end counts the children too (Packer has ten times
    /// as much), and what the starting program had before the start.
    pub(super) fn peak_memory(&self) -> Result<u64> {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command
            .spawn()
            .with_context(|| format!("starting {}", display(&command)))?;
        let status = format!("/proc/{}/status", child.id());
        let program = fs::canonicalize(&self.program).context("the program")?;
        let link = format!("/proc/{}/exe", child.id());
        let mut peak = 0;
        let mut ended = None;
        while ended.is_none() {
            // Between fork and exec the process still is this one.
            let is_program = fs::read_link(&link).is_ok_and(|path| path == program);
            let high = fs::read_to_string(&status)
                .ok()
                .and_then(|text| high_water_mark(&text));
            if let (true, Some(high)) = (is_program, high) {
                peak = peak.max(high);
            }
            ended = child.try_wait().context("watching a child")?;
            // A run of a few milliseconds is watched without a break, a longer one need not be disturbed.
            if peak > 0 && !self.is_short() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        match ended {
            Some(status) if status.success() && peak > 0 => Ok(peak),
            Some(status) => bail!("{} ended with {status}, memory seen: {peak}", display(&command)),
            None => bail!("{} did not end", display(&command)),
        }
    }

    fn is_short(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| argument.starts_with("--dry-run"))
    }
}

/// `VmHWM` of `/proc/PID/status`, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The middle one: a single slow run says something about the machine, not about the program.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What many runs of a job took.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) median: Duration,
    /// With nothing else on the machine this is close to the median; on a busy one it says more.
    pub(super) fastest: Duration,
}

/// Runs jobs in turn, so that whatever slows the machine down slows all of them.
pub(super) fn side_by_side<const N: usize>(rounds: usize, jobs: [&Job; N]) -> Result<[Times; N]> {
    for job in jobs {
        // The first run fills the caches.
        job.time()?;
    }
    let mut times = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (job, times) in jobs.iter().zip(&mut times) {
            times.push(job.time()?);
        }
    }
    Ok(times.map(|times| Times {
        fastest: times.iter().min().copied().unwrap_or_default(),
        median: median(times),
    }))
}

/// `a / b`
pub(super) fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Job {
        Job {
            program: "/bin/sh".into(),
            arguments: vec!["-c".to_owned(), script.to_owned()],
            folder: "/".into(),
            environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        }
    }

    #[test]
    fn a_failed_run_is_no_measurement() {
        assert!(shell("exit 3").time().is_err());
        assert!(shell("exit 3").peak_memory().is_err());
        assert_eq!(shell("echo x").run().unwrap().1, "x\n");
    }

    #[test]
    fn memory_of_children_does_not_count() {
        let large = "head -c 60000000 /dev/zero | sort -S 100M >/dev/null; sleep 0.05";
        let peak = shell(large).peak_memory().unwrap();
        assert!((500_000..20_000_000).contains(&peak), "{peak}");
    }

    #[test]
    fn one_slow_run_does_not_change_the_median() {
        let times = [3, 1, 2, 900, 2].map(Duration::from_millis);
        assert_eq!(median(times.to_vec()), Duration::from_millis(2));
        assert_eq!(
            high_water_mark("VmPeak:\t 9 kB\nVmHWM:\t    4096 kB\n"),
            Some(4 << 20)
        );
    }
}
