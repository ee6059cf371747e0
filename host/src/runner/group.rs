//! The process group of a started program.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// A program and everything it started that did not leave its group. Killed when dropped.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    over: bool,
}

impl Group {
    /// The group led by a program that was started with a group of its own.
    pub(super) fn new(leader: Pid) -> Self {
        Self { leader, over: false }
    }

    /// Signals the leader alone. A leader that is gone is not an error.
    pub(super) fn signal_leader(&self, signal: Signal) {
        if !self.over {
            let _ = kill(self.leader, signal);
        }
    }

    /// Signals all members.
    pub(super) fn signal_all(&self, signal: Signal) {
        if !self.over {
            let _ = killpg(self.leader, signal);
        }
    }

    /// Kills what is left, for good. Called right after the leader was reaped, with nothing awaited in
    /// between: the kernel does not give the number away while a member lives, and needs a whole round
    /// through all numbers before it gives it away again.
    pub(super) fn end(&mut self) {
        self.signal_all(Signal::SIGKILL);
        self.over = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
