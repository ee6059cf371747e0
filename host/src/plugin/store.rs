//! Installed components on this machine, by digest. The digest is checked whenever one is read.

use std::io;
use std::path::{Path, PathBuf};

use super::lock::{Entry, Lock};
use crate::digest;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files::{self, Owner};

/// Guests in Python have 20 MB.
pub const LARGEST: u64 = 64 << 20;

/// The directory of installed components: `plugins` below the data directory.
#[derive(Clone, Debug)]
pub struct Store {
    directory: Option<PathBuf>,
}

impl Store {
    /// The user's.
    pub fn of(environment: &Environment) -> Self {
        let directory = environment.data_directory().map(|data| data.join("plugins"));
        Self { directory }
    }

    /// Where a component is kept; none for a user without a home.
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(format!("{sha256}.wasm")))
    }

    /// Keeps a component.
    pub fn add(&self, bytes: &[u8]) -> Result<PathBuf> {
        let (Some(directory), Some(path)) = (&self.directory, self.path(&digest::sha256(bytes))) else {
            return Err(
                Error::new(Code::PluginStore, "there is no place for installed plugins")
                    .remedy("set HOME or SINDRI_DATA_DIR"),
            );
        };
        let written = files::create_private_directory(directory)
            .and_then(|()| files::check_directory(directory, Owner::User))
            .and_then(|()| files::replace_private(&path, bytes));
        match written {
            Ok(()) => Ok(path),
            Err(error) => Err(unusable(directory, error)),
        }
    }

    /// Forgets a component; an absent one is fine.
    pub fn remove(&self, sha256: &str) -> Result<()> {
        let Some(path) = self.path(sha256) else {
            return Ok(());
        };
        match files::remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, error)),
            _ => Ok(()),
        }
    }

    /// The component that an entry of the lock file means: out of the store, else from where it was installed.
    pub fn find(&self, name: &str, entry: &Entry, lock: &Lock) -> Result<Vec<u8>> {
        if let Some(path) = self.path(&entry.sha256)
            && let Some(bytes) = self.read(&path)?
        {
            return genuine(name, entry, &path, bytes);
        }
        let source = lock.directory().join(&entry.source);
        match files::read_plain(&source, LARGEST) {
            Ok(bytes) => genuine(name, entry, &source, bytes),
            Err(error) => Err(Error::new(
                Code::PluginMissing,
                format!("the lock file names the plugin `{name}`, and its component is not here"),
            )
            .file(lock.shown())
            .key(format!("plugin.{name}"))
            .detail(format!("no {}: {error}", source.display()))
            .detail(format!("wanted: sha256 {}", entry.sha256))
            .remedy(format!(
                "get the component and install it: sindri plugin install FILE --name {name}; or remove the entry: \
                 sindri plugin remove {name}"
            ))),
        }
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        let read = match files::check_directory(directory, Owner::User) {
            Ok(()) => files::read_owned(path, Owner::User, LARGEST),
            Err(error) => Err(error),
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(path, error)),
        }
    }
}

fn genuine(name: &str, entry: &Entry, path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let found = digest::sha256(&bytes);
    if found == entry.sha256 {
        return Ok(bytes);
    }
    Err(Error::new(
        Code::PluginTampered,
        format!("the component of the plugin `{name}` is not the one that was installed"),
    )
    .file(path)
    .detail(format!("lock file: sha256 {}", entry.sha256))
    .detail(format!("this file: sha256 {found}"))
    .remedy(format!(
        "if you have changed it, decide about it anew: sindri plugin install {} --name {name}; if not, get the \
         genuine one and install that",
        path.display()
    )))
}

fn unusable(path: &Path, error: io::Error) -> Error {
    Error::new(
        Code::PluginStore,
        "the directory of installed plugins cannot be used",
    )
    .file(path)
    .source(error)
    .remedy("it and its files must belong to you, and nobody else may write to them")
}
