//! The directories that stand in for the user's own.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::tools::Surroundings;

/// Packer talks to its plugins over sockets called `packer-plugin` and up to ten digits in the
/// temporary directory, and a socket's path has 104 bytes (108 on Linux) with the final zero.
const LONGEST_TEMPORARY: usize = 104 - 1 - "/packer-plugin0123456789".len();

/// A home, a place for temporary files and Packer's directories, all for the owner only.
#[derive(Debug)]
pub struct PrivateDirs {
    home: PathBuf,
    temporary: PathBuf,
    packer_config: PathBuf,
    packer_config_directory: PathBuf,
    packer_cache: PathBuf,
    /// Elsewhere because the run's own directory has too long a name. Removed when dropped.
    _elsewhere: Option<TempDir>,
}

impl PrivateDirs {
    /// Makes them below `root`, or takes them over from an interrupted run, and links what the tool
    /// keeps in the user's home.
    pub fn create(root: &Path, user: &Environment, surroundings: &Surroundings) -> Result<Self> {
        let failed = |error: io::Error| {
            Error::new(Code::RunFiles, "cannot make the private directories")
                .file(root)
                .source(error)
        };
        Self::make(root, user, surroundings).map_err(failed)
    }

    fn make(root: &Path, user: &Environment, surroundings: &Surroundings) -> io::Result<Self> {
        let home = root.join("home");
        let packer_config_directory = root.join("packer");
        let packer_cache = packer_config_directory.join("cache");
        let packer_config = packer_config_directory.join("config.json");
        for directory in [&home, &packer_cache] {
            files::create_private_directory(directory)?;
        }
        files::replace_private(&packer_config, b"{}\n")?;
        let own = root.join("tmp");
        let elsewhere = if own.as_os_str().len() > LONGEST_TEMPORARY {
            let parent = user.get_os("TMPDIR").map(Path::new).filter(|path| {
                path.is_absolute() && path.as_os_str().len() + "/sindri-123456".len() <= LONGEST_TEMPORARY
            });
            Some(files::temporary_directory(parent.unwrap_or(Path::new("/tmp")))?)
        } else {
            files::create_private_directory(&own)?;
            None
        };
        let temporary = elsewhere
            .as_ref()
            .map_or(own, |directory| directory.path().to_path_buf());
        for below_home in surroundings.home_links {
            link(below_home, &home, user)?;
        }
        Ok(Self {
            home,
            temporary,
            packer_config,
            packer_config_directory,
            packer_cache,
            _elsewhere: elsewhere,
        })
    }

    /// The children's home directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Their directory for temporary files.
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Packer's configuration file, empty.
    pub fn packer_config(&self) -> &Path {
        &self.packer_config
    }

    /// Packer's configuration directory.
    pub fn packer_config_directory(&self) -> &Path {
        &self.packer_config_directory
    }

    /// Packer's cache.
    pub fn packer_cache(&self) -> &Path {
        &self.packer_cache
    }
}

/// Links a directory of the user's home into the private one, if the user has it.
fn link(below_home: &str, home: &Path, user: &Environment) -> io::Result<()> {
    let Some(real) = user
        .home()
        .map(|real| real.join(below_home))
        .filter(|real| files::exists(real))
    else {
        return Ok(());
    };
    let place = home.join(below_home);
    if let Some(parent) = place.parent() {
        files::create_private_directory(parent)?;
    }
    match files::link(&real, &place) {
        // Of the interrupted run.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}
