//! What happens in a new process between `fork` and `exec`.

use std::io;
use std::os::fd::RawFd;

use nix::libc;
use nix::sys::signal::Signal;

/// Lets the kernel signal the program when this one dies without having been able to say anything
/// (SIGKILL, out of memory), and takes away every file descriptor but the three standard ones.
///
/// The kernel watches the *thread* that starts the program, not the process. The host has one
/// thread (a current-thread runtime), so that is the same; a program started from a worker thread
/// would be signalled when that thread ends.
///
/// `keep` stays open in the program, for whatever reason the caller has. `sandbox` is a Landlock ruleset that the
/// program is put under; it has to stay open until the program was started.
#[allow(unsafe_code)]
pub(super) fn arrange(
    command: &mut tokio::process::Command,
    parent_death: Signal,
    keep: Option<[RawFd; 2]>,
    sandbox: Option<RawFd>,
) {
    let parent = nix::unistd::Pid::this();
    let prepare = move || -> io::Result<()> {
        // Descriptors that whoever started us forgot to close (a CI runner's, a shell's) are nobody
        // else's business. Marked, not closed: the standard library reports a failed `exec` through
        // one of them. An old kernel answers ENOSYS, then they stay as they are.
        #[cfg(target_os = "linux")]
        // SAFETY: a system call with plain numbers; it touches no memory.
        unsafe {
            libc::syscall(libc::SYS_close_range, 3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
        }
        if let Some(keep) = keep {
            for descriptor in keep {
                // SAFETY: clears close-on-exec of a descriptor number; a wrong one is an error.
                if unsafe { libc::fcntl(descriptor, libc::F_SETFD, 0) } < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
        }
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_pdeathsig(parent_death)?;
        // The parent may have died before the line above.
        if nix::unistd::getppid() != parent {
            return Err(nix::errno::Errno::ESRCH.into());
        }
        // Last: nothing above may need what the sandbox takes away.
        #[cfg(target_os = "linux")]
        if let Some(ruleset) = sandbox {
            // Landlock wants it of whoever has no privileges, and it keeps `sudo` and its like from being a way out.
            nix::sys::prctl::set_no_new_privs()?;
            // SAFETY: a system call with plain numbers; it touches no memory.
            if unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset, 0_u32) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    };
    #[cfg(not(target_os = "linux"))]
    let _ = (parent_death, sandbox);
    // SAFETY: the closure runs in the forked child, where only async-signal-safe calls are allowed. It
    // makes system calls (close_range, fcntl, prctl, getppid, landlock_restrict_self), allocates nothing and takes no lock:
    // errors are built from an error number.
    unsafe {
        command.pre_exec(prepare);
    }
}
