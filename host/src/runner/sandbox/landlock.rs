//! Landlock itself.

use std::io;
use std::os::fd::OwnedFd;

use landlock::{
    ABI, Access as _, AccessFs, BitFlags, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope, make_bitflags,
};
use nix::errno::Errno;
use nix::libc;

use super::{Access, Rules, Support};

/// The newest version that is asked for; an older kernel leaves out what it does not know. Versions 6 and 7 know no
/// more about files than 5.
const NEWEST: ABI = ABI::V6;

const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
/// No devices: nobody here makes one.
const WRITE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    WriteFile | Truncate | MakeReg | MakeDir | MakeSym | MakeSock | MakeFifo | RemoveFile | RemoveDir | Refer
});
const DEVICE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | WriteFile | IoctlDev});

/// `LANDLOCK_CREATE_RULESET_VERSION` of linux/landlock.h: asks for the version and makes nothing.
const ASK_VERSION: u32 = 1;

/// Asks the kernel.
#[allow(unsafe_code)]
pub(super) fn support() -> Support {
    // SAFETY: with these arguments the system call reads and writes no memory, it only returns a number.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0_usize,
            ASK_VERSION,
        )
    };
    match u32::try_from(version) {
        Ok(abi) if abi > 0 => Support::Landlock { abi },
        _ => Support::Missing(reason(Errno::last())),
    }
}

fn reason(error: Errno) -> &'static str {
    const REASONS: &[(Errno, &str)] = &[
        (
            Errno::ENOSYS,
            "the kernel is older than Linux 5.13 or built without Landlock",
        ),
        (Errno::EOPNOTSUPP, "the kernel was started without Landlock"),
        (Errno::EPERM, "a container's seccomp filter forbids it"),
    ];
    let known = REASONS.iter().find(|(number, _)| *number == error);
    known.map_or("the kernel refuses to say", |(_, reason)| reason)
}

/// A ruleset of the kernel. Closed on `exec`, so the program itself does not get it.
pub(super) fn ruleset(rules: &Rules) -> io::Result<Option<OwnedFd>> {
    build(rules).map(Into::into).map_err(io::Error::other)
}

fn build(rules: &Rules) -> Result<RulesetCreated, RulesetError> {
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        // A program signals what it started and talks to it, both of which are in the same sandbox.
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for (path, access) in rules.paths() {
        // What does not exist need not be allowed.
        let Ok(place) = PathFd::new(path) else { continue };
        ruleset = ruleset.add_rule(PathBeneath::new(place, rights(access)))?;
    }
    Ok(ruleset)
}

/// For a file the rights that only mean directories are left out by the library.
fn rights(access: Access) -> BitFlags<AccessFs> {
    match access {
        Access::Read => READ,
        Access::Execute => READ | AccessFs::Execute,
        Access::Write => READ | WRITE,
        Access::WriteAndExecute => READ | WRITE | AccessFs::Execute,
        Access::Device => DEVICE,
    }
}
