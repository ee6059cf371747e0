//! Names of what a cloud lets nobody tag: the name has to prove whose it is.
//!
//! `sindri-abcdef012345-0a1b2c3d` is the prefix, the run's id and a digest of it. Somebody else's
//! `sindri-…` or `packer-…` does not have the digest by chance (one in four thousand million), and is
//! never touched.

use crate::check;
use crate::step_id::digest;

const PREFIX: &str = "sindri-";
const RUN_ID: usize = 12;
/// In hexadecimal digits.
const DIGEST: usize = 8;

/// The name of what this run makes: 28 characters of `[a-z0-9-]`, a letter first.
pub fn of_run(run_id: &str) -> String {
    let digest = digest(&[PREFIX, run_id]) & 0xffff_ffff;
    format!("{PREFIX}{run_id}-{digest:08x}")
}

/// The run whose name this is, or begins with before another `-`.
pub fn run_of(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(PREFIX)?;
    let (run_id, rest) = rest.split_at_checked(RUN_ID)?;
    check::run_id(run_id).ok()?;
    let (digest, suffix) = rest.strip_prefix('-')?.split_at_checked(DIGEST)?;
    let ours = of_run(run_id).ends_with(digest) && (suffix.is_empty() || suffix.starts_with('-'));
    ours.then_some(run_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_the_digest_is_ours() {
        let name = of_run("abcdef012345");
        assert_eq!(name.len(), PREFIX.len() + RUN_ID + 1 + DIGEST);
        assert_eq!(run_of(&name), Some("abcdef012345"));
        assert_eq!(run_of(&format!("{name}-ssh")), Some("abcdef012345"));
        let other = of_run("abcdef012346");
        assert_ne!(other[20..], name[20..]);
        for decoy in [
            "sindri-abcdef012345",
            "sindri-abcdef012345-",
            "sindri-abcdef012345-00000000",
            "packer-abcdef012345",
            "sindri-ABCDEF012345-00000000",
            "sindri-\u{e4}bcdef01234-0",
            &format!("{name}x"),
            &format!("x{name}"),
            &name[..name.len() - 1],
        ] {
            assert_eq!(run_of(decoy), None, "{decoy}");
        }
    }
}
