//! Paths and what may be done below each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::system;

/// What may be done with a file, or with everything below a directory. Nothing takes away what another rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read and list.
    Read,
    /// Read, list and execute.
    Execute,
    /// Read, list, make, change and remove. Not execute.
    Write,
    /// All of it.
    WriteAndExecute,
    /// Read, write and control a device.
    Device,
}

impl Access {
    fn executes(self) -> bool {
        matches!(self, Self::Execute | Self::WriteAndExecute)
    }

    /// Whether anything may be changed.
    pub fn writes(self) -> bool {
        matches!(self, Self::Write | Self::WriteAndExecute)
    }

    /// What two rules for the same path give together.
    fn and(self, other: Self) -> Self {
        match (
            self.writes() || other.writes(),
            self.executes() || other.executes(),
        ) {
            (true, true) => Self::WriteAndExecute,
            (true, false) => Self::Write,
            (false, true) => Self::Execute,
            (false, false) if self == Self::Device => self,
            (false, false) => other,
        }
    }
}

/// The paths that a program may touch; everything else it may not even open. A path that does not exist counts for
/// nothing, links are followed when the program is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    paths: BTreeMap<PathBuf, Access>,
}

impl Rules {
    /// What every program needs of a system: libraries, interpreters, name resolution, trust anchors, time zones. No
    /// file with a password, no home directory, no other process.
    pub fn system() -> Self {
        let mut rules = Self::default();
        for (paths, access) in system::PATHS {
            for path in *paths {
                rules.allow(path, *access);
            }
        }
        rules
    }

    /// Adds a path, which has to be absolute.
    pub fn allow(&mut self, path: impl AsRef<Path>, access: Access) {
        let path = path.as_ref();
        if !path.is_absolute() {
            return;
        }
        self.paths
            .entry(path.to_path_buf())
            .and_modify(|given| *given = given.and(access))
            .or_insert(access);
    }

    /// All of them, sorted.
    pub fn paths(&self) -> impl Iterator<Item = (&Path, Access)> {
        self.paths.iter().map(|(path, access)| (path.as_path(), *access))
    }

    /// What is allowed for this very path; none for what only a directory above it is allowed.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<Access> {
        self.paths.get(path.as_ref()).copied()
    }
}
