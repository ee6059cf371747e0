//! The process's surroundings, read once at the start and handed to whoever needs them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A snapshot of environment variables, working directory and user directories.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    working_directory: PathBuf,
}

impl Environment {
    /// Reads the real environment. Called once, by `main`.
    #[allow(clippy::disallowed_methods)]
    pub fn of_process() -> std::io::Result<Self> {
        Ok(Self {
            variables: std::env::vars_os().collect(),
            working_directory: std::env::current_dir()?,
        })
    }

    /// An environment of exactly these variables, for tests.
    pub fn of<K: Into<OsString>, V: Into<OsString>>(
        working_directory: impl Into<PathBuf>,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
            working_directory: working_directory.into(),
        }
    }

    /// The value of a variable; none also when it is empty.
    pub fn get_os(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variables
            .get(name.as_ref())
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable as text; none when it is empty or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_os(name).and_then(OsStr::to_str)
    }

    /// All variables, sorted by name.
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The directory `sindri` was started in.
    pub fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// The user's home directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.get_os("HOME")
            .map(PathBuf::from)
            .filter(|home| home.is_absolute())
    }

    /// Where runs are kept: `$SINDRI_STATE_DIR`, else `$XDG_STATE_HOME/sindri`, else
    /// `~/.local/state/sindri`.
    pub fn state_directory(&self) -> Option<PathBuf> {
        self.directory("SINDRI_STATE_DIR", "XDG_STATE_HOME", ".local/state")
    }

    /// Where things that can be made again are kept: `$SINDRI_CACHE_DIR`, else
    /// `$XDG_CACHE_HOME/sindri`, else `~/.cache/sindri`.
    pub fn cache_directory(&self) -> Option<PathBuf> {
        self.directory("SINDRI_CACHE_DIR", "XDG_CACHE_HOME", ".cache")
    }

    /// Where installed plugins are kept: `$SINDRI_DATA_DIR`, else `$XDG_DATA_HOME/sindri`, else
    /// `~/.local/share/sindri`.
    pub fn data_directory(&self) -> Option<PathBuf> {
        self.directory("SINDRI_DATA_DIR", "XDG_DATA_HOME", ".local/share")
    }

    fn directory(&self, own: &str, xdg: &str, below_home: &str) -> Option<PathBuf> {
        if let Some(path) = self.get_os(own) {
            return Some(self.working_directory.join(path));
        }
        let base = self
            .get_os(xdg)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| self.home().map(|home| home.join(below_home)))?;
        Some(base.join("sindri"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_directory_prefers_its_own_variable_then_xdg_then_home() {
        let home = [("HOME", "/home/u")];
        assert_eq!(
            Environment::of("/w", home).state_directory().unwrap(),
            Path::new("/home/u/.local/state/sindri")
        );
        let xdg = [("HOME", "/home/u"), ("XDG_STATE_HOME", "/x")];
        assert_eq!(
            Environment::of("/w", xdg).state_directory().unwrap(),
            Path::new("/x/sindri")
        );
        let own = [("HOME", "/home/u"), ("SINDRI_STATE_DIR", "runs")];
        assert_eq!(
            Environment::of("/w", own).state_directory().unwrap(),
            Path::new("/w/runs")
        );
    }

    #[test]
    fn an_empty_variable_counts_as_absent() {
        assert_eq!(Environment::of("/", [("A", "")]).get("A"), None);
    }
}
