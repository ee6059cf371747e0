//! What happens in a new process between `fork` and `exec`. The only unsafe code of the host.

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
/// `keep` stays open in the program, for whatever reason the caller has.
#[allow(unsafe_code)]
pub(super) fn arrange(command: &mut tokio::process::Command, parent_death: Signal, keep: Option<[RawFd; 2]>) {
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
        Ok(())
    };
    #[cfg(not(target_os = "linux"))]
    let _ = parent_death;
    // SAFETY: the closure runs in the forked child, where only async-signal-safe calls are allowed. It
    // makes four system calls (close_range, fcntl, prctl, getppid), allocates nothing and takes no lock:
    // errors are built from an error number.
    unsafe {
        command.pre_exec(prepare);
    }
}
