//! Starts programs: Packer and the clouds' command-line tools. What they are started with is decided
//! in `policy/`; here they are found, watched, stopped and read.

mod before_exec;
pub mod cancel;
mod capture;
mod group;
pub mod orphan;
pub mod packer;
pub mod process;
pub mod program;
pub mod sandbox;
pub mod trust;
