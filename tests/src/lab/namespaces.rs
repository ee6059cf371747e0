//! Where the throw-away machines run.

use std::process::Command;

/// `unshare` with mounts, processes and a host name of its own. What follows is `--` and a program, which ends with
/// this process; the network stays this machine's.
#[must_use]
pub fn namespaces() -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--mount",
        "--pid",
        "--uts",
        "--ipc",
        "--fork",
        "--kill-child",
        "--propagation",
        "private",
    ]);
    unshare
}
