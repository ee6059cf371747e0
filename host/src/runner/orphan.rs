//! A Packer that outlived the program that started it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::files;

/// How often to look whether it is gone.
const LOOK: Duration = Duration::from_millis(200);
/// How long the kernel may take to end what was killed.
const KILLED: Duration = Duration::from_secs(5);
/// `/proc/PID/stat` is one line.
const STAT: u64 = 4096;
/// Place of the start time behind the command's name in `/proc/PID/stat`, counted from 0: field 22 of
/// proc(5), of which two stand before.
const START_TIME: usize = 19;

/// Start time of a process in clock ticks since boot; none when there is no such process (or no
/// `/proc`). Together with the id it names one process for ever.
pub fn start_ticks(pid: u32) -> Option<u64> {
    let path = PathBuf::from(format!("/proc/{pid}/stat"));
    let line = files::read_text(&path, STAT).ok()?;
    // The command's name stands in parentheses and may contain anything, also parentheses.
    let (_, fields) = line.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    // A zombie is gone; only its parent has not looked yet.
    if fields.clone().next()? == "Z" {
        return None;
    }
    fields.nth(START_TIME)?.parse().ok()
}

/// Asks the process to end, waits until it has cleaned up, and kills its group after `grace`.
pub async fn end(pid: u32, ticks: u64, grace: Duration) {
    let alive = || start_ticks(pid) == Some(ticks);
    let Ok(id) = i32::try_from(pid).map(Pid::from_raw) else {
        return;
    };
    if !alive() {
        return;
    }
    // Not SIGINT: Packer's first process is a wrapper that ignores it and forwards SIGTERM. If it was
    // asked before, by the kernel when its parent died, a second request would make it give up its
    // clean-up; so it first gets the time to end by itself.
    if wait(&alive, grace / 2).await {
        return;
    }
    let _ = kill(id, Signal::SIGTERM);
    if wait(&alive, grace / 2).await {
        return;
    }
    let _ = killpg(id, Signal::SIGKILL);
    wait(&alive, KILLED).await;
}

async fn wait(alive: &impl Fn() -> bool, limit: Duration) -> bool {
    let began = Instant::now();
    while alive() {
        if began.elapsed() >= limit {
            return false;
        }
        tokio::time::sleep(LOOK).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_id_and_start_time() {
        let own = std::process::id();
        assert_eq!(start_ticks(own), start_ticks(own));
        assert!(start_ticks(own).is_some());
        assert_eq!(start_ticks(u32::MAX), None);
    }

    #[tokio::test]
    async fn another_process_with_the_same_id_is_left_alone() {
        let own = std::process::id();
        // Would end this very test otherwise.
        end(own, start_ticks(own).unwrap() + 1, Duration::from_millis(10)).await;
    }
}
