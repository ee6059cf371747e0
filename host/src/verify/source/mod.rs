//! Where facts come from.

#[cfg(target_os = "linux")]
pub mod mounted;
pub mod remote;
mod wire;

/// Entries of a root file system. A desktop has a million.
const MOST_ENTRIES: usize = 4_000_000;
/// A file of settings or a key that is larger is none.
const LARGEST: u64 = 1 << 20;
/// What is no disk: it is made anew at every start.
const NO_DISK: [&str; 4] = ["/dev", "/proc", "/run", "/sys"];
