//! Child processes that end with the test.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A child in a process group of its own; the whole group is killed on drop.
#[derive(Debug)]
pub(super) struct Group(pub(super) Child);

impl Group {
    pub(super) fn start(command: &mut Command) -> Self {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", command.get_program().display()));
        Self(child)
    }

    pub(super) fn signal(&self, signal: Signal) {
        // An error means that nobody is left in the group.
        let _ = killpg(Pid::from_raw(self.0.id().cast_signed()), signal);
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be waited for").is_some()
    }

    /// Kills the group, also what its ended leader left in it.
    pub(super) fn end(&mut self) {
        self.signal(Signal::SIGKILL);
        let _ = self.0.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
