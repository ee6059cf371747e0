//! What a started program may touch on this machine: Linux's Landlock, which a process takes upon itself between
//! `fork` and `exec` and which nothing that it starts can shake off. No privileges are needed for it.
//!
//! Here is the mechanism; what each program gets is decided in `policy/children/sandbox`.

#[cfg(target_os = "linux")]
mod landlock;
mod rules;
mod system;

use std::fmt;
use std::io;
use std::os::fd::OwnedFd;

pub use rules::{Access, Rules};

/// What one program is kept to. There is no default: whoever starts a program says it.
#[derive(Clone, Debug)]
pub enum Sandbox {
    /// To these paths, as far as this machine can: see [`support`].
    Confined(Rules),
    /// To nothing, because the user said so.
    Off,
}

impl Sandbox {
    /// The rules in the form that a new process can take upon itself; none where there is nothing to take.
    pub(super) fn prepare(&self) -> io::Result<Option<OwnedFd>> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Confined(rules) if matches!(support(), Support::Landlock { .. }) => {
                landlock::ruleset(rules)
            }
            Self::Confined(_) | Self::Off => Ok(None),
        }
    }
}

/// Whether this machine can confine programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Landlock {
        /// What the kernel's Landlock can: 1 files, 2 moves between directories, 3 truncation, 5 devices, 6 signals
        /// and abstract sockets.
        abi: u32,
    },
    /// It cannot, and this is why.
    Missing(&'static str),
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landlock { abi } => write!(f, "landlock abi {abi}"),
            Self::Missing(reason) => write!(f, "not available: {reason}"),
        }
    }
}

/// Asks the kernel.
pub fn support() -> Support {
    #[cfg(target_os = "linux")]
    {
        landlock::support()
    }
    #[cfg(not(target_os = "linux"))]
    {
        Support::Missing("only Linux has Landlock")
    }
}

#[cfg(test)]
mod tests;
