//! Whether somebody else could put another program in the place of one.

use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};
use crate::files::{self, Ownership};

/// Why a path cannot be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// The file or directory that others control.
    pub path: PathBuf,
    /// How.
    pub why: Why,
}

/// How others control a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Everybody may write.
    Writable,
    /// It belongs to this user, who is neither root nor the one who runs this.
    Owner(u32),
}

impl Distrust {
    /// The refusal of a program for this reason.
    pub fn error(&self, program: &Path) -> Error {
        let path = self.path.display();
        let (what, remedy) = match self.why {
            Why::Writable => (
                "everybody may write there".to_owned(),
                format!("run `chmod o-w {path}`, or install the program elsewhere"),
            ),
            Why::Owner(owner) => (
                format!("it belongs to user {owner}"),
                "install the program as root or as yourself".to_owned(),
            ),
        };
        Error::new(
            Code::ToolUnsafe,
            format!(
                "{} is not run, because others could replace it: {path}: {what}",
                program.display()
            ),
        )
        .remedy(remedy)
    }
}

/// Whether only root and the user decide what is at this path: the file, its directory and everything above, both as
/// named and behind links.
pub fn file(path: &Path) -> Result<(), Distrust> {
    let real = files::canonical(path).unwrap_or_else(|_| path.to_path_buf());
    for path in [path, &real] {
        if let Some(ownership) = files::ownership(path) {
            judge(path, ownership, false)?;
        }
        if let Some(parent) = path.parent() {
            directory(parent)?;
        }
    }
    Ok(())
}

/// The same for a directory in which programs are looked for. In `/tmp` everybody may put a file, so it is none; below
/// it one may be: nobody else can rename it there.
pub fn directory(path: &Path) -> Result<(), Distrust> {
    for (above, directory) in path.ancestors().enumerate() {
        if let Some(ownership) = files::ownership(directory) {
            judge(directory, ownership, above > 0)?;
        }
    }
    Ok(())
}

fn judge(path: &Path, ownership: Ownership, sticky_is_enough: bool) -> Result<(), Distrust> {
    let distrust = |why| {
        Err(Distrust {
            path: path.to_path_buf(),
            why,
        })
    };
    let Ownership { owner, mode, is_own } = ownership;
    if owner != 0 && !is_own {
        return distrust(Why::Owner(owner));
    }
    let (everybody_writes, sticky) = (mode & 0o002 != 0, mode & 0o1000 != 0);
    if everybody_writes && !(sticky && sticky_is_enough) {
        return distrust(Why::Writable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_root_and_the_user_decide_what_runs() {
        let judged = |owner: u32, is_own: bool, mode: u32, above: bool| {
            let ownership = Ownership { owner, mode, is_own };
            judge(Path::new("/x"), ownership, above)
                .err()
                .map(|distrust| distrust.why)
        };
        for (owner, is_own, mode, above, expected) in [
            (0, false, 0o755, false, None),
            (1000, true, 0o755, false, None),
            (1000, true, 0o775, false, None),
            (1000, false, 0o755, false, Some(Why::Owner(1000))),
            (1000, false, 0o700, true, Some(Why::Owner(1000))),
            (0, false, 0o777, false, Some(Why::Writable)),
            (0, false, 0o777, true, Some(Why::Writable)),
            (0, false, 0o1777, false, Some(Why::Writable)),
            (0, false, 0o1777, true, None),
            (1000, true, 0o757, false, Some(Why::Writable)),
        ] {
            assert_eq!(
                judged(owner, is_own, mode, above),
                expected,
                "{owner} {mode:o} {above}"
            );
        }
    }

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn every_directory_above_and_behind_a_link_counts() {
        let root = tempfile::tempdir().unwrap();
        let root = files::canonical(root.path()).unwrap();
        let (open, closed) = (root.join("open/bin"), root.join("closed/bin"));
        for directory in [&open, &closed] {
            files::create_directory(directory).unwrap();
        }
        files::write_for_user(&open.join("aws"), b"", false).unwrap();
        files::link(&open.join("aws"), &closed.join("aws")).unwrap();
        assert_eq!(file(&closed.join("aws")), Ok(()));
        std::fs::set_permissions(root.join("open"), std::fs::Permissions::from_mode(0o777)).unwrap();
        for path in [open.join("aws"), closed.join("aws")] {
            let distrust = file(&path).unwrap_err();
            assert_eq!(
                (distrust.path.as_path(), distrust.why),
                (root.join("open").as_path(), Why::Writable)
            );
            let error = distrust.error(&path);
            assert_eq!(error.code(), Code::ToolUnsafe);
            assert!(error.to_string().contains("everybody may write there"), "{error}");
        }
        assert!(directory(&open).is_err());
        assert_eq!(directory(&closed), Ok(()));
        assert!(directory(Path::new("/tmp")).is_err());
    }
}
